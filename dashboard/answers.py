"""What the control plane answers: made by scripts/make_dashboard_types.py, do not edit."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

AnalysisStatus = Literal["waiting", "judging", "judged", "part", "sorted", "failed"]
ClaimKind = Literal["party", "date", "amount", "case_number", "court", "fact", "finding", "score"]
Decision = Literal["adopt", "keep", "wait", "hedge", "end", "return"]
DoorName = Literal["claude", "vast", "storage", "drive", "telegram", "mailbox"]
DoorStatus = Literal["no_key", "open", "paused"]
FindingKind = Literal["contradiction", "perjury", "order_violation", "fraud_indicator"]
Hosting = Literal["community", "datacenter", "local"]
JobKind = Literal["read", "analyse", "compare", "check"]
JobStatus = Literal["queued", "processing", "completed", "failed", "cancelled"]
Judged = Literal["all", "part", "none"]
MachineStatus = Literal["intent", "booting", "ready", "destroying", "destroyed"]
PageOutcome = Literal["text_layer", "ocr", "ocr_fallback", "blank", "unreadable", "skipped"]
PairKind = Literal["contradiction", "order_violation", "changed_statement", "corroboration"]
PairState = Literal["open", "accepted", "explained", "dismissed", "later"]
Placement = Literal["any_host", "datacenter_only", "local_only"]
Priority = Literal["high", "normal", "low"]
QuoteState = Literal["exact", "ocr", "picture", "elsewhere", "none"]
Role = Literal["owner", "helper", "lawyer"]
RunOutcome = Literal["judged", "part", "sorted"]
Source = Literal["upload", "telegram", "bucket", "drive", "mail"]
TranscriptionKind = Literal["handwriting", "chat"]
Verdict = Literal["conflict", "no_conflict", "cannot_tell"]
VerdictBy = Literal["rules", "claude"]
Via = Literal["root", "session", "token", "none"]


@dataclass(frozen=True, kw_only=True)
class AccessLine:
    """What somebody did; `status` is null for reading."""

    id: int
    created_at: dt.datetime
    person: str
    via: Via
    action: str
    route: str
    document_id: str | None
    status: int | None
    address: str | None


@dataclass(frozen=True, kw_only=True)
class AccessPage:
    """Lines, the newest first."""

    lines: list[AccessLine]
    next: int | None


@dataclass(frozen=True, kw_only=True)
class NamedPerson:
    """Who somebody is."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ListedAccount(NamedPerson):
    """Somebody, with `status`: invited, joined or removed."""

    role: Role
    status: str
    invited_by: str
    created_at: dt.datetime
    joined_at: dt.datetime | None
    removed_at: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """Everybody there is or was."""

    accounts: list[ListedAccount]


@dataclass(frozen=True, kw_only=True)
class OpenAlarm:
    """What a person must look at; `told_at` null: no channel has told anybody; `guide` is where it is
    explained.
    """

    id: int
    name: str
    about: str
    message: str
    raised_at: dt.datetime
    last_seen_at: dt.datetime
    told_at: dt.datetime | None
    guide: str


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """The open ones, the newest first."""

    alarms: list[OpenAlarm]


@dataclass(frozen=True, kw_only=True)
class Door:
    """Whether a vendor may be asked, since when, why not (`code` and the same in words), and when it is tried
    next.  A pause without a next try is a person's. `tries` careful calls have failed since it was paused.
    """

    name: DoorName
    status: DoorStatus
    code: str | None
    message: str | None
    since: dt.datetime
    next_try_at: dt.datetime | None
    tries: int


@dataclass(frozen=True, kw_only=True)
class ClaudeDoor(Door):
    """Whether Claude may be asked; `claimed_at` is when the analysis worker last asked."""

    prompt_version: str | None
    claimed_at: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class JudgingEstimate:
    """What a filter means and what judging it would cost; `days` at the day's cap (0: today's room is enough)."""

    documents: int
    pages: int
    waiting: int
    judged: int
    not_allowed: int
    usd: float
    basis: Literal["measured", "assumed", "off"]
    days: int


@dataclass(frozen=True, kw_only=True)
class JudgingCost:
    """What Claude's judgements have cost: in all, per document, and per 1,000 pages."""

    documents: int
    pages: int
    usd: float
    usd_per_document: float | None
    usd_per_1000_pages: float | None


