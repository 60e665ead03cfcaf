"""The door to Vast.ai: without a key that is taken nothing is seen, without credit nothing is rented (story).

Machines that are listed are looked after and returned whether the door is paused or not, as long as the key is good.
"""

from __future__ import annotations

import logging

from control_plane.database.enums import DoorName
from control_plane.database.fleet_rows import Ledger
from control_plane.fleet.post import Post
from control_plane.vast.errors import VastAuthFailed, VastBlind
from control_plane.vast.rows import VastInstance

log = logging.getLogger(__name__)
KEY_REFUSED, NO_CREDIT = "vast_key_refused", "vast_no_credit"
BLIND_SECONDS = 60
"""Machines run on and are billed while nobody can return them: the key is tried more often than an unpaid bill."""
REFUSES_KEY = (
    "Vast.ai refuses our key, so machines are neither seen nor returned: set VAST_API_KEY, and look on vast.ai at what "
    "is billed. Documents wait."
)
LACKS_CREDIT = (
    "Vast.ai rents nothing more to this account: its credit is used up, or its own spending limit is reached. Add "
    "credit on vast.ai; what waits goes on by itself."
)


def look(post: Post, ledger: Ledger) -> list[VastInstance] | None:
    """Vast.ai's list, or None when blind. With a refused key it is asked only when that is due."""
    door = ledger.paused(DoorName.VAST)
    is_keyless = door is not None and door.code == KEY_REFUSED
    if door is not None and is_keyless and not door.is_due(ledger.now):
        return None
    try:
        listed = post.vast.list_instances()
    except VastAuthFailed as error:
        log.error("vast refuses our key: %s", error)
        post.ledger.pause_door(DoorName.VAST, KEY_REFUSED, REFUSES_KEY, BLIND_SECONDS)
        return None
    except VastBlind as error:
        log.warning("blind: %s", error)
        return None
    if is_keyless:
        post.ledger.resume_door(DoorName.VAST)
    return listed


def pause_for_credit(post: Post) -> None:
    """Rent nothing: every offer would be refused for the same reason."""
    post.ledger.pause_door(DoorName.VAST, NO_CREDIT, LACKS_CREDIT)


def try_credit(post: Post, ledger: Ledger) -> None:
    """Where renting waits for credit and it is time to look: is there any? Raises VastBlind."""
    door = ledger.paused(DoorName.VAST)
    if door is None or door.code != NO_CREDIT or not door.is_due(ledger.now):
        return
    if post.vast.get_user().credit_usd > max(0.0, post.caps.credit_floor):
        post.ledger.resume_door(DoorName.VAST)
    else:
        pause_for_credit(post)
