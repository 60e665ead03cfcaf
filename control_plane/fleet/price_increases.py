"""What hosts ask for machines we have (story, but for the words): shown to people, and never accepted here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from control_plane.database.fleet_rows import Increase, Ledger
from control_plane.fleet.post import Post
from control_plane.vast.rows import PriceIncrease

UNITS: Mapping[str, tuple[str, str]] = {
    "gpu": ("GPU", "an hour"), "disk": ("disk", "a GB and month"), "upload": ("upload", "a GB"),
    "download": ("download", "a GB"), "fee": ("Vast.ai's fee", "of it"),
}  # fmt: skip


def look(post: Post, ledger: Ledger) -> None:
    """Ask Vast.ai, and write what is asked for our contracts. Raises VastBlind, having forgotten nothing."""
    asked, is_whole = post.vast.list_price_increases()
    ours = {machine.contract_id: machine for machine in ledger.rented if machine.contract_id is not None}
    found = [as_increase(each) for each in asked if each.contract_id in ours]
    post.ledger.record_price_increases(found, forget_others=is_whole)
    for each in found:
        machine = ours[each.contract_id]
        if machine.is_live:
            message = f"the host of contract {each.contract_id} asks more: {describe(each)}. It is not accepted"
            post.ledger.raise_alarm("price_increase", message, machine.label)


def as_increase(asked: PriceIncrease) -> Increase:
    """As the ledger keeps it."""
    return Increase(asked.contract_id, asked.pending_id, asked.applies_at, dict(asked.changes))


def describe(increase: Increase) -> str:
    """What would change, and from when on, in words."""
    changes = ", ".join(_change(what, old, new) for what, (old, new) in sorted(increase.changes.items()))
    if increase.applies_at is None:
        return changes or "it does not say what"
    at = datetime.fromtimestamp(increase.applies_at, UTC)
    return f"{changes or 'it does not say what'}, from {at:%d %b %H:%M} UTC on"


def _change(what: str, old: float | None, new: float) -> str:
    name, unit = UNITS.get(what, (what, ""))
    before = "?" if old is None else f"{old:.4f}"
    return f"{name} ${before} → ${new:.4f} {unit}".strip()
