"""The time stamp authority, where one is set: asked for a stamp as each night for the record's head (wire)."""

from __future__ import annotations

from control_plane.database.record_rows import Head
from control_plane.doctor.probes import Probe, Trouble, look, off
from control_plane.record.timestamps import stamp
from control_plane.settings import Settings

DOOR = "timestamp"


def examine(settings: Settings) -> list[Probe]:
    """One stamp, of words that mean nothing."""
    if settings.record_timestamp_url is None:
        return [off(DOOR, "No RECORD_TIMESTAMP_URL is set: heads of the record are signed by us alone.")]
    return [look(DOOR, "a stamp", lambda: _stamp(settings))]


def _stamp(settings: Settings) -> str:
    if settings.record_timestamp_ca_file is None:
        raise Trouble("timestamp_without_ca", "RECORD_TIMESTAMP_CA_FILE is not set, so nothing is stamped.")
    if stamp(Head(0, "", "the doctor's", "", ""), settings).timestamp_token is None:
        raise Trouble("timestamp_refused", "The authority gave no stamp that its certificates vouch for.")
    return "The authority stamps, and its certificates vouch for it."
