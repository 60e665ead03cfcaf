"""What a machine is told: a rented one, and a person's own computer (pure)."""

from __future__ import annotations

import re
from datetime import datetime

from control_plane.http.tokens import sign_worker_token
from control_plane.settings import Settings
from control_plane.settings.languages import packs_of

OWN_NAME_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?")


def worker_env(settings: Settings, label: str, now: datetime) -> dict[str, str]:
    """All a rented machine is told, and nothing worth stealing: one short-lived token for this label."""
    token = sign_worker_token(label, settings.supabase_jwt_secret, now, settings.worker_token_seconds)
    return {
        "CONTROL_PLANE_URL": settings.control_plane_url,
        "SUPABASE_URL": settings.supabase_url,
        "SUPABASE_KEY": settings.supabase_publishable_key,
        "WORKER_TOKEN": token.token,
        "VAST_BASE_URL": settings.vast_url,
        "IDLE_SECONDS": str(settings.idle_seconds),
        "OCR_ENGINE": settings.ocr_engine,
        "OCR_LANGUAGES": "/".join(packs_of(settings.ocr_languages)),  # Vast.ai's command line passes no plus sign
    }


def own_label(deployment: str, name: str) -> str:
    """The computer's identity in the ledger; it never begins as a rented machine's label does."""
    return f"own-{deployment}-{name}"


def own_env(settings: Settings, label: str, now: datetime) -> dict[str, str]:
    """The environment of `python -m gpu_worker` there: a rented machine's, without a way to Vast.ai or an idle end."""
    environ = worker_env(settings, label, now) | {"IDLE_SECONDS": "inf", "OWN_COMPUTER": "yes"}
    del environ["VAST_BASE_URL"]
    return environ
