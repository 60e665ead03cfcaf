"""Trying again: how long, how often, and which HTTP answers are worth it."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from gpu_worker.errors import TransientError

log = logging.getLogger(__name__)
T = TypeVar("T")
RETRIED_STATUSES = frozenset({402, 408, 425, 429})
"""402: a Supabase project is restricted until its bill is paid. Beside every 5xx: 507 a full bucket, 52x a proxy's word
for a server that is away, 540 a paused project."""


class Unavailable(Exception):
    """One attempt failed in a way that a later attempt may not."""


def call_with_retry(
    attempt: Callable[[], T], what: str, retry_seconds: float, sleep: Callable[[float], object] = time.sleep
) -> T:
    """Call `attempt` until it does not raise `Unavailable`.

    After `retry_seconds` raises `TransientError` (`<what>_unavailable`).
    """
    deadline = time.monotonic() + retry_seconds
    for count, delay in enumerate(backoff_seconds()):
        try:
            return attempt()
        except Unavailable as error:
            if time.monotonic() + delay > deadline:
                message = f"{what} was not reachable for {retry_seconds:.0f} seconds ({error})."
                raise TransientError(f"{what}_unavailable", message) from error
            if count == 0:
                log.warning("%s is away; trying again for %.0f s", what, retry_seconds, extra={"error": error})
        sleep(delay)
    raise AssertionError("backoff_seconds never ends")


def backoff_seconds(first: float = 0.25, factor: float = 1.8, most: float = 8.0) -> Iterator[float]:
    """Endless delays, growing to `most`, each jittered by ±25 % so that a fleet does not return as one."""
    delay = first
    while True:
        yield delay * random.uniform(0.75, 1.25)
        delay = min(most, delay * factor)


def is_retried(status: int) -> bool:
    """Whether a later attempt may be answered otherwise."""
    return status in RETRIED_STATUSES or status >= 500


def send(request: Callable[[], httpx.Response]) -> httpx.Response:
    """One HTTP request; a broken connection or a status of `RETRIED_STATUSES` becomes `Unavailable`."""
    try:
        response = request()
    except httpx.TransportError as error:
        raise Unavailable(type(error).__name__) from error
    if is_retried(response.status_code):
        raise Unavailable(f"HTTP {response.status_code}")
    return response


def read_answer(response: httpx.Response, answer: TypeAdapter[T]) -> T:
    """The body as a typed value; any other body (a proxy's page, half an answer) becomes `Unavailable`."""
    try:
        return answer.validate_json(response.content)
    except ValidationError:
        raise Unavailable("an answer that is none") from None  # the error would show what the answer said


def error_code(response: httpx.Response) -> str:
    """The stable code in an error's body."""
    try:
        body = response.json()
    except ValueError:
        return "no code"
    return str(body.get("code")) if isinstance(body, dict) else "no code"
