"""The worker's token: a JWT that it carries and renews, but cannot check (pure)."""

from __future__ import annotations

import base64
import threading

from pydantic import BaseModel


class Claims(BaseModel):
    """What a token says of itself: whose it is, and its life in seconds since the epoch."""

    machine: str = ""
    iat: float | None = None
    exp: float | None = None


def read_claims(token: str) -> Claims:
    """The claims inside a JWT, unverified (only the server can verify); none when it is no JWT."""
    try:
        payload = token.split(".")[1]
        return Claims.model_validate_json(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return Claims()


class WorkerToken:
    """The token in use, shared by all clients; a renewal replaces it for all of them at once."""

    def __init__(self, token: str) -> None:
        self._lock = threading.Lock()
        self._token = token
        self._taken_at: tuple[float, float] | None = None  # by the clock on the wall, and by one that nobody sets

    @property
    def value(self) -> str:
        with self._lock:
            return self._token

    def replace(self, token: str) -> None:
        """Use `token` from now on."""
        with self._lock:
            self._token = token
            self._taken_at = None

    def is_half_used(self, now: float, ticks: float) -> bool:
        """Is more than half of its life over, by the wall's clock (seconds since the epoch) or by a monotonic one?

        A host's clock may be an hour behind, or be set back while it works: by it alone the token would end unrenewed.
        A token without `iat` counts from first sight.
        """
        with self._lock:
            claims = read_claims(self._token)
            if self._taken_at is None:
                self._taken_at = claims.iat or now, ticks
            began, seen = self._taken_at
            if claims.exp is None:
                return False
            return now >= (began + claims.exp) / 2 or ticks - seen >= (claims.exp - began) / 2
