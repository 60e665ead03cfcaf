"""Estimates over HTTP: a folder is priced by a random sample of it, and read once somebody confirms that price."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import asdict, replace

from flask import Blueprint

from control_plane.batches.estimate_models import EstimatesQuery, FolderEstimate, FolderEstimates
from control_plane.batches.estimate_shapes import describe_folder_estimate, sample_of, shown_status
from control_plane.batches.models import MOST_DOCUMENTS, SessionBatch, StartBody
from control_plane.batches.pricing import Past, Price, Read, price_rest
from control_plane.batches.routes import told
from control_plane.batches.sampling import Draw, Sampler
from control_plane.batches.surveys import check_source, find_offers, guess_claude, most_for_claude, plan_run, survey
from control_plane.database.estimate_rows import StoredEstimate
from control_plane.errors import Conflict, NotFound
from control_plane.http.auth import acting_name
from control_plane.http.contract import describe
from control_plane.http.models import path_id
from control_plane.http.wiring import clients

blueprint = Blueprint("estimates", __name__)
CHANGED_SHARE = 0.05  # a folder that has grown or shrunk by more is another folder


@blueprint.post("/api/estimates")
@describe(
    "Ask for a price quote of a folder", "Batches", body=StartBody, status=201, answer=FolderEstimate,
    errors=(400, 404, 409, 503),
)  # fmt: skip
def ask(body: StartBody) -> FolderEstimate:
    """Count the folder and begin to read a random sample of 40 documents; the price follows when they are read.

    The sample is all that is spent before a confirmation; its documents are not read again. 409 `nothing_new`.
    """
    name = check_source(body)
    sampler = Sampler(random.SystemRandom())
    found = survey(body.folder, body.max_documents or MOST_DOCUMENTS, sampler)
    if not found.new:
        raise Conflict("There is nothing new in this folder.", "nothing_new")
    draws = sampler.draws()
    whole = body.as_batch(name)
    asked = {
        "request": body.model_dump(mode="json", exclude_none=True) | {"name": whole.name},
        "listing": vars(found), "draws": [vars(each) for each in draws],
    }  # fmt: skip
    estimate_id = clients().database.begin_estimate(asked, sample_of(whole, draws))
    return _told(_find(estimate_id))


@blueprint.get("/api/estimates")
@describe(
    "Price quotes, and how often they held", "Batches", query=EstimatesQuery, answer=FolderEstimates, errors=(400, 503),
)  # fmt: skip
def list_estimates(query: EstimatesQuery) -> FolderEstimates:
    """Newest first, each with what its batch cost beside it."""
    rows = clients().database.get_estimates(None, query.limit + 1, query.cursor, query.only_open)
    held = clients().database.get_estimates_held()
    following = rows[query.limit - 1].seq if len(rows) > query.limit else None
    return FolderEstimates([_told(each) for each in rows[: query.limit]], held.ended, held.held, held.above, following)


@blueprint.get("/api/estimates/<estimate_id>")
@describe("One price quote", "Batches", answer=FolderEstimate, errors=(404, 503))
def show(estimate_id: str) -> FolderEstimate:
    """Its price as soon as its sample is read. 404 `estimate_unknown`."""
    return _told(_find(estimate_id))


@blueprint.post("/api/estimates/<estimate_id>/confirm")
@describe("Confirm a price quote and begin", "Batches", status=201, answer=SessionBatch, errors=(400, 404, 409, 503))
def confirm(estimate_id: str) -> SessionBatch:
    """Begin the batch of exactly this estimate; confirmed again it is the same batch.

    404 `estimate_unknown`; 409 `estimate_not_ready` while the sample is being read or nothing is for hire,
    `estimate_expired` after 24 hours, `estimate_changed` where the folder is 5 % larger or smaller by now, or the same
    price today is outside the interval.
    """
    estimate = _priced(_find(estimate_id))
    if estimate.status != "confirmed":
        _require_ready(estimate)
        _require_unchanged(estimate)
    body = _request_of(estimate)
    batch = body.as_batch(None)
    if not estimate.listing.complete and estimate.price:
        batch = replace(batch, limits=(batch.limits or {}) | {"max_documents": max(1, estimate.price.documents)})
    return told(clients().database.confirm_estimate(estimate.id, batch, acting_name()), "The batch has started")


def _find(estimate_id: str) -> StoredEstimate:
    try:
        rows = clients().database.get_estimates(path_id(estimate_id, "price quote"))
    except NotFound as error:
        raise NotFound(error.message, "estimate_unknown") from error
    if not rows:
        raise NotFound("There is no such price quote.", "estimate_unknown")
    return rows[0]


def _told(estimate: StoredEstimate) -> FolderEstimate:
    return describe_folder_estimate(_priced(estimate))


def _priced(estimate: StoredEstimate) -> StoredEstimate:
    """The estimate with its price, if its sample is read by now and something is for hire."""
    if estimate.status != "sampling" or not estimate.sample_is_over:
        return estimate
    price = _price(estimate)
    if price is None:
        return estimate
    clients().database.price_estimate(estimate.id, asdict(price))
    return _find(estimate.id)


def _price(estimate: StoredEstimate) -> Price | None:
    """The price of the rest, at this moment's offers."""
    held = clients().database.get_estimates_held()
    draws = [Draw(each.key, each.pages, each.chance) for each in estimate.draws]
    run = plan_run(find_offers(), _request_of(estimate).priority)
    plan = run(estimate.listing.pages)
    return price_rest(
        draws, _read_by(estimate, draws), estimate.listing.new, estimate.listing.pages, guess_claude(),
        most_for_claude(plan.hours), run, Past(held.ended, held.squared_errors),
    )  # fmt: skip


def _read_by(estimate: StoredEstimate, draws: Sequence[Draw]) -> list[Read]:
    """What became of each draw; one of which nothing entered (known after all, or of no kind we read) has no page.

    A mailbox's messages are stored under new keys: all were guessed alike, so any may stand for any.
    """
    files = {each.key: each for each in estimate.sample}
    mine = [files.pop(each.key, None) for each in draws]
    others = list(files.values())
    found = [each or (others.pop() if others else None) for each in mine]
    return [
        Read(0.0, 0.0) if each is None else Read(each.pages, each.claude_usd if each.is_judged else None)
        for each in found
    ]


def _require_ready(estimate: StoredEstimate) -> None:
    status = shown_status(estimate)
    if status == "sampling":
        raise Conflict("The sample of this folder is still being read: there is no price yet.", "estimate_not_ready")
    if status == "expired":
        raise Conflict("This price quote is older than a day. Ask for a new one.", "estimate_expired")


def _require_unchanged(estimate: StoredEstimate) -> None:
    body, price = _request_of(estimate), estimate.price
    found = survey(body.folder, body.max_documents or MOST_DOCUMENTS)
    was = estimate.listing
    before, after = was.documents, found.documents
    if found.complete and was.complete and abs(after - before) > max(1, math.ceil(CHANGED_SHARE * before)):
        raise Conflict(
            f"The folder had {before} documents when it was priced and has {after} now. Ask for a new price quote.",
            "estimate_changed",
        )
    today = _price(estimate)
    if price is None or today is None or not price.low_usd <= today.usd <= price.high_usd:
        raise Conflict("What is for hire has changed: this price holds no more. Ask for a new one.", "estimate_changed")


def _request_of(estimate: StoredEstimate) -> StartBody:
    return StartBody.model_validate_json(json.dumps(estimate.request))
