"""What hosts ask for machines we have (story): shown to people, and never accepted here."""

from __future__ import annotations

from control_plane.database.fleet_rows import Increase, Ledger
from control_plane.fleet.post import Post
from control_plane.fleet.price_words import describe_increase
from control_plane.vast.rows import PriceIncrease


def look(post: Post, ledger: Ledger) -> None:
    """Ask Vast.ai, and write what is asked for our contracts. Raises VastBlind, having forgotten nothing."""
    asked, is_whole = post.vast.list_price_increases()
    ours = {machine.contract_id: machine for machine in ledger.rented if machine.contract_id is not None}
    found = [as_increase(each) for each in asked if each.contract_id in ours]
    post.ledger.record_price_increases(found, forget_others=is_whole)
    for each in found:
        machine = ours[each.contract_id]
        if machine.is_live:
            more = describe_increase(each)
            message = f"the host of contract {each.contract_id} asks more: {more}. It is not accepted"
            post.ledger.raise_alarm("price_increase", message, machine.label)


def as_increase(asked: PriceIncrease) -> Increase:
    """As the ledger keeps it."""
    return Increase(asked.contract_id, asked.pending_id, asked.applies_at, dict(asked.changes))
