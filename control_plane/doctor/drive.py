"""Google Drive: a listing, as every scan begins with one, and the folders that running batches read (wire)."""

from __future__ import annotations

from functools import partial

from control_plane.clients import build_drive
from control_plane.database import Database
from control_plane.doctor.probes import Probe, look, off
from control_plane.errors import ControlPlaneError
from control_plane.settings import Settings

DOOR = "drive"
MOST_FOLDERS = 5


def examine(settings: Settings, database: Database) -> list[Probe]:
    """The login, then each folder that is being read."""
    if settings.google_drive_credentials_file is None:
        return [off(DOOR, "No GOOGLE_DRIVE_CREDENTIALS_FILE is set.")]
    listing = look(DOOR, "a listing", lambda: _list(settings))
    if listing.state == "fault":
        return [listing]
    drive = build_drive(settings)
    return [listing, *(look(DOOR, f"folder {each}", partial(drive.check_folder, each)) for each in _folders(database))]


def _list(settings: Settings) -> str:
    from control_plane.drive.client import ALL_OF_DRIVE

    page = build_drive(settings).list_page(ALL_OF_DRIVE, None, 1)
    return "Drive lists our files." if page.files else "Drive answers; no file is shared with us yet."


def _folders(database: Database) -> list[str]:
    try:
        scans = database.get_scans()
    except ControlPlaneError:  # the database has probes of its own
        return []
    folders = [str(scan.limits["folder_id"]) for scan in scans if scan.limits.get("folder_id")]
    return sorted(set(folders))[:MOST_FOLDERS]
