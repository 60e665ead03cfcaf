"""The verbs of documents and their jobs: sent in, read, listed, searched, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from control_plane.database.binder_rows import DismissedProposal, MadeBinder
from control_plane.database.connection import Connection, as_given
from control_plane.database.enums import Placement, Priority
from control_plane.database.fleet_rows import Backlog
from control_plane.database.judgement_rows import CountedFacet, DocumentCount, DocumentPlace
from control_plane.database.part_rows import ThreadMail
from control_plane.database.password_rows import SealedPassword
from control_plane.database.report_rows import Analytics, Costs
from control_plane.database.rows import Enqueued, HeldLease, Json, NewFile, SearchHit, Totals
from control_plane.errors import QueueUnavailable


class DocumentFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def enqueue_jobs(self, files: Sequence[NewFile]) -> list[Enqueued]:
        """Record files and queue their documents, all or none; one row per file, in order.

        The same call again changes nothing, so one that got no answer is made once more.
        """
        rows = [as_given(file) for file in files]
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

    def count_refused_files(self) -> int:
        """How many files were not taken in and did not come in since."""
        return self._one(int, "count_refused_files")

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

    def index_texts(self) -> bool:
        """Make texts that were published since findable, sixty at most; whether more wait."""
        return bool(self._one(Json, "index_texts")["waiting"])

    def requeue_machine_jobs(self, label: str, worker_died: bool) -> int:
        """Give back the jobs of a machine that is gone, with their attempt unless its worker died; how many."""
        return self._do("requeue_machine_jobs", label=label, worker_died=worker_died)

    def get_queue_stats(self) -> list[Backlog]:
        """Open work by priority, placement and batch."""
        return self._call(Backlog, "get_queue_stats")

    def get_totals(self, batch_id: str | None = None, anew: bool = False) -> Totals:
        """The sums of everything, or of one batch."""
        return self._one(Totals, "get_totals", batch_id=batch_id, anew=anew)

    def get_thread(self, document_id: str, most: int) -> list[ThreadMail]:
        """The e-mails of the thread that an e-mail belongs to, itself among them, in order of time."""
        return self._call(ThreadMail, "get_thread", document_id=document_id, most=most)

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

    def make_binders(self, set_id: str, binders: Sequence[tuple[NewFile, list[dict[str, object]]]]) -> list[MadeBinder]:
        """A set of binders, all or none: the stored file of each, and its members {document_id, pages}."""
        rows = [{"file": as_given(file), "members": members} for file, members in binders]
        return self._call(MadeBinder, "make_binders", set_id=set_id, binders=rows)

    def dissolve_binder(self, document_id: str) -> list[str]:
        """Undo the set of a binder; the ids of its binders."""
        return [str(row["binder_id"]) for row in self._call(Json, "dissolve_binder", document_id=document_id)]

    def find_dismissed(self, proposals: Sequence[str]) -> list[DismissedProposal]:
        """Which of these proposals a person does not want."""
        return self._call(DismissedProposal, "find_dismissed", proposals=list(proposals))

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

    def add_password(self, sealed: str, note: str) -> SealedPassword:
        """Keep one more."""
        return self._one(SealedPassword, "add_password", sealed=sealed, note=note)

    def end_password(self, password_id: str) -> bool:
        """Forget one; whether it had not ended before."""
        return bool(self._do("end_password", password_id=password_id))

    def record_passwords_given(self, document_id: str, job_id: str, machine: str) -> None:
        """Write into the document's chain that a machine was given the passwords."""
        self._do("record_passwords_given", document_id=document_id, job_id=job_id, machine=machine)

    def get_analytics(self) -> Analytics:
        """Counts, score distributions, timeline and parties."""
        return self._one(Analytics, "get_analytics")

    def get_costs(self, days: int = 31) -> Costs:
        """Dollars of machines and of Claude."""
        return self._one(Costs, "get_costs", days=days)
