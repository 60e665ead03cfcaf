"""Tells people on Telegram what happened, once, from the event outbox."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field

from control_plane.alarms import telling
from control_plane.clients import Clients
from control_plane.database.enums import DoorName, EventKind, JobKind, Priority
from control_plane.database.rows import Event
from control_plane.doors.absence import Absence
from control_plane.doors.keeper import keep_doors, pause_for
from control_plane.errors import ControlPlaneError, KeyRefused, Unavailable
from control_plane.settings import Settings
from control_plane.telegram import texts
from control_plane.telegram.answers import result_message
from control_plane.telegram.client import (
    Button,
    TelegramClient,
    TelegramFlood,
    TelegramKeyRefused,
    TelegramRefused,
    TelegramTextRefused,
)

log = logging.getLogger(__name__)
CONSUMER = "telegram"
BY_HAND = "by_hand"
PAUSE_SECONDS = 1.0
MOST_EVENTS = 20
TICK_SECONDS = 40.0
"""All are acknowledged within the 60 s after which they would be offered again: at most 20 s for the last one."""
MOST_OFFERS = 5
"""About five minutes in which others were told and this one was not."""
LONGEST_WAIT_SECONDS = 30.0


@dataclass
class Notifier:
    """What the loop works with."""

    clients: Clients
    telegram: TelegramClient
    settings: Settings
    may_be_paused: bool = True  # until the database says that the door is open
    absence: Absence = field(default_factory=Absence)


@dataclass(frozen=True)
class Notice:
    """A message for one chat, as an answer to an earlier one of it where there is one."""

    chat_id: int
    html: str
    buttons: list[list[Button]] = field(default_factory=list)
    reply_to: int | None = None


def build_notifier(settings: Settings, clients: Clients) -> Notifier | None:
    """A notifier; None without a bot token: there is nobody to tell."""
    if not settings.telegram_bot_token:
        return None
    telegram = TelegramClient(settings.telegram_bot_token, settings.telegram_api_url)
    return Notifier(clients, telegram, settings)


def tick(notifier: Notifier) -> float:
    """Deal with the next events; returns the seconds to pause. An event is acknowledged as soon as it is told."""
    try:
        if notifier.may_be_paused and not _is_open(notifier):
            return LONGEST_WAIT_SECONDS
        events = notifier.clients.database.take_events(CONSUMER, MOST_EVENTS)
        _tell_absence(notifier, None)
        return _tell_all(notifier, events) if events else PAUSE_SECONDS
    except (TelegramKeyRefused, TelegramFlood) as error:
        return _pause(notifier, error)
    except ControlPlaneError as error:
        _tell_absence(notifier, error)
        log.warning("notices wait", extra={"code": error.code})
        return PAUSE_SECONDS * 5


def _tell_absence(notifier: Notifier, error: ControlPlaneError | None) -> None:
    """Tell people ourselves what the database cannot: no event comes from one that is away."""
    if said := notifier.absence.note(error):
        for user in sorted(notifier.settings.telegram_allowed_users):
            try:
                notifier.telegram.send(user, texts.plain(said))
            except ControlPlaneError as problem:
                log.warning("the database's absence was not told", extra={"code": problem.code})


def _is_open(notifier: Notifier) -> bool:
    """Whether Telegram takes anything from us, asked carefully where that is due. Raises QueueUnavailable."""
    database = notifier.clients.database
    keep_doors(database, {DoorName.TELEGRAM: notifier.telegram.get_name})
    notifier.may_be_paused = any(door.name is DoorName.TELEGRAM for door in database.list_paused_doors())
    return not notifier.may_be_paused


def _pause(notifier: Notifier, error: TelegramKeyRefused | TelegramFlood) -> float:
    """Notices wait behind the door; people hear of it by the other channels. A moment's flood is only waited out."""
    if isinstance(error, TelegramFlood) and error.retry_after_seconds < LONGEST_WAIT_SECONDS:
        return max(PAUSE_SECONDS, error.retry_after_seconds)
    notifier.may_be_paused = True
    try:
        pause_for(notifier.clients.database, error)
    except ControlPlaneError as problem:
        log.warning("the door was not paused", extra={"code": problem.code})
    return LONGEST_WAIT_SECONDS


