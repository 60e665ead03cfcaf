"""Who rents, with what, within which bounds: what every step of the scaler is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from control_plane.fleet.ledger import FleetLedger
from control_plane.fleet.policy import Policy
from control_plane.fleet.shapes import Caps
from control_plane.languages import packs_of
from control_plane.settings import Settings
from control_plane.tokens import sign_worker_token
from control_plane.vast.rows import Charge, Created, CreateRequest, Offer, User, VastInstance


class Vast(Protocol):
    """The part of `vast.VastClient` that the scaler uses."""

    def search_offers(
        self, query: str, storage_gb: int, limit: int = 64, interruptible: bool = False
    ) -> list[Offer]: ...
    def create_instance(self, request: CreateRequest) -> Created: ...
    def list_instances(self) -> list[VastInstance]: ...
    def destroy_instance(self, contract_id: int) -> None: ...
    def get_user(self) -> User: ...
    def list_charges(self, start: date, end: date) -> list[Charge]: ...


@dataclass(frozen=True)
class Post:
    """Who rents, with what, within which bounds. `worker_env` gives a machine's environment for its label."""

    holder: str
    deployment: str
    ledger: FleetLedger
    vast: Vast
    policy: Policy
    caps: Caps
    image: str
    image_login: str
    worker_env: Callable[[str], Mapping[str, str]]
    new_label: Callable[[], str]

    @property
    def prefix(self) -> str:
        """What every label of ours starts with."""
        return f"aseagi-{self.deployment}-"


def caps_of(settings: Settings) -> Caps:
    """The caps as the ledger checks them."""
    return Caps(
        machines=settings.max_machines,
        dollars_per_hour=settings.max_dollars_per_hour,
        dollars_per_day=settings.max_dollars_per_day,
        dollars_per_batch=settings.max_dollars_per_batch,
        credit_floor=settings.min_credit_dollars,
    )


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
