"""Anthropic's Messages and Message Batches API on the wire: our key goes in here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

TIMEOUT = httpx.Timeout(240.0, connect=10.0)
API_VERSION = "2026-10-21"
"""What the workers' pinned client speaks."""
HEADERS_BACK = ("retry-after", "request-id", "x-should-retry")
LISTED = 100
BATCHES = "/v1/messages/batches"


class NeverSent(Exception):
    """The request did not reach Anthropic: nothing was charged."""


class NoAnswer(Exception):
    """The request may have reached Anthropic, but no sound answer came: it may have been charged."""


@dataclass(frozen=True)
class Answer:
    """Anthropic's answer as it came; `body` is None when it is not a JSON object."""

    status: int
    content: bytes
    body: dict[str, Any] | None
    headers: dict[str, str]


class ClaudeClient:
    """Sends one request and returns the answer, whatever its status. Never retries: the caller's caller does."""

    def __init__(self, url: str, api_key: str) -> None:
        headers = {"Authorization": f"Bearer {api_key}", "anthropic-version": API_VERSION}
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT, headers=headers)

    def send(self, body: Mapping[str, Any]) -> Answer:
        """One message. Raises NeverSent or NoAnswer."""
        return self._ask("POST", "/v1/messages", json=body)

    def create_batch(self, requests: Sequence[Mapping[str, Any]]) -> Answer:
        """Many messages at half the price, some time within a day. Raises NeverSent or NoAnswer."""
        return self._ask("POST", BATCHES, json={"requests": requests})

    def get_batch(self, vendor_id: str) -> Answer:
        """How a batch stands. Raises NeverSent or NoAnswer."""
        return self._ask("GET", f"{BATCHES}/{vendor_id}")

    def list_batches(self) -> Iterator[dict[str, Any]]:
        """All batches of the account, the newest first. Raises NeverSent or NoAnswer."""
        after: dict[str, Any] = {}
        while True:
            answer = self._ask("GET", BATCHES, params={"limit": LISTED, **after})
            if answer.status != 200 or answer.body is None:
                raise NoAnswer
            yield from answer.body["data"]
            if not answer.body.get("has_more"):
                return
            after = {"after_id": answer.body["last_id"]}

    def get_results(self, vendor_id: str) -> Iterator[dict[str, Any]]:
        """The lines of an ended batch's results, as they come. Raises NeverSent or NoAnswer."""
        try:
            with self._http.stream("GET", f"{BATCHES}/{vendor_id}/results") as response:
                if response.status_code != 200:
                    raise NoAnswer
                yield from (json.loads(line) for line in response.iter_lines() if line.strip())
        except (httpx.HTTPError, ValueError) as error:
            raise NoAnswer from error

    def _ask(self, method: str, path: str, **request: Any) -> Answer:
        try:
            response = self._http.request(method, path, **request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NeverSent from error
        except httpx.HTTPError as error:
            raise NoAnswer from error
        headers = {name: response.headers[name] for name in HEADERS_BACK if name in response.headers}
        return Answer(response.status_code, response.content, _json_object(response), headers)


def _json_object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
