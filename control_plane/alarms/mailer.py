"""Tells people by mail of alarms, from the event outbox: each until it was taken, whatever other channels do."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from control_plane.alarms.mail import MailServer
from control_plane.alarms.telling import KINDS, Told, tell
from control_plane.database import Database
from control_plane.database.rows import Event
from control_plane.doors.absence import Absence
from control_plane.errors import ControlPlaneError
from control_plane.settings import Settings

log = logging.getLogger(__name__)
CONSUMER = "mail"
MOST_EVENTS = 100
PAUSE_SECONDS = 2.0
FAILED_SECONDS = 60.0  # when events that were not taken are offered again
NEWS_FOR = timedelta(days=2)
"""An older event is no news: an alarm that is still open has been given to the channels again since."""


@dataclass
class Mailer:
    """What the loop works with."""

    database: Database
    server: MailServer
    settings: Settings
    absence: Absence = field(default_factory=Absence)
    unsaid: list[str] = field(default_factory=list)  # of the database's absence, until the server takes it


def build_mailer(settings: Settings, database: Database) -> Mailer | None:
    """None without SMTP_URL: there is nobody to tell."""
    if settings.smtp_url is None:
        return None
    return Mailer(database, MailServer.at(settings.smtp_url, settings.smtp_password), settings)


def tick(mailer: Mailer) -> float:
    """Tell of what has happened; returns the seconds to pause. What the server does not take is tried for ever."""
    try:
        events = mailer.database.take_events(CONSUMER, MOST_EVENTS)
        _tell_absence(mailer, None)
        news = [event for event in events if _is_news(event)]
        mailer.database.ack_events(CONSUMER, [event.id for event in events if event not in news])
        for event in news:
            _send(mailer, event)
            mailer.database.ack_events(CONSUMER, [event.id])
    except ControlPlaneError as error:
        _tell_absence(mailer, error)
        log.warning("mail waits", extra={"code": error.code})
        return FAILED_SECONDS
    return 0.0 if len(events) == MOST_EVENTS else PAUSE_SECONDS


def _tell_absence(mailer: Mailer, error: ControlPlaneError | None) -> None:
    """Tell people ourselves what the database cannot: no event comes from one that is away."""
    if said := mailer.absence.note(error):
        mailer.unsaid.append(said)
    try:
        while mailer.unsaid:
            mailer.server.send(compose_absence(mailer.unsaid[0], mailer.settings))
            del mailer.unsaid[0]
    except ControlPlaneError as problem:
        log.warning("the database's absence was not told", extra={"code": problem.code})


def _is_news(event: Event) -> bool:
    return event.kind in KINDS and event.created_at > datetime.now(UTC) - NEWS_FOR


def _send(mailer: Mailer, event: Event) -> None:
    try:
        told = tell(event.kind, event.payload, mailer.settings)
    except (KeyError, TypeError, ValueError) as error:  # it makes no sense and never will
        log.error("an alarm cannot be told by mail", extra={"event_id": event.id, "code": type(error).__name__})
        return
    mailer.server.send(compose(told, event, mailer.settings))
    mailer.database.note_alarm_told(told.alarm_id)


def compose(told: Told, event: Event, settings: Settings) -> EmailMessage:
    """The message (pure); its id is the event's, so that a second delivery is recognised."""
    message = _addressed(told.headline, event.created_at, settings)
    message["Message-ID"] = f"<aseagi-{settings.deployment}-event-{event.id}@{_domain(settings)}>"
    message.set_content(f"{told.message}\n\nWhat to do: {told.guide_url}\n")
    return message


def compose_absence(said: str, settings: Settings) -> EmailMessage:
    """What no event tells."""
    message = _addressed("The database", datetime.now(UTC), settings)
    message["Message-ID"] = make_msgid(f"aseagi-{settings.deployment}-database", _domain(settings))
    message.set_content(f"{said}\n")
    return message


def _addressed(headline: str, date: datetime, settings: Settings) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_from, ", ".join(settings.mail_to)
    message["Subject"] = f"[ASEAGI {settings.deployment}] {headline}"
    message["Date"] = format_datetime(date)
    message["Auto-Submitted"] = "auto-generated"
    return message


def _domain(settings: Settings) -> str:
    return settings.mail_from.rpartition("@")[2]
