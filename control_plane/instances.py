"""Machines over HTTP: what the ledger has, what people may ask of the fleet, and what the market offers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from control_plane.errors import Conflict, NotFound, VastUnavailable
from control_plane.requests import json_body
from control_plane.schemas import BOOLEAN, INTEGER, NUMBER, OBJECT, STRING, nullable, obj
from control_plane.vast.errors import VastError
from control_plane.wiring import clients, describe, settings

blueprint = Blueprint("instances", __name__)
LOG_LINES = 200
MOST_OFFERS = 40

INSTANCE = obj(
    label=STRING, state=STRING, hosting=STRING, contract_id=nullable("integer"), gpu_name=nullable("string"),
    geolocation=nullable("string"), usd_per_hour=nullable("number"), cost_usd=nullable("number"), created_at=STRING,
    ready_at=nullable("string"), last_heartbeat_at=nullable("string"), jobs_held=INTEGER, pages_done=INTEGER,
    pages_per_second=nullable("number"), reason=nullable("string"),
)  # fmt: skip
RENTING = obj(paused=BOOLEAN, reason=nullable("string"))
REASON_BODY = {"type": "object", "properties": {"reason": STRING}}
OFFER = obj(
    id=INTEGER, gpu_name=STRING, num_gpus=INTEGER, usd_per_hour=NUMBER, reliability=NUMBER, geolocation=STRING,
    inet_down_mbps=NUMBER, hosting=STRING,
)  # fmt: skip


@blueprint.get("/api/instances/status")
@describe(
    "Machines we pay for, and those of the last hours", "Machines",
    answer=obj(instances={"type": "array", "items": INSTANCE}, renting=RENTING), errors=(503,),
)  # fmt: skip
def instances_status() -> Response:
    """The ledger's machines with what each costs and does."""
    fleet = clients().queue.call("get_fleet")[0]
    held_query = clients().queue.table("processing_jobs").select("instance").eq("status", "processing").limit(1000)
    held = Counter(row["instance"] for row in clients().queue.rows(held_query))
    now = datetime.now(UTC)
    rows = [describe_instance(row, held[row["label"]], now) for row in fleet["instances"]]
    return jsonify(instances=rows[::-1], renting=describe_renting(fleet["renting"]))


@blueprint.post("/api/instances/launch")
@describe(
    "Ask for one machine more", "Machines", status=202,
    answer=obj(label=nullable("string"), state=STRING), errors=(409, 503),
)  # fmt: skip
def launch() -> tuple[Response, int]:
    """Ask the scaler for one machine beyond what the backlog needs; it chooses the offer, under the caps."""
    if not clients().queue.call("request_launch"):
        raise Conflict("Renting is paused; resume it first.", "renting_paused")
    return jsonify(label=None, state="requested"), 202


@blueprint.post("/api/instances/<label>/destroy")
@describe(
    "Destroy one machine", "Machines", status=202, answer=obj(label=STRING, state=STRING), errors=(404, 503)
)  # fmt: skip
def destroy(label: str) -> tuple[Response, int]:
    """Mark a machine for destruction; the scaler destroys it until two good lists lack it."""
    state = _instance(label)["state"]
    marked = clients().queue.call("mark_destroying", label=label, reason="destroyed by hand")
    return jsonify(label=label, state=marked[0]["state"] if marked else state), 202


@blueprint.get("/api/instances/<label>/logs")
@describe("The last lines a machine wrote", "Machines", answer=obj(label=STRING, log=STRING), errors=(404, 409, 503))
def instance_logs(label: str) -> Response:
    """The last 200 lines of a machine's container."""
    contract_id = _instance(label)["contract_id"]
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


@blueprint.get("/vastai/balance")
@describe("The account's credit", "Machines", answer=obj(credit_usd=NUMBER), errors=(503,))
def balance() -> Response:
    """Dollars left to spend at Vast.ai."""
    with vast_answers():
        return jsonify(credit_usd=clients().vast.get_user().credit_dollars)


@blueprint.get("/vastai/instances")
@describe(
    "Every contract of the account, as Vast.ai lists it", "Machines",
    answer=obj(instances={"type": "array", "items": OBJECT}), errors=(503,),
)  # fmt: skip
def vast_instances() -> Response:
    """Vast.ai's own list, `ours` by label; compare it with /api/instances/status."""
    prefix = f"aseagi-{settings().deployment}-"
    with vast_answers():
        listed = clients().vast.list_instances()
    rows = [
        {
            "contract_id": each.contract_id,
            "label": each.label,
            "ours": each.label.startswith(prefix),
            "gpu_name": each.gpu_name,
            "status": each.actual_status,
            "message": each.status_msg[:300],
            "usd_per_hour": each.total_dollars_per_hour,
            "geolocation": each.geolocation,
            "created_at": datetime.fromtimestamp(each.started_at, UTC).isoformat(),
        }
        for each in listed
    ]
    return jsonify(instances=rows)


@blueprint.get("/vastai/offers")
@describe(
    "What can be rented now, cheapest first", "Machines",
    answer=obj(offers={"type": "array", "items": OFFER}), errors=(503,),
)  # fmt: skip
def offers() -> Response:
    """The offers that the fleet's policy would look at."""
    policy = settings().fleet
    with vast_answers():
        found = clients().vast.search_offers(policy.query, policy.disk_gb, MOST_OFFERS)
    rows = [
        {
            "id": each.ask_id,
            "gpu_name": each.gpu_name,
            "num_gpus": each.num_gpus,
            "usd_per_hour": each.total_dollars_per_hour,
            "reliability": each.reliability,
            "geolocation": each.geolocation,
            "inet_down_mbps": each.inet_down_mbps,
            "hosting": "datacenter" if each.datacenter else "community",
        }
        for each in found
    ]
    return jsonify(offers=rows)


def describe_instance(row: dict[str, Any], jobs_held: int, now: datetime) -> dict[str, Any]:
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
        "jobs_held": jobs_held,
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


@contextmanager
def vast_answers() -> Iterator[None]:
    """Turn Vast.ai's failures into our 503."""
    try:
        yield
    except VastError as error:
        raise VastUnavailable("Vast.ai gave no usable answer; try again in a minute.", error.code) from error


def _set_renting(state: str, reason: Any) -> Response:
    text = str(reason)[:300] if reason else None
    return jsonify(describe_renting(clients().queue.call("set_renting", state=state, reason=text)[0]))


def _instance(label: str) -> dict[str, Any]:
    query = clients().queue.table("instances").select("label,state,contract_id").eq("label", label)
    rows = clients().queue.rows(query)
    if not rows:
        raise NotFound("There is no such machine in the ledger.")
    return rows[0]
