"""Wire: the control plane's HTTP API, one method per route a page needs."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import IO, Any, Protocol, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from dashboard import answers
from dashboard.errors import ApiError, ControlPlaneAway, NotAllowed, NotFound
from dashboard.file_facts import FileFact
from dashboard.talks import Talks

TIMEOUT = httpx.Timeout(30.0, connect=4.0)
LOOK_TIMEOUT = httpx.Timeout(180.0, connect=4.0)
UPLOAD_TIMEOUT = httpx.Timeout(600.0, connect=4.0)

MOST_ROWS = 200
"""What the control plane gives in one page of a list."""


class Page(Protocol):
    """A page of a list; `next` is the cursor of the page after it."""

    @property
    def next(self) -> int | str | None: ...


Answer = TypeVar("Answer")
OnePage = TypeVar("OnePage", bound=Page)


class ApiClient:
    """Speaks to one control plane with one token.

    Every method returns the answer as a value of its type and raises ControlPlaneAway when nobody answers, NotAllowed,
    NotFound or ApiError when the answer is an error, and ApiError (`answer_not_understood`) when it is of another type.
    """

    def __init__(self, base_url: str, token: str, transport: httpx.BaseTransport | None = None):
        self._http = httpx.Client(
            base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT, transport=transport
        )

    # who is it

    def me(self) -> answers.Me:
        """Whose token it is, and what they may do."""
        return self._ask(answers.Me, "GET", "/api/me")

    def sign_out(self) -> None:
        """End the session that this client speaks with."""
        self._ask(answers.Me, "POST", "/api/me/sign-out")

    # alarms

    def alarms(self) -> list[answers.OpenAlarm]:
        """What a person must look at, the newest first."""
        return self._ask(answers.Alarms, "GET", "/api/alarms").alarms

    def clear_alarm(self, alarm_id: int) -> None:
        """A person has seen to it."""
        self._ask(answers.Alarms, "POST", f"/api/alarms/{alarm_id}/clear")

    # how the house is

    def readiness(self) -> answers.Readiness:
        """Whether vendors answer, programs live, and backups are made."""
        return self._ask(answers.Readiness, "GET", "/api/readiness", timeout=LOOK_TIMEOUT)

    def doctor(self) -> answers.Looked:
        """What the doctor found last."""
        return self._ask(answers.Looked, "GET", "/api/doctor")

    def run_doctor(self) -> answers.Looked:
        """Have the doctor look now, which takes up to a minute or two."""
        return self._ask(answers.Looked, "POST", "/api/doctor/run", timeout=LOOK_TIMEOUT)

    def forget_program(self, name: str) -> None:
        """A program that was taken away on purpose is not expected any more."""
        self._ask(answers.Forgotten, "POST", "/api/programs/forget", json={"name": name})

    # people

    def accounts(self) -> list[answers.ListedAccount]:
        """Who may sign in, removed ones included."""
        return self._ask(answers.Accounts, "GET", "/api/accounts").accounts

    def add_account(self, name: str, role: str) -> answers.Invited:
        """Somebody new, and the link to hand them."""
        return self._ask(answers.Invited, "POST", "/api/accounts", json={"name": name, "role": role})

    def invite_again(self, account_id: str, role: str) -> answers.Invited:
        """A fresh link for somebody, as this role."""
        return self._ask(answers.Invited, "POST", f"/api/accounts/{account_id}/invite", json={"role": role})

    def remove_account(self, account_id: str) -> None:
        """They may do nothing more."""
        self._ask(answers.Accounts, "DELETE", f"/api/accounts/{account_id}")

    def tokens(self) -> list[answers.ListedToken]:
        """Tokens of programs."""
        return self._ask(answers.Tokens, "GET", "/api/tokens").tokens

    def add_token(self, name: str, scopes: Sequence[str]) -> str:
        """A token for a program, told this once."""
        return self._ask(answers.MadeToken, "POST", "/api/tokens", json={"name": name, "scopes": list(scopes)}).token

    def end_token(self, token_id: str) -> None:
        """It opens nothing more."""
        self._ask(answers.Tokens, "DELETE", f"/api/tokens/{token_id}")

    def access_log(self, **page: Any) -> answers.AccessPage:
        """Who saw, searched, downloaded, decided, newest first; page: person, document_id, limit, cursor."""
        return self._ask(answers.AccessPage, "GET", "/api/access-log", params=page)

    # documents and jobs

    def upload(
        self, filename: str, content: IO[bytes], mime_type: str, priority: str, placement: str
    ) -> answers.TakenFile:
        """Send one file, streamed."""
        files = {"file": (filename, content, mime_type or "application/octet-stream")}
        form = {"priority": priority, "placement": placement}
        return self._ask(answers.TakenFile, "POST", "/api/upload", files=files, data=form, timeout=UPLOAD_TIMEOUT)

    def refused_files(self, limit: int) -> answers.RefusedPage:
        """The newest files that were not taken in, each with the reason."""
        return self._ask(answers.RefusedPage, "GET", "/api/refused-files", params={"limit": limit})

    def job(self, job_id: str) -> answers.Job:
        """One job with its progress."""
        return self._ask(answers.Job, "GET", f"/api/jobs/{job_id}")

    def jobs(self, **filters: Any) -> answers.JobPage:
        """A page of jobs, the newest first; filters: choices_unsaid, status, limit."""
        return self._ask(answers.JobPage, "GET", "/api/jobs", params=filters)

    def every_failed_job(self) -> Iterator[answers.Job]:
        """Failed jobs, the newest first, read page by page."""
        pages = self._walk(answers.JobPage, "/api/jobs", status="failed")
        return chain.from_iterable(page.jobs for page in pages)

    def retry_job(self, job_id: str) -> answers.Job:
        """Queue a failed job again."""
        return self._ask(answers.Job, "POST", f"/api/jobs/{job_id}/retry")

    def cancel_job(self, job_id: str) -> answers.Job:
        """Take a waiting or running job out of the queue."""
        return self._ask(answers.Job, "POST", f"/api/jobs/{job_id}/cancel")

    def set_job_choices(self, job_id: str, placement: str, allow_claude: bool) -> answers.Job:
        """Say where a waiting document may be read, and whether Claude may see it."""
        choices = {"placement": placement, "allow_claude": allow_claude}
        return self._ask(answers.Job, "POST", f"/api/jobs/{job_id}/choices", json=choices)

    def default_placement(self) -> answers.DefaultPlacement:
        """Where sensitive documents are read while nobody says where."""
        return self._ask(answers.DefaultPlacement, "GET", "/api/placement")

    def totals(self) -> answers.Totals:
        """Counts that must add up."""
        return self._ask(answers.Totals, "GET", "/api/totals")

    def documents(self, **filters: Any) -> answers.DocumentPage:
        """A page of documents, the newest first; filters: q, type, min_relevancy, limit, cursor."""
        return self._ask(answers.DocumentPage, "GET", "/api/documents", params=filters)

    def every_document(self, **filters: Any) -> Iterator[answers.ListedDocument]:
        """Documents, the newest first, read page by page; filters: case_number, since."""
        pages = self._walk(answers.DocumentPage, "/api/documents", **filters)
        return chain.from_iterable(page.documents for page in pages)

    def document(self, document_id: str) -> answers.WholeDocument:
        """One document with pages, findings, text excerpt and short-lived signed links."""
        return self._ask(answers.WholeDocument, "GET", f"/api/documents/{document_id}")

    def tags(self) -> list[answers.Tag]:
        """Every tag, in order."""
        return self._ask(answers.Tags, "GET", "/api/tags").tags

    def say_of(self, document_id: str, **said: Any) -> answers.Decided:
        """Say something of a document: add_tags, remove_tags, important, correct …"""
        return self._ask(answers.Decided, "POST", "/api/decisions", json={"documents": [document_id], **said})

    def write_note(self, document_id: str, text: str) -> answers.Note:
        """Put a note on a document."""
        return self._ask(answers.Note, "POST", f"/api/documents/{document_id}/notes", json={"text": text})

    def own_account(self, document_id: str) -> list[FileFact]:
        """What the file says of itself."""
        return self._ask(list[FileFact], "GET", f"/api/documents/{document_id}/structure/facts.json")

    def conversations(self, document_id: str) -> Talks:
        """The conversations that a document holds."""
        return self._ask(Talks, "GET", f"/api/documents/{document_id}/structure/conversation.json")

    def check_custody(self, document_id: str) -> answers.CustodyReport:
        """Whether each file of a document still has its recorded hash; reads them all."""
        return self._ask(answers.CustodyReport, "GET", f"/api/documents/{document_id}/custody", timeout=UPLOAD_TIMEOUT)

    def proposals(self, kind: str, state: str = "open") -> answers.Proposals:
        """What could be put together ("join") or apart ("split"), the newest first; "dismissed": what nobody wants."""
        return self._ask(answers.Proposals, "GET", "/api/proposals", params={"kind": kind, "state": state})

    def dismiss_proposal(self, proposal: answers.Proposal) -> answers.Decided:
        """Do not propose this again."""
        documents = [member.document_id for binder in proposal.binders for member in binder.members]
        return self._ask(answers.Decided, "POST", "/api/proposals/dismiss", json={"documents": documents})

    def undo_decision(self, decision_id: str) -> answers.Decided:
        """Take a decision back, for all its documents."""
        return self._ask(answers.Decided, "POST", f"/api/decisions/{decision_id}/undo", json={})

    def make_binders(self, proposal: answers.Proposal) -> answers.MadeBinders:
        """Do what is proposed."""
        binders = [
            {
                "name": each.name,
                "members": [{"document_id": member.document_id, "pages": member.pages} for member in each.members],
            }
            for each in proposal.binders
        ]
        return self._ask(
            answers.MadeBinders, "POST", "/api/binders", json={"binders": binders}, timeout=UPLOAD_TIMEOUT
        )

    def dissolve_binder(self, document_id: str) -> answers.DissolvedBinders:
        """Undo a binder and all that was made with it."""
        return self._ask(answers.DissolvedBinders, "POST", f"/api/binders/{document_id}/dissolve")

    def keep_password(self, password: str, note: str) -> None:
        """Keep a password to try on locked files."""
        self._ask(answers.KeptPassword, "POST", "/api/passwords", json={"password": password, "note": note})

    def search(self, query: str, **filters: Any) -> list[answers.SearchHit]:
        """The best documents, each with a page and the words found there; filters: type, min_relevancy, limit."""
        return self._ask(answers.Found, "GET", "/api/search", params={"q": query, **filters}).results

    # what was found

    def every_finding(self, **filters: Any) -> Iterator[answers.ListedFinding]:
        """Findings, standing ones first, the gravest first; filters: kind, min_score, and those of documents."""
        pages = self._walk(answers.FindingPage, "/api/findings", **filters)
        return chain.from_iterable(page.findings for page in pages)

    def pair_counts(self) -> answers.CountedPairs:
        """How many pairs of statements there are, and which are counted."""
        return self._ask(answers.CountedPairs, "GET", "/api/case/pairs/counts")

    def every_pair(self, **filters: Any) -> Iterator[answers.Pair]:
        """Pairs of statements, the gravest first."""
        pages = self._walk(answers.PairPage, "/api/case/pairs", limit=MOST_ROWS, **filters)
        return chain.from_iterable(page.pairs for page in pages)

    def first_pairs(self, number: int, **filters: Any) -> tuple[list[answers.Pair], int]:
        """The first pairs of the same list, and how many there are in all."""
        pages = self._walk(answers.PairPage, "/api/case/pairs", limit=min(number, MOST_ROWS), **filters)
        first = next(pages)
        pairs = list(islice(chain(first.pairs, chain.from_iterable(page.pairs for page in pages)), number))
        return pairs, len(pairs) if first.total is None else first.total

    def first_findings(self, number: int, **filters: Any) -> tuple[list[answers.ListedFinding], int]:
        """The first findings of the same list, and how many there are in all."""
        pages = self._walk(answers.FindingPage, "/api/findings", limit=min(number, MOST_ROWS), **filters)
        first = next(pages)
        others = chain.from_iterable(page.findings for page in pages)
        findings = list(islice(chain(first.findings, others), number))
        return findings, len(findings) if first.total is None else first.total

    def every_dated_document(self) -> Iterator[answers.DatedDocument]:
        """Dated documents, the oldest first, read page by page."""
        return chain.from_iterable(page.timeline for page in self._walk(answers.Timeline, "/api/timeline"))

    def cases(self) -> list[answers.Case]:
        """Every case number, with its documents, pages, findings and how many were judged."""
        return self._ask(answers.Cases, "GET", "/api/cases").cases

    def analytics(self) -> answers.Analytics:
        """Counts and score distributions over everything."""
        return self._ask(answers.Analytics, "GET", "/api/analytics")

    def costs(self) -> answers.CostReport:
        """Money spent today, this month, per document, and the caps."""
        return self._ask(answers.CostReport, "GET", "/api/costs")

    # machines

    def machines(self) -> answers.FleetStatus:
        """What we rent now, and whether more may be rented."""
        return self._ask(answers.FleetStatus, "GET", "/api/instances/status")

    def offers(self) -> list[answers.PricedOffer]:
        """Machines on the market, in the order we would choose."""
        return self._ask(answers.Market, "GET", "/vastai/offers").offers

    def credit_usd(self) -> float:
        """The credit left on the rental account, in dollars."""
        return self._ask(answers.Credit, "GET", "/vastai/balance").balance

    def launch_machine(self, offer_id: int | None = None) -> answers.Asked:
        """Ask for one machine more, whatever waits: this offer, or else the best within the limits."""
        body = {} if offer_id is None else {"offer_id": offer_id}
        return self._ask(answers.Asked, "POST", "/api/instances/launch", json=body)

    def join_own_computer(self, name: str) -> answers.OwnComputer:
        """The label and environment of a worker on one of our own computers."""
        return self._ask(answers.OwnComputer, "POST", "/api/instances/own", json={"name": name})

    def destroy_machine(self, label: str) -> answers.Asked:
        """Give a machine back; its unfinished documents go back in line."""
        return self._ask(answers.Asked, "POST", f"/api/instances/{label}/destroy")

    def machine_log(self, label: str) -> str:
        """The last lines the machine wrote."""
        return self._ask(answers.MachineLog, "GET", f"/api/instances/{label}/logs").log

    def pause_renting(self, reason: str) -> answers.RentingSwitch:
        """Rent nothing more until resumed; running machines finish."""
        return self._ask(answers.RentingSwitch, "POST", "/api/renting/pause", json={"reason": reason})

    def resume_renting(self) -> answers.RentingSwitch:
        """Allow renting again."""
        return self._ask(answers.RentingSwitch, "POST", "/api/renting/resume", json={})

    # judging

    def analysis(self) -> answers.AnalysisReport:
        """Who was judged, who waits and for what, and what that costs."""
        return self._ask(answers.AnalysisReport, "GET", "/api/analysis")

    def estimate_judging(self, **wanted: Any) -> answers.JudgingEstimate:
        """What judging would cost; wanted: document_id, case_number, document_type, date_from, date_to, reason."""
        return self._ask(answers.JudgingEstimate, "GET", "/api/analysis/estimate", params=wanted)

    def judge_again(self, **wanted: Any) -> answers.Queued:
        """Put documents into the line; what waits or is judged already is passed over."""
        return self._ask(answers.Queued, "POST", "/api/analysis/again", json=wanted, timeout=UPLOAD_TIMEOUT)

    def cancel_judging(self) -> answers.Cancelled:
        """Take every document that waits to be judged out of the line."""
        return self._ask(answers.Cancelled, "POST", "/api/analysis/cancel", json={}, timeout=UPLOAD_TIMEOUT)

    def runs(self, document_id: str) -> list[answers.Run]:
        """Every analysis of a document, the newest first."""
        return self._ask(answers.Runs, "GET", f"/api/documents/{document_id}/runs").runs

    def pause_claude(self) -> answers.ClaudeDoor:
        """Ask Claude nothing more."""
        return self._ask(answers.ClaudeDoor, "POST", "/api/claude/pause", json={})

    def resume_claude(self) -> answers.ClaudeDoor:
        """Ask Claude again."""
        return self._ask(answers.ClaudeDoor, "POST", "/api/claude/resume", json={})

    # batches

    def estimate_batch(self, mime_types: Sequence[str] = (), **folder: Any) -> answers.Estimate:
        """Count, pages, hours and dollars of a `prefix` of the bucket, a `folder_id` of Drive or a `mail_folder`."""
        params = {"mime_types": ",".join(mime_types) or None, **folder}
        return self._ask(answers.Estimate, "GET", "/batch/estimate", params=params, timeout=UPLOAD_TIMEOUT)

    def ask_for_quote(self, **request: Any) -> answers.FolderEstimate:
        """Have a random sample of a folder read, and price the rest by it; takes what `start_batch` takes."""
        given = _given(request)
        return self._ask(answers.FolderEstimate, "POST", "/api/estimates", json=given, timeout=UPLOAD_TIMEOUT)

    def quotes(self, limit: int, only_open: bool = False) -> answers.FolderEstimates:
        """The newest price quotes, what their batches cost, and how often they held; or those not confirmed yet."""
        params = {"limit": limit, "only_open": only_open}
        return self._ask(answers.FolderEstimates, "GET", "/api/estimates", params=params)

    def confirm_quote(self, estimate_id: str) -> answers.SessionBatch:
        """Begin the batch of exactly this price."""
        return self._ask(
            answers.SessionBatch, "POST", f"/api/estimates/{estimate_id}/confirm", timeout=UPLOAD_TIMEOUT
        )

    def start_batch(self, **request: Any) -> answers.SessionBatch:
        """Start reading a `prefix` of the bucket, a `folder_id` of Drive or a `mail_folder`."""
        return self._ask(answers.SessionBatch, "POST", "/batch/start", json=_given(request))

    def batches(self, **page: Any) -> answers.Batches:
        """Batches with their progress, the newest first; page: limit, cursor."""
        return self._ask(answers.Batches, "GET", "/batch/status", params=page)

    def skipped_files(self, batch_id: str, most: int) -> list[answers.SkippedEntry]:
        """The newest files that a batch did not take in, each with its reason."""
        pages = self._walk(answers.SkippedPage, "/batch/skipped", batch_id=batch_id)
        return list(islice(chain.from_iterable(page.skipped for page in pages), most))

    def read_again(self, batch_id: str) -> answers.SessionBatch:
        """A new batch for the documents that an ended one has left unread."""
        return self._ask(answers.SessionBatch, "POST", "/batch/again", json={"batch_id": batch_id})

    def steer_batch(self, batch_id: str, verb: str) -> answers.SessionBatch:
        """`verb` is pause, resume or stop."""
        return self._ask(answers.SessionBatch, "POST", f"/batch/{verb}", json={"batch_id": batch_id})

    # the wire itself

    def _walk(self, kind: type[OnePage], path: str, /, **params: Any) -> Iterator[OnePage]:
        """Every page of a list, each asked for when it is wanted."""
        params = {"limit": MOST_ROWS} | params
        while True:
            page = self._ask(kind, "GET", path, params=params)
            yield page
            if page.next is None:
                return
            params["cursor"] = page.next

    def _ask(self, kind: type[Answer], method: str, path: str, **options: Any) -> Answer:
        if "params" in options:
            options["params"] = {k: v for k, v in options["params"].items() if v not in (None, "")}
        try:
            response = self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise ControlPlaneAway(type(error).__name__) from error
        if not response.is_success:
            raise error_of(response)
        answer: Answer = _read(kind, response)
        return answer


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _read(kind: Any, response: httpx.Response) -> Any:
    try:
        return _adapter(kind).validate_json(response.content)
    except ValidationError as error:
        if error.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid":
            raise ControlPlaneAway("not JSON") from error
        message = (
            f"The service answered in a form that this dashboard does not know ({kind.__name__}). Both must be of the "
            "same version: whoever runs them should start both again from one release."
        )
        raise ApiError(response.status_code, "answer_not_understood", message) from None


def error_of(response: httpx.Response) -> ApiError | ControlPlaneAway:
    """What an answer that says no means."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    if not isinstance(body, dict) or "code" not in body:
        if response.status_code in (502, 503, 504):
            return ControlPlaneAway(f"status {response.status_code}")
        body = {"code": f"http_{response.status_code}", "message": f"The service answered {response.status_code}."}
    kind = {401: NotAllowed, 404: NotFound}.get(response.status_code, ApiError)
    return kind(response.status_code, str(body["code"]), str(body.get("message") or body["code"]))


def _given(request: Mapping[str, Any]) -> dict[str, Any]:
    """What of a form was filled in; the empty prefix is the whole bucket."""
    return {name: value for name, value in request.items() if value not in (None, []) and (value or name == "prefix")}