@dataclass(frozen=True, kw_only=True)
class AnalysisReport:
    """How the analysis stands: the door, who waits for what, what that will cost, and what it has cost."""

    judged: int
    sorted: int
    failed: int
    waiting: int
    waiting_pages: int
    waiting_for: dict[str, int]
    door: ClaudeDoor
    without_key: JudgingEstimate
    waiting_usd: float
    waiting_basis: Literal["measured", "assumed", "off"]
    expected_usd_per_1000_pages: float
    spent: JudgingCost
    today_usd: float
    max_usd_per_day: float


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One step of a scale with the documents in it."""

    low: float
    high: float
    documents: int


@dataclass(frozen=True, kw_only=True)
class Party:
    """Somebody a document names, and as what."""

    name: str
    role: str | None


@dataclass(frozen=True, kw_only=True)
class PartyCount(Party):
    """A name and in how many documents it stands."""

    documents: int


@dataclass(frozen=True, kw_only=True)
class Analytics:
    """Counts and score distributions over all documents, and the names that stand in most of them.  Findings
    are those within one document whose words stand and that nobody marked as wrong; what is between two is GET
    /api/case/pairs/counts. `finding_strengths` has per kind how many are weak, notable (40 up) and strong (70
    up).
    """

    documents: int
    analysed: int
    judged: dict[str, int]
    by_type: dict[str, int]
    by_source: dict[str, int]
    by_analyst: dict[str, int]
    findings_by_kind: dict[str, int]
    finding_strengths: dict[str, list[int]]
    unproven_findings: int
    scores: dict[str, list[Bar]]
    pages: int
    dated: int
    named: int
    parties: list[PartyCount]


@dataclass(frozen=True, kw_only=True)
class Around:
    """The words of the page before and after a quote."""

    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class AskedStatement(Around):
    """A statement where it stands now: `start` is the characters before it on its page; `before` and `after`
    are the words around it there. `starts` and `ends` are on the clock of the paper, without a zone.
    """

    id: int
    document_id: str
    original_filename: str
    document_type: str | None
    document_date: dt.date | None
    page: int
    start: int
    quote: str
    voice: Literal["sworn", "message", "order", "record", "letter", "note"]
    speaker: str | None
    speaker_id: str | None
    starts: dt.datetime | None
    ends: dt.datetime | None
    precision: Literal["minute", "hour", "day", "month", "year"] | None


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Statements that answer, the best first, every quote as it stands in the stored text now; none where it is
    not in the documents. `note` says so, and by whom they were chosen; `usd` is what it cost, and `claude_usd`
    what asking Claude would cost at most (null: Claude cannot be asked).
    """

    question: str
    found: bool
    answered_by: Literal["words", "claude"]
    statements: list[AskedStatement]
    note: str
    usd: float
    claude_usd: float | None


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One time that a document came: through which door, under which name, and what was said of it there."""

    seq: int
    source: Source
    original_filename: str
    created_at: dt.datetime
    arrival: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ArtifactFile:
    """A stored artifact as the chain of events has it."""

    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked of a machine; `label` is null until there is one."""

    label: str | None
    status: str


@dataclass(frozen=True, kw_only=True)
class BackupLife:
    """The newest sound backup and trial restore; `configured` is no where none are made from here."""

    ok: bool
    configured: bool
    newest_at: dt.datetime | None
    tried_at: dt.datetime | None
    message: str


@dataclass(frozen=True, kw_only=True)
class CurrentBatch:
    """The batch being worked on: `batch_number` counts from 1."""

    batch_id: str
    batch_number: int
    document_count: int
    processed_count: int
    status: str


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Dollars of machines and of Claude."""

    machine_usd: float
    claude_usd: float
    total_usd: float


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One reason why documents of a batch failed."""

    code: str | None
    message: str | None
    documents: int


@dataclass(frozen=True, kw_only=True)
class ListedBatch(Spent):
    """A batch as callers see it."""

    id: str
    name: str
    prefix: str | None
    folder_id: str | None
    source: Source
    status: Literal["scanning", "running", "judging", "paused", "stopped", "completed"]
    again_of: str | None
    documents: int
    completed: int
    failed: int
    cancelled: int
    open: int
    unread: int
    pages: int
    pages_done: int
    judged: int
    sorted: int
    waiting_for_analysis: int
    waiting_for: dict[str, int]
    max_cost_per_hour: float | None
    batch_size: int
    finish_at: dt.datetime | None
    created_at: dt.datetime
    scanned: int
    known: int
    unsupported: int
    empty: int
    problem: str | None
    failures: list[Failure]


@dataclass(frozen=True, kw_only=True)
class Batches:
    """Batches, newest first; the session is the one that runs now, or else the newest."""

    session_id: str | None
    status: Literal["scanning", "running", "judging", "paused", "stopped", "completed"] | None
    total_documents: int
    total_batches: int
    completed_batches: int
    failed_batches: int
    progress_percentage: float
    started_at: dt.datetime | None
    estimated_completion: dt.datetime | None
    vastai_instance_id: int | None
    total_cost: float
    current_batch: CurrentBatch | None
    batches: list[ListedBatch]
    next: int | None


@dataclass(frozen=True, kw_only=True)
class Binder:
    """That a document is a binder, since when, and whether it was undone."""

    document_id: str
    set_id: str
    position: int
    created_at: dt.datetime
    dissolved_at: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class Cancelled:
    """How many documents were taken out of the line."""

    cancelled: int


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case number and what there is of it; findings are those within one document whose words stand."""

    case_number: str
    court: str | None
    documents: int
    pages: int
    findings: int
    unproven_findings: int
    judged_all: int
    judged_part: int
    judged_none: int


@dataclass(frozen=True, kw_only=True)
class Teller:
    """What one paper says of an event, at its words."""

    claim_id: int
    document_id: str
    original_filename: str
    page: int
    start: int
    quote: str
    speaker_id: str | None
    speaker: str | None
    starts: dt.datetime
    ends: dt.datetime
    precision: Literal["minute", "hour", "day", "month", "year"]
    known: Literal["header", "printed", "stated", "inferred"]


@dataclass(frozen=True, kw_only=True)
class CaseEvent:
    """What happened, from `starts` to before `ends` on the clock of the papers; `versions` that exclude each
    other.
    """

    id: str
    seq: int
    starts: dt.datetime
    ends: dt.datetime
    precision: Literal["minute", "hour", "day", "month", "year"]
    zone: str | None
    known: Literal["header", "printed", "stated", "inferred"]
    title: str
    people: list[NamedPerson]
    documents: int
    versions: int
    state: Literal["open", "true", "wrong", "later"]
    decided_by: str | None
    decided_at: dt.datetime | None
    why: str | None
    tellers: list[Teller]
    total: int


@dataclass(frozen=True, kw_only=True)
class CaseEvents:
    """Events in the order of time, and how many there are."""

    events: list[CaseEvent]
    next: str | None
    total: int


@dataclass(frozen=True, kw_only=True)
class Cases:
    """Every case number, in order."""

    cases: list[Case]


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A document's chain of events: how long, whether intact, and where it is broken."""

    events: int
    intact: bool
    broken_at: int | None


