"""The database's verbs: one method for each SQL function of `service_role`, by its name and parameters (wire).

A test holds this class against the grants, so that neither can have what the other lacks. What a verb does is told by
the function's own comment in the migrations; here stand the types, and what is raised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from control_plane.database.account_rows import Account, ApiToken, Guess, Holder
from control_plane.database.alarm_rows import Alarm
from control_plane.database.analysis_rows import Analysis, Judgeable
from control_plane.database.backup_rows import Backup
from control_plane.database.batch_rows import (
    Batch,
    Checkpoint,
    ClaudeStatistics,
    NewBatch,
    PageStatistic,
    Scan,
)
from control_plane.database.binder_rows import DismissedProposal, MadeBinder
from control_plane.database.case_rows import (
    CaseEvent,
    CaseProgress,
    CopyState,
    Duplicate,
    EventState,
    KnownPerson,
    ListedPerson,
    Matter,
    Merged,
    OrderTerm,
    Split,
    Statement,
    TermState,
)
from control_plane.database.claude_rows import CallRequest, Reservation, Settlement
from control_plane.database.connection import Connection, parse_rows
from control_plane.database.enums import Blame, HardwareKind, MessageBatchStatus, Placement, Priority, RentingStatus
from control_plane.database.fleet_rows import Backlog, Caps, DayCharge, Intent, Ledger, Machine, Renting
from control_plane.database.judgement_rows import (
    Change,
    CountedFacet,
    CustomField,
    Decided,
    DocumentCount,
    DocumentPlace,
    Reminder,
    SavedView,
    as_row,
)
from control_plane.database.metric_rows import Metrics
from control_plane.database.original_rows import KeptObject, Original, OriginalFault
from control_plane.database.part_rows import ThreadMail
from control_plane.database.password_rows import SealedPassword
from control_plane.database.record_rows import Head, LogEntry, Record, RecordCheck, Sealed
from control_plane.database.report_rows import Analytics, Costs
from control_plane.database.rows import Custody, Enqueued, Event, HeldLease, Json, NewFile, SearchHit, Totals
from control_plane.database.webhook_rows import Webhook
from control_plane.errors import QueueUnavailable


class Functions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    # Documents and jobs

    def enqueue_jobs(self, files: Sequence[NewFile]) -> list[Enqueued]:
        """Record files and queue their documents, all or none; one row per file, in order.

        The same call again changes nothing, so one that got no answer is made once more.
        """
        rows = [_said(file) for file in files]
        try:
            return self._call(Enqueued, "enqueue_jobs", files=rows)
        except QueueUnavailable:
            return self._call(Enqueued, "enqueue_jobs", files=rows)

    def complete_job(self, machine: str, job_id: str, lease_token: str, result: Mapping[str, Any]) -> None:
        """Publish what a machine read. Raises Conflict (`lease_lost`), NotAllowed (`token_dead`), BadRequest."""
        self._do("complete_job", machine=machine, job_id=job_id, lease_token=lease_token, result=result)

    def add_parts(self, machine: str, job_id: str, lease_token: str, parts: Sequence[Mapping[str, Any]]) -> None:
        """Enter files found inside a document. Raises what `complete_job` raises."""
        self._do("add_parts", machine=machine, job_id=job_id, lease_token=lease_token, parts=parts)

    def record_refused_file(self, file: Mapping[str, str]) -> None:
        """Keep that a file was not taken in: original_filename, source, code, message."""
        self._do("record_refused_file", file=file)

    def cancel_job(self, job_id: str) -> None:
        """End a job that has not ended. Raises NotFound, Conflict."""
        self._do("cancel_job", job_id=job_id)

    def retry_job(self, job_id: str) -> str:
        """Queue a failed or cancelled job again; the id of the job that waits. Raises NotFound, Conflict."""
        return str(self._one(Json, "retry_job", job_id=job_id)["id"])

    def set_job_choices(
        self, job_id: str, placement: Placement, allow_claude: bool, priority: Priority | None = None
    ) -> None:
        """Say where a document that nobody holds may be read. Raises NotFound, Conflict."""
        self._do("set_job_choices", job_id=job_id, placement=placement, allow_claude=allow_claude, priority=priority)

    def check_lease(self, machine: str | None, job_id: str, lease_token: str) -> HeldLease | None:
        """The keys of a job while this machine (None: the analysis worker) holds it, else None."""
        return self._first(HeldLease, "check_lease", machine=machine, job_id=job_id, lease_token=lease_token)

    def release_expired_jobs(self) -> int:
        """Give back the jobs of leases that ran out; how many."""
        return self._do("release_expired_jobs")

    def requeue_machine_jobs(self, label: str, worker_died: bool) -> int:
        """Give back the jobs of a machine that is gone, with their attempt unless its worker died; how many."""
        return self._do("requeue_machine_jobs", label=label, worker_died=worker_died)

    def get_queue_stats(self) -> list[Backlog]:
        """Open work by priority, placement and batch."""
        return self._call(Backlog, "get_queue_stats")

    def get_totals(self, batch_id: str | None = None) -> Totals:
        """The sums of everything, or of one batch."""
        return self._one(Totals, "get_totals", batch_id=batch_id)

    def get_thread(self, document_id: str, most: int) -> list[ThreadMail]:
        """The e-mails of the thread that an e-mail belongs to, itself among them, in order of time."""
        return self._call(ThreadMail, "get_thread", document_id=document_id, most=most)

    def verify_custody(self, document_id: str) -> Custody:
        """Check a document's chain of events, and every row about it against what they say."""
        return self._one(Custody, "verify_custody", document_id=document_id)

    # The record

    def append_record(self) -> bool:
        """Put what was committed since into the log over all documents; whether more waits."""
        return bool(self._one(Json, "append_record")["waiting"])

    def verify_record(self, after: int = 0, most: int = 5000) -> RecordCheck:
        """Recompute a part of the log, from the entry `after` on."""
        return self._one(RecordCheck, "verify_record", after=after, most=most)

    def get_record(self, at: int | None = None) -> Record:
        """The end of the log, its hash at one entry, and which head was signed last."""
        return self._one(Record, "get_record", at=at)

    def keep_head(self, head: Head) -> None:
        """Keep a signed head, and tell whoever keeps it outside."""
        self._do("keep_head", head=asdict(head))

    def get_backups(self) -> list[Backup]:
        """The newest backup, trial and restore of each outcome; none where nothing was noted yet."""
        return self._call(Backup, "get_backups")

    def list_originals(self, after: Original | None, most: int) -> list[Original]:
        """What the bucket should hold, in the order of keys, behind one of them."""
        place = after and {"object_key": after.object_key, "document_id": after.document_id}
        return self._call(Original, "list_originals", after=place, most=most)

    def note_original(self, document_id: str, fault: OriginalFault | None) -> None:
        """A document's original is lost, or (None) is as it came; an event where that is news."""
        self._do("note_original", document_id=document_id, fault=fault)

    def keep_original(self, document_id: str, kept: KeptObject) -> None:
        """A document's original lies here from now on."""
        self._do("keep_original", document_id=document_id, kept=asdict(kept))

    def export_log(self, after: int, most: int = 500) -> list[LogEntry]:
        """Entries of the log in order, each with its event as it is hashed."""
        return self._call(LogEntry, "export_log", after=after, most=most)

    def export_sealed(self, document_id: str | None = None, after: str = "", most: int = 200) -> list[Sealed]:
        """The rows of the record about a document, or of what belongs to none, in order of `sealed`."""
        return self._call(Sealed, "export_sealed", document_id=document_id, after=after, most=most)

    def search_documents(
        self,
        query: str,
        embedding: Sequence[float] | None = None,
        max_results: int = 20,
        filters: Mapping[str, Any] | None = None,
    ) -> list[SearchHit]:
        """The best documents for words and, with their embedding of 384 numbers, for their meaning."""
        return self._call(
            SearchHit, "search_documents",
            query=query, embedding=embedding, max_results=max_results, filters=filters or {},
        )  # fmt: skip

    def search_is_cut(self, query: str, filters: Mapping[str, Any] | None = None) -> bool:
        """Whether a search that found nothing looked at only some of the passages with its words."""
        return bool(self._one(Json, "search_is_cut", query=query, filters=filters or {})["is_cut"])

    def take_events(self, consumer: str, max_events: int) -> list[Event]:
        """The next events for a consumer; offered again after 60 seconds unless acknowledged."""
        return self._call(Event, "take_events", consumer=consumer, max_events=max_events)

    def ack_events(self, consumer: str, event_ids: Sequence[int]) -> None:
        """These need not be offered again."""
        self._do("ack_events", consumer=consumer, event_ids=event_ids)

    def park_event(self, consumer: str, event_id: int, reason: str, least_offers: int = 1) -> None:
        """Put an event aside that cannot be told, once it was offered so often, and raise an alarm."""
        self._do("park_event", consumer=consumer, event_id=event_id, reason=reason, least_offers=least_offers)

    def get_metrics(self) -> Metrics:
        """The house in numbers."""
        return self._one(Metrics, "get_metrics")

    # Alarms

    def raise_alarm(self, name: str, message: str, about: str = "") -> None:
        """Raise an alarm for people, or say that its cause is still there; `about` where there can be several."""
        self._do("raise_alarm", name=name, message=message, about=about)

    def clear_alarm(self, name: str, about: str | None = None) -> None:
        """Its cause is gone; without `about`: that of all of this name."""
        self._do("clear_alarm", name=name, about=about)

    def clear_unseen_alarms(self, names: Sequence[str], seconds: float) -> None:
        """Clear those of these that were not raised again for so long."""
        self._do("clear_unseen_alarms", names=list(names), seconds=seconds)

    def end_alarm(self, alarm_id: int, cleared_by: str) -> Alarm | None:
        """A person has seen to it; None when it is not open."""
        return self._first(Alarm, "end_alarm", alarm_id=alarm_id, cleared_by=cleared_by)

    def announce_alarms(self) -> int:
        """Give the channels what has stood for another day and what has ended; how many."""
        return self._do("announce_alarms")

    def note_alarm_told(self, alarm_id: int) -> None:
        """A channel has told somebody."""
        self._do("note_alarm_told", alarm_id=alarm_id)

    # Webhooks

    def add_webhook(self, url: str, secret: str, kinds: Sequence[str]) -> Webhook:
        """A new webhook, which hears of what happens from now on."""
        return self._one(Webhook, "add_webhook", url=url, secret=secret, kinds=list(kinds))

    def end_webhook(self, webhook_id: str) -> bool:
        """Send nothing more there; whether it had not ended before."""
        return bool(self._do("end_webhook", webhook_id=webhook_id))

    def record_webhook_delivery(
        self, webhook_id: str, event_id: int, status_code: int | None, problem: str | None, seconds: float
    ) -> None:
        """Write down one try to send an event."""
        self._do(
            "record_webhook_delivery", webhook_id=webhook_id, event_id=event_id, status_code=status_code,
            problem=problem, seconds=seconds,
        )  # fmt: skip

    # Binders

    def make_binders(self, set_id: str, binders: Sequence[tuple[NewFile, list[dict[str, object]]]]) -> list[MadeBinder]:
        """A set of binders, all or none: the stored file of each, and its members {document_id, pages}."""
        rows = [{"file": _said(file), "members": members} for file, members in binders]
        return self._call(MadeBinder, "make_binders", set_id=set_id, binders=rows)

    def dissolve_binder(self, document_id: str) -> list[str]:
        """Undo the set of a binder; the ids of its binders."""
        return [str(row["binder_id"]) for row in self._call(Json, "dissolve_binder", document_id=document_id)]

    def find_dismissed(self, proposals: Sequence[str]) -> list[DismissedProposal]:
        """Which of these proposals a person does not want."""
        return self._call(DismissedProposal, "find_dismissed", proposals=list(proposals))

    # Lists

    def list_documents(
        self, search: Mapping[str, Any], sort: str, descending: bool, after: list[Any] | None, most: int
    ) -> list[DocumentPlace]:
        """The next documents that a search means, in their order. Raises BadRequest."""
        return self._call(
            DocumentPlace, "list_documents", search=search, sort=sort, descending=descending, after=after, most=most
        )

    def count_documents(self, search: Mapping[str, Any]) -> DocumentCount:
        """How many documents a search means. Raises BadRequest."""
        return self._one(DocumentCount, "count_documents", search=search)

    def count_facets(self, search: Mapping[str, Any]) -> list[CountedFacet]:
        """What a search means, counted by each facet, most first. Raises BadRequest."""
        return self._call(CountedFacet, "count_facets", search=search)

    # Judgement

    def decide(self, documents: Sequence[str], changes: Sequence[Change], decided_by: str, why: str | None) -> Decided:
        """Say something of documents, all or none. Raises BadRequest, NotFound, Conflict."""
        rows = [as_row(change) for change in changes]
        return self._one(Decided, "decide", documents=list(documents), changes=rows, decided_by=decided_by, why=why)

    def decide_search(
        self, search: Mapping[str, Any], changes: Sequence[Change], decided_by: str, why: str | None
    ) -> Decided:
        """Say something of every document that a search means, all or none. Raises BadRequest, Conflict."""
        rows = [as_row(change) for change in changes]
        return self._one(Decided, "decide_search", search=search, changes=rows, decided_by=decided_by, why=why)

    def undo_decision(self, decision_id: str, decided_by: str, why: str | None) -> Decided:
        """Take a decision back. Raises NotFound, Conflict."""
        return self._one(Decided, "undo_decision", decision_id=decision_id, decided_by=decided_by, why=why)

    def mark_finding(
        self, document_id: str, finding_id: int, is_wrong: bool, decided_by: str, why: str | None
    ) -> Decided:
        """Say that a finding is wrong, or right after all. Raises NotFound."""
        return self._one(
            Decided, "mark_finding",
            document_id=document_id, finding_id=finding_id, is_wrong=is_wrong, decided_by=decided_by, why=why,
        )  # fmt: skip

    def get_next_exhibit(self, matter_id: str) -> str:
        """The letter that follows the last exhibit of a matter."""
        return str(self._one(Json, "get_next_exhibit", matter_id=matter_id)["letter"])

    def add_field(self, field: Mapping[str, Any], decided_by: str) -> CustomField:
        """Make a field. Raises BadRequest, Conflict."""
        return self._one(CustomField, "add_field", field=field, decided_by=decided_by)

    def end_field(self, field_id: str) -> bool:
        """Offer a field no more; whether it was offered."""
        return bool(self._do("end_field", field_id=field_id))

    def save_view(self, view_id: str | None, view: Mapping[str, Any], decided_by: str) -> SavedView:
        """Keep a view, or keep one anew. Raises BadRequest, NotFound, Conflict."""
        return self._one(SavedView, "save_view", view_id=view_id, view=view, decided_by=decided_by)

    def end_view(self, view_id: str) -> bool:
        """Keep a view no more; whether it was kept."""
        return bool(self._do("end_view", view_id=view_id))

    def list_reminders(
        self, wanted: str, today: date, after: list[Any] | None, most: int, matter_id: str | None = None
    ) -> tuple[list[Reminder], int]:
        """Days to keep in mind, the nearest first, and how many there are. Raises BadRequest."""
        rows = self._call(
            Json, "list_reminders",
            wanted=wanted, today=today.isoformat(), after=after, most=most, matter_id=matter_id,
        )  # fmt: skip
        return parse_rows(Reminder, rows), rows[0]["total"] if rows else 0

    def add_reminder(self, day: str, text: str, document_id: str | None, decided_by: str) -> str:
        """Write a day down; its id. Raises BadRequest, NotFound."""
        row = self._one(Json, "add_reminder", day=day, text=text, document_id=document_id, decided_by=decided_by)
        return str(row["id"])

    def set_reminder(self, reminder_id: str, is_done: bool, decided_by: str) -> None:
        """Be done with a day, or not. Raises NotFound."""
        self._do("set_reminder", reminder_id=reminder_id, is_done=is_done, decided_by=decided_by)

    # Passwords

    def add_password(self, sealed: str, note: str) -> SealedPassword:
        """Keep one more."""
        return self._one(SealedPassword, "add_password", sealed=sealed, note=note)

    def end_password(self, password_id: str) -> bool:
        """Forget one; whether it had not ended before."""
        return bool(self._do("end_password", password_id=password_id))

    def record_passwords_given(self, document_id: str, job_id: str, machine: str) -> None:
        """Write into the document's chain that a machine was given the passwords."""
        self._do("record_passwords_given", document_id=document_id, job_id=job_id, machine=machine)

    # Accounts

    def add_account(self, name: str, role: str, invitation_sha256: str, invited_by: str) -> Account:
        """Somebody who comes in by the invitation's link. Raises Conflict for a name that is taken."""
        return self._one(
            Account, "add_account", name=name, role=role, invitation_sha256=invitation_sha256, invited_by=invited_by
        )

    def invite_again(self, account_id: str, role: str | None, invitation_sha256: str) -> Account:
        """A fresh link, for a removed person too; `role` None leaves it. Raises NotFound."""
        return self._one(
            Account, "invite_again", account_id=account_id, role=role, invitation_sha256=invitation_sha256
        )

    def remove_account(self, account_id: str) -> Account:
        """They may do nothing more: sessions, links and tokens end. Raises NotFound."""
        return self._one(Account, "remove_account", account_id=account_id)

    def find_invited(self, invitation_sha256: str) -> Account | None:
        """Whose a link is that still opens."""
        return self._first(Account, "find_invited", invitation_sha256=invitation_sha256)

    def accept_invitation(
        self, invitation_sha256: str, password_hash: str, totp_sealed: str, totp_step: int,
        recovery_sha256: Sequence[str],
    ) -> Account | None:  # fmt: skip
        """Use a link up; None if it was dead."""
        return self._first(
            Account, "accept_invitation", invitation_sha256=invitation_sha256, password_hash=password_hash,
            totp_sealed=totp_sealed, totp_step=totp_step, recovery_sha256=list(recovery_sha256),
        )  # fmt: skip

    def begin_sign_in(self, name: str, address: str) -> Guess:
        """Write a guess down before it is looked at."""
        return self._one(Guess, "begin_sign_in", name=name, address=address)

    def note_right_password(self, guess_id: int) -> None:
        """The guess had the right password."""
        self._do("note_right_password", guess_id=guess_id)

    def start_session(
        self, guess_id: int, account_id: str, session_sha256: str, totp_step: int | None, recovery_sha256: str | None
    ) -> bool:
        """Sign somebody in by an unused code's step or a recovery code that is left; whether it was one."""
        return bool(self._do(
            "start_session", guess_id=guess_id, account_id=account_id, session_sha256=session_sha256,
            totp_step=totp_step, recovery_sha256=recovery_sha256,
        ))  # fmt: skip

    def find_session(self, session_sha256: str) -> Holder | None:
        """Who is signed in with it, while it lives."""
        return self._first(Holder, "find_session", session_sha256=session_sha256)

    def end_session(self, session_sha256: str, everywhere: bool) -> int:
        """Sign out, here or everywhere; how many sessions ended."""
        return self._do("end_session", session_sha256=session_sha256, everywhere=everywhere)

    def add_api_token(
        self, name: str, account_id: str | None, scopes: Sequence[str], token_sha256: str, made_by: str
    ) -> ApiToken:
        """A token for a program. Raises NotFound for nobody."""
        return self._one(
            ApiToken, "add_api_token", name=name, account_id=account_id, scopes=list(scopes),
            token_sha256=token_sha256, made_by=made_by,
        )  # fmt: skip

    def end_api_token(self, token_id: str) -> bool:
        """It opens nothing more; whether it had not ended before."""
        return bool(self._do("end_api_token", token_id=token_id))

    def find_api_token(self, token_sha256: str) -> Holder | None:
        """Whose a token is, and what it may."""
        return self._first(Holder, "find_api_token", token_sha256=token_sha256)

    def record_access(
        self, person: str, via: str, action: str, route: str, document_id: str | None, status: int | None,
        address: str | None,
    ) -> None:  # fmt: skip
        """Write down what somebody did."""
        self._do(
            "record_access", person=person, via=via, action=action, route=route, document_id=document_id,
            status=status, address=address,
        )  # fmt: skip

    # Batches

    def start_batch(self, batch: NewBatch) -> str:
        """Make a batch, or find the one that has this id; its id. Raises BadRequest."""
        return str(self._one(Json, "start_batch", batch=_said(batch))["id"])

    def set_batch_status(self, batch_id: str, status: str) -> None:
        """Pause, resume or stop a batch. Raises NotFound, Conflict."""
        self._do("set_batch_status", batch_id=batch_id, status=status)

    def get_batches(
        self, batch_id: str | None = None, max_batches: int = 50, before: int | None = None
    ) -> list[Batch]:
        """Batches, newest first, those begun before the cursor."""
        return self._call(Batch, "get_batches", batch_id=batch_id, max_batches=max_batches, before=before)

    def get_scans(self) -> list[Scan]:
        """Running batches whose scan has not come to its end."""
        return self._call(Scan, "get_scans")

    def find_known_objects(self, files: Sequence[NewFile]) -> set[str]:
        """The keys of those objects that a batch would not read again."""
        rows = [_said(each) for each in files]
        return {row["object_key"] for row in self._call(Json, "find_known_objects", files=rows)} if rows else set()

    def find_entered_objects(self, files: Sequence[NewFile]) -> set[str]:
        """The keys of those objects whose bytes are in the journal, read or not."""
        rows = [_said(each) for each in files]
        return {row["object_key"] for row in self._call(Json, "find_entered_objects", files=rows)} if rows else set()

    def read_again(self, batch_id: str) -> str:
        """Make a batch of what an ended one has left unread; its id. Raises NotFound, Conflict."""
        return str(self._one(Json, "read_again", batch_id=batch_id)["id"])

    def enqueue_unread(self, batch_id: str, most: int) -> Checkpoint:
        """Queue the next documents that an earlier batch has left unread. Raises Conflict."""
        return self._one(Checkpoint, "enqueue_unread", batch_id=batch_id, most=most)

    def enqueue_objects(
        self, batch_id: str, after: str, files: Sequence[NewFile], step: Mapping[str, Any]
    ) -> Checkpoint:
        """Queue one step of a scan and move its checkpoint from `after`. Raises Conflict when that cannot be."""
        rows = [_said(file) for file in files]
        return self._one(Checkpoint, "enqueue_objects", batch_id=batch_id, after=after, files=rows, step=step)

    def report_scan_problem(self, batch_id: str, code: str, message: str) -> None:
        """Write why a scan does not move."""
        self._do("report_scan_problem", batch_id=batch_id, code=code, message=message)

    def complete_batches(self) -> int:
        """Complete each scanned batch whose jobs have all ended; how many."""
        return self._do("complete_batches")

    def pause_dear_batches(self, max_usd: float) -> int:
        """Park the batches whose share of their machines has reached this; how many."""
        return self._do("pause_dear_batches", max_usd=max_usd)

    def report_silent_analyst(self) -> int:
        """Tell people, once, that documents wait and the analysis worker is not heard of; 1 when they are told now."""
        return self._do("report_silent_analyst")

    def sweep_checks(self, share: float, sensitive_placement: str) -> int:
        """Queue what caught machines read to be read anew; `share` of the rest is checked. How many had any."""
        return self._do("sweep_checks", share=share, sensitive_placement=sensitive_placement)

    def get_page_statistics(self) -> list[PageStatistic]:
        """Bytes and pages per type of the last 5,000 completed documents."""
        return self._call(PageStatistic, "get_page_statistics")

    # Claude

    def reserve_claude(
        self, machine: str | None, requests: Sequence[CallRequest], caps: Mapping[str, float | None],
        hold_seconds: int, in_batch: bool,
    ) -> list[Reservation]:  # fmt: skip
        """Reserve the worst cases of calls, all of a job's or none; one row each, in order. Raises BadRequest."""
        rows = [_said(request) for request in requests]
        return self._call(
            Reservation, "reserve_claude",
            machine=machine, requests=rows, caps=caps, hold_seconds=hold_seconds, in_batch=in_batch,
        )  # fmt: skip

    def settle_claude(self, calls: Sequence[Settlement]) -> None:
        """Write what reserved calls cost; what was settled before stays."""
        self._do("settle_claude", calls=[asdict(call) for call in calls])

    def note_message_batch(
        self, message_batch_id: str, status: MessageBatchStatus, vendor_id: str | None = None
    ) -> None:
        """Say that a message batch was `sent` (Anthropic's name for it), has `ended`, or is `lost`."""
        self._do("note_message_batch", message_batch_id=message_batch_id, status=status, vendor_id=vendor_id)

    def get_claude_statistics(self) -> ClaudeStatistics:
        """What Claude judged, and for how much."""
        return self._one(ClaudeStatistics, "get_claude_statistics")

    # Analysis

    def announce_claude(self, has_key: bool, caps: Mapping[str, float | None]) -> None:
        """Say whether there is a key, and Claude's caps by day, batch and document."""
        self._do("announce_claude", has_key=has_key, caps=caps)

    def get_analysis(self) -> Analysis:
        """The door, counts, and what Claude's judgements cost."""
        return self._one(Analysis, "get_analysis")

    def find_judgeable(self, filter: Mapping[str, Any]) -> Judgeable:
        """What `judge_again` would queue. Raises BadRequest."""
        return self._one(Judgeable, "find_judgeable", filter=filter)

    def judge_again(self, filter: Mapping[str, Any], max_documents: int, priority: Priority) -> int:
        """Queue documents to be judged; how many. Raises BadRequest."""
        (queued,) = self._call(int, "judge_again", filter=filter, max_documents=max_documents, priority=priority)
        return queued

    def cancel_analyses(self, filter: Mapping[str, Any], max_documents: int) -> int:
        """Take documents that wait to be judged out of the line; how many. Raises BadRequest."""
        (cancelled,) = self._call(int, "cancel_analyses", filter=filter, max_documents=max_documents)
        return cancelled

    # The case

    def list_people(
        self, words: str = "", matter_id: str | None = None, before: int | None = None, most: int = 50
    ) -> list[ListedPerson]:
        """Persons, who stands in most documents first."""
        return self._call(ListedPerson, "list_people", words=words, matter_id=matter_id, before=before, most=most)

    def get_person(self, person_id: str, matter_id: str | None = None) -> KnownPerson:
        """A person with all names and decisions, and how many documents of a matter. Raises NotFound."""
        return self._one(KnownPerson, "get_person", person_id=person_id, matter_id=matter_id)

    def merge_people(self, person_id: str, other_id: str, decided_by: str, why: str | None) -> Merged:
        """Make two persons one. Raises NotFound, Conflict."""
        return self._one(
            Merged, "merge_people", person_id=person_id, other_id=other_id, decided_by=decided_by, why=why
        )

    def split_person(self, person_id: str, keys: Sequence[str], decided_by: str, why: str | None) -> Split:
        """Give some of a person's names to a new one. Raises NotFound, Conflict."""
        return self._one(
            Split, "split_person", person_id=person_id, keys=list(keys), decided_by=decided_by, why=why
        )

    def undo_people_decision(self, decision_id: str, decided_by: str) -> str:
        """Take a merge or a split back; the id of the person it was about. Raises NotFound."""
        return str(
            self._one(Json, "undo_people_decision", decision_id=decision_id, decided_by=decided_by)["person_id"]
        )

    def list_statements(
        self, person_id: str | None = None, document_id: str | None = None, event_id: str | None = None,
        matter_id: str | None = None, before: int | None = None, most: int = 50,
    ) -> list[Statement]:  # fmt: skip
        """What a person or a document says, or papers say of an event, in a matter, the newest first."""
        return self._call(
            Statement, "list_statements",
            person_id=person_id, document_id=document_id, event_id=event_id, matter_id=matter_id, before=before,
            most=most,
        )  # fmt: skip

    def list_case_events(
        self, filter: Mapping[str, Any], after_start: str | None = None, after_seq: int | None = None, most: int = 50
    ) -> list[CaseEvent]:
        """Events in the order of time, after the cursor."""
        return self._call(
            CaseEvent, "list_case_events", filter=filter, after_start=after_start, after_seq=after_seq, most=most
        )

    def decide_event(self, event_id: str, state: EventState, decided_by: str, why: str | None) -> None:
        """Say whether it happened so. Raises NotFound."""
        self._do("decide_event", event_id=event_id, state=state, decided_by=decided_by, why=why)

    def list_terms(
        self, state: TermState | None = None, document_id: str | None = None, matter_id: str | None = None,
        after: int | None = None, most: int = 50,
    ) -> list[OrderTerm]:  # fmt: skip
        """Terms of orders, in the order they came."""
        return self._call(
            OrderTerm, "list_terms",
            state=state, document_id=document_id, matter_id=matter_id, after=after, most=most,
        )  # fmt: skip

    def decide_term(self, term_id: str, state: TermState, decided_by: str, why: str | None) -> None:
        """Say whether the order says so. Raises NotFound."""
        self._do("decide_term", term_id=term_id, state=state, decided_by=decided_by, why=why)

    def list_duplicates(
        self, document_id: str | None = None, matter_id: str | None = None, before: str | None = None, most: int = 50
    ) -> list[Duplicate]:
        """Copies with their originals, the newest first."""
        return self._call(
            Duplicate, "list_duplicates", document_id=document_id, matter_id=matter_id, before=before, most=most
        )

    def decide_copy(
        self, copy_id: str, original_id: str, state: CopyState, decided_by: str, why: str | None
    ) -> None:
        """Say that one document is a copy of another, or that it is none. Raises NotFound."""
        self._do(
            "decide_copy", copy_id=copy_id, original_id=original_id, state=state, decided_by=decided_by, why=why
        )

    def make_matter(self, name: str, decided_by: str) -> Matter:
        """Another case. Raises BadRequest."""
        return self._one(Matter, "make_matter", name=name, decided_by=decided_by)

    def set_matter_documents(
        self, matter_id: str, belongs: bool, decided_by: str, documents: Sequence[str] | None,
        search: Mapping[str, Any] | None,
    ) -> int:  # fmt: skip
        """Put documents, else all that a search means, into a matter or out of it; how many. BadRequest, NotFound."""
        row = self._one(
            Json, "set_matter_documents",
            matter_id=matter_id, belongs=belongs, decided_by=decided_by, documents=documents, search=search,
        )  # fmt: skip
        return int(row["changed"])

    def get_case_progress(self) -> CaseProgress:
        """How much of the case is drawn."""
        return self._one(CaseProgress, "get_case_progress")

    # Reports

    def get_analytics(self) -> Analytics:
        """Counts, score distributions, timeline and parties."""
        return self._one(Analytics, "get_analytics")

    def get_costs(self, days: int = 31) -> Costs:
        """Dollars of machines and of Claude."""
        return self._one(Costs, "get_costs", days=days)

    # Machines

    def take_leadership(self, name: str, holder: str, seconds: int) -> bool:
        """Take or renew a lease; False while another holder has it."""
        rows = self._call(Json, "take_leadership", name=name, holder=holder, seconds=seconds)
        return bool(rows and rows[0]["held"])

    def give_up_leadership(self, name: str, holder: str) -> None:
        """End one's own lease."""
        self._do("give_up_leadership", name=name, holder=holder)

    def get_fleet(self) -> Ledger:
        """Everything needed to decide, of one moment."""
        return self._one(Ledger, "get_fleet")

    def create_intent(self, holder: str, intent: Intent, caps: Caps) -> Machine:
        """Write the row that must exist before Vast.ai is asked. Raises Conflict (`cap_reached`, `wrong_state`)."""
        return self._one(Machine, "create_intent", holder=holder, intent=asdict(intent), caps=asdict(caps))

    def extend_reservation(self, label: str, seconds: float, caps: Caps) -> Machine:
        """Reserve a live machine's worst case for the next `seconds`. Raises Conflict, NotAllowed (`token_dead`)."""
        return self._one(Machine, "extend_reservation", label=label, seconds=seconds, caps=asdict(caps))

    def record_contract(self, label: str, contract_id: int) -> Machine | None:
        """Write Vast.ai's number; None when the label has another number already or is unknown."""
        return self._first(Machine, "record_contract", label=label, contract_id=contract_id)

    def record_boot(self, label: str, status: str | None, message: str) -> Machine | None:
        """Write what a good list says; a destroyed machine goes back to destroying. None for an unknown label."""
        return self._first(Machine, "record_boot", label=label, status=status, message=message)

    def mark_destroying(self, label: str, reason: str, blame: Blame | None = None) -> Machine | None:
        """Decide a machine's end; None when that is done already."""
        return self._first(Machine, "mark_destroying", label=label, reason=reason, blame=blame)

    def record_refusal(self, label: str, reason: str) -> Machine | None:
        """End an intent that Vast.ai refused: two good lists without it are enough, with no time for doubt."""
        return self._first(Machine, "record_refusal", label=label, reason=reason)

    def record_destroy_call(self, label: str) -> None:
        """Count one destroy call."""
        self._do("record_destroy_call", label=label)

    def record_absence(self, label: str) -> Machine | None:
        """Count one good list without the machine; the second in a row makes a destroying one destroyed."""
        return self._first(Machine, "record_absence", label=label)

    def block_hardware(self, kind: HardwareKind, id: int, reason: str, seconds: float) -> None:
        """Rent no `machine`, or nothing of a `host`, for so long."""
        self._do("block_hardware", kind=kind, id=id, reason=reason, seconds=seconds)

    def set_renting(self, status: RentingStatus, reason: str | None) -> Renting:
        """Switch renting `on` or `paused`."""
        return self._one(Renting, "set_renting", status=status, reason=reason)

    def request_launch(self, ask_id: int | None = None) -> bool:
        """Ask the scaler for one machine more, of its choice or of this offer; False while renting is paused."""
        return bool(self._do("request_launch", ask_id=ask_id))

    def drop_launch(self, ask_id: int) -> None:
        """Forget the launch of a chosen offer."""
        self._do("drop_launch", ask_id=ask_id)

    def record_charges(self, charges: Sequence[DayCharge]) -> None:
        """Write what Vast.ai charged; asked again, a day's charge is replaced."""
        self._do("record_charges", charges=[asdict(each) for each in charges])

    def join_own_computer(self, label: str, deployment: str) -> bool:
        """Write the row of one of our own computers; False when a rented machine has its label."""
        return bool(self._do("join_own_computer", label=label, deployment=deployment))


def _said(row: NewFile | NewBatch | CallRequest) -> Json:
    return {name: value for name, value in vars(row).items() if value is not None}
