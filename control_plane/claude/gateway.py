"""Claude for workers that have no key: check the lease, reserve the worst case, add the key, forward, settle (story).

Neither what is asked nor what is answered is ever logged or kept.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request

from control_plane.claude.client import Answer, ClaudeClient, NeverSent, NoAnswer
from control_plane.claude.errors import ClaudeAway, ClaudeBusy, ClaudeCapReached, ClaudeOff
from control_plane.claude.request import rebuild_request
from control_plane.database.enums import CallOutcome
from control_plane.errors import BadRequest, Conflict, ControlPlaneError
from control_plane.http.auth import worker_label
from control_plane.http.contract import describe, json_object
from control_plane.http.errors import error_response
from control_plane.http.models import header_id
from control_plane.http.wiring import clients, settings
from control_plane.settings import Settings
from control_plane.settings.claude_prices import Model, Price, actual_usd, worst_case_usd

log = logging.getLogger(__name__)
KEY_REFUSED = "claude_key_refused"
blueprint = Blueprint("claude", __name__)
HOLD_SECONDS = 600
"""A reservation outlives every call: Anthropic is waited for 240 s at most."""
MOST_BODY_BYTES = 30 * 1024**2
BUSY_SECONDS = 5
LEASE_HEADERS = ("x-aseagi-job-id", "x-aseagi-lease-token")


def register_claude(app: Flask, settings: Settings) -> None:
    """Put the client into the app; without a key the gateway answers `claude_off`."""
    key = settings.anthropic_api_key
    app.extensions["claude"] = ClaudeClient(settings.anthropic_url, key) if key else None
    app.extensions["claude_slots"] = threading.BoundedSemaphore(settings.claude.calls_at_once)
    app.register_blueprint(blueprint)


@blueprint.post("/claude/v1/messages")
@describe(
    "Claude's Messages API for a job that this machine holds", "Workers", auth="worker",
    raw=("application/json", {"type": "object"}), answer=dict[str, Any], errors=(400, 401, 402, 403, 409, 429, 503),
)  # fmt: skip
def messages() -> Response:
    """One message to Claude, within the caps; the answer as Anthropic gave it."""
    client = current_app.extensions["claude"]
    if client is None:
        raise ClaudeOff("No ANTHROPIC_API_KEY is set, so Claude is off; use plain rules.")
    slots = current_app.extensions["claude_slots"]
    # Each call holds a thread of the server for up to minutes, and up to 30 MB: the other routes must keep theirs.
    if not slots.acquire(blocking=False):
        raise ClaudeBusy(BUSY_SECONDS)
    try:
        call = _call_for_a_held_job(worker_label())
        request.max_content_length = MOST_BODY_BYTES
        return _ask_within_caps(client, call, json_object())
    finally:
        slots.release()


@blueprint.errorhandler(ControlPlaneError)
def refused(error: ControlPlaneError) -> Response:
    """The house's error shape, and Anthropic's client told whether to try again."""
    log.info("claude call refused", extra={"code": error.code, "status": error.status})
    response = error_response(error.status, error.code, error.message)
    response.headers["x-should-retry"] = "true" if isinstance(error, ClaudeBusy | ClaudeAway) else "false"
    if isinstance(error, ClaudeBusy):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def _call_for_a_held_job(machine: str) -> dict[str, str]:
    """Who asks for which job; checked before a byte of the body is read. Raises Conflict (`lease_lost`)."""
    job_id, lease_token = (header_id(request.headers.get(name, ""), name) for name in LEASE_HEADERS)
    if clients().database.check_lease(machine, job_id, lease_token) is None:
        raise Conflict("This machine does not hold that job (any more); drop its result.", "lease_lost")
    return {"machine": machine, "job_id": job_id, "lease_token": lease_token}


@dataclass(frozen=True)
class Spent:
    """What a call came to; without dollars it stays at its worst case."""

    outcome: CallOutcome
    usd: float | None
    tokens: Mapping[str, int] = field(default_factory=dict)


def _ask_within_caps(client: ClaudeClient, call: dict[str, str], asked: dict[str, Any]) -> Response:
    model = settings().claude.model(str(asked.get("model")))
    if model is None:
        raise BadRequest("The model must be 'quick' or 'careful': the control plane knows which.", "claude_request")
    body, price = rebuild_request(asked, model), _price(model)
    call_id = _reserve(call, body, worst_case_usd(price, body))
    spent = Spent(CallOutcome.UNKNOWN, None)
    try:
        answer = client.send(body)
        spent = _judge(answer, price)
    except NeverSent as error:
        spent = Spent(CallOutcome.FAILED, 0.0)
        raise ClaudeAway("Anthropic cannot be reached; nothing was charged.") from error
    except NoAnswer as error:
        raise ClaudeAway("Anthropic gave no answer in time.") from error
    finally:
        _settle(call_id, spent)
    return _pass_on(answer)


def _price(model: Model) -> Price:
    price = model.price_on(datetime.now(UTC).date())
    if price is None:
        raise ClaudeOff("The model has no price yet, so what it costs cannot be capped; use plain rules.")
    return price


def _reserve(call: dict[str, str], body: dict[str, Any], worst_usd: float) -> str:
    policy = settings().claude
    caps = {
        "day": settings().max_claude_dollars_per_day,
        "batch": policy.max_usd_per_batch,
        "document": policy.max_usd_per_document,
    }
    try:
        reservation = clients().database.reserve_claude(
            **call, model=body["model"],
            worst_usd=round(worst_usd, 6), caps=caps, hold_seconds=HOLD_SECONDS,
        )  # fmt: skip
    except Conflict as error:
        raise _translate(error) from error
    if reservation.call_id is None:
        raise ClaudeBusy(reservation.retry_after_seconds or 1)
    return reservation.call_id


def _translate(error: Conflict) -> ControlPlaneError:
    if error.code == "cap_reached":
        return ClaudeCapReached(error.message)
    if error.code == "wrong_state":
        return ClaudeOff(error.message)
    return error


def _judge(answer: Answer, price: Price) -> Spent:
    """What an answer says it used; a success that does not say is unknown."""
    if answer.status != 200:
        return Spent(CallOutcome.FAILED, 0.0)
    usage = (answer.body or {}).get("usage")
    if not isinstance(usage, dict):
        return Spent(CallOutcome.UNKNOWN, None)
    refused = (answer.body or {}).get("stop_reason") == "refusal"
    outcome = CallOutcome.REFUSED if refused else CallOutcome.ANSWERED
    tokens = {name: value for name, value in usage.items() if name.endswith("_tokens") and isinstance(value, int)}
    return Spent(outcome, round(actual_usd(price, usage), 6), tokens)


def _settle(call_id: str, spent: Spent) -> None:
    """Record what the call cost; if even that fails, the reservation expires at its worst case."""
    about = {"call_id": call_id, "outcome": spent.outcome, "cost_usd": spent.usd, **spent.tokens}
    try:
        clients().database.settle_claude(call_id, spent.outcome, spent.usd, spent.tokens)
    except ControlPlaneError as error:
        log.error("a claude call could not be settled; its worst case counts", extra={"code": error.code})
    else:
        log.info("claude call", extra=about)


def _raise_alarm(message: str) -> None:
    """Tell people, at most once an hour; the worker's answer does not wait for it to succeed."""
    log.error(message, extra={"code": KEY_REFUSED})
    try:
        clients().database.raise_fleet_alarm(KEY_REFUSED, message)
    except ControlPlaneError as error:
        log.error("the alarm could not be raised", extra={"code": error.code})


def _pass_on(answer: Answer) -> Response:
    if answer.status in (401, 403):
        # Our key, not the worker's request: it must not learn more than that Claude is off.
        _raise_alarm("Anthropic refuses our key: check ANTHROPIC_API_KEY. Until then plain rules sort the documents.")
        raise ClaudeOff("Anthropic does not accept this deployment's key; use plain rules.")
    if answer.body is None:
        raise ClaudeAway(f"Anthropic answered {answer.status} with something that is no JSON.")
    response = Response(answer.content, answer.status, content_type="application/json")
    response.headers.update(answer.headers)
    return response