@dataclass(frozen=True, kw_only=True)
class ChangeMade:
    """What a decision found said, and what it said; null is nothing, or that there is none."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True)
class Check:
    """A dependency, and what is wrong with it."""

    ok: bool
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class CheckedFile:
    """A stored file against its hash in the chain of events."""

    name: str
    sha256: str | None
    status: Literal["unchanged", "changed", "missing", "not_recorded"]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What an analysis states, with the document's words it rests on; `accepted` when it enters lists and
    totals.  `start` is where they stand in the text of the page, `box` where in its picture (left, top, right,
    bottom in thousandths). A day in doubt has both `readings` and no `value`.
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
    readings: list[dt.date]
    is_own: bool
    stated_by: str


@dataclass(frozen=True, kw_only=True)
class Companion:
    """A document that carries the same mark of a live photo: its picture or its clip, wherever it came from."""

    document_id: str
    original_filename: str
    mime_type: str | None


@dataclass(frozen=True, kw_only=True)
class ComparingEstimate:
    """What would be judged, and for how much: `off` without a key, `measured` once 20 documents were compared
    here.
    """

    documents: int
    pairs: int
    waiting: int
    usd: float
    usd_per_document: float
    basis: Literal["off", "assumed", "measured"]
    days: int


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What a person says of the document instead of what was `read` last; null: there is none."""

    name: str
    value: Any
    read: Any
    decided_by: str
    decided_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class DaySpent(Spent):
    """Dollars of one day (UTC)."""

    date: dt.date


@dataclass(frozen=True, kw_only=True)
class SpendingCaps:
    """What may never be passed."""

    max_machines: int
    max_dollars_per_hour: float
    max_dollars_per_day: float
    max_dollars_per_batch: float | None
    min_credit_dollars: float
    max_claude_dollars_per_day: float


@dataclass(frozen=True, kw_only=True)
class PriceCheck:
    """When somebody last compared Claude's price list with Anthropic's pages, and whether that is too long ago."""

    checked: dt.date
    is_old: bool


@dataclass(frozen=True, kw_only=True)
class CostReport:
    """What it costs, the caps that hold, and how old Claude's prices are."""

    today: Spent
    today_at_most: Spent
    month: Spent
    days: list[DaySpent]
    documents: int
    pages: int
    usd_per_document: float | None
    usd_per_page: float | None
    caps: SpendingCaps
    claude_prices: PriceCheck


@dataclass(frozen=True, kw_only=True)
class CountedPairs:
    """The counts, and in one sentence which pairs are counted as conflicts."""

    open: int
    accepted: int
    explained: int
    dismissed: int
    later: int
    conflicts: int
    conflicts_accepted: int
    to_check: int
    unjudged: int
    by_kind: dict[str, int]
    rule: str


@dataclass(frozen=True, kw_only=True)
class Credit:
    """What is left to spend at Vast.ai."""

    balance: float
    currency: str


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that is not what the record says of it: `table/scope` or an event, and by which event of the
    chain.
    """

    subject: str
    fault: str
    custody_seq: int | None


@dataclass(frozen=True, kw_only=True)
class CustodyReport:
    """Whether anything of a document was changed."""

    document_id: str
    unchanged: bool
    custody: Chain
    files: list[CheckedFile]
    faults: list[Fault]


@dataclass(frozen=True, kw_only=True)
class DatedDocument:
    """A document on its own date; `place` is its order in time."""

    place: int
    date: dt.date | None
    document_id: str
    original_filename: str
    document_type: str | None
    summary: str | None


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What a decision did: `id` is None where it changed nothing; `kept` had been changed again by somebody."""

    id: str | None
    changed: int
    unchanged: int
    kept: int


@dataclass(frozen=True, kw_only=True)
class DecidedPairs:
    """How many pairs were decided, and how many of those asked for are there no more."""

    decided: int
    missing: int


@dataclass(frozen=True, kw_only=True)
class DocumentDecision:
    """A decision with what it changed of one document."""

    id: str
    seq: int
    decided_by: str
    decided_at: dt.datetime
    why: str | None
    names: list[str]
    documents: int
    undoes: str | None
    undone_by: str | None
    changes: list[ChangeMade]


@dataclass(frozen=True, kw_only=True)
class DecisionPage:
    """A page of decisions, newest first; `changes` are told of one document's."""

    decisions: list[DocumentDecision]
    next: int | None
    total: int | None


@dataclass(frozen=True, kw_only=True)
class DefaultPlacement:
    """Where documents wait to be read whose name or type speaks of a child, of health or of money."""

    sensitive_placement: Placement


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """What the rules and Claude say differently of one document, widely."""

    about: str
    rules: str
    claude: str


@dataclass(frozen=True, kw_only=True)
class Dismissal:
    """That a person does not want what is proposed; undoing the decision proposes it again."""

    decision_id: str
    decided_by: str
    decided_at: dt.datetime
    why: str | None


