"""Machines over HTTP: what the ledger has, and what people may ask of the fleet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from control_plane.database.rows import MachineState
from control_plane.errors import BadRequest, Conflict, NotFound
from control_plane.fleet.market_routes import vast_answers
from control_plane.fleet.worker_env import OWN_NAME_PATTERN, own_env, own_label
from control_plane.http.requests import json_body
from control_plane.http.schemas import BOOLEAN, INTEGER, OBJECT, STRING, nullable, obj
from control_plane.http.wiring import clients, describe, settings

blueprint = Blueprint("instances", __name__)
LOG_LINES = 200

INSTANCE = obj(
    label=STRING, state=STRING, hosting=STRING, contract_id=nullable("integer"), gpu_name=nullable("string"),
    geolocation=nullable("string"), usd_per_hour=nullable("number"), cost_usd=nullable("number"), created_at=STRING,
    ready_at=nullable("string"), last_heartbeat_at=nullable("string"), jobs_held=INTEGER, pages_done=INTEGER,
    pages_per_second=nullable("number"), reason=nullable("string"),
)  # fmt: skip
RENTING = obj(paused=BOOLEAN, reason=nullable("string"))
REASON_BODY = {"type": "object", "properties": {"reason": STRING}}


@blueprint.get("/api/instances/status")
@describe(
    "Machines we pay for, and those of the last hours", "Machines",
    answer=obj(instances={"type": "array", "items": INSTANCE}, renting=RENTING), errors=(503,),
)  # fmt: skip
def instances_status() -> Response:
    """The ledger's machines with what each costs and does."""
    fleet, now = clients().database.get_fleet(), datetime.now(UTC)
    rows = [describe_instance(row, now) for row in fleet["instances"]]
    return jsonify(instances=rows[::-1], renting=describe_renting(fleet["renting"]))


@blueprint.post("/api/instances/launch")
@describe(
    "Ask for one machine more", "Machines", status=202,
    body={"type": "object", "properties": {"offer_id": INTEGER}},
    answer=obj(label=nullable("string"), state=STRING), errors=(409, 503),
)  # fmt: skip
def launch() -> tuple[Response, int]:
    """Ask the scaler for one machine beyond what the backlog needs: its choice or this offer, under the caps."""
    ask_id = json_body(required=False).get("offer_id")
    if ask_id is not None and (not isinstance(ask_id, int) or isinstance(ask_id, bool) or ask_id < 1):
        raise BadRequest("offer_id is the id of a row of GET /vastai/offers.", "bad_argument")
    if not clients().database.request_launch(ask_id):
        raise Conflict("Renting is paused; resume it first.", "renting_paused")
    return jsonify(label=None, state="requested"), 202


@blueprint.post("/api/instances/own")
@describe(
    "Let one of our own computers join as a worker", "Machines", status=201,
    body={"type": "object", "required": ["name"], "properties": {"name": STRING}},
    answer=obj(label=STRING, environment=OBJECT), errors=(400, 409, 503),
)  # fmt: skip
def join_own_computer() -> tuple[Response, int]:
    """Write the computer's row and return the environment for `python -m gpu_worker`; again for one that has it."""
    name = json_body().get("name")
    if not isinstance(name, str) or not OWN_NAME_PATTERN.fullmatch(name):
        raise BadRequest("A computer's name has 1 to 30 of a-z, 0-9 and '-'.", "bad_argument")
    label = own_label(settings().deployment, name)
    if not clients().database.join_own_computer(label, settings().deployment):
        raise Conflict("A rented machine has this label; choose another name.", "label_taken")
    return jsonify(label=label, environment=own_env(settings(), label, datetime.now(UTC))), 201


@blueprint.post("/api/instances/<label>/destroy")
@describe(
    "Destroy one machine", "Machines", status=202, answer=obj(label=STRING, state=STRING), errors=(404, 503)
)  # fmt: skip
def destroy(label: str) -> tuple[Response, int]:
    """Mark a machine for destruction; the scaler destroys it until two good lists lack it.

    One of our own computers is only parted from: its jobs go back, and its worker ends.
    """
    state = _machine(label).state
    marked = clients().database.mark_destroying(label, "destroyed by hand")
    return jsonify(label=label, state=marked[0]["state"] if marked else state), 202


@blueprint.get("/api/instances/<label>/logs")
@describe("The last lines a machine wrote", "Machines", answer=obj(label=STRING, log=STRING), errors=(404, 409, 503))
def instance_logs(label: str) -> Response:
    """The last 200 lines of a machine's container."""
    contract_id = _machine(label).contract_id
    if contract_id is None:
        raise Conflict("This machine has no contract yet, so it has no log.", "no_contract")
    with vast_answers():
        return jsonify(label=label, log=clients().vast.logs(contract_id, LOG_LINES))


@blueprint.post("/api/renting/pause")
@describe("Rent nothing new", "Machines", body=REASON_BODY, answer=RENTING, errors=(503,))
def pause() -> Response:
    """Pause renting; machines that run finish their work and go."""
    return _set_renting("paused", json_body(required=False).get("reason") or "paused by hand")


@blueprint.post("/api/renting/resume")
@describe("Rent again", "Machines", body=REASON_BODY, answer=RENTING, errors=(503,))
def resume() -> Response:
    """Resume renting."""
    return _set_renting("on", json_body(required=False).get("reason"))


def describe_instance(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A ledger row as callers see it. Pure."""
    report = row.get("report") or {}
    return {
        "label": row["label"],
        "state": row["state"],
        "hosting": row["hosting"],
        "contract_id": row["contract_id"],
        "gpu_name": row["gpu_name"],
        "geolocation": row["geolocation"],
        "usd_per_hour": row["dph_total"],
        "cost_usd": cost_so_far(row, now),
        "created_at": row["intent_at"],
        "ready_at": row["first_heartbeat_at"],
        "last_heartbeat_at": row["last_heartbeat_at"],
        "jobs_held": row["jobs_held"],
        "pages_done": row["pages_done"],
        "pages_per_second": report.get("pages_per_second"),
        "reason": row["destroy_reason"] or row["reason"],
    }


def cost_so_far(row: dict[str, Any], now: datetime) -> float | None:
    """Dollars a machine has cost by its hourly price since its contract began; traffic is not in it. Pure."""
    if row["dph_total"] is None or row["contract_at"] is None:
        return 0.0 if row["contract_id"] is None else None
    end = datetime.fromisoformat(row["destroyed_at"]) if row["destroyed_at"] else now
    seconds = max(0.0, (end - datetime.fromisoformat(row["contract_at"])).total_seconds())
    return round(float(row["dph_total"]) * seconds / 3600, 6)


def describe_renting(row: dict[str, Any]) -> dict[str, Any]:
    """The renting switch as callers see it. Pure."""
    return {"paused": row["state"] != "on", "reason": row["reason"]}


def _set_renting(state: str, reason: Any) -> Response:
    text = str(reason)[:300] if reason else None
    return jsonify(describe_renting(clients().database.set_renting(state, text)))


def _machine(label: str) -> MachineState:
    machine = clients().database.get_machine(label)
    if machine is None:
        raise NotFound("There is no such machine in the ledger.")
    return machine
