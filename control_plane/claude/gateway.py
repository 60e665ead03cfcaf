"""Claude for the analysis worker alone: check the lease, reserve the worst case, add the key, settle (story).

Neither what is asked nor what is answered is ever logged or kept.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from control_plane.claude.calls import HOLD_SECONDS, claude_slot, require_account, send_reserved
from control_plane.claude.client import Answer, ClaudeClient
from control_plane.claude.errors import ClaudeAway, ClaudeBusy
from control_plane.claude.ledger import Ledger, refusal_of
from control_plane.claude.request import build_request, find_form
from control_plane.database.claude_rows import CallRequest
from control_plane.errors import Conflict, ControlPlaneError
from control_plane.http.contract import describe, json_object
from control_plane.http.errors import error_response
from control_plane.http.models import header_id
from control_plane.http.wiring import clients, settings
from control_plane.settings import Settings
from control_plane.settings.claude_prices import worst_case_usd

log = logging.getLogger(__name__)
blueprint = Blueprint("claude", __name__)
MOST_BODY_BYTES = 30 * 1024**2
LEASE_HEADERS = ("x-aseagi-job-id", "x-aseagi-lease-token")


@dataclass(frozen=True)
class AnsweredCall:
    """Anthropic's message as it came, and our id of the call: what is published of it must name that."""

    call_id: str
    message: dict[str, Any]


def build_claude(settings: Settings) -> ClaudeClient | None:
    """The way to Anthropic; without a key there is none, and the gateway answers `claude_off`."""
    key = settings.anthropic_api_key
    return ClaudeClient(settings.anthropic_url, key) if key else None


@blueprint.post("/claude/v1/messages")
@describe(
    "Ask Claude about a document that the analysis worker holds", "Workers", auth="analyst",
    raw=("application/json", {"type": "object"}), answer=AnsweredCall, errors=(400, 401, 402, 403, 409, 429, 503),
)  # fmt: skip
def messages() -> Response:
    """One question `{kind, content}`, within the caps; the answer as Anthropic gave it, and the id of the call."""
    with claude_slot() as client:
        job_id, lease_token = _held_job()
        request.max_content_length = MOST_BODY_BYTES
        return _ask_within_caps(client, job_id, lease_token, json_object())


@blueprint.errorhandler(ControlPlaneError)
def refused(error: ControlPlaneError) -> Response:
    """The house's error shape, and Anthropic's client told whether to try again."""
    log.info("claude call refused", extra={"code": error.code, "status": error.status})
    response = error_response(error.status, error.code, error.message)
    response.headers["x-should-retry"] = "true" if isinstance(error, ClaudeBusy | ClaudeAway) else "false"
    if isinstance(error, ClaudeBusy):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def _held_job() -> tuple[str, str]:
    """For which job it is asked; checked before a byte of the body is read. Raises Conflict (`lease_lost`)."""
    job_id, lease_token = (header_id(request.headers.get(name, ""), name) for name in LEASE_HEADERS)
    if clients().database.check_lease(None, job_id, lease_token) is None:
        raise Conflict("This job is not held under that lease (any more); drop its result.", "lease_lost")
    return job_id, lease_token


def _ask_within_caps(client: ClaudeClient, job_id: str, lease_token: str, asked: Mapping[str, Any]) -> Response:
    form, model = find_form(asked, settings().claude)
    ledger = Ledger(clients().database, settings())
    body, price = build_request(form, asked["content"], model, "5m"), ledger.price(model)
    worst_usd = round(worst_case_usd(price, body), 6)
    call = CallRequest(job_id, lease_token, str(asked["kind"]), model.name, worst_usd)
    (reserved,) = ledger.reserve(None, [call], HOLD_SECONDS)
    if refusal := refusal_of(reserved):
        raise refusal
    answer = send_reserved(client, ledger, str(reserved.call_id), body, price)
    if reserved.is_probe and answer.status == 200:
        ledger.resume()
    return _pass_on(ledger, answer, model.name, str(reserved.call_id))


def _pass_on(ledger: Ledger, answer: Answer, model: str, call_id: str) -> Response:
    require_account(ledger, answer, model)
    if answer.body is None:
        raise ClaudeAway(f"Anthropic answered {answer.status} with something that is no JSON.")
    body = {"call_id": call_id, "message": answer.body} if answer.status == 200 else answer.body
    response = Response(json.dumps(body), answer.status, content_type="application/json")
    response.headers.update(answer.headers)
    return response
