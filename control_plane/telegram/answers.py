"""What the bot answers to a file, a command or a pressed button (story)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import escape
from uuid import UUID

from control_plane.clients import Clients
from control_plane.database.enums import JobStatus, Priority, Source
from control_plane.database.rows import Document, Enqueued
from control_plane.documents.family import read_family
from control_plane.errors import ControlPlaneError, Unavailable
from control_plane.intake.origin import Choices, Origin, with_choices
from control_plane.intake.store import StoredFile, discard, record_refusal, store_file
from control_plane.search.meaning import embed_query
from control_plane.settings import Settings
from control_plane.telegram import texts
from control_plane.telegram.client import Button, TelegramClient, TelegramRefused
from control_plane.telegram.update import Incoming, SentFile

log = logging.getLogger(__name__)
LINK_SECONDS = 900
MOST_HITS = 5
ORIGIN = Origin(Source.TELEGRAM, Choices.of(Priority.HIGH, None, None))
TOPIC_SECONDS = 3600.0
FILE_LABELS = {"searchable.pdf": "Searchable PDF", "ocr.txt": "Whole text", "analysis.json": "Analysis"}


@dataclass
class TelegramDesk:
    """The bot's side of the front desk: its clients, and what was said already."""

    telegram: TelegramClient
    clients: Clients
    settings: Settings
    _said: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, incoming: Incoming) -> None:
        """Do what was asked and say so. Raises only for a file that Telegram should send again until it is stored."""
        try:
            self._answer(incoming)
        except ControlPlaneError as error:
            if incoming.file is None or error.status < 500:
                return self._say(incoming, escape(error.message))
            self._say_that_it_waits(incoming, error)
            raise
        except Exception as error:  # an update that is sent again and again would keep all others waiting
            log.error("telegram update not answered: %s", type(error).__name__, extra={"kind": incoming.kind})
            fault = texts.FILE_FAULT.format(name=_name(incoming.file)) if incoming.file else texts.OUR_FAULT
            return self._say(incoming, fault)

    def _answer(self, incoming: Incoming) -> None:
        if incoming.user_id not in self.settings.telegram_allowed_users:
            log.info("telegram stranger refused")
            if not incoming.is_private:  # whoever adds the bot to a group is told nothing, and nobody there
                return None
            return self._say(incoming, texts.STRANGER.format(user_id=incoming.user_id))
        if not incoming.is_private:
            return self._say(incoming, texts.GROUP)
        if incoming.kind == "file":
            return self._take_file(incoming)
        if incoming.kind == "button":
            return self._press(incoming)
        if incoming.kind == "command":
            return COMMANDS.get(incoming.command, _unknown)(self, incoming)
        return self._say(incoming, texts.OTHER)

    # files

    def _take_file(self, incoming: Incoming) -> None:
        file = incoming.file
        assert file is not None
        if file.is_too_large:
            megabytes = (file.bytes or 0) / 1024**2
            return self._say(incoming, texts.TOO_LARGE.format(name=_name(file), megabytes=megabytes))
        if self._was_taken(incoming):
            return None
        try:
            stored = store_file(
                self.clients.storage, self.telegram.download(file.file_id), file.filename,
                self.settings.max_upload_bytes, datetime.now(UTC), ORIGIN,
            )  # fmt: skip
        except ControlPlaneError as error:
            if error.status >= 500 and not isinstance(error, TelegramRefused):
                raise  # Telegram sends the update again until it is taken
            record_refusal(self.clients.database, file.filename, Source.TELEGRAM, error)
            return self._say(incoming, texts.NOT_TAKEN.format(name=_name(file), reason=error.message))
        return self._confirm(incoming, file, self._enqueue(incoming, stored))

    def _say_that_it_waits(self, incoming: Incoming, error: ControlPlaneError) -> None:
        """Once: Telegram repeats the update until it is taken."""
        assert incoming.file is not None
        if not isinstance(error, Unavailable) and self._is_new(f"{incoming.chat_id}/{incoming.message_id}"):
            self._say(incoming, texts.FILE_WAITS.format(name=_name(incoming.file), reason=escape(error.message)))

    def _was_taken(self, incoming: Incoming) -> bool:
        """Telegram repeats an update whose answer it did not get; the file is then in the journal."""
        return self.clients.database.has_telegram_message(incoming.chat_id, incoming.message_id)

    def _enqueue(self, incoming: Incoming, stored: StoredFile) -> Enqueued:
        new = with_choices(stored.from_door(Source.TELEGRAM), ORIGIN.choices)
        arrival = incoming.file.arrival if incoming.file else None
        new = replace(
            new, telegram_chat_id=incoming.chat_id, telegram_message_id=incoming.message_id, arrival=arrival
        )
        try:
            row = self.clients.database.enqueue_jobs([new])[0]
        except ControlPlaneError as error:
            if error.status < 500:  # after a lost answer the queue may have it: then its object must stay
                discard(self.clients.storage, stored.object_key)
            raise
        if row.object_key != stored.object_key:
            discard(self.clients.storage, stored.object_key)
        return row

    def _confirm(self, incoming: Incoming, file: SentFile, row: Enqueued) -> None:
        if row.duplicate:
            return self._say_duplicate(incoming, file, row)
        if file.album_id is None:
            return self._say(incoming, texts.RECEIVED.format(name=_name(file)))
        if self._is_new(f"album {file.album_id}"):
            self._say(incoming, texts.ALBUM)
        return None

    def _say_duplicate(self, incoming: Incoming, file: SentFile, row: Enqueued) -> None:
        document = self._document(row.document_id)
        if document and document.status == JobStatus.COMPLETED:
            self._say(incoming, texts.DUPLICATE.format(name=_name(file)))
            return self._show(incoming, document)
        return self._say(incoming, texts.DUPLICATE_WAITING.format(name=_name(file)))

    def _is_new(self, topic: str) -> bool:
        """Whether nothing was said on this topic in the last hour; from now on it was."""
        now = time.monotonic()
        with self._lock:
            self._said = {key: at for key, at in self._said.items() if now - at < TOPIC_SECONDS}
            return self._said.setdefault(topic, now) == now

    # commands

    def say_help(self, incoming: Incoming) -> None:
        """`/help`, `/start`."""
        self._say(incoming, texts.HELP)

    def say_status(self, incoming: Incoming) -> None:
        """`/status`."""
        self._say(incoming, texts.status(self.clients.database.get_totals()))

    def say_queue(self, incoming: Incoming) -> None:
        """`/queue`."""
        database = self.clients.database
        self._say(incoming, texts.queue(database.get_queue_stats(), database.list_running_jobs(5)))

    def say_cost(self, incoming: Incoming) -> None:
        """`/cost`."""
        costs = self.clients.database.get_costs()
        caps = self.settings.max_dollars_per_day, self.settings.max_claude_dollars_per_day
        self._say(incoming, texts.cost(costs, *caps))

    def say_found(self, incoming: Incoming) -> None:
        """`/search words`."""
        query = incoming.words.replace("\0", "")[:500]
        if not query:
            return self._say(incoming, texts.SEARCH_HELP)
        hits = self.clients.database.search_documents(query, embed_query(query), MOST_HITS)
        if not hits:
            return self._say(incoming, texts.nothing_found(query, self.clients.database.search_is_cut(query)))
        return self._say(incoming, texts.found(query, hits), texts.found_buttons(hits))

    # buttons

    def _press(self, incoming: Incoming) -> None:
        try:
            self.telegram.answer_button(incoming.callback_id)
        except TelegramRefused:  # pressed too long ago for Telegram to care; the answer is still wanted
            log.info("telegram button is old")
        document = self._document(incoming.words)
        if document is None:
            self._say(incoming, texts.GONE)
        elif incoming.command == "text":
            self._say_text(incoming, document)
        elif incoming.command == "files":
            self._say(incoming, f"Links to <b>{escape(document.original_filename)}</b>, good for 15 minutes:",
                      [[Button(label, url=url)] for label, url in self._links(document)])  # fmt: skip
        else:
            self._show(incoming, document)

    def _say_text(self, incoming: Incoming, document: Document) -> None:
        text = self.clients.database.get_text(document.id)
        links = [[Button(label, url=url)] for label, url in self._links(document) if label == FILE_LABELS["ocr.txt"]]
        self._say(incoming, texts.text_excerpt(document.original_filename, text), links)

    def _links(self, document: Document) -> list[tuple[str, str]]:
        presign = self.clients.storage.presign_get
        artifacts = document.artifacts
        links = [("Original", presign(
            document.object_key, LINK_SECONDS, document.original_filename, document.version_id
        ))]
        return links + [
            (label, presign(artifacts[name], LINK_SECONDS)) for name, label in FILE_LABELS.items() if name in artifacts
        ]

    def _show(self, incoming: Incoming, document: Document) -> None:
        self._say(incoming, *result_message(self.clients, document))

    def _document(self, document_id: str) -> Document | None:
        try:
            UUID(document_id)
        except ValueError:
            return None
        return self.clients.database.get_document(document_id)

    def _say(self, incoming: Incoming, html: str, buttons: Iterable[Iterable[Button]] = ()) -> None:
        """Answer; when Telegram does not take the answer, what was asked for is still done, so it is only logged."""
        try:
            self.telegram.send(incoming.chat_id, html, buttons, reply_to=incoming.message_id)
        except ControlPlaneError as error:
            log.warning("telegram answer not delivered", extra={"code": error.code})


def result_message(clients: Clients, document: Document) -> tuple[str, list[list[Button]]]:
    """A document's result and its buttons; for one that failed, the reason."""
    if document.status == JobStatus.FAILED:
        return texts.failed(document.original_filename, document.error_message), []
    findings = sorted(clients.database.list_document_findings(document.id), key=lambda each: -(each.score or 0.0))
    family = read_family(clients.database, document.id)
    return texts.result(document, findings, family), texts.result_buttons(document.id)


def _name(file: SentFile) -> str:
    return escape(file.filename[:120])


def _unknown(desk: TelegramDesk, incoming: Incoming) -> None:
    desk._say(incoming, texts.UNKNOWN_COMMAND)


COMMANDS: dict[str, Callable[[TelegramDesk, Incoming], None]] = {
    "start": TelegramDesk.say_help,
    "help": TelegramDesk.say_help,
    "status": TelegramDesk.say_status,
    "queue": TelegramDesk.say_queue,
    "cost": TelegramDesk.say_cost,
    "search": TelegramDesk.say_found,
}
