"""How Anthropic says no: the errors of its page "Errors", and what it checks of a request before it answers (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .models import MODELS

PARAMETERS = {
    "model", "max_tokens", "messages", "system", "output_config", "cache_control", "metadata", "stop_sequences",
    "stream", "thinking", "tools", "tool_choice", "service_tier", "inference_geo", "container",
}  # fmt: skip
CUSTOM_ID = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
MOST_BREAKPOINTS = 4
MOST_REQUESTS = 100_000
MOST_BATCH_BYTES = 256 * 1024**2
MOST_BYTES = 32 * 1024**2


@dataclass(frozen=True)
class Refused(Exception):
    """An error answer."""

    status: int
    kind: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The JSON of the answer, or of an `errored` result."""
        error: dict[str, Any] = {"type": self.kind, "message": self.message}
        if self.details:
            error["details"] = dict(self.details)
        return {"type": "error", "error": error, "request_id": "req_01"}


def invalid(message: str) -> Refused:
    """400 invalid_request_error."""
    return Refused(400, "invalid_request_error", message)


WRONG_KEY = Refused(401, "authentication_error", "invalid bearer token")
ACCOUNT = {
    "no_credit": invalid(
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or "
        "purchase credits."
    ),
    "spend_limit": invalid(
        "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."
    ),
    "tier_limit": Refused(
        429, "rate_limit_error", "This organization has reached its spend limit.",
        details={"error_code": "enforced_spend_limit_reached"},
    ),
    "billing": Refused(402, "billing_error", "There is an issue with your billing or payment information."),
    "no_permission": Refused(403, "permission_error", "Your API key does not have permission to use this resource."),
    "no_effort": invalid("This model does not support the effort parameter."),
}  # fmt: skip
"""What concerns the account or the deployment, never one document."""
REQUEST = {
    "rate_limited": Refused(
        429, "rate_limit_error", "This request would exceed your rate limit", {"retry-after": "1"}
    ),
    "overloaded": Refused(529, "overloaded_error", "Overloaded", {"retry-after": "0"}),
    "internal": Refused(500, "api_error", "Internal server error"),
    "filtered": invalid("Output blocked by content filtering policy"),
    "too_large": Refused(413, "request_too_large", "Request exceeds the maximum size"),
    "too_long": invalid("prompt is too long: 1200000 tokens > 1000000 maximum"),
}


def check_body(body: Any, in_batch: bool = False) -> None:
    """Raises Refused for what the Messages API does not take."""
    if not isinstance(body, dict):
        raise invalid("The request body is not valid JSON")
    for name in ("model", "max_tokens", "messages"):
        if name not in body:
            raise invalid(f"{name}: Field required")
    if unknown := sorted(set(body) - PARAMETERS):
        raise invalid(f"{unknown[0]}: Extra inputs are not permitted")
    model = MODELS.get(body["model"])
    if model is None or model.is_retired:
        raise Refused(404, "not_found_error", f"model: {body['model']}")
    if in_batch and (body.get("stream") or body["max_tokens"] < 1):
        raise invalid("stream: not supported in a batch")
    if (body.get("output_config") or {}).get("effort") and not model.has_effort:
        raise ACCOUNT["no_effort"]
    _check_messages(body["messages"])
    _check_breakpoints(body)


def _check_messages(messages: Any) -> None:
    if not isinstance(messages, list) or not messages or messages[0].get("role") != "user":
        raise invalid("messages: first message must use the user role")


def _check_breakpoints(body: Mapping[str, Any]) -> None:
    """Four at most, and those that live an hour before those that live five minutes."""
    contents = [body.get("system"), *(message.get("content") for message in body["messages"])]
    pieces = [piece for content in contents if isinstance(content, list) for piece in content]
    controls = [piece["cache_control"] for piece in pieces if piece.get("cache_control")]
    if len(controls) > MOST_BREAKPOINTS:
        raise invalid(f"A maximum of 4 blocks with cache_control may be provided. Found {len(controls)}.")
    lives = [control.get("ttl", "5m") for control in controls]
    if any(control.get("type") != "ephemeral" for control in controls) or set(lives) - {"5m", "1h"}:
        raise invalid("cache_control: Input should be ephemeral, for 5m or 1h")
    if lives != sorted(lives):  # "1h" sorts before "5m"
        raise invalid("cache_control: a ttl='1h' block must not come after a ttl='5m' block")


def check_requests(requests: Any, size: int) -> None:
    """What is checked at once of a batch; the parameters of each request only when it is processed."""
    if not isinstance(requests, list) or not requests:
        raise invalid("requests: List should have at least 1 item")
    if len(requests) > MOST_REQUESTS:
        raise invalid(f"requests: List should have at most {MOST_REQUESTS} items")
    if size > MOST_BATCH_BYTES:
        raise Refused(413, "request_too_large", "Request exceeds the maximum size of 256 MB")
    ids = [request.get("custom_id") for request in requests]
    for number, custom_id in enumerate(ids):
        if not isinstance(custom_id, str) or not CUSTOM_ID.match(custom_id):
            raise invalid(f"requests.{number}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'")
    if len(set(ids)) != len(ids):
        raise invalid("requests: custom_id must be unique within the batch")
