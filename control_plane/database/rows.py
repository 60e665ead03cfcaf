"""What the database answers, as frozen values (pure). Money is in US dollars, times are aware datetimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BeforeValidator

from control_plane.database import stored
from control_plane.database.enums import (
    AnalysisStatus,
    ClaimKind,
    EventKind,
    FindingKind,
    JobKind,
    JobStatus,
    Judged,
    PageOutcome,
    Placement,
    Priority,
    QuoteState,
    Source,
    TranscriptionKind,
)

RowType = TypeVar("RowType")
Json = dict[str, Any]

# What a machine once wrote: each value becomes what its type promises, or nothing.
Percent = Annotated[float | None, BeforeValidator(lambda value: stored.number(value, 0, 100))]
Share = Annotated[float | None, BeforeValidator(lambda value: stored.number(value, 0, 1))]
Seconds = Annotated[float | None, BeforeValidator(lambda value: stored.number(value, 0))]
LegalCredit = Annotated[float | None, BeforeValidator(lambda value: stored.number(value, 300, 850))]
Relevancy = Annotated[float | None, BeforeValidator(lambda value: stored.number(value, 0, 999))]
Day = Annotated[date | None, BeforeValidator(stored.day)]
PageNumber = Annotated[int | None, BeforeValidator(stored.page_number)]
Words = Annotated[str | None, BeforeValidator(lambda value: stored.text(value) or None)]


@dataclass(frozen=True)
class Page(Generic[RowType]):
    """A page of a list; `next` is the cursor of the page after it, None on the last.

    The first page of a list that is counted says how many rows there are in all.
    """

    rows: list[RowType]
    next: int | None
    total: int | None = None


@dataclass(frozen=True)
class NewFile:
    """A file as `enqueue_jobs` and `enqueue_objects` take it; what is None is left unsaid."""

    object_key: str
    document_id: str | None = None
    original_filename: str | None = None
    source: Source | None = None
    mime_type: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    md5: str | None = None
    pages_estimate: int | None = None
    priority: Priority | None = None
    placement: Placement | None = None
    allow_claude: bool | None = None
    choices_unsaid: bool | None = None
    arrival: Mapping[str, str] | None = None  # what its messenger, folder or mailbox said of it
    batch_id: str | None = None
    google_drive_id: str | None = None
    source_version: str | None = None  # what its bucket or Drive said of it when we hashed its bytes
    object_etag: str | None = None  # what our bucket calls those bytes, and their version where it keeps versions
    version_id: str | None = None
    kept_key: str | None = None  # our own copy, where the object's name may be given to other bytes
    telegram_chat_id: int | None = None
    telegram_message_id: int | None = None


@dataclass(frozen=True)
class Enqueued:
    """What became of one file that was handed in; `job_id` is None when its bytes were known and read."""

    journal_id: str
    document_id: str
    job_id: str | None
    duplicate: bool
    status: JobStatus
    object_key: str


@dataclass(frozen=True)
class Job:
    """One run of one document through a worker, as `job_list` has it; `seq` is its order of arrival."""

    id: str
    seq: int
    kind: JobKind
    document_id: str
    batch_id: str | None
    status: JobStatus
    priority: Priority
    placement: Placement
    attempt: int
    max_attempts: int
    original_filename: str
    source: Source
    object_key: str
    mime_type: str | None
    bytes: int | None
    pages_done: int | None
    pages_total: int | None
    page_outcomes: dict[str, int]
    document_type: str | None
    document_date: Day
    case_number: str | None
    error_code: str | None
    error_message: str | None
    machine: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    run_after: datetime | None
    seconds: Seconds
    duplicate_of: str | None
    analyst: str | None
    allow_claude: bool
    choices_unsaid: bool
    machine_usd: float | None
    claude_usd: float
    total_usd: float | None


@dataclass(frozen=True)
class Totals:
    """Documents and pages in, against documents and pages accounted for; parts are the files inside documents.

    Of what was read: judged by Claude, sorted by plain rules, or waiting to be judged, and for what.
    """

    documents: int
    completed: int
    failed: int
    cancelled: int
    open: int
    pages: int
    pages_accounted: int
    parts: int
    parts_left_out: int
    reconciled: bool
    judged: int
    sorted: int
    waiting_for_analysis: int
    waiting_for: dict[str, int]


@dataclass(frozen=True)
class HeldLease:
    """The keys of a job while a machine holds it."""

    object_key: str
    version_id: str | None
    artifact_prefix: str
    batch_id: str | None
    document_id: str


@dataclass(frozen=True)
class Party:
    """Somebody a document names, and as what."""

    name: str
    role: str | None


@dataclass(frozen=True)
class Evidence:
    """The words that a score rests on."""

    score: str
    page: int | None
    quote: str | None
    verified: bool
    reason: str | None
    state: QuoteState | None
    differs: list[str]


@dataclass(frozen=True)
class Disagreement:
    """What the rules and Claude say differently of one document, widely."""

    about: str
    rules: str
    claude: str


@dataclass(frozen=True)
class DocumentFacts:
    """One distinct file and what is known of it. A score nobody judged is None."""

    id: str
    seq: int
    original_filename: str
    source: Source
    mime_type: str | None
    bytes: int | None
    sha256: str | None
    md5: str | None
    duplicate_of: str | None
    bound_set: str | None
    created_at: datetime
    job_id: str | None
    batch_id: str | None
    status: JobStatus | None
    pages_total: int | None
    page_outcomes: dict[str, int] | None
    error_code: str | None
    error_message: str | None
    machine_usd: float | None
    claude_usd: float
    total_usd: float | None
    document_type: str | None
    document_date: Day
    dates: Annotated[list[str], BeforeValidator(stored.texts)]
    parties: Annotated[list[Party], BeforeValidator(stored.parties)]
    case_number: str | None
    court: str | None
    summary: str | None
    key_facts: Annotated[list[str], BeforeValidator(stored.key_facts)]
    analyst: str | None
    model: str | None
    fallback_reason: str | None
    truth_score: Percent
    justice_score: Percent
    fraud_score: Percent
    perjury_score: Percent
    legal_credit_score: LegalCredit
    relevancy_score: Relevancy
    analysed_at: datetime | None
    text_excerpt: str | None
    words: int | None
    findings_count: int
    unproven_findings: int
    judged: Judged
    unproven_scores: list[str]
    analysis_status: AnalysisStatus | None
    analysis_reason: str | None
    lies_in: str | None
    tags: list[str]
    is_important: bool
    sensitivity: str | None
    exhibit: str | None
    corrected: Annotated[list[str], BeforeValidator(sorted)]


@dataclass(frozen=True)
class Document(DocumentFacts):
    """A row of `document_list`: the facts, and where its files lie."""

    object_key: str
    version_id: str | None
    artifacts: dict[str, str]
    as_read: dict[str, Any]
    score_evidence: Annotated[list[Evidence], BeforeValidator(stored.score_evidence)]
    disagreements: Annotated[list[Disagreement], BeforeValidator(stored.disagreements)]


@dataclass(frozen=True)
class ReadPage:
    """What became of one page; `hidden_words` the file holds there and nobody sees."""

    page: int
    outcome: PageOutcome
    engine: str | None
    confidence: Share
    reason: str | None
    rotation: int | None
    hidden_words: int


@dataclass(frozen=True)
class Finding:
    """What an analysis points at, with the words it rests on; `verified` when they stand on the page.

    `is_wrong`: a person said so; it is in no list, count or report.
    """

    id: int
    kind: FindingKind
    page: PageNumber
    quote: Words
    verified: bool
    explanation: str | None
    score: Percent
    state: QuoteState | None
    differs: list[str]
    is_wrong: bool

    def __post_init__(self) -> None:
        if self.quote is None:  # nothing stands on no words
            object.__setattr__(self, "verified", False)


@dataclass(frozen=True)
class Transcription:
    """A page's handwriting or chat as `engine` transcribed it from the picture; `doubtful_lines` count from 1."""

    page: int
    kind: TranscriptionKind
    engine: str
    model: str | None
    outcome: str
    text: str
    doubtful_lines: list[int]
    created_at: datetime


