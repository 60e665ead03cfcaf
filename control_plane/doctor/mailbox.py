"""The mailbox: a login, and the folder that is watched, as the importer opens it (wire)."""

from __future__ import annotations

from control_plane.clients import build_mailbox
from control_plane.doctor.probes import Probe, look, off
from control_plane.settings import Settings

DOOR = "mailbox"


def examine(settings: Settings) -> list[Probe]:
    """One login, and one look without reading."""
    if settings.imap_url is None:
        return [off(DOOR, "No IMAP_URL is set.")]
    folder = settings.imap_watch_folder or "INBOX"
    return [look(DOOR, f"folder {folder}", lambda: _open(settings, folder))]


def _open(settings: Settings, folder: str) -> str:
    with build_mailbox(settings).open(folder) as opened:
        opened.find_after(max(0, (opened.next_uid or 1) - 2))
    return "The login is taken and the folder opens."
