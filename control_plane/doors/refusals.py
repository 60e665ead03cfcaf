"""Which faults concern a whole house, and at which door (pure). Everything else is one file's or one request's own.

Their codes are the doors' codes, so that a log, an alarm, the dashboard and the doctor say the same word.
"""

from __future__ import annotations

from control_plane.database.enums import DoorName
from control_plane.errors import ControlPlaneError

DOOR_OF = {
    "storage_key_refused": DoorName.STORAGE,
    "storage_bucket_missing": DoorName.STORAGE,
    "storage_full": DoorName.STORAGE,
    "storage_unavailable": DoorName.STORAGE,
    "drive_access_refused": DoorName.DRIVE,
    "drive_scope_missing": DoorName.DRIVE,
    "drive_api_off": DoorName.DRIVE,
    "drive_token_revoked": DoorName.DRIVE,
    "drive_quota": DoorName.DRIVE,
    "drive_unavailable": DoorName.DRIVE,
    "mailbox_refused": DoorName.MAILBOX,
    "mailbox_quota": DoorName.MAILBOX,
    "mailbox_unavailable": DoorName.MAILBOX,
    "telegram_key_refused": DoorName.TELEGRAM,
    "telegram_away": DoorName.TELEGRAM,
    "vast_key_refused": DoorName.VAST,
    "vast_no_credit": DoorName.VAST,
}


def find_door(error: ControlPlaneError) -> DoorName | None:
    """The door that this fault pauses; None for one that concerns less than a house."""
    return DOOR_OF.get(error.code)
