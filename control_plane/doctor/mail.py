"""The server that takes our mail to people: signed in at as for an alarm, and sent nothing (wire)."""

from __future__ import annotations

from control_plane.alarms.mail import MailServer
from control_plane.doctor.probes import Probe, look, off
from control_plane.settings import Settings

DOOR = "mail"


def examine(settings: Settings) -> list[Probe]:
    """One sign-in."""
    if settings.smtp_url is None:
        return [off(DOOR, "No SMTP_URL is set: alarms are told otherwise.")]
    server = MailServer.at(settings.smtp_url, settings.smtp_password)
    return [look(DOOR, "signing in", lambda: _sign_in(server))]


def _sign_in(server: MailServer) -> str:
    server.try_out()
    return "The mail server takes our mail."
