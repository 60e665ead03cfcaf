"""How documents come in over HTTP: one file, many files, or an object that is already in the bucket."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Literal

from flask import Blueprint, current_app, request
from pydantic import AfterValidator, AliasChoices, Field

from control_plane.database.batch_rows import NewBatch
from control_plane.database.enums import JobStatus, Placement, Priority, Source
from control_plane.database.rows import Enqueued, NewFile
from control_plane.errors import BadRequest, ControlPlaneError
from control_plane.http.contract import Body, Query, describe, read_words
from control_plane.http.multipart import FilePart, FormField, drain, read_parts
from control_plane.http.wiring import clients, settings
from control_plane.intake.names import clean_filename
from control_plane.intake.origin import Choices, Origin, read_name, read_origin, with_choices
from control_plane.intake.slots import PacedBody, UploadSlots
from control_plane.intake.store import StoredFile, discard, record_refusal, require_kind, store_file, with_hashes
from inspector.heads import HEAD_BYTES

blueprint = Blueprint("uploads", __name__)
MOST_FILES = 10_000  # scripts/bench/uploads.py: in one request, in a minute or two and 200 MB
FILES_PER_CALL = 100

UPLOAD_CHOICES = {
    "priority": {"enum": list(Priority)},
    "placement": {"enum": list(Placement)},
    "allow_claude": {"enum": ["yes", "no"]},
}
BINARY = {"type": "string", "format": "binary"}
UPLOAD_FORM = {"type": "object", "required": ["file"], "properties": {**UPLOAD_CHOICES, "file": BINARY}}
UPLOAD_MANY_FORM = {
    "type": "object",
    "required": ["files"],
    "properties": {**UPLOAD_CHOICES, "name": {"type": "string"}, "files": {"type": "array", "items": BINARY}},
}


class ChoiceFields(Query):
    """What a form says of its files."""

    priority: Priority | None = None
    placement: Placement | None = None
    allow_claude: Literal["yes", "no"] | None = None


def _key(value: str) -> str:
    """A key that S3 takes and every client sends as it is: a path with `..` or a line's end is signed as another."""
    is_odd = any(ord(letter) < 32 or letter in "\x7f\u2028\u2029" for letter in value)
    if is_odd or len(value.encode()) > 1024 or {".", ".."} & set(value.split("/")):
        raise ValueError("must be a key of an object: at most 1,024 bytes, without control characters, '.' and '..'")
    return value


class ObjectBody(Body):
    """An object of the bucket, and what is said about it."""

    object_key: Annotated[str, AfterValidator(_key)] = Field(
        min_length=1, pattern=r"\S", validation_alias=AliasChoices("object_key", "file_path"),
        description="Its key; `file_path` is another word for it.",
    )  # fmt: skip
    original_filename: str | None = None
    priority: Priority | None = None
    placement: Placement | None = None


@dataclass(frozen=True)
class DefaultPlacement:
    """Where documents wait to be read whose name or type speaks of a child, of health or of money."""

    sensitive_placement: Placement


@dataclass(frozen=True)
class TakenFile:
    """What became of a file; `duplicate` when its bytes were known."""

    journal_id: str
    document_id: str
    job_id: str | None
    duplicate: bool
    status: JobStatus


@dataclass(frozen=True)
class BatchEntry:
    """What became of one of many files; one that was refused has `code` and `message`."""

    filename: str
    journal_id: str | None
    document_id: str | None
    job_id: str | None
    duplicate: bool
    status: JobStatus | Literal["refused"]
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class TakenFiles:
    """What became of each file, in the form's order; `batch_id` is null when none was taken."""

    batch_id: str | None
    files: list[BatchEntry]


@dataclass
class Form:
    """What a form held: its fields, and one outcome per file in the form's order."""

    fields: dict[str, str] = field(default_factory=dict)
    outcomes: list[tuple[str, StoredFile | ControlPlaneError]] = field(default_factory=list)
    heard: bool = False  # files were stored with the choices that came before them

    @property
    def stored(self) -> list[StoredFile]:
        """The files that are in the bucket."""
        return [outcome for _, outcome in self.outcomes if isinstance(outcome, StoredFile)]

    def choices(self) -> Choices:
        """Priority, placement and Claude, with the defaults for what is not there. Raises BadRequest."""
        said = read_words(ChoiceFields, self.fields)
        return Choices.of(said.priority, said.placement, said.allow_claude and said.allow_claude == "yes")

    def origin(self, batch_id: str | None) -> Origin:
        """What is stored with the next file; while the form has not said where it may be read, no choices."""
        self.heard = "placement" in self.fields
        return Origin(Source.UPLOAD, self.choices() if self.heard else None, batch_id)

    def add(self, part: FormField) -> None:
        """Take a field. Raises BadRequest for a choice that files were already stored without hearing."""
        if part.name in UPLOAD_CHOICES and self.heard:
            raise BadRequest(f"Say {part.name} before the files.", "bad_argument")
        self.fields[part.name] = part.value


@blueprint.get("/api/placement")
@describe("Where sensitive documents are read while nobody says where", "Documents", answer=DefaultPlacement)
def default_placement() -> DefaultPlacement:
    """By the house's settings; a person may say otherwise of each document."""
    return DefaultPlacement(Placement(settings().fleet.sensitive_placement))


@blueprint.post("/api/upload")
@describe(
    "Send one document", "Documents", raw=("multipart/form-data", UPLOAD_FORM), status=201, answer=TakenFile,
    errors=(400, 413, 415, 503), needs="upload",
)  # fmt: skip
def upload() -> tuple[TakenFile, int]:
    """Stream one file into the bucket and queue it; 200 and `duplicate` when its bytes are known."""
    form = _receive(most_files=1)
    if not form.outcomes:
        raise BadRequest("Send the file in the form field 'file'.", "file_missing")
    _, outcome = form.outcomes[0]
    if isinstance(outcome, ControlPlaneError):
        raise outcome
    row = _enqueue([outcome], form.choices())[0]
    return _taken(row), 200 if row.duplicate else 201