@dataclass(frozen=True)
class Claim:
    """What an analysis states, with the document's words it rests on; `accepted` when it enters lists and totals.

    `start` is where they stand in the text of the page, `box` where in its picture (left, top, right, bottom in
    thousandths). A day in doubt has both `readings` and no `value`.
    """

    id: int
    kind: ClaimKind
    role: str | None
    value: str | None
    number: float | None
    page: int
    start: int | None
    box: list[int]
    state: QuoteState
    accepted: bool
    quote: str
    differs: list[str]
    reason: str | None
    readings: list[date]
    is_own: bool
    stated_by: str


@dataclass(frozen=True)
class ListedFinding(Finding):
    """A finding beside its document."""

    document_id: str
    original_filename: str
    document_type: str | None
    document_date: Day
    case_number: str | None
    rank: int


@dataclass(frozen=True)
class RefusedFile:
    """A file that was not taken in, and why."""

    id: int
    original_filename: str
    source: str | None
    code: str
    message: str
    created_at: datetime


@dataclass(frozen=True)
class RecordedFile:
    """A stored file as the chain of events has it."""

    bytes: int
    sha256: str
    key: str | None = None


@dataclass(frozen=True)
class Fault:
    """Something that is not what the record says of it: `table/scope` or an event, and by which event of the chain."""

    subject: str
    fault: str
    custody_seq: int | None


@dataclass(frozen=True)
class Custody:
    """A document's chain of events and the rows about it: whether intact, and what it says of the stored files."""

    events: int
    intact: bool
    broken_at: int | None
    sha256: str | None
    artifacts: dict[str, RecordedFile]
    faults: list[Fault]


@dataclass(frozen=True)
class Event:
    """One row of the outbox."""

    id: int
    kind: EventKind
    document_id: str | None
    job_id: str | None
    batch_id: str | None
    machine: str | None
    payload: Any  # what is in it depends on the kind; who tells an event checks
    created_at: datetime


@dataclass(frozen=True)
class SearchHit:
    """A document that was found, with the page and the words around what was found.

    Every hit says of the whole search how many documents match, and whether there are more that were not looked at.
    """

    document_id: str
    original_filename: str
    page: int | None
    snippet: str
    score: float
    matched: str
    document_type: str | None
    document_date: Day
    relevancy_score: float | None
    matches: int
    capped: bool


@dataclass(frozen=True)
class Arrival:
    """One time that a document came: through which door, under which name, and what was said of it there."""

    seq: int
    source: Source
    original_filename: str
    created_at: datetime
    arrival: dict[str, str]


@dataclass(frozen=True)
class Sender:
    """The chat and message that sent a document by Telegram."""

    telegram_chat_id: int
    telegram_message_id: int | None
