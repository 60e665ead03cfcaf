"""The worker's settings, read once from the environment of a rented machine."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gpu_worker.clients.worker_token import read_claims
from gpu_worker.cores import usable_cores
from gpu_worker.errors import SettingsError

LEASE_SECONDS = 180
"""Long enough that a minute without PostgREST costs no lease, short enough that a dead worker's jobs move on soon."""
HEARTBEAT_SECONDS = 20
RETRY_SECONDS = 120
"""How long one call to storage, PostgREST or the control plane is tried again; less than a lease."""


@dataclass(frozen=True)
class RenderLimits:
    """What a child that opens untrusted files may use: CPU seconds per request, and address space."""

    seconds: float = 60.0
    memory_bytes: int = 2 * 1024**3


@dataclass(frozen=True)
class Settings:
    """Everything a worker knows.

    See docs/interfaces.md §5. What belongs to the machine itself is in `machine.Machine`.
    """

    control_plane_url: str
    supabase_url: str
    supabase_key: str
    worker_token: str
    machine: str
    idle_seconds: float = 300.0
    ocr_engine: str = "auto"
    ocr_languages: str = "eng"  # Tesseract's codes joined by `+`
    documents_at_once: int = 3
    analyses_at_once: int = 24
    lease_seconds: int = LEASE_SECONDS
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    retry_seconds: float = RETRY_SECONDS
    speech_model: Path | None = None  # a folder; recordings stay untranscribed without one
    drain_seconds: float = 7.0
    render: RenderLimits = RenderLimits()
    work_dir: Path = Path(tempfile.gettempdir())

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read the environment; raises `SettingsError` naming every missing or malformed variable at once."""
        problems: list[str] = []

        def required(name: str) -> str:
            value = environ.get(name, "").strip()
            if not value:
                problems.append(f"{name} is missing")
            return value

        def number(name: str, default: float) -> float:
            try:
                return float(environ.get(name) or default)
            except ValueError:
                problems.append(f"{name} is not a number")
                return default

        token = required("WORKER_TOKEN")
        machine = read_claims(token).machine
        if token and not machine:
            problems.append("WORKER_TOKEN is not a token that names a machine")
        settings = cls(
            control_plane_url=required("CONTROL_PLANE_URL").rstrip("/"),
            supabase_url=required("SUPABASE_URL").rstrip("/"),
            supabase_key=required("SUPABASE_KEY"),
            worker_token=token,
            machine=machine,
            idle_seconds=number("IDLE_SECONDS", cls.idle_seconds),
            ocr_engine=environ.get("OCR_ENGINE", "").strip() or cls.ocr_engine,
            # Vast.ai's command line passes no plus sign.
            ocr_languages=environ.get("OCR_LANGUAGES", "").strip().replace("/", "+") or cls.ocr_languages,
            speech_model=Path(folder) if (folder := environ.get("SPEECH_MODEL", "").strip()) else None,
            documents_at_once=documents_at_once(usable_cores()),
            lease_seconds=int(number("LEASE_SECONDS", cls.lease_seconds)),
            heartbeat_seconds=number("HEARTBEAT_SECONDS", cls.heartbeat_seconds),
            render=RenderLimits(seconds=number("RENDER_SECONDS", RenderLimits.seconds)),
        )
        if problems:
            raise SettingsError("The worker cannot start: " + "; ".join(problems) + ".")
        return settings


def documents_at_once(cores: int) -> int:
    """Documents in work at the same time.

    One is always downloading or uploading while the others are drawn and read.
    """
    return min(16, cores + 1)
