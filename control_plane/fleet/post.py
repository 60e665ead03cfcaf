"""Who rents, with what, within which bounds: what every step of the scaler is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from control_plane.database.fleet_rows import Caps
from control_plane.fleet.ledger import FleetLedger
from control_plane.fleet.sightings import Sightings
from control_plane.settings import Settings
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.client import VastClient


@dataclass(frozen=True)
class Post:
    """Who rents, with what, within which bounds. `worker_env` gives a machine's environment for its label."""

    holder: str
    deployment: str
    ledger: FleetLedger
    vast: VastClient
    policy: Policy
    caps: Caps
    image: str
    image_login: str
    worker_env: Callable[[str], Mapping[str, str]]
    new_label: Callable[[], str]
    seen: Sightings = field(default_factory=Sightings)

    @property
    def prefix(self) -> str:
        """What every label of ours starts with."""
        return f"aseagi-{self.deployment}-"


def caps_of(settings: Settings) -> Caps:
    """The caps as the ledger checks them."""
    return Caps(
        machines=settings.max_machines,
        usd_per_hour=settings.max_dollars_per_hour,
        usd_per_day=settings.max_dollars_per_day,
        usd_per_batch=settings.max_dollars_per_batch,
        credit_floor=settings.min_credit_dollars,
    )