@dataclass(frozen=True, kw_only=True)
class DissolvedBinders:
    """The documents that are in no list any more."""

    binders: list[str]


@dataclass(frozen=True, kw_only=True)
class FieldValue:
    """What people wrote in one of their fields; money is in dollars."""

    field_id: str
    value: str | float
    decided_by: str
    decided_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Note:
    """A note on a document, a page, words of a page, or a box of it (thousandths).  `stands`: the page still
    has the words it was put on.
    """

    id: str
    text: str
    page: int | None
    start: int | None
    quote: str | None
    box: list[int]
    stands: bool
    decided_by: str
    decided_at: dt.datetime
    decision_id: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line that a person corrected: what was `read` there, and what it says.  `line_now` is where that line
    stands in the page's text now; null when a later reading has it no more.
    """

    page: int
    line: int
    line_now: int | None
    read: str
    text: str
    decided_by: str
    decided_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class SaidEvent:
    """What happened by marked words, from `starts` to before `ends` on the clock of the papers."""

    starts: dt.datetime
    ends: dt.datetime
    precision: Literal["day", "minute"]
    title: str | None


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Words that a person marked as a statement, or as what tells of an event, which then has the mark's id.
    `stands`: the page still has them.
    """

    id: str
    page: int
    start: int
    quote: str
    speaker_id: str | None
    people: list[str]
    event: SaidEvent | None
    stands: bool
    decided_by: str
    decided_at: dt.datetime
    decision_id: str


@dataclass(frozen=True, kw_only=True)
class DocumentJudgement:
    """All that people say of a document, beside tags and marks."""

    corrections: list[Correction]
    fields: list[FieldValue]
    notes: list[Note]
    lines: list[Line]
    marks: list[Mark]


@dataclass(frozen=True, kw_only=True)
class ListedDocument:
    """A document as a list shows it; links live 15 minutes."""

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
    created_at: dt.datetime
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
    document_date: dt.date | None
    dates: list[str]
    parties: list[Party]
    case_number: str | None
    court: str | None
    summary: str | None
    key_facts: list[str]
    analyst: str | None
    model: str | None
    fallback_reason: str | None
    truth_score: float | None
    justice_score: float | None
    fraud_score: float | None
    perjury_score: float | None
    legal_credit_score: float | None
    relevancy_score: float | None
    analysed_at: dt.datetime | None
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
    corrected: list[str]
    thumbnail: str | None


@dataclass(frozen=True, kw_only=True)
class DocumentPage:
    """A page of documents. `is_at_least`: the words are in so many that not all were looked at."""

    documents: list[ListedDocument]
    next: str | None
    total: int | None
    is_at_least: bool


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What was counted; `pages` are guessed by size, `claude_usd` are assumed per document and page."""

    documents: int
    known: int
    new: int
    unsupported: int
    empty: int
    bytes: int
    pages: int
    complete: bool


@dataclass(frozen=True, kw_only=True)
class Estimate(Listing):
    """What a scan found and what the new documents would take; money is null while Vast.ai offers nothing.
    `needs_quote`: without a confirmed price quote (`POST /api/estimates`) a batch takes only the first of them
    in.
    """

    prefix: str | None
    folder_id: str | None
    hours: float
    machines: int
    machine_usd: float | None
    claude_usd: float
    claude_basis: Literal["measured", "assumed", "off"]
    claude_capped: bool
    total_usd: float | None
    total_documents: int
    batch_size: int
    total_batches: int
    total_hours: float
    cost_per_hour: float | None
    total_cost: float | None
    seconds_per_document: float | None
    needs_quote: bool


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The words that a score rests on."""

    score: str
    page: int | None
    quote: str | None
    verified: bool
    reason: str | None
    state: QuoteState | None
    differs: list[str]


@dataclass(frozen=True, kw_only=True)
class FacetValue:
    """A value and how many documents have it; null: how many have none."""

    value: str | None
    documents: int


