"""The analysis worker's settings, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gpu_worker.errors import SettingsError

HEARTBEATS_A_LEASE = 5


@dataclass(frozen=True)
class Settings:
    """Where everything is, and the pace; the secret is good for this worker's token and for nothing else."""

    control_plane_url: str
    supabase_url: str
    supabase_key: str
    secret: str | None
    lease_seconds: int = 300
    collect_seconds: float = 60.0
    """So long documents are collected before a batch is sent: a batch takes minutes to an hour anyway."""
    poll_seconds: float = 10.0
    """The pause between two looks for work, and the shortest between two looks at a batch."""

    @property
    def heartbeat_seconds(self) -> float:
        """How often leases are extended: four may fail in a row."""
        return self.lease_seconds / HEARTBEATS_A_LEASE

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read the environment; raises `SettingsError` naming every missing or malformed variable at once.

        Without ANALYSIS_WORKER_SECRET there is nothing to do, and that is no mistake.
        """
        problems: list[str] = []

        def required(name: str) -> str:
            value = environ.get(name, "").strip()
            if not value:
                problems.append(f"{name} is missing")
            return value.rstrip("/")

        def number(name: str, default: float) -> float:
            try:
                return float(environ.get(name) or default)
            except ValueError:
                problems.append(f"{name} is not a number")
                return default

        settings = cls(
            control_plane_url=required("CONTROL_PLANE_URL"),
            supabase_url=required("SUPABASE_URL"),
            supabase_key=required("SUPABASE_PUBLISHABLE_KEY"),
            secret=environ.get("ANALYSIS_WORKER_SECRET", "").strip() or None,
            lease_seconds=int(number("ANALYSIS_LEASE_SECONDS", cls.lease_seconds)),
            collect_seconds=number("ANALYSIS_COLLECT_SECONDS", cls.collect_seconds),
            poll_seconds=number("ANALYSIS_POLL_SECONDS", cls.poll_seconds),
        )
        if problems:
            raise SettingsError("The analysis worker cannot start: " + "; ".join(problems) + ".")
        return settings
