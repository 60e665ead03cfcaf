"""Home: one truthful line of counts, each a link to the list behind it; what is new, what is to check, what to do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from flask import Blueprint, request
from werkzeug.wrappers import Response

from dashboard import pair_words, words
from dashboard.answers import Facets, JudgingEstimate, ListedBatch
from dashboard.case_room import frame, links
from dashboard.case_room.api import CaseApi
from dashboard.case_room.pages.differences import COUNTED, TO_CHECK
from dashboard.case_room.paging import Trail, by_cursor

blueprint = Blueprint("home", __name__)
NEWEST = 6
READ = ("sorted", "part", "judged")
MOST_STOPPED = 200
"""Stopped papers of no batch that one click reads again; the next click takes the next."""


@dataclass(frozen=True)
class Count:
    """A number, what it counts, and the list behind it."""

    number: int
    says: str
    address: str


@blueprint.get("/")
def show() -> str:
    """The counts, and what waits for a person."""
    api = frame.api()
    facets, refused = api.facets(), api.refused().total or 0
    report, findings = api.analysis(), api.findings(3)
    stopped = _of(facets, "status", "cancelled")
    return frame.show(
        "home.html", "Home", alarms=api.alarms(), counts=list(_counts(facets, refused)),
        newest=api.documents(limit=NEWEST).documents,
        checks=[*_differences(api), *_checks(facets, findings.total or 0)], findings=findings.findings,
        stopped=stopped, report=report, dates=api.reminders("next", 5),
        read_by_default=api.default_placement().sensitive_placement,
        judging=_judging(api) if report.door.status == "open" and _of(facets, "status", "sorted") else None,
    )  # fmt: skip


@blueprint.get("/refused")
def refused() -> str:
    """The files that were not taken in, each with the reason."""
    trail = Trail.of(request.args)
    page = frame.api().refused(trail.cursor)
    files = by_cursor(page.refused, page.total, page.next, f"{links.ROOT}/refused", {}, trail)
    return frame.show("refused.html", "Refused files", files=files)


@blueprint.post("/alarms/<int:alarm_id>/clear")
def clear_alarm(alarm_id: int) -> Response:
    """A person has seen to an alarm."""
    return frame.attempt(lambda: frame.api().clear_alarm(alarm_id), words.SEEN_TO, f"{links.ROOT}/")


@blueprint.post("/read-stopped")
def read_stopped() -> Response:
    """Put what was stopped before it was read into the line again."""
    api = frame.api()

    def told() -> Response:
        count = sum(_read_again(api))
        return frame.done(f"{words.count(count, 'paper')} put into the line again.", f"{links.ROOT}/")

    return frame.guarded(told, f"{links.ROOT}/")


@blueprint.post("/judge-waiting")
def judge_waiting() -> Response:
    """Have Claude judge what was read and not judged, within the caps."""

    def told() -> Response:
        queued = frame.api().judge_again(reason="sorted")
        left = f" {words.count(queued.left)} are left: press again." if queued.left else ""
        said = f"{words.count(queued.queued, 'paper')} put into the line to be judged.{left}"
        return frame.done(said, f"{links.ROOT}/")

    return frame.guarded(told, f"{links.ROOT}/")


def _counts(facets: Facets, refused: int) -> Iterator[Count]:
    """As the lists count: copies are one paper with the other names it came under."""
    yield Count(facets.total, "in", links.to_papers())
    yield Count(sum(_of(facets, "status", name) for name in READ), "read", links.to_papers(status="read"))
    yield Count(_of(facets, "status", "judged"), "judged", links.to_papers(status="judged"))
    shown = (("part", "judged in part"), ("sorted", "read, not judged"), ("waiting", "waiting"), ("failed", "failed"),
             ("cancelled", "stopped"))  # fmt: skip
    for status, says in shown:
        number = _of(facets, "status", status)
        if number or status in ("waiting", "failed"):
            yield Count(number, says, links.to_papers(status=status))
    yield Count(refused, "refused", f"{links.ROOT}/refused")


def _checks(facets: Facets, findings: int) -> Iterator[Count]:
    """What a person should look at, where there is any."""
    found = (
        Count(findings, "findings within one document", f"{links.ROOT}/findings"),
        Count(_of(facets, "year", None), "papers without a date", links.to_papers(year="-")),
        Count(_of(facets, "type", None), "papers of unknown type", links.to_papers(type="-")),
        Count(_of(facets, "person", None), "papers without a name", links.to_papers(person="-")),
        Count(_of(facets, "status", "failed"), "papers that could not be read", links.to_papers(status="failed")),
    )
    return _present(found)


def _differences(api: CaseApi) -> Iterator[Count]:
    """What does not fit together, and nobody has decided about."""
    pairs = api.pair_counts()
    of_which = pair_words.of_which(pairs.conflicts, pairs.conflicts_accepted)
    found = (
        Count(pairs.conflicts, f"differences between two ({of_which})", links.to_page("/differences", COUNTED)),
        Count(pairs.to_check, "pairs to check", links.to_page("/differences", TO_CHECK)),
        Count(api.events(differing="true", state="open", limit=1).total, "events of which sources differ",
              links.to_page("/events", {"differing": "true", "state": "open"})),
        Count(api.terms(state="proposed", limit=1).total, "terms of orders to check", links.to_page("/orders", {})),
    )  # fmt: skip
    return _present(found)


def _present(found: Iterable[Count]) -> Iterator[Count]:
    """Those that count something; of one thing the first word is told without its s."""
    for each in found:
        what, gap, more = each.says.partition(" ")
        if each.number:
            yield each if each.number > 1 else replace(each, says=f"{what.removesuffix('s')}{gap}{more}")


def _of(facets: Facets, name: str, value: str | None) -> int:
    return next((row.documents for row in facets.facets.get(name, []) if row.value == value), 0)


def _judging(api: CaseApi) -> JudgingEstimate | None:
    price = api.estimate_judging(reason="sorted")
    return price if price.documents and price.basis != "off" else None


def _read_again(api: CaseApi) -> Iterator[int]:
    """How many of each ended batch, and of no batch, are in the line again."""
    for batch in _ended_unread(api):
        api.read_again(batch.id)
        yield batch.unread
    for paper in api.documents(status="cancelled", limit=MOST_STOPPED).documents:
        if paper.job_id and paper.batch_id is None:
            api.retry_job(paper.job_id)
            yield 1


def _ended_unread(api: CaseApi) -> list[ListedBatch]:
    return [batch for batch in api.batches(limit=200).batches
            if batch.unread and batch.status in ("stopped", "completed")]  # fmt: skip