@dataclass(frozen=True, kw_only=True)
class Facets:
    """What a search means, counted; under `value` null those without any, at most 100 values of each."""

    total: int
    is_at_least: bool
    facets: dict[str, list[FacetValue]]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What an analysis points at, with the words it rests on; `verified` when they stand on the page.
    `is_wrong`: a person said so; it is in no list, count or report.
    """

    id: int
    kind: FindingKind
    page: int | None
    quote: str | None
    verified: bool
    explanation: str | None
    score: float | None
    state: QuoteState | None
    differs: list[str]
    is_wrong: bool


@dataclass(frozen=True, kw_only=True)
class ListedFinding(Finding):
    """A finding beside its document."""

    document_id: str
    original_filename: str
    document_type: str | None
    document_date: dt.date | None
    case_number: str | None
    rank: int


@dataclass(frozen=True, kw_only=True)
class FindingPage:
    """A page of findings within one document, whose words stand and that nobody marked as wrong, gravest first."""

    findings: list[ListedFinding]
    next: int | None
    total: int | None


@dataclass(frozen=True, kw_only=True)
class ListedMachine:
    """A machine as callers see it.  `verdict` is what the scaler last decided of it, from all that is known,
    `verdict_reason` why, in words; `billing` says of one that is returned whether its bill has stopped,
    `price_increase` what its host asks and nobody accepted.
    """

    label: str
    status: MachineStatus
    hosting: Hosting
    contract_id: int | None
    gpu_name: str | None
    geolocation: str | None
    usd_per_hour: float
    machine_usd: float
    created_at: dt.datetime
    ready_at: dt.datetime | None
    last_heartbeat_at: dt.datetime | None
    jobs_held: int
    pages_done: int
    pages_per_second: float | None
    reason: str | None
    verdict: Decision | None
    verdict_reason: str | None
    verdict_at: dt.datetime | None
    billing: str | None
    price_increase: str | None


@dataclass(frozen=True, kw_only=True)
class RentingSwitch:
    """Whether new machines may be rented."""

    paused: bool
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class FleetStatus:
    """Machines we pay for and those of the last hours, newest first."""

    instances: list[ListedMachine]
    renting: RentingSwitch
    jobs_queued: int
    jobs_processing: int


@dataclass(frozen=True, kw_only=True)
class StoredPrice:
    """The price of what was not in the sample, and its interval."""

    usd: float
    low_usd: float
    high_usd: float
    machine_usd: float
    claude_usd: float
    documents: int
    pages: int
    hours: float
    machines: int


@dataclass(frozen=True, kw_only=True)
class FolderEstimate(NamedPerson):
    """What a folder would cost before it is read, and what it cost in the end.  `price` is null until the
    sample is read: `usd` with the interval in which nine of ten end, `low_usd` to `high_usd`, for the documents
    that are not in the sample. `sample_usd` is what the sample cost. `spent_usd` is what its batch has cost
    until now, `actual_usd` what it cost in the end, `held` whether that lies in the interval.
    """

    status: Literal["sampling", "ready", "expired", "confirmed"]
    listing: Listing
    sample_documents: int
    sample_read: int
    sample_usd: float
    sample_batch_id: str
    price: StoredPrice | None
    expires_at: dt.datetime | None
    batch_id: str | None
    decided_by: str | None
    spent_usd: float | None
    actual_usd: float | None
    held: bool | None
    created_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class FolderEstimates:
    """Estimates, newest first; of those whose batch is over, how many intervals held and how many cost more."""

    estimates: list[FolderEstimate]
    ended: int
    held: int
    above: int
    next: int | None


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """Whether it was known."""

    name: str
    forgotten: bool


@dataclass(frozen=True, kw_only=True)
class SearchHit:
    """A document that was found, with the page and the words around what was found.  Every hit says of the
    whole search how many documents match, and whether there are more that were not looked at.
    """

    document_id: str
    original_filename: str
    page: int | None
    snippet: str
    score: float
    matched: str
    document_type: str | None
    document_date: dt.date | None
    relevancy_score: float | None
    matches: int
    capped: bool


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found, best first, of how many documents; `capped`: of at least so many."""

    results: list[SearchHit]
    matches: int
    capped: bool


@dataclass(frozen=True, kw_only=True)
class HiddenWords:
    """Words that the file holds on a page and nobody sees, and why nobody does."""

    text: str
    why: str


@dataclass(frozen=True, kw_only=True)
class InnerFile:
    """A file inside a document; `reason` says why it was not taken, where it was not."""

    position: int
    role: Literal["body", "attachment", "inline", "message", "member"]
    name: str
    document_id: str | None
    code: str | None
    bytes: int | None
    dated: str | None
    mime_type: str | None
    document_type: str | None
    status: JobStatus | None
    error_message: str | None
    pages_total: int | None
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Invited:
    """A person, and the link to hand them: it opens once, within seven days, and is never shown again."""

    account: ListedAccount
    link: str


@dataclass(frozen=True, kw_only=True)
class Job(Companion):
    """One run of one document through a worker, as `job_list` has it; `seq` is its order of arrival."""

    id: str
    seq: int
    kind: JobKind
    batch_id: str | None
    status: JobStatus
    priority: Priority
    placement: Placement
    attempt: int
    max_attempts: int
    source: Source
    object_key: str
    bytes: int | None
    pages_done: int | None
    pages_total: int | None
    page_outcomes: dict[str, int]
    document_type: str | None
    document_date: dt.date | None
    case_number: str | None
    error_code: str | None
    error_message: str | None
    machine: str | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    run_after: dt.datetime | None
    seconds: float | None
    duplicate_of: str | None
    analyst: str | None
    allow_claude: bool
    choices_unsaid: bool
    machine_usd: float | None
    claude_usd: float
    total_usd: float | None


