"""Vast.ai over HTTP: the account's credit and contracts, and what the market offers for the work that waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from control_plane.errors import KeyRefused, VastUnavailable
from control_plane.fleet import plan
from control_plane.fleet.offers import Quote
from control_plane.fleet.post import caps_of
from control_plane.fleet.shapes import Backlog, Ledger
from control_plane.http.schemas import BOOLEAN, INTEGER, NUMBER, OBJECT, STRING, obj
from control_plane.http.wiring import clients, describe, settings
from control_plane.vast.errors import VastAuthFailed, VastError

blueprint = Blueprint("vast", __name__)
MOST_OFFERS = 40

OFFER = obj(
    id=INTEGER, gpu_name=STRING, num_gpus=INTEGER, usd_per_hour=NUMBER, reliability=NUMBER, geolocation=STRING,
    inet_down_mbps=NUMBER, hosting=STRING, pages=INTEGER, run_usd=NUMBER, usd_per_page=NUMBER, run_hours=NUMBER,
    within_caps=BOOLEAN,
)  # fmt: skip


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
    "What can be rented now, the best for what waits first", "Machines",
    answer=obj(offers={"type": "array", "items": OFFER}), errors=(503,),
)  # fmt: skip
def offers() -> Response:
    """The offers that may be rented, in the scaler's own order, with what the waiting pages would cost on each."""
    policy, caps = settings().fleet, caps_of(settings())
    ledger = Ledger.from_row(clients().database.get_fleet())
    backlog = [Backlog.of(work) for work in clients().database.get_queue_stats()]
    with vast_answers():
        found = clients().vast.search_offers(policy.query, policy.disk_gb)
    need = plan.find_need(backlog, ledger, policy) or plan.usual_need(backlog)
    quotes = plan.rank_offers(need, found, ledger, policy)[:MOST_OFFERS]
    return jsonify(offers=[describe_offer(each, plan.is_affordable(each, ledger, policy, caps)) for each in quotes])


def describe_offer(quote: Quote, within_caps: bool) -> dict[str, Any]:
    """A priced offer as callers see it: `run_usd` is for the `pages` it can do in time. Pure."""
    offer = quote.offer
    return {
        "id": offer.ask_id,
        "gpu_name": offer.gpu_name,
        "num_gpus": offer.num_gpus,
        "usd_per_hour": offer.total_dollars_per_hour,
        "reliability": offer.reliability,
        "geolocation": offer.geolocation,
        "inet_down_mbps": offer.inet_down_mbps,
        "hosting": "datacenter" if offer.datacenter else "community",
        "pages": round(quote.pages),
        "run_usd": round(quote.dollars, 6),
        "usd_per_page": quote.dollars_per_page,
        "run_hours": round(quote.finish_seconds / 3600, 3),
        "within_caps": within_caps,
    }


@contextmanager
def vast_answers() -> Iterator[None]:
    """Turn Vast.ai's failures into ours: the refused key by its name, the rest as 503."""
    try:
        yield
    except VastAuthFailed as error:
        raise KeyRefused("Vast.ai refuses our key: check VAST_API_KEY.", "vast_key_refused") from error
    except VastError as error:
        raise VastUnavailable("Vast.ai gave no usable answer; try again in a minute.", error.code) from error