def _tell_all(notifier: Notifier, events: list[Event]) -> float:
    """Tell each event; whatever goes wrong with one, the others are told."""
    sent, pause = 0, 0.0
    troubles: list[tuple[Event, Exception]] = []
    deadline = time.monotonic() + TICK_SECONDS
    for event in events:
        if time.monotonic() > deadline:  # the rest is offered again
            break
        try:
            sent += _tell(notifier, event)
        except (TelegramKeyRefused, TelegramFlood):  # of all of them: what was not told is offered again
            raise
        except Exception as error:  # a machine's words are in it: no list of types holds all that may come
            troubles.append((event, error))
            pause = max(pause, PAUSE_SECONDS, getattr(error, "retry_after_seconds", 0.0))
            continue
        notifier.clients.database.ack_events(CONSUMER, [event.id])
    for event, trouble in troubles:
        _set_aside(notifier, event, trouble, works=sent > 0)
    return min(LONGEST_WAIT_SECONDS, pause)


def _set_aside(notifier: Notifier, event: Event, error: Exception, works: bool) -> None:
    """Park an event that cannot be told and report it; one that failed with everything else is offered again."""
    reason = error.code if isinstance(error, ControlPlaneError) else type(error).__name__
    log.warning("notice not told", extra={"event_id": event.id, "kind": event.kind, "code": reason})
    if isinstance(error, Unavailable | KeyRefused) and not works:
        return
    ours = isinstance(error, TelegramTextRefused) or not isinstance(error, ControlPlaneError)
    notifier.clients.database.park_event(CONSUMER, event.id, reason, 1 if ours else MOST_OFFERS)


def _tell(notifier: Notifier, event: Event) -> int:
    """Send what one event is worth to whom it concerns; returns how many heard it. A chat may refuse us."""
    sent = 0
    for notice in _notices(notifier, event):
        try:
            notifier.telegram.send(notice.chat_id, notice.html, notice.buttons, notice.reply_to)
            sent += 1
        except TelegramRefused:
            log.info("telegram notice refused by the chat", extra={"event_id": event.id})
    if sent and event.kind in telling.KINDS:
        notifier.clients.database.note_alarm_told(event.payload["alarm_id"])
    return sent


def _notices(notifier: Notifier, event: Event) -> list[Notice]:
    if event.kind in (EventKind.JOB_COMPLETED, EventKind.JOB_FAILED, EventKind.ANALYSIS_COMPLETED):
        return _job_notices(notifier, event)
    html = _news(notifier, event)
    return [Notice(user, html) for user in sorted(notifier.settings.telegram_allowed_users) if html]


def _news(notifier: Notifier, event: Event) -> str:
    """What everybody is told of an event; nothing of one that is not for people."""
    database, batch_id, payload = notifier.clients.database, event.batch_id or "", event.payload
    match event.kind:
        case EventKind.ALARM_RAISED | EventKind.ALARM_STANDS | EventKind.ALARM_CLEARED:
            return texts.alarm(event.kind, telling.tell(event.kind, payload, notifier.settings))
        case EventKind.RECORD_SIGNED:
            return texts.record_signed(payload)
        case EventKind.DOOR_PAUSED if payload.get("code") == BY_HAND:  # else it is an alarm
            return texts.CLAUDE_PAUSED
        case EventKind.DOOR_RESUMED if payload.get("code") == BY_HAND:
            return texts.CLAUDE_RESUMED
        case EventKind.BATCH_COMPLETED:
            return texts.batch_done(database.get_batch_name(batch_id) or "", database.get_totals(batch_id))
        case _:
            return ""


def _job_notices(notifier: Notifier, event: Event) -> list[Notice]:
    """One notice per chat that sent this document since its job began; it answers the newest message.

    A judgement that came later is told where somebody waits for it, not of a whole archive that is judged anew.
    """
    database = notifier.clients.database
    job = database.get_job(event.job_id or "")
    if job is not None and job.kind is JobKind.ANALYSE:
        job = database.get_reading(job.document_id) if job.priority is Priority.HIGH else None
    if job is None:
        return []
    senders = database.list_senders(job.document_id, job.created_at)
    chats = {sender.telegram_chat_id: sender.telegram_message_id for sender in senders}
    document = database.get_document(job.document_id) if chats else None
    if document is None:
        return []
    html, buttons = result_message(notifier.clients, document)
    return [Notice(chat_id, html, buttons, message_id) for chat_id, message_id in chats.items()]
