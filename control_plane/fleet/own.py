"""A person's own computer as a worker: its label, and all it is told (pure)."""

from __future__ import annotations

import re
from datetime import datetime

from control_plane.fleet.post import worker_env
from control_plane.settings import Settings

NAME_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?")


def own_label(deployment: str, name: str) -> str:
    """The computer's identity in the ledger; it never begins as a rented machine's label does."""
    return f"own-{deployment}-{name}"


def own_env(settings: Settings, label: str, now: datetime) -> dict[str, str]:
    """The environment of `python -m gpu_worker` there: a rented machine's, without a way to Vast.ai or an idle end."""
    environ = worker_env(settings, label, now) | {"IDLE_SECONDS": "inf", "OWN_COMPUTER": "yes"}
    del environ["VAST_BASE_URL"]
    return environ