@blueprint.post("/api/batch-upload")
@describe(
    "Send many documents as one batch", "Documents", raw=("multipart/form-data", UPLOAD_MANY_FORM), status=201,
    answer=TakenFiles, errors=(400, 503), needs="upload",
)  # fmt: skip
def batch_upload() -> TakenFiles:
    """Stream many files; a bad one is told in its own entry and does not stop the others."""
    batch_id = str(uuid.uuid4())
    form = _receive(most_files=MOST_FILES, batch_id=batch_id)
    if not form.outcomes:
        raise BadRequest("Send the files in the form field 'files'.", "file_missing")
    choices = form.choices()
    if form.stored:
        clients().database.start_batch(NewBatch(form.fields.get("name"), batch_id, **vars(choices)))
    rows = iter(_enqueue(form.stored, choices, batch_id) if form.stored else [])
    files = [_batch_entry(filename, outcome, rows) for filename, outcome in form.outcomes]
    return TakenFiles(batch_id if form.stored else None, files)


@blueprint.post("/api/jobs/create")
@describe(
    "Queue an object that is already in the bucket", "Jobs", body=ObjectBody, status=201, answer=TakenFile,
    errors=(400, 404, 409, 415, 503), needs="upload",
)  # fmt: skip
def create_job(body: ObjectBody) -> tuple[TakenFile, int]:
    """Queue one object by its key; it is read and hashed here, so that known bytes cost nothing."""
    key = body.object_key
    if key.startswith(("processed/", "cache/", "exports/weekly/")):
        raise BadRequest("This object is one of our own; queue an original.", "bad_argument")
    stored = clients().storage.head(key)
    if not stored.bytes:
        raise BadRequest("The object is empty.", "empty_file")
    kind = require_kind(clients().storage.read_head(key, HEAD_BYTES))
    name = body.original_filename or read_name(stored.metadata) or key
    file = NewFile(key, str(uuid.uuid4()), clean_filename(name), Source.BUCKET, kind.mime_type)
    file = with_hashes(clients().storage, file, clients().storage.keeps_versions())
    answer = clients().database.enqueue_jobs([_choose(file, stored.metadata, body)])[0]
    return _taken(answer), 200 if answer.duplicate else 201


def _choose(file: NewFile, metadata: Mapping[str, str], body: ObjectBody) -> NewFile:
    """What the request says, or else what was said when we stored the object; the strictest if it is ours and mute."""
    recorded = read_origin(metadata).choices
    if body.placement is None and (recorded or file.object_key.startswith("raw/")):
        file = with_choices(file, recorded)
        return replace(file, priority=body.priority or file.priority)
    return with_choices(file, Choices.of(body.priority, body.placement, None))


def _receive(most_files: int, batch_id: str | None = None) -> Form:
    """Read the whole form, storing files on the way. If the form as a whole fails, no object of it stays."""
    form = Form()
    slots: UploadSlots = current_app.extensions["upload_slots"]
    with slots.take():
        _read_form(form, most_files, batch_id)
    return form


def _read_form(form: Form, most_files: int, batch_id: str | None) -> None:
    body = PacedBody(request.stream, request.environ.get("gunicorn.socket"), current_app.extensions["upload_pace"])
    try:
        for part in read_parts(body, request.content_type):
            if isinstance(part, FormField):
                form.add(part)
            elif len(form.outcomes) >= most_files:
                raise BadRequest(f"At most {most_files} files a request.", "too_many_files")
            else:
                form.outcomes.append((part.filename, _store(part, form.origin(batch_id))))
        form.choices()
    except BaseException:
        for stored in form.stored:
            discard(clients().storage, stored.object_key)
        drain(body)
        raise


def _store(part: FilePart, origin: Origin) -> StoredFile | ControlPlaneError:
    now = datetime.now(UTC)
    try:
        return store_file(clients().storage, part.chunks, part.filename, settings().max_upload_bytes, now, origin)
    except ControlPlaneError as error:
        if error.code in ("empty_file", "unsupported_type", "file_too_large"):
            record_refusal(clients().database, part.filename, Source.UPLOAD, error)
            return error
        raise


def _enqueue(files: list[StoredFile], choices: Choices, batch_id: str | None = None) -> list[Enqueued]:
    """Queue stored files. When the queue is away the objects stay, and housekeeping queues them later."""
    entering = [replace(with_choices(each.from_door(Source.UPLOAD), choices), batch_id=batch_id) for each in files]
    rows: list[Enqueued] = []
    for start in range(0, len(entering), FILES_PER_CALL):
        rows += clients().database.enqueue_jobs(entering[start : start + FILES_PER_CALL])
    for stored, row in zip(files, rows, strict=True):
        if row.object_key != stored.object_key:
            discard(clients().storage, stored.object_key)
    return rows


def _taken(row: Enqueued) -> TakenFile:
    return TakenFile(row.journal_id, row.document_id, row.job_id, row.duplicate, row.status)


def _batch_entry(filename: str, outcome: StoredFile | ControlPlaneError, rows: Iterator[Enqueued]) -> BatchEntry:
    name = clean_filename(filename)
    if isinstance(outcome, ControlPlaneError):
        return BatchEntry(name, None, None, None, False, "refused", outcome.code, outcome.message)
    row = next(rows)
    return BatchEntry(name, row.journal_id, row.document_id, row.job_id, row.duplicate, row.status)