@dataclass(frozen=True, kw_only=True)
class JobPage:
    """A page of jobs, newest first; of all jobs /api/totals says how many there are."""

    jobs: list[Job]
    next: int | None
    total: int | None


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The id of what was changed."""

    id: str


@dataclass(frozen=True, kw_only=True)
class KeptPassword:
    """A password that is kept; what it is is never told again."""

    id: str
    note: str
    created_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class PersonName:
    """One way of writing a person; decisions name it by its `key`."""

    key: str
    words: str
    form: Literal["full", "initial", "titled", "first", "kin", "role"]
    documents: int


@dataclass(frozen=True, kw_only=True)
class PeopleDecision:
    """Two persons were made one (same), or one two (apart); `names` are the keys that moved."""

    id: str
    kind: Literal["same", "apart"]
    names: list[str]
    decided_by: str
    decided_at: dt.datetime
    why: str | None
    undone_by: str | None
    undone_at: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class KnownPerson(NamedPerson):
    """A person with all names and what was decided."""

    rank: int
    sex: Literal["female", "male"] | None
    roles: list[str]
    documents: int
    names: list[PersonName]
    decisions: list[PeopleDecision]


@dataclass(frozen=True, kw_only=True)
class ListedPerson(NamedPerson):
    """A person, in how many documents and under how many names; `rank` is the cursor."""

    rank: int
    sex: Literal["female", "male"] | None
    roles: list[str]
    aliases: int
    documents: int
    total: int


@dataclass(frozen=True, kw_only=True)
class ListedToken(NamedPerson):
    """A token, without the token."""

    account_id: str | None
    scopes: list[Literal["read", "upload", "decide", "admin"]]
    made_by: str
    created_at: dt.datetime
    used_at: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One thing that was tried at one door; `code` is `ok`, or the stable name of what is wrong, `mend` what
    helps.
    """

    door: str
    tried: str
    state: Literal["ok", "off", "warning", "fault"]
    code: str
    message: str
    mend: str | None = None


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What the doctor found last; null and empty before its first look."""

    examined_at: dt.datetime | None
    seconds: float | None
    sound: bool
    probes: list[Probe]


@dataclass(frozen=True, kw_only=True)
class MachineLog:
    """The last lines a machine wrote."""

    label: str
    log: str


@dataclass(frozen=True, kw_only=True)
class MadeBinder:
    """A binder and the job that reads it."""

    document_id: str
    job_id: str


@dataclass(frozen=True, kw_only=True)
class MadeBinders:
    """The set that was made; dissolving one of it undoes all of it."""

    set_id: str
    binders: list[MadeBinder]


@dataclass(frozen=True, kw_only=True)
class MadeToken:
    """A token, told this once."""

    about: ListedToken
    token: str


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What an e-mail says of itself; `sent` is ISO 8601 with the zone of its sender, where that was written."""

    message_id: str
    sent: str | None
    sender: str
    recipients: list[str]
    subject: str


@dataclass(frozen=True, kw_only=True)
class PricedOffer:
    """An offer, and what the waiting pages would cost there: `run_usd` is for the `pages` it can do in time."""

    id: int
    gpu_name: str
    num_gpus: int
    usd_per_hour: float
    reliability: float
    geolocation: str
    inet_down_mbps: float
    hosting: Hosting
    pages: int
    run_usd: float
    usd_per_page: float
    run_hours: float
    within_caps: bool


@dataclass(frozen=True, kw_only=True)
class Market:
    """What can be rented now, the best first."""

    offers: list[PricedOffer]


@dataclass(frozen=True, kw_only=True)
class Matter(NamedPerson):
    """A case that documents belong to."""

    seq: int
    is_default: bool
    created_by: str | None
    created_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Matters:
    """All matters, the first one first."""

    matters: list[Matter]


@dataclass(frozen=True, kw_only=True)
class Me:
    """Who calls, and what they may do."""

    name: str
    role: Role
    scopes: list[Literal["read", "upload", "decide", "admin"]]
    by: Via


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A decision that two were one, and who they are now."""

    decision_id: str
    kept_id: str


@dataclass(frozen=True, kw_only=True)
class Moved:
    """How many documents were put in or out."""

    changed: int


@dataclass(frozen=True, kw_only=True)
class TermDecided:
    """What was decided about a term."""

    id: str
    state: Literal["proposed", "accepted", "rejected"]


@dataclass(frozen=True, kw_only=True)
class TermException:
    """Words that except something from a term."""

    quote: str
    kind: Literal["emergency", "agreement", "other"]


@dataclass(frozen=True, kw_only=True)
class OrderTerm(TermDecided):
    """One thing that a court ordered; `weekdays` from Monday, 1; `hour_until` before `hour_from` is over
    midnight.
    """

    seq: int
    document_id: str
    original_filename: str
    document_date: dt.date | None
    page: int
    start: int
    quote: str
    bound: list[NamedPerson]
    bound_words: list[str]
    duty: Literal["shall", "shall_not", "may"]
    act: str
    amount_usd: float | None
    per: str | None
    due_day: int | None
    weekdays: list[int]
    weeks: list[int]
    hour_from: str | None
    hour_until: str | None
    hours_before: float | None
    starts: dt.date | None
    ends: dt.date | None
    allowed_places: list[str]
    forbidden_places: list[str]
    exceptions: list[TermException]
    standing: bool
    proposed_by: Literal["rules", "claude"]
    decided_by: str | None
    decided_at: dt.datetime | None
    why: str | None
    total: int


@dataclass(frozen=True, kw_only=True)
class OwnComputer:
    """A computer's label, and the environment for `python -m gpu_worker` on it."""

    label: str
    environment: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class PlacedWord:
    """A word: `start` is the characters before it in its page's text (null where it is not found there), `box`
    its left, top, right and bottom.
    """

    text: str
    start: int | None
    box: list[float]


@dataclass(frozen=True, kw_only=True)
class PlacedLine(PlacedWord):
    """A line of a page in reading order; `source` says where its words come from: ocr, layer, form, note or
    hidden.
    """

    source: str
    confidence: float
    words: list[PlacedWord]


@dataclass(frozen=True, kw_only=True)
class ReadByLetter:
    """`text`, which stands in the page's text `start` characters from its beginning, was taken for a known
    word; its letters read `read`.
    """

    start: int
    text: str
    read: str


@dataclass(frozen=True, kw_only=True)
class PlacedBox:
    """A check box or radio button (`round`) that a machine found on a page's picture: `state` is ticked, empty,
    or doubtful where nobody but a person can say; `label` are the words beside it, "" where there are none.
    """

    box: list[float]
    state: str
    round: bool
    label: str


