"""A folder or label of a mailbox as a scan: each message an EML in the bucket, known ones never twice."""

from __future__ import annotations

import email
import itertools
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.header import decode_header, make_header

from control_plane.batches.bucket_scan import Skipped, Step
from control_plane.batches.estimates import PageSizes
from control_plane.database import Database
from control_plane.database.batch_rows import NewBatch
from control_plane.database.enums import BatchStatus, Source
from control_plane.database.rows import NewFile
from control_plane.errors import BadRequest, ControlPlaneError, FileTooLarge, UnsupportedType
from control_plane.intake.names import clean_filename
from control_plane.intake.origin import Origin
from control_plane.intake.store import discard, store_file
from control_plane.mailbox.answers import Message
from control_plane.mailbox.client import Mailbox, MailboxQuota, MailboxUnavailable, MailFolder, MessageRefused
from control_plane.storage.bucket import Storage
from inspector.kinds import EML

log = logging.getLogger(__name__)
LONGEST_HEADER = 65_536
Entered = Callable[[Sequence[NewFile]], set[str]]


@dataclass(frozen=True)
class Place:
    """The last message dealt with, and the numbering in which it has this number."""

    validity: int
    uid: int = 0

    @classmethod
    def parse(cls, text: str, validity: int) -> Place:
        """A stored place; the beginning where there is none, or the server has numbered its messages anew."""
        stored, _, uid = text.partition(":")
        return cls(validity, int(uid) if stored == str(validity) else 0)

    def __str__(self) -> str:
        return f"{self.validity}:{self.uid}"


@dataclass(frozen=True)
class Taken:
    """A message that is stored, and what stands for it where its bytes turn out to be known."""

    file: NewFile
    probe: NewFile


@dataclass(frozen=True)
class MailScan:
    """Reads a folder in steps of `page` messages, oldest first; a watched one never ends."""

    mailbox: Mailbox
    storage: Storage
    folder: str
    sizes: PageSizes
    entered: Entered
    origin: Origin
    page: int
    most_bytes: int
    most_files: int | None = None
    is_watched: bool = False
    only: frozenset[str] | None = None  # a sample: other messages are passed over

    def read_step(self, place: str) -> Step:
        """The messages behind a place, the new ones stored. Raises StorageUnavailable and what Mailbox.open raises."""
        with self.mailbox.open(self.folder) as folder:
            at = Place.parse(place, folder.validity)
            uids, last = folder.find_after(at.uid)
            taken: list[Taken] = []
            skipped: list[Skipped] = []
            now = uids[: self.page if self.most_files is None else min(self.page, self.most_files)]
            done = self._take(folder, now, taken, skipped)
        is_whole = len(done) == len(uids)
        end = Place(at.validity, last if is_whole and last else max([at.uid, *done]))
        return Step(
            place=str(end),
            files=self._without_known(taken),
            scanned=len(done),
            skipped=tuple(skipped),
            finished=is_whole and last is None and not self.is_watched,
        )

    def _take(
        self, folder: MailFolder, uids: Sequence[int], taken: list[Taken], skipped: list[Skipped]
    ) -> list[int]:
        """Store these messages; those dealt with. Where the connection breaks, what came before it counts."""
        done: list[int] = []
        try:
            listed = folder.list_messages(uids)
            for uid in uids:
                is_wanted = self.only is None or key_of(folder, listed[uid]) in self.only
                outcome = self._store(folder, listed[uid]) if is_wanted else None
                if isinstance(outcome, Taken):
                    taken.append(outcome)
                elif outcome:
                    skipped.append(outcome)
                done.append(uid)
        except (MailboxUnavailable, MailboxQuota):
            if not done:
                raise
            log.info("the mailbox broke off; the scan goes on behind what was read")
        except ControlPlaneError:
            self._discard(taken)
            raise
        return done

    def _store(self, folder: MailFolder, message: Message) -> Taken | Skipped | None:
        key, name = key_of(folder, message), "message.eml"
        try:
            if message.bytes > self.most_bytes:
                raise FileTooLarge("The message is larger than MAX_UPLOAD_BYTES.")
            chunks = folder.read_chunks(message.uid)
            first = next(chunks, b"")
            if not first and not message.bytes:
                return None  # deleted since it was found
            subject = read_subject(first)
            name = f"{subject or 'E-mail without a subject'}.eml"
            stored = store_file(
                self.storage, itertools.chain([first], chunks), clean_filename(name), self.most_bytes,
                datetime.now(UTC), self.origin,
            )  # fmt: skip
        except MessageRefused:
            return Skipped(key, name, "message_not_given_out")
        except (UnsupportedType, FileTooLarge, BadRequest) as error:
            kind = error.kind if isinstance(error, UnsupportedType) else None
            return Skipped(key, name, error.code, kind.mime_type if kind else None)
        file = replace(
            stored.from_door(Source.MAIL), pages_estimate=self.sizes.pages(stored.mime_type, stored.bytes),
            arrival=arrival_of(folder.name, message, subject),
        )  # fmt: skip
        return Taken(file, replace(file, object_key=key))

    def _without_known(self, taken: Sequence[Taken]) -> tuple[NewFile, ...]:
        """The files to queue; of bytes that have entered before only what stands for them, and no object stays."""
        try:
            known = self.entered([each.probe for each in taken]) if taken else set()
        except ControlPlaneError:
            self._discard(taken)
            raise
        files, seen = [], set()
        for each in taken:
            if each.probe.object_key in known or each.file.sha256 in seen:
                discard(self.storage, each.file.object_key)
                files.append(each.probe)
            else:
                files.append(each.file)
                seen.add(each.file.sha256)
        return tuple(files)

    def _discard(self, taken: Sequence[Taken]) -> None:
        for each in taken:
            discard(self.storage, each.file.object_key)


