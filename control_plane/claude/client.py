"""Anthropic's Messages API on the wire: our key goes in here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

TIMEOUT = httpx.Timeout(240.0, connect=10.0)
API_VERSION = "2026-10-21"
"""What the workers' pinned client speaks."""
HEADERS_BACK = ("retry-after", "request-id", "x-should-retry")


class NeverSent(Exception):
    """The request did not reach Anthropic: nothing was charged."""


class NoAnswer(Exception):
    """The request may have reached Anthropic, but no answer came: it may have been charged."""


@dataclass(frozen=True)
class Answer:
    """Anthropic's answer as it came; `body` is None when it is not a JSON object."""

    status: int
    content: bytes
    body: dict[str, Any] | None
    headers: dict[str, str]


class ClaudeClient:
    """Sends one message and returns the answer, whatever its status. Never retries: the caller's caller does."""

    def __init__(self, url: str, api_key: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT, headers={"Authorization": f"Bearer {api_key}"})

    def send(self, body: dict[str, Any]) -> Answer:
        """Raises NeverSent or NoAnswer."""
        try:
            response = self._http.post("/v1/messages", json=body, headers={"anthropic-version": API_VERSION})
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