@dataclass(frozen=True, kw_only=True)
class PlacedDoubt(PlacedWord):
    """A word (or a check box, by its label) that decides and was read with doubt: look at the picture. `kind`
    is name, date, amount, number, negation or check_box, `confidence` how sure the machine was of its weakest
    letter; `start` as in a word, null of a check box.
    """

    kind: str
    confidence: float


@dataclass(frozen=True, kw_only=True)
class PageOfWords:
    """A page of `pages`. Boxes are in its `width` × `height` units (0: no places are known), before `rotation`
    turns it clockwise to stand upright; `start` counts the characters of `text` before a word.
    """

    document_id: str
    page: int
    pages: int
    outcome: PageOutcome
    engine: str | None
    confidence: float | None
    reason: str | None
    rotation: int
    width: float
    height: float
    text: str
    lines: list[PlacedLine]
    hidden: list[HiddenWords]
    rereadings: list[ReadByLetter]
    boxes: list[PlacedBox]
    doubts: list[PlacedDoubt]
    picture: str | None


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two statements: where its words stand, who says them, and of when they speak.  `starts` and
    `ends` are on the clock of the paper, without a zone; `voice` is sworn, message, order, record, letter or
    note.
    """

    document_id: str
    original_filename: str
    document_type: str | None
    document_date: dt.date | None
    page: int
    start: int
    quote: str
    voice: str
    speaker: str | None
    speaker_id: str | None
    starts: dt.datetime | None
    ends: dt.datetime | None
    precision: str | None


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two statements to be seen side by side. Of an order violation, `a` is the order.  `proposed_by` says what
    brought them together, `verdict` what rules or Claude say (None: nobody judged it), and `explained_by` what
    would explain it; `state` is a person's. `stands`: both quotes are words of the stored text.
    """

    id: str
    rank: int
    kind: PairKind
    proposed_by: str
    score: int
    verdict: Verdict | None
    verdict_by: VerdictBy | None
    model: str | None
    judged_at: dt.datetime | None
    reason: str | None
    explained_by: str | None
    state: PairState
    decided_by: str | None
    decided_at: dt.datetime | None
    why: str | None
    stands: bool
    people: list[str]
    a: Side
    b: Side


@dataclass(frozen=True, kw_only=True)
class PairDecision:
    """What a person decided, on which words. `carried_from`: repeated for a later reading in other letters."""

    id: int
    state: PairState
    why: str | None
    decided_by: str
    decided_at: dt.datetime
    a_quote: str
    b_quote: str
    carried_from: int | None


@dataclass(frozen=True, kw_only=True)
class PairDetail:
    """A pair, the words around both quotes on their pages, and every decision on it, the newest first."""

    pair: Pair
    a_around: Around
    b_around: Around
    decisions: list[PairDecision]


@dataclass(frozen=True, kw_only=True)
class PairPage:
    """A page of pairs, the gravest first."""

    pairs: list[Pair]
    next: int | None
    total: int | None


@dataclass(frozen=True, kw_only=True)
class Parent:
    """What a document lies in, and as what."""

    parent_id: str
    parent_filename: str
    parent_mime_type: str | None
    position: int
    role: Literal["body", "attachment", "inline", "message", "member"]
    name: str


@dataclass(frozen=True, kw_only=True)
class People:
    """Persons, who stands in most documents first, and how many there are."""

    people: list[ListedPerson]
    next: int | None
    total: int


@dataclass(frozen=True, kw_only=True)
class PersonOf:
    """The person that a decision was about."""

    person_id: str


@dataclass(frozen=True, kw_only=True)
class ProgramLife:
    """A program, and how long it has been silent; `silent_seconds` is null for one that was never heard of."""

    name: str
    ok: bool
    silent_seconds: float | None
    late_after_seconds: int | None
    problem: str | None


@dataclass(frozen=True, kw_only=True)
class ProposedMember:
    """A document, or pages of it, that would be in a binder."""

    document_id: str
    original_filename: str
    pages: list[int] | None


@dataclass(frozen=True, kw_only=True)
class ProposedBinder:
    """A document that would be made."""

    name: str
    members: list[ProposedMember]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Binders that POST /api/binders would make, and why; `dismissed`: a person does not want them."""

    reason: Literal["album", "numbered_names", "page_1_of_n", "bar_code", "blank_page", "letter_begins"]
    binders: list[ProposedBinder]
    dismissed: Dismissal | None = None


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """A page of proposals. What one page has looked at may give none, and `next` still leads on."""

    proposals: list[Proposal]
    next: int | None


@dataclass(frozen=True, kw_only=True)
class Queued:
    """How many documents were put into the line now, and how many of those meant are left."""

    queued: int
    left: int


@dataclass(frozen=True, kw_only=True)
class QueuedPairs:
    """Documents whose pairs wait to be judged now, and how many there are beyond."""

    queued: int
    left: int


@dataclass(frozen=True, kw_only=True)
class ReadPage:
    """What became of one page; `hidden_words` the file holds there and nobody sees."""

    page: int
    outcome: PageOutcome
    engine: str | None
    confidence: float | None
    reason: str | None
    rotation: int | None
    hidden_words: int


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Every dependency, program and backup, and whether all is as it should be; `faults` are the doctor's
    newest.  Behind the `paused_doors` work waits and goes on by itself (docs/vendors.md): that alone makes
    nothing red.
    """

    ready: bool
    postgres: Check
    storage: Check
    vast: Check
    programs: list[ProgramLife]
    backup: BackupLife
    faults: list[str]
    paused_doors: list[Door]


