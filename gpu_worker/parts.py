"""The files inside a document: unpacked by the child, stored, and told to the control plane (story).

It reads each of them and says itself what it is. Every step may be repeated: a part is known by its document and its
position.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import BaseModel, Field, TypeAdapter

from gpu_worker.analysis.analyst import Analysis
from gpu_worker.clients.control_plane import ControlPlaneClient
from gpu_worker.clients.storage import Storage, StoredFile, UploadTarget, describe_file
from gpu_worker.job import Job, Lease
from gpu_worker.render.part import FoundPart
from gpu_worker.render.rendered_file import RenderedFile
from gpu_worker.result import MailFacts, ToldPart
from inspector.heads import HEAD_BYTES, inspect
from inspector.kinds import MBOX, TAKEN, Kind

MOST_RECIPIENTS = 200


class _Person(BaseModel):
    name: str
    address: str

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name and self.address else self.name or self.address


class _Mail(BaseModel):
    message_id: str
    thread_id: str
    sent: str | None
    senders: list[_Person] = Field(alias="from")
    to: list[_Person]
    cc: list[_Person]
    subject: str


_MAIL = TypeAdapter(_Mail)


@dataclass(frozen=True)
class PartsDesk:
    """The ways out that a part takes."""

    control_plane: ControlPlaneClient
    storage: Storage

    def enter(self, lease: Lease, rendered: RenderedFile, folder: Path) -> int:
        """Enter every file inside, slice by slice; how many there are.

        Raises what the clients raise, and `RenderError` for a file that kills its child again and again.
        """
        count, is_last = 0, False
        while not is_last:
            with tempfile.TemporaryDirectory(dir=folder) as room:
                found, is_last = rendered.take_parts(count, Path(room))
                if found:
                    lease.check()
                    self._enter_slice(lease.job, found)
                count += len(found)
        return count

    def _enter_slice(self, job: Job, found: Sequence[FoundPart]) -> None:
        files = {part.position: describe_file(part.path) for part in found if part.path is not None}
        told = {part.position: _tell(part, files.get(part.position)) for part in found}
        self._store(job, [files[position] for position, each in sorted(told.items()) if each.code is None])
        self.control_plane.add_parts(job, list(told.values()))

    def _store(self, job: Job, files: Sequence[StoredFile]) -> None:
        by_name = {file.path.name: file for file in files}
        if not by_name:
            return
        targets = self.control_plane.get_upload_targets(job, by_name)
        for name, file in by_name.items():
            urls = _targets(self.control_plane, job, name, file, targets[name])
            self.storage.upload(file.path, partial(next, urls))


def _targets(
    control_plane: ControlPlaneClient, job: Job, name: str, file: StoredFile, first: UploadTarget
) -> Iterator[UploadTarget]:
    """The target that was asked for with the others, and fresh ones after it: a URL expires."""
    yield first
    while True:
        yield control_plane.get_upload_targets(job, {name: file})[name]


def _tell(part: FoundPart, file: StoredFile | None) -> ToldPart:
    """The part as the queue takes it: what it is says the inspector, and what nobody reads is left out by its name."""
    code, mime_type = part.code, None
    if file is not None:
        with file.path.open("rb") as opened:
            kind = inspect(opened.read(HEAD_BYTES))
        mime_type = kind.mime_type if kind else None
        code = None if kind in TAKEN else "unsupported_type"
    return ToldPart(
        position=part.position,
        role=part.role,
        name=part.name,
        dated=part.dated,
        code=code,
        mime_type=mime_type,
        bytes=file.bytes if file else None,
        sha256=file.sha256 if file else None,
    )


def read_mail_facts(content: bytes) -> MailFacts:
    """What lists and threads need of a `mail.json`, as PostgreSQL takes it."""
    mail = _MAIL.validate_json(content.replace(b"\\u0000", b""))
    return MailFacts(
        message_id=mail.message_id[:998],
        thread_id=mail.thread_id[:998],
        sent=mail.sent,
        sender=next((str(who) for who in mail.senders), "")[:500],
        recipients=tuple(str(who)[:500] for who in [*mail.to, *mail.cc][:MOST_RECIPIENTS]),
        subject=mail.subject[:1000],
    )


def describe_container(kind: Kind, label: str | None, parts: int) -> Analysis:
    """What is known of a file that has no page: what it is by its contents or its kind, and how much is inside."""
    what = label or kind.label
    return Analysis(
        analyst="rules",
        document_type="mailbox" if kind is MBOX else "archive",
        claims=(),
        summary=f"{what[:1].upper()}{what[1:]} with {parts:,} {'file' if parts == 1 else 'files'} inside.",
    )
