"""Papers: the list that is searched, counted by facets, sorted, and decided about in thousands."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Blueprint, request, stream_with_context
from flask import Response as StreamedResponse
from werkzeug.wrappers import Response

from dashboard import tables, words
from dashboard.answers import Decided, Facets, FacetValue, ListedDocument, SavedView, SearchHit
from dashboard.case_room import frame, links, titles
from dashboard.case_room.pages.reader_forms import marks_said
from dashboard.case_room.paging import PAGE_ROWS, Trail, by_cursor

blueprint = Blueprint("papers", __name__)
FILTERS = (
    "q", "type", "person", "source", "folder", "tag", "year", "status", "sensitivity", "important", "exhibit",
    "case_number", "batch_id", "person_id", "since", "date_from", "date_to", "min_relevancy",
)  # fmt: skip
FACETS = {"status": "State", "type": "Type", "year": "Year", "person": "People", "tag": "Tags", "source": "Came by",
          "folder": "Folders", "sensitivity": "Sensitivity"}  # fmt: skip
SHOWN_VALUES = 8
"""Values of a facet that are shown at once; the others are behind "more"."""
SORTS = {
    "received desc": "Newest here first", "received asc": "Oldest here first", "date asc": "By date, oldest first",
    "date desc": "By date, latest first", "name asc": "By name", "type asc": "By type",
    "relevancy desc": "Most relevant first",
}  # fmt: skip
PATH = f"{links.ROOT}/papers"
COLUMNS: list[tuple[str, Callable[[ListedDocument], Any]]] = [
    ("Paper", lambda paper: paper.original_filename),
    ("Type", lambda paper: paper.document_type or ""),
    ("Date", lambda paper: paper.document_date or ""),
    ("People", lambda paper: "; ".join(party.name or "" for party in paper.parties)),
    ("Case number", lambda paper: paper.case_number or ""),
    ("Court", lambda paper: paper.court or ""),
    ("Pages", lambda paper: paper.pages_total or ""),
    ("Tags", lambda paper: "; ".join(paper.tags)),
    ("Exhibit", lambda paper: paper.exhibit or ""),
    ("Important", lambda paper: "yes" if paper.is_important else ""),
    ("Findings within it", lambda paper: paper.findings_count),
    ("Received", lambda paper: paper.created_at.isoformat(timespec="minutes")),
    ("SHA-256", lambda paper: paper.sha256 or ""),
    ("Number here", lambda paper: paper.id),
]


@blueprint.get("/papers")
def show() -> str:
    """The papers that the address means, with counts."""
    api, search, trail = frame.api(), _search(request.args), Trail.of(request.args)
    order = request.args.get("order", "received desc")
    sort, direction = (order if order in SORTS else "received desc").split(" ")
    page = api.documents(**search, sort=sort, order=direction, limit=PAGE_ROWS, cursor=trail.cursor)
    facets = api.facets(**search)
    query = search | ({"order": order} if order in SORTS and order != "received desc" else {})
    return frame.show(
        "papers.html", "Papers", facets=_facets(facets, search), facet_titles=FACETS, search=search, sorts=SORTS,
        order=order, here=_here(), shown_values=SHOWN_VALUES, tags=api.tags(), hits=_hits(search, trail),
        papers=by_cursor(page.documents, facets.total, page.next, PATH, query, trail, facets.is_at_least),
        query=query, active=_active(search, query), views=[(view, _of_view(view)) for view in api.views()],
        as_table=f"{PATH}.csv{links.to_papers(**search).removeprefix(PATH)}",
    )  # fmt: skip


@blueprint.post("/papers/decide")
def decide() -> Response:
    """Say something of the ticked papers, or of all that the search means; it can be undone as one."""
    said = _said()
    if not said:
        return frame.done("Say what to do with them: a tag, a mark or a correction.", frame.back(), is_error=True)
    documents, why, search = which()
    if documents == []:
        return frame.done("Tick the papers that you mean, or choose all that were found.", frame.back(), is_error=True)
    return _do(lambda api: api.decide(documents, why, search, **said))


@blueprint.get("/papers.csv")
def as_table() -> Response:
    """All that the address means as a table, row by row as it comes; a cell that looks like a formula is none."""
    found = frame.api().papers(_search(request.args))
    headers = {"Content-Disposition": "attachment; filename=papers.csv"}
    return StreamedResponse(stream_with_context(_rows(found)), headers=headers, mimetype="text/csv")


@blueprint.post("/papers/zip")
def as_zip() -> Response:
    """The files of the ticked papers, or of all that the search means, with an index, passed on as they come."""
    documents, _, search = which()
    if documents == []:
        return frame.done("Tick the papers that you mean, or choose all that were found.", frame.back(), is_error=True)

    def act() -> Response:
        source = frame.api().zip_of(documents, search, request.form.get("what", "original"))
        headers = {"Content-Disposition": "attachment; filename=papers.zip"}
        return StreamedResponse(frame.passed_on(source), headers=headers, mimetype="application/zip")

    return frame.guarded(act, frame.back())


@blueprint.post("/papers/view")
def keep_view() -> Response:
    """Keep a search under a name, or keep one no more."""
    api, form = frame.api(), request.form
    if form.get("end"):
        return frame.attempt(lambda: api.end_view(form["end"]), "That search is kept no more.", frame.back())
    order = form.get("order", "")
    sort, direction = (order if order in SORTS else "received desc").split(" ")
    search = _search({name: form.get(f"search_{name}", "") for name in FILTERS})
    name = form.get("name", "").strip()
    return frame.attempt(lambda: api.keep_view(name, search, sort, direction), "Kept.", frame.back())


@blueprint.post("/papers/undo")
def undo() -> Response:
    """Take a decision about papers back."""
    return _do(lambda api: api.undo(request.form.get("decision", "")))


def _search(given: Any) -> dict[str, str]:
    return {name: value for name in FILTERS if (value := given.get(name, "").strip())}


def _facets(facets: Facets, search: dict[str, str]) -> dict[str, list[tuple[str, int, str, bool]]]:
    """Per facet (label, papers, address, whether it is chosen): choosing what is chosen takes it back."""
    told: dict[str, list[tuple[str, int, str, bool]]] = {}
    for name in FACETS:
        for row in facets.facets.get(name, []):
            value = "-" if row.value is None else row.value
            chosen = search.get(name) == value
            rest = {key: kept for key, kept in search.items() if key != name}
            address = links.to_papers(**(rest if chosen else rest | {name: value}))
            told.setdefault(name, []).append((_label(name, row), row.documents, address, chosen))
    return told


def _label(facet: str, row: FacetValue) -> str:
    known: dict[str, Callable[[str], str]] = {
        "type": words.document_type,
        "source": lambda value: words.label(words.SOURCE, value),
        "status": lambda value: titles.PAPER_STATUS.get(value, value),
        "sensitivity": str.capitalize,
    }
    return titles.NO_FACET.get(facet, "none") if row.value is None else known.get(facet, str)(row.value)


def _active(search: dict[str, str], query: dict[str, str]) -> list[tuple[str, str, str]]:
    """(title, value, the address without it) of each filter that holds."""
    known = titles.FILTER | FACETS
    shown = []
    for name, value in search.items():
        without = {key: kept for key, kept in query.items() if key != name}
        said = _label(name, FacetValue(value=None if value == "-" else value, documents=0))
        if name == "person_id":
            said = frame.api().person(value).name
        shown.append((known.get(name, name), said, links.to_papers(**without)))
    return shown


def _hits(search: dict[str, str], trail: Trail) -> dict[str, SearchHit]:
    """The best passage of each paper that the words are in; without words none."""
    if "q" not in search or trail.before:
        return {}
    known = ("type", "case_number", "source", "min_relevancy", "date_from", "date_to", "batch_id")
    found = frame.api().search(search["q"], limit=200, **{name: search[name] for name in known if name in search})
    return {hit.document_id: hit for hit in found}


def _said() -> dict[str, Any]:
    form, said = request.form, marks_said()
    correct = {name: form[name].strip() for name in ("document_type", "case_number", "document_date")
               if form.get(name, "").strip()}  # fmt: skip
    if correct:
        said["correct"] = correct
    if form.get("exhibit", "").strip():
        said["exhibit"] = form["exhibit"].strip()
    return said


def which() -> tuple[list[str] | None, str, dict[str, str] | None]:
    """The ticked papers, or the search; with why."""
    why = request.form.get("why", "").strip()
    if request.form.get("scope") == "search":
        asked = {name: request.form.get(f"search_{name}", "") for name in FILTERS}
        return None, why, _search(asked)
    return request.form.getlist("paper"), why, None


def _do(action: Callable[[Any], Decided]) -> Response:
    def told() -> Response:
        decided = action(frame.api())
        return frame.done(_told(decided), frame.back(), undo=decided.id)

    return frame.guarded(told, frame.back())


def _told(decided: Decided) -> str:
    said = f"{words.count(decided.changed, 'paper')} changed."
    if decided.unchanged:
        said += f" {words.count(decided.unchanged)} were so already."
    if decided.kept:
        said += f" {words.count(decided.kept)} were left: somebody changed them again since."
    return said


def _of_view(view: SavedView) -> str:
    """The address of a kept search."""
    return links.to_papers(**view.search, order=f"{view.sort} {view.sort_order}")


def _rows(papers: Iterable[ListedDocument]) -> Iterator[str]:
    yield "\ufeff" + _line([title for title, _ in COLUMNS])
    for paper in papers:
        yield _line([tables.safe_cell(read(paper)) for _, read in COLUMNS])


def _line(cells: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _here() -> str:
    return request.full_path.rstrip("?")