@dataclass(frozen=True, kw_only=True)
class RefusedFile:
    """A file that was not taken in, and why."""

    id: int
    original_filename: str
    source: str | None
    code: str
    message: str
    created_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class RefusedPage:
    """A page of files that were not taken in, newest first."""

    refused: list[RefusedFile]
    next: int | None
    total: int | None


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """A day to keep in mind: `made` by a person, or named by a document (order) in these words."""

    id: str
    day: dt.date
    text: str
    document_id: str | None
    original_filename: str | None
    page: int | None
    start: int | None
    quote: str | None
    made: Literal["order", "person"]
    done_at: dt.datetime | None
    decided_by: str | None


@dataclass(frozen=True, kw_only=True)
class ReminderPage:
    """A page of days, the nearest first."""

    reminders: list[Reminder]
    next: str | None
    total: int


@dataclass(frozen=True, kw_only=True)
class Run:
    """One analysis of one document, by whom, and what its job's calls to Claude cost."""

    id: str
    seq: int
    job_id: str
    analyst: str | None
    model: str | None
    prompt_version: str | None
    inputs_sha256: str | None
    outcome: RunOutcome
    reason: str | None
    accepted: bool
    is_shown: bool
    seconds: float | None
    created_at: dt.datetime
    claude_usd: float
    calls: int


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Every analysis of a document, the newest first."""

    runs: list[Run]


@dataclass(frozen=True, kw_only=True)
class SavedView(NamedPerson):
    """A search that people keep, with its order and columns."""

    search: dict[str, str | int | bool]
    sort: str
    sort_order: str
    columns: list[str]
    decided_by: str
    decided_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class SavedViews:
    """The searches that are kept, by name."""

    views: list[SavedView]


@dataclass(frozen=True, kw_only=True)
class SessionBatch(ListedBatch):
    """A batch after what was done to it, also in the words of a session; `message` says what was done."""

    session_id: str | None
    total_documents: int
    total_batches: int
    completed_batches: int
    failed_batches: int
    progress_percentage: float
    started_at: dt.datetime | None
    estimated_completion: dt.datetime | None
    vastai_instance_id: int | None
    total_cost: float
    current_batch: CurrentBatch | None
    message: str


@dataclass(frozen=True, kw_only=True)
class SkippedEntry:
    """A file that was not taken in: its name, where it is (object key, or Drive's id), why, and what to do."""

    source_id: str
    name: str
    code: str
    message: str
    created_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class SkippedPage:
    """A page of skipped files, newest first."""

    skipped: list[SkippedEntry]
    next: int | None


@dataclass(frozen=True, kw_only=True)
class Split:
    """A decision that one was two, and the new person."""

    decision_id: str
    new_id: str


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement where it stands: `start` is the characters before it on its page, `place` the cursor."""

    id: int
    document_id: str
    original_filename: str
    document_type: str | None
    document_date: dt.date | None
    page: int
    start: int
    quote: str
    voice: Literal["sworn", "message", "order", "record", "letter", "note"]
    speaker_id: str | None
    speaker: str | None
    said_at: dt.datetime | None
    starts: dt.datetime | None
    ends: dt.datetime | None
    precision: Literal["minute", "hour", "day", "month", "year"] | None
    known: Literal["header", "printed", "stated", "inferred"] | None
    place: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Statements:
    """Statements, the newest first, those of copies left out, and how many there are."""

    statements: list[Statement]
    next: int | None
    total: int


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A tag and how many documents have it."""

    tag: str
    documents: int


@dataclass(frozen=True, kw_only=True)
class Tags:
    """Every tag, in order."""

    tags: list[Tag]


@dataclass(frozen=True, kw_only=True)
class TakenFile:
    """What became of a file; `duplicate` when its bytes were known."""

    journal_id: str
    document_id: str
    job_id: str | None
    duplicate: bool
    status: JobStatus


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Terms of orders in the order they came, and how many there are."""

    terms: list[OrderTerm]
    next: int | None
    total: int


@dataclass(frozen=True, kw_only=True)
class ThreadMail:
    """An e-mail of a thread."""

    document_id: str
    sent: str | None
    sender: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """A page of dated documents, the oldest first."""

    timeline: list[DatedDocument]
    next: int | None


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Those that open something, the oldest first."""

    tokens: list[ListedToken]


@dataclass(frozen=True, kw_only=True)
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


@dataclass(frozen=True, kw_only=True)
class Transcription:
    """A page's handwriting or chat as `engine` transcribed it from the picture; `doubtful_lines` count from 1."""

    page: int
    kind: TranscriptionKind
    engine: str
    model: str | None
    outcome: str
    text: str
    doubtful_lines: list[int]
    created_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class WholeDocument(ListedDocument):
    """A document with all that is known of it; links live 15 minutes."""

    pages: list[ReadPage]
    findings: list[Finding]
    score_evidence: list[Evidence]
    claims: list[Claim]
    transcriptions: list[Transcription]
    disagreements: list[Disagreement]
    artifacts: dict[str, str]
    artifact_files: dict[str, ArtifactFile]
    custody: Chain
    original: str
    view: str | None
    arrivals: list[Arrival]
    parts: list[InnerFile]
    parts_next: int | None
    part_of: list[Parent]
    belongs_with: list[Companion]
    mail: Mail | None
    thread: list[ThreadMail]
    binder: Binder | None
    judgement: DocumentJudgement
