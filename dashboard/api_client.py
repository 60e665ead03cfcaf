"""Wire: the control plane's HTTP API, one method per route a page needs."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx

from dashboard.errors import ApiError, ControlPlaneAway, NotAllowed, NotFound

TIMEOUT = httpx.Timeout(30.0, connect=4.0)
UPLOAD_TIMEOUT = httpx.Timeout(600.0, connect=4.0)

MOST_ROWS = 200
"""What the control plane gives in one page of a list."""

Row = dict[str, Any]


class ApiClient:
    """Speaks to one control plane with one token.

    Every method returns the decoded JSON answer and raises ControlPlaneAway when nobody answers,
    NotAllowed, NotFound or ApiError when the answer is an error.
    """

    def __init__(self, base_url: str, token: str, transport: httpx.BaseTransport | None = None):
        self._http = httpx.Client(
            base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT, transport=transport
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # documents and jobs

    def upload(self, filename: str, content: Any, mime_type: str, priority: str, placement: str) -> Row:
        """Send one file; `content` is a binary file object, streamed."""
        files = {"file": (filename, content, mime_type or "application/octet-stream")}
        form = {"priority": priority, "placement": placement}
        return self._ask("POST", "/api/upload", files=files, data=form, timeout=UPLOAD_TIMEOUT)

    def refused_files(self, **page: Any) -> Row:
        """`{refused, next}`: files that were not taken in, newest first, each with the reason; limit, cursor."""
        return self._ask("GET", "/api/refused-files", params=page)

    def job(self, job_id: str) -> Row:
        """One job with its progress."""
        return self._ask("GET", f"/api/jobs/{job_id}")

    def jobs(self, **filters: Any) -> Row:
        """`{jobs, next}`, newest first; filters: status, batch_id, limit, cursor."""
        return self._ask("GET", "/api/jobs", params=filters)

    def retry_job(self, job_id: str) -> Row:
        """Queue a failed job again."""
        return self._ask("POST", f"/api/jobs/{job_id}/retry")

    def cancel_job(self, job_id: str) -> Row:
        """Take a waiting or running job out of the queue."""
        return self._ask("POST", f"/api/jobs/{job_id}/cancel")

    def jobs_without_choices(self, **page: Any) -> Row:
        """`{jobs, next}` for which nobody has said where they may be read."""
        return self._ask("GET", "/api/jobs", params={"choices_unsaid": "yes", **page})

    def set_job_choices(self, job_id: str, placement: str, allow_claude: bool) -> Row:
        """Say where a waiting document may be read, and whether Claude may see it."""
        choices = {"placement": placement, "allow_claude": allow_claude}
        return self._ask("POST", f"/api/jobs/{job_id}/choices", json=choices)

    def totals(self, batch_id: str | None = None) -> Row:
        """Counts that must add up: documents, completed, failed, open, pages, reconciled."""
        return self._ask("GET", "/api/totals", params={"batch_id": batch_id})

    def documents(self, **filters: Any) -> Row:
        """`{documents, next}`; filters: q, type, min_relevancy, case_number, since, limit, cursor."""
        return self._ask("GET", "/api/documents", params=filters)

    def all_documents(self, limit: int, **filters: Any) -> list[Row]:
        """Documents page by page, the newest first, at most `limit`; filters: as `documents`, case_number, since."""
        return list(self._walk(lambda **page: self.documents(**filters, **page), "documents", limit))

    def document(self, document_id: str) -> Row:
        """One document with pages, findings, text excerpt and short-lived signed links."""
        return self._ask("GET", f"/api/documents/{document_id}")

    def check_custody(self, document_id: str) -> Row:
        """Whether each file of a document still has its recorded hash; reads them all."""
        return self._ask("GET", f"/api/documents/{document_id}/custody", timeout=UPLOAD_TIMEOUT)

    def search(self, query: str, **filters: Any) -> list[Row]:
        """The best documents, each with a page and the words found there; filters: type, min_relevancy, limit."""
        return self._ask("GET", "/api/search", params={"q": query, **filters})["results"]

    # what was found

    def findings(self, **filters: Any) -> Row:
        """`{findings, next}`; filters: kind, min_score, case_number, since, limit, cursor."""
        return self._ask("GET", "/api/findings", params=filters)

    def all_findings(self, limit: int, **filters: Any) -> list[Row]:
        """Findings page by page, standing ones first, the gravest first, at most `limit`."""
        return list(self._walk(lambda **page: self.findings(**filters, **page), "findings", limit))

    def timeline(self, limit: int) -> list[Row]:
        """Dated documents, the oldest first, at most `limit`."""
        return list(self._walk(lambda **page: self._ask("GET", "/api/timeline", params=page), "timeline", limit))

    def cases(self) -> list[Row]:
        """Every case number, with its documents, pages, findings and how many were judged."""
        return self._ask("GET", "/api/cases")["cases"]

    def failed_jobs(self, limit: int) -> Iterator[Row]:
        """Failed jobs, the newest first, at most `limit`."""
        return self._walk(lambda **page: self.jobs(status="failed", **page), "jobs", limit)

    def analytics(self) -> Row:
        """Counts and score distributions over everything."""
        return self._ask("GET", "/api/analytics")

    def costs(self) -> Row:
        """Money spent today, this month, per document, and the caps."""
        return self._ask("GET", "/api/costs")

    # machines

    def instances(self) -> Row:
        """`{instances, renting}`: what we rent now."""
        return self._ask("GET", "/api/instances/status")

    def offers(self) -> list[Row]:
        """Machines on the market, in the order we would choose."""
        return self._ask("GET", "/vastai/offers")["offers"]

    def balance(self) -> Row:
        """The credit left on the rental account, in dollars."""
        return self._ask("GET", "/vastai/balance")

    def launch_instance(self, offer_id: int | None = None) -> Row:
        """Ask for one machine more, whatever waits: this offer, or else the best within the limits."""
        return self._ask("POST", "/api/instances/launch", json={} if offer_id is None else {"offer_id": offer_id})

    def join_own_computer(self, name: str) -> Row:
        """`{label, environment}` for a worker on one of our own computers."""
        return self._ask("POST", "/api/instances/own", json={"name": name})

    def destroy_instance(self, label: str) -> Row:
        """Give a machine back; its unfinished documents go back in line."""
        return self._ask("POST", f"/api/instances/{label}/destroy")

    def instance_log(self, label: str) -> str:
        """The last lines the machine wrote."""
        return self._ask("GET", f"/api/instances/{label}/logs").get("log") or ""

    def pause_renting(self, reason: str) -> Row:
        """Rent nothing more until resumed; running machines finish."""
        return self._ask("POST", "/api/renting/pause", json={"reason": reason})

    def resume_renting(self) -> Row:
        """Allow renting again."""
        return self._ask("POST", "/api/renting/resume", json={})

    # batches

    def estimate_batch(self, mime_types: Sequence[str] = (), **folder: Any) -> Row:
        """Count, pages, hours and dollars of a folder of the bucket (`prefix`) or of Drive (`folder_id`)."""
        params = {"mime_types": ",".join(mime_types) or None, **folder}
        return self._ask("GET", "/batch/estimate", params=params, timeout=UPLOAD_TIMEOUT)

    def start_batch(self, **request: Any) -> Row:
        """Start reading a folder of the bucket (`prefix`) or of Drive (`folder_id`)."""
        given = {k: v for k, v in request.items() if v not in (None, []) and (v != "" or k == "prefix")}
        return self._ask("POST", "/batch/start", json=given)

    def batches(self, **page: Any) -> Row:
        """`{batches, next}` with their progress, newest first; page: limit, cursor."""
        return self._ask("GET", "/batch/status", params=page)

    def skipped_files(self, batch_id: str, limit: int = 2000) -> list[Row]:
        """Files that a batch did not take in, each with its reason, at most `limit`."""

        def read_page(**page: Any) -> Row:
            return self._ask("GET", "/batch/skipped", params={"batch_id": batch_id, **page})

        return list(self._walk(read_page, "skipped", limit))

    def read_again(self, batch_id: str) -> Row:
        """A new batch for the documents that an ended one has left unread."""
        return self._ask("POST", "/batch/again", json={"batch_id": batch_id})

    def steer_batch(self, batch_id: str, verb: str) -> Row:
        """`verb` is pause, resume or stop."""
        return self._ask("POST", f"/batch/{verb}", json={"batch_id": batch_id})

    # the wire itself

    @staticmethod
    def _walk(read_page: Callable[..., Row], noun: str, limit: int) -> Iterator[Row]:
        cursor, seen = None, 0
        while seen < limit:
            answer = read_page(limit=min(MOST_ROWS, limit - seen), cursor=cursor)
            yield from answer[noun]
            seen += len(answer[noun])
            cursor = answer.get("next")
            if not cursor or not answer[noun]:
                return

    def _ask(self, method: str, path: str, **kwargs: Any) -> Any:
        if "params" in kwargs:
            kwargs["params"] = {k: v for k, v in kwargs["params"].items() if v not in (None, "")}
        response = self._send(method, path, **kwargs)
        if response.is_success:
            return _json(response)
        raise _error(response)

    def _send(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **kwargs)
        except httpx.HTTPError as error:
            raise ControlPlaneAway(type(error).__name__) from error


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise ControlPlaneAway("not JSON") from error


def _error(response: httpx.Response) -> ApiError | ControlPlaneAway:
    try:
        body = response.json()
    except ValueError:
        body = {}
    if not isinstance(body, dict) or "code" not in body:
        if response.status_code in (502, 503, 504):
            return ControlPlaneAway(f"status {response.status_code}")
        body = {"code": f"http_{response.status_code}", "message": f"The service answered {response.status_code}."}
    kind = {401: NotAllowed, 403: NotAllowed, 404: NotFound}.get(response.status_code, ApiError)
    return kind(response.status_code, str(body["code"]), str(body.get("message") or body["code"]))