@dataclass(frozen=True)
class MailSurvey:
    """The same scan for an estimate: sizes alone are asked, and nothing is read or stored."""

    scan: MailScan

    def read_step(self, place: str) -> Step:
        """The messages behind a place. Raises what Mailbox.open raises."""
        with self.scan.mailbox.open(self.scan.folder) as folder:
            at = Place.parse(place, folder.validity)
            uids, last = folder.find_after(at.uid)
            now = uids[: self.scan.page]
            listed = folder.list_messages(now).values()
        is_whole = len(now) == len(uids)
        files = [
            NewFile(
                key_of(folder, each), bytes=each.bytes, pages_estimate=self.scan.sizes.pages(EML.mime_type, each.bytes)
            )
            for each in listed
        ]
        end = Place(at.validity, last if is_whole and last else max([at.uid, *now]))
        return Step(str(end), tuple(files), len(files), finished=is_whole and last is None)


def begin_watch(database: Database, url: str | None, folder: str | None) -> None:
    """Make the batch "Forwarded mail" of this mailbox and folder, once; one that a person ended stays ended."""
    watched = watch_name(url, folder)
    if watched is None:
        return
    batch_id = str(uuid.uuid5(uuid.NAMESPACE_URL, watched))
    if not database.get_batches(batch_id):
        limits = {"mail_folder": folder, "watch": watched}
        database.start_batch(
            NewBatch("Forwarded mail", batch_id, BatchStatus.RUNNING, Source.MAIL, limits=limits)
        )


def watch_name(url: str | None, folder: str | None) -> str | None:
    """The watched folder in its batch's limits: another mailbox's batch is never taken for it."""
    return f"{url};{folder}" if url and folder else None


def read_subject(head: bytes) -> str:
    """The subject in a message's header as people read it; "" where there is none."""
    raw = email.message_from_bytes(head[:LONGEST_HEADER]).get("Subject") or ""
    try:
        return " ".join(str(make_header(decode_header(raw))).split())
    except (ValueError, LookupError):  # a charset that nobody knows, or bytes that are not in it
        return " ".join(str(raw).split())


def arrival_of(folder: str, message: Message, subject: str) -> dict[str, str]:
    """What the mailbox says about a message: folder, labels, subject, and when the server took it in."""
    received = message.received_at.isoformat() if message.received_at else ""
    said = {"path": folder, "labels": ", ".join(message.labels), "subject": subject, "received_at": received}
    return {name: value for name, value in said.items() if value}


def key_of(folder: MailFolder, message: Message) -> str:
    """What stands for a message where an object's key would."""
    return f"mail:{folder.name};{folder.validity};{message.uid}"
