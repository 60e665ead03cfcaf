"""The control plane's HTTP API as `make run` uses it: send a file, ask for a job, return the machines."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

import httpx

PATIENCE_SECONDS = 180.0
PAUSE_SECONDS = 0.3
LIST_ROWS = 200
ANSWER_SECONDS = 600.0  # the last part of a file of gigabytes is still on its way to the store
DEFAULT_CHOICES = {"priority": "normal", "placement": "any_host"}


class DeskAway(Exception):
    """The control plane gave no answer for minutes."""


class UploadFailed(Exception):
    """The control plane answers, but not to this file."""


@dataclass(frozen=True)
class Desk:
    """A patient client: while the control plane is away it tries again, and calls `meanwhile` in between."""

    http: httpx.Client
    meanwhile: Callable[[], None] = lambda: None
    patience_seconds: float = PATIENCE_SECONDS

    def send(self, file: BinaryIO, filename: str) -> httpx.Response:
        """Upload one file, streamed; trying again is safe, since known bytes are answered as a duplicate.

        Raises UploadFailed when only this upload gets no answer, DeskAway when nothing does, and what reading raises.
        """
        try:
            # The choices go before the file, so that the store has them before its first byte.
            return self._call(lambda: self._post_file(file, filename))
        except DeskAway:
            if not self._answers():
                raise
            raise UploadFailed("the connection broke off each time; read the control plane's log") from None

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a route that must exist. Raises httpx.HTTPStatusError for anything but success."""
        answer = self._call(lambda: self.http.get(path, params=query))
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """As `get`, with a JSON body."""
        answer = self._call(lambda: self.http.post(path, json=body or {}))
        answer.raise_for_status()
        return answer.json()

    def jobs(self, wanted: set[str]) -> dict[str, dict[str, Any]]:
        """Jobs by id, read from the newest on until all `wanted` ones were seen."""
        found: dict[str, dict[str, Any]] = {}
        cursor = None
        while wanted - found.keys():
            page = self.get("/api/jobs", limit=LIST_ROWS, **({"cursor": cursor} if cursor else {}))
            found |= {job["id"]: job for job in page["jobs"] if job["id"] in wanted}
            cursor = page["next"]
            if cursor is None:
                break
        return found

    def _post_file(self, file: BinaryIO, filename: str) -> httpx.Response:
        form, timeout = {"file": (filename, file)}, httpx.Timeout(60, read=ANSWER_SECONDS)
        return self.http.post("/api/upload", data=DEFAULT_CHOICES, files=form, timeout=timeout)

    def _answers(self) -> bool:
        try:
            return self.http.get("/health").is_success
        except httpx.TransportError:
            return False

    def _call(self, attempt: Callable[[], httpx.Response]) -> httpx.Response:
        deadline = time.monotonic() + self.patience_seconds
        while True:
            try:
                answer = attempt()
                if answer.status_code not in (502, 503, 504) or time.monotonic() > deadline:
                    return answer
            except httpx.TransportError as error:
                if time.monotonic() > deadline:
                    raise DeskAway("the control plane does not answer; read its log") from error
            self.meanwhile()
            time.sleep(PAUSE_SECONDS)


def open_desk(url: str, token: str, meanwhile: Callable[[], None]) -> Desk:
    """A client for the control plane at `url`."""
    http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False)
    return Desk(http, meanwhile)
