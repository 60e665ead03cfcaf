"""The database's lists: tables and views that `service_role` may read, long ones page by page (wire)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from control_plane.database.account_rows import Access, Account, ApiToken
from control_plane.database.alarm_rows import Alarm
from control_plane.database.analysis_rows import Run
from control_plane.database.batch_rows import ListedCheckpoint, SkippedFile
from control_plane.database.binder_rows import Binder, LongScan, LoosePicture
from control_plane.database.case_rows import Matter
from control_plane.database.claude_rows import BatchedCall, MessageBatch
from control_plane.database.connection import MOST_ROWS, Connection
from control_plane.database.enums import FindingKind, JobKind, JobStatus
from control_plane.database.fleet_rows import Machine
from control_plane.database.judgement_rows import (
    CustomField,
    Decision,
    DocumentDecision,
    Exhibit,
    Judgement,
    SavedView,
    Tag,
)
from control_plane.database.part_rows import Companion, Mail, Parent, Part
from control_plane.database.password_rows import SealedPassword
from control_plane.database.record_rows import Head, Recorded
from control_plane.database.report_rows import Case, DatedDocument
from control_plane.database.rows import (
    Arrival,
    Claim,
    Document,
    Event,
    Finding,
    Job,
    Json,
    ListedFinding,
    Page,
    ReadPage,
    RefusedFile,
    RowType,
    Sender,
    Transcription,
)
from control_plane.database.webhook_rows import Webhook, WebhookDelivery

MOST_PASSWORDS = 100  # each try takes a child a part of a second


class Views(Connection):
    """Every method raises QueueUnavailable when there is no answer."""

    def ping(self) -> None:
        """Return when Postgres answers through PostgREST."""
        self._find(Json, self._view("processing_jobs", "id"))

    # Alarms

    def list_open_alarms(self) -> list[Alarm]:
        """What a person must look at, the newest first; no more than an answer holds."""
        query = self._view("alarms", _columns(Alarm)).is_("cleared_at", "null")
        return self._rows(Alarm, query.order("id", desc=True).limit(MOST_ROWS))

    # Claude

    def get_message_batch(self, message_batch_id: str) -> MessageBatch | None:
        """What is known of a message batch."""
        return self._find(MessageBatch, self._view("claude_message_batches").eq("id", message_batch_id))

    def find_message_batches(self, vendor_ids: Sequence[str]) -> set[str]:
        """Those of Anthropic's names for batches that are known here."""
        query = self._view("claude_message_batches").in_("vendor_id", list(vendor_ids)).order("id")
        return {str(batch.vendor_id) for batch in self._rows(MessageBatch, query)}

    def list_batched_calls(self, message_batch_id: str) -> list[BatchedCall]:
        """The calls of a message batch."""
        query = self._view("claude_calls", "id,model").eq("message_batch_id", message_batch_id)
        return self._rows(BatchedCall, query.order("id"))

    # The record

    def list_recorded(self, after: int, most: int) -> list[Recorded]:
        """Documents in the order they came, after the one with this number."""
        query = self._view("master_document_registry", "id,seq").gt("seq", after)
        return self._rows(Recorded, query.order("seq").limit(most))

    def list_case(self, case_number: str) -> list[str]:
        """The documents of a case, in the order they came."""
        query = self._view("master_document_registry", "id,seq").eq("case_number", case_number)
        return [each.id for each in self._rows(Recorded, query.order("seq"))]

    def list_heads(self) -> list[Head]:
        """Every signed head, the oldest first."""
        return self._rows(Head, self._view("record_heads", _columns(Head)).order("seq"))

    # Jobs

    def list_jobs(
        self,
        limit: int,
        before: int | None = None,
        status: JobStatus | None = None,
        batch_id: str | None = None,
        choices_unsaid: bool = False,
        kind: JobKind = JobKind.READ,
    ) -> Page[Job]:
        """A page of jobs of one kind, newest first, from the cursor `before` on."""
        # All jobs are counted by get_totals; pages that ask again every few seconds need no second count.
        query = self._view("job_list", counted=choices_unsaid and before is None).eq("kind", kind)
        if status:
            query = query.eq("status", status)
        if batch_id:
            query = query.eq("batch_id", batch_id)
        if choices_unsaid:
            query = query.is_("choices_unsaid", "true")
        return self._page(Job, query, limit, before)

    def get_job(self, job_id: str) -> Job | None:
        """One job."""
        return self._find(Job, self._view("job_list").eq("id", job_id))

    def get_reading(self, document_id: str) -> Job | None:
        """The newest job that reads or read a document."""
        query = self._view("job_list").eq("document_id", document_id).eq("kind", JobKind.READ)
        return self._find(Job, query.order("seq", desc=True))

    def list_refused_files(self, limit: int, before: int | None = None) -> Page[RefusedFile]:
        """A page of files that were not taken in, newest first; the cursor is the id."""
        return self._page(RefusedFile, self._view("refused_files"), limit, before, "id")

    def list_passwords(self) -> list[SealedPassword]:
        """Those that have not ended, newest first."""
        query = self._view("document_passwords", "id,seq,sealed,note,created_at").is_("ended_at", "null")
        return self._rows(SealedPassword, query.order("seq", desc=True).limit(MOST_PASSWORDS))

    def list_accounts(self) -> list[Account]:
        """Everybody there is or was, the oldest first."""
        return self._rows(Account, self._view("accounts", _columns(Account)).order("seq"))

    def list_api_tokens(self) -> list[ApiToken]:
        """Those that have not ended, the oldest first."""
        columns = _columns(ApiToken)
        return self._rows(ApiToken, self._view("api_tokens", columns).is_("ended_at", "null").order("seq"))

    def list_access(
        self, limit: int, before: int | None = None, person: str | None = None, document_id: str | None = None
    ) -> Page[Access]:
        """A page of the access log, newest first; the cursor is the id."""
        query = self._view("access_log")
        for column, value in (("person", person), ("document_id", document_id)):
            query = query if value is None else query.eq(column, value)
        return self._page(Access, query, limit, before, "id")

    def list_matters(self) -> list[Matter]:
        """Every matter, the first one first."""
        return self._rows(Matter, self._view("matters").order("seq"))

    def list_webhooks(self) -> list[Webhook]:
        """Those that have not ended, the oldest first."""
        return self._rows(Webhook, self._view("webhooks").is_("ended_at", "null").order("seq"))

    def list_webhook_deliveries(self, webhook_id: str, limit: int, before: int | None = None) -> Page[WebhookDelivery]:
        """A page of what a webhook answered, newest first; the cursor is the id."""
        query = self._view("webhook_deliveries").eq("webhook_id", webhook_id)
        return self._page(WebhookDelivery, query, limit, before, "id")

    def list_running_jobs(self, limit: int) -> list[Job]:
        """Jobs that machines hold, oldest first."""
        query = self._view("job_list").eq("kind", JobKind.READ).eq("status", JobStatus.PROCESSING)
        return self._rows(Job, query.order("seq").limit(limit))

    # Documents

    def get_documents(self, document_ids: Sequence[str]) -> list[Document]:
        """These documents, in this order; at most 1,000."""
        if not document_ids:
            return []
        query = self._view("document_list").in_("id", list(document_ids)).order("id")
        rows = self._rows(Document, query.limit(len(document_ids)))
        by_id = {row.id: row for row in rows}
        return [by_id[each] for each in document_ids if each in by_id]

    def get_document(self, document_id: str) -> Document | None:
        """One document, a duplicate as itself."""
        return self._find(Document, self._view("document_list").eq("id", document_id))

    def get_text(self, document_id: str) -> str | None:
        """A completed document's text."""
        row = self._find(Json, self._view("document_repository", "text").eq("document_id", document_id))
        return row["text"] if row else None

    def list_pages(self, job_id: str) -> list[ReadPage]:
        """What became of each page in one run, in order."""
        columns = "page,outcome,engine,confidence,reason,rotation,hidden_words"
        return self._rows(ReadPage, self._view("document_pages", columns).eq("job_id", job_id).order("page"))

    def list_runs(self, document_id: str) -> list[Run]:
        """Every analysis of a document, the newest first."""
        found = self._rows(Run, self._view("analysis_run_list").eq("document_id", document_id).order("seq"))
        return found[::-1]

    def list_parts(self, document_id: str, limit: int, after: int | None = None) -> Page[Part]:
        """A page of the files inside a document, in their order; the cursor is the position."""
        query = self._view("part_list", _columns(Part)).eq("parent_id", document_id).gt("position", after or 0)
        rows = self._rows(Part, query.order("position").limit(limit + 1))
        return Page(rows[:limit], rows[limit - 1].position if len(rows) > limit else None)

    def list_parents(self, document_id: str, limit: int) -> list[Parent]:
        """What a document lies in."""
        query = self._view("part_list", _columns(Parent)).eq("document_id", document_id)
        return self._rows(Parent, query.order("parent_id").order("position").limit(limit))

    def list_companions(self, document_id: str, limit: int) -> list[Companion]:
        """The other files of a live photo."""
        query = self._view("companions", _columns(Companion)).eq("companion_of", document_id)
        return self._rows(Companion, query.order("document_id").limit(limit))

    def list_loose_pictures(self, limit: int, before: int | None = None) -> Page[LoosePicture]:
        """A page of pictures that came by themselves, newest first."""
        return self._page(LoosePicture, self._view("loose_pictures", _columns(LoosePicture)), limit, before)

    def list_long_scans(self, limit: int, before: int | None = None) -> Page[LongScan]:
        """A page of scans that may hold several letters, newest first."""
        return self._page(LongScan, self._view("long_scans", _columns(LongScan)), limit, before)

    def get_binder(self, document_id: str) -> Binder | None:
        """A document as a binder, if it is one."""
        return self._find(Binder, self._view("binders", _columns(Binder)).eq("document_id", document_id))

    def get_mail(self, document_id: str) -> Mail | None:
        """The header of an e-mail."""
        return self._find(Mail, self._view("mails", _columns(Mail)).eq("document_id", document_id))

    def list_document_findings(self, document_id: str) -> list[Finding]:
        """A document's findings, by page."""
        found = self._rows(Finding, self._view("document_findings").eq("document_id", document_id).order("id"))
        return sorted(found, key=lambda finding: (finding.page or 0, finding.id))

    def list_claims(self, document_id: str) -> list[Claim]:
        """All that the shown analysis of a document states, in its order."""
        return self._rows(Claim, self._view("document_claims").eq("document_id", document_id).order("id"))

    def list_transcriptions(self, document_id: str) -> list[Transcription]:
        """What the shown analysis transcribed from pictures of a document, by page."""
        query = self._view("document_transcriptions").eq("document_id", document_id)
        return self._rows(Transcription, query.order("page").order("place"))

    def list_findings(
        self,
        limit: int,
        before: int | None = None,
        kind: FindingKind | None = None,
        min_score: int = 0,
        case_number: str | None = None,
        since: date | None = None,
        matter_id: str | None = None,
    ) -> Page[ListedFinding]:
        """A page of findings: those whose words stand first, the gravest first; the cursor is the rank."""
        query = self._view("finding_list", counted=before is None)
        if kind:
            query = query.eq("kind", kind)
        if min_score:
            query = query.gte("score", min_score)
        if case_number:
            query = query.eq("case_number", case_number)
        if since:
            query = query.gte("received_at", since.isoformat())
        if matter_id:
            query = query.contains("matters", [matter_id])
        return self._page(ListedFinding, query, limit, before, "rank")

    def list_timeline(self, limit: int, after: int | None = None) -> Page[DatedDocument]:
        """A page of dated documents, the oldest first; the cursor is the place."""
        query = self._view("timeline_list").gt("place", -1 if after is None else after)
        rows = self._rows(DatedDocument, query.order("place").limit(limit + 1))
        return Page(rows[:limit], rows[limit - 1].place if len(rows) > limit else None)

    def list_cases(self) -> list[Case]:
        """Every case number, in order."""
        return self._rows(Case, self._view("case_list").order("case_number"))

    def list_arrivals(self, document_id: str) -> list[Arrival]:
        """Every time that a document came, the first one first."""
        columns = "seq,source,original_filename,created_at,arrival"
        query = self._view("document_journal", columns).eq("document_id", document_id)
        return self._rows(Arrival, query.order("seq"))

    def list_senders(self, document_id: str, since: datetime) -> list[Sender]:
        """Who sent a document by Telegram since then, in order."""
        query = self._view("document_journal", "seq,telegram_chat_id,telegram_message_id")
        query = query.eq("document_id", document_id).gte("created_at", since.isoformat())
        query = query.not_.is_("telegram_chat_id", "null")
        return self._rows(Sender, query.order("seq"))

    def has_telegram_message(self, chat_id: int, message_id: int) -> bool:
        """Whether a file of this message has entered."""
        query = self._view("document_journal", "id").eq("telegram_chat_id", chat_id)
        return self._find(Json, query.eq("telegram_message_id", message_id)) is not None

    # Judgement

    def list_judgements(self, document_id: str) -> list[Judgement]:
        """All that people say of a document."""
        return self._rows(Judgement, self._view("judgements").eq("document_id", document_id).order("name"))

    def list_decisions(self, limit: int, before: int | None = None) -> Page[Decision]:
        """A page of decisions, newest first."""
        return self._page(Decision, self._view("decision_list", counted=before is None), limit, before)

    def list_document_decisions(
        self, document_id: str, limit: int, before: int | None = None
    ) -> Page[DocumentDecision]:
        """A page of the decisions about a document, newest first."""
        query = self._view("document_decision_list", counted=before is None).eq("document_id", document_id)
        return self._page(DocumentDecision, query, limit, before)

    def list_tags(self) -> list[Tag]:
        """Every tag, in order."""
        return self._rows(Tag, self._view("tag_list").order("tag"))

    def list_fields(self) -> list[CustomField]:
        """The fields that are offered, by name."""
        query = self._view("custom_fields", _columns(CustomField)).is_("ended_at", "null")
        return self._rows(CustomField, query.order("name"))

    def get_default_matter(self) -> str:
        """The matter of those who have one."""
        return str(self._rows(Json, self._view("matters", "id").is_("is_default", "true").order("id"))[0]["id"])

    def list_exhibits(self, matter_id: str) -> list[Exhibit]:
        """A matter's exhibits, by their letters."""
        query = self._view("exhibit_list").eq("matter_id", matter_id)
        return self._rows(Exhibit, query.order("length").order("letter"))

    def list_saved_views(self) -> list[SavedView]:
        """The views that are kept, by name."""
        query = self._view("saved_views", _columns(SavedView)).is_("ended_at", "null")
        return self._rows(SavedView, query.order("name"))

    # Events, batches, machines

    def list_events(self, limit: int, after: int | None = None) -> list[Event]:
        """Events after an id, or the newest, oldest first."""
        query = self._view("events")
        if after is not None:
            return self._rows(Event, query.gt("id", after).order("id").limit(limit))
        return self._rows(Event, query.order("id", desc=True).limit(limit))[::-1]

    def get_batch_name(self, batch_id: str) -> str | None:
        """A batch's name."""
        row = self._find(Json, self._view("batches", "name").eq("id", batch_id))
        return row["name"] if row else None

    def list_skipped_files(self, batch_id: str, limit: int, before: int | None = None) -> Page[SkippedFile]:
        """A page of files that a batch did not take in, newest first."""
        columns = "seq,source_id,name,code,mime_type,created_at"
        return self._page(SkippedFile, self._view("skipped_files", columns).eq("batch_id", batch_id), limit, before)

    def list_checkpoints(self, limit: int, before: int | None = None) -> Page[ListedCheckpoint]:
        """A page of where scans stand, newest batch first."""
        return self._page(ListedCheckpoint, self._view("checkpoint_list"), limit, before)

    def find_working_contract(self) -> int | None:
        """The contract of the ready machine that has read most."""
        ready = self._view("machines").eq("status", "ready").gt("contract_id", 0)
        found = self._find(Machine, ready.order("pages_done", desc=True).order("label"))
        return found.contract_id if found else None

    def get_machine(self, label: str) -> Machine | None:
        """One machine of the ledger."""
        return self._find(Machine, self._view("machines").eq("label", label))

    def _page(
        self, row_type: type[RowType], query: Any, limit: int, before: int | None, key: str = "seq"
    ) -> Page[RowType]:
        """Newest first. The cursor is the order of arrival: rows that arrive meanwhile shift no page."""
        if before is not None:
            query = query.lt(key, before)
        query = query.order(key, desc=True).limit(limit + 1)
        full = self._full_rows(row_type, query)
        rows, total = (full, None) if full is not None else self._counted_rows(row_type, query)
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(rows[:limit], None if last is None else getattr(last, key), total)


def _columns(row_type: type) -> str:
    return ",".join(each.name for each in fields(row_type))
