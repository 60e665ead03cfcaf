"""Differences: two quotes side by side, what would explain them, and a person's verdict by one key each."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from dashboard import words
from dashboard.case_room import frame, links
from dashboard.case_room.paging import PAGE_ROWS, Trail, by_cursor

blueprint = Blueprint("differences", __name__)
PATH = f"{links.ROOT}/differences"
FILTERS = ("state", "verdict", "kind", "person_id", "document_id", "stands", "counted")
TO_CHECK = {"state": "undecided", "verdict": "conflict,cannot_tell,unjudged", "stands": "true"}
"""What `to_check` counts."""
COUNTED = {"state": "accepted,open,later", "counted": "true"}
"""What `conflicts` counts."""
STATES = {"accepted": "accepted", "explained": "explained", "dismissed": "dismissed", "later": "for later",
          "open": "open again"}  # fmt: skip


@blueprint.get("/differences")
def show() -> str:
    """The pairs that the address means, the gravest first; without a filter those that nobody has decided."""
    api, trail, chosen = frame.api(), Trail.of(request.args), _chosen()
    page = api.pairs(**({"state": "undecided"} | chosen), limit=PAGE_ROWS, cursor=trail.cursor)
    return frame.show(
        "differences.html", "Differences", counts=api.pair_counts(), chosen=chosen,
        pairs=by_cursor(page.pairs, page.total, page.next, PATH, chosen, trail), here=request.full_path.rstrip("?"),
        to=_to, to_check=TO_CHECK, counted=COUNTED, judging=api.estimate_pairs(),
    )  # fmt: skip


@blueprint.get("/differences/<pair_id>")
def one(pair_id: str) -> str:
    """One pair with the words around both quotes; deciding it opens the next."""
    api, chosen = frame.api(), _chosen()
    detail = api.pair(pair_id)
    rest = api.pairs(**({"state": "undecided"} | chosen), limit=2, cursor=detail.pair.rank)
    following = next((each for each in rest.pairs if each.id != pair_id), None)
    return frame.show(
        "difference.html", "Two statements", pair=detail.pair, detail=detail, chosen=chosen, to=_to,
        next_to=_to(following.id, chosen) if following else _to("", chosen), left=rest.total,
    )  # fmt: skip


@blueprint.post("/differences/<pair_id>/decide")
def decide(pair_id: str) -> Response:
    """Accept, explain, dismiss, or leave a pair for later."""
    state, why = request.form.get("state", ""), request.form.get("why", "").strip()
    said = f"{STATES.get(state, state).capitalize()}."
    return frame.attempt(lambda: frame.api().decide_pair(pair_id, state, why), said, frame.back())


@blueprint.post("/differences/decide")
def decide_many() -> Response:
    """The same verdict for all that are ticked."""
    ids, state = request.form.getlist("pair"), request.form.get("state", "")
    if not ids:
        return frame.done("Tick the pairs that you mean.", frame.back(), is_error=True)

    def act() -> Response:
        decided = frame.api().decide_pairs(ids, state, request.form.get("why", "").strip())
        return frame.done(f"{words.count(decided.decided, 'pair')}: {STATES.get(state, state)}.", frame.back())

    return frame.guarded(act, frame.back())


@blueprint.post("/differences/judge")
def judge() -> Response:
    """Have Claude look at the pairs, within the caps."""

    def act() -> Response:
        queued = frame.api().judge_pairs()
        left = f" {words.count(queued.left)} are left: press again." if queued.left else ""
        said = f"The pairs of {words.count(queued.queued, 'paper')} put into the line to be judged.{left}"
        return frame.done(said, PATH)

    return frame.guarded(act, PATH)


def _chosen() -> dict[str, str]:
    return {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}


def _to(pair_id: str, query: dict[str, str]) -> str:
    path = f"/differences/{pair_id}" if pair_id else "/differences"
    return links.to_page(path, query)
