"""Reader: a page beside its text, with what is looked for lit on both; and what a person says of the paper."""

from flask import Blueprint, Response, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

from dashboard.answers import Finding, PageOfWords, WholeDocument
from dashboard.case_room import frame, links
from dashboard.case_room.lighting import (
    Box,
    Spot,
    find_hits,
    find_words,
    light_picture,
    light_text,
    picture_box,
    show_doubts,
)
from dashboard.case_room.paging import by_offset
from dashboard.errors import NotFound
from dashboard.file_facts import FileFact
from dashboard.talks import Talks

blueprint = Blueprint("reader", __name__)
PEOPLE = 100
"""People who are offered as speakers and partakers: those of most papers."""


@blueprint.get("/reader")
def show() -> AnyResponse:
    """The paper that was read last, else the list to choose one."""
    last = session.get("reader")
    return redirect(links.to_reader(last) if last else links.to_papers(), 303)


@blueprint.get("/reader/<document_id>")
def read(document_id: str) -> str:
    """A document at one of its pages; `start` and `length`, `finding`, `claim` or `q` say what is lit."""
    document = frame.api().document(document_id)
    session["reader"] = document.id
    finding = _finding(document)
    page = _page(document, finding)
    talks = _talks(document) if request.args.get("as") != "text" and "start" not in request.args else None
    query = request.args.get("q", "")
    spots = _spots(document, page, finding, query) if page else []
    return frame.show(
        "reader.html", document.original_filename, document=document, page=page, finding=finding, query=query,
        lines=light_text(page.text, spots) if page else [], boxes=_boxes(document, page, spots),
        doubts=show_doubts(page) if page else [],
        corrected={line.line_now: line for line in document.judgement.lines if page and line.page == page.page},
        asked=next((spot for spot in spots if spot.kind == "asked"), None), next_finding=_next(document, finding),
        talks=talks, messages=_messages(talks), editing=request.args.get("line", 0, type=int),
        here=request.full_path.rstrip("?"), tags=frame.api().tags(), people=frame.api().people(limit=PEOPLE).people,
        is_chat="conversation.json" in document.artifacts, own_account=_own_account(document),
    )  # fmt: skip


@blueprint.get("/reader/<document_id>/picture")
def picture(document_id: str) -> Response:
    """The file that shows the pages, passed on as the control plane streams it."""
    source = frame.api().picture(document_id, request.headers.get("Range"))
    kept = ("Content-Type", "Content-Length", "Content-Range", "Accept-Ranges")
    headers = {name: source.headers[name] for name in kept if name in source.headers}
    headers |= {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, max-age=600"}
    return Response(frame.passed_on(source), source.status_code, headers)


def _page(document: WholeDocument, finding: Finding | None) -> PageOfWords | None:
    if not document.pages:
        return None
    claim = request.args.get("claim", type=int)
    named = next((each.page for each in document.claims if each.id == claim), None) or (finding and finding.page)
    wanted = request.args.get("page", named or 1, type=int)
    last = document.pages[-1].page
    return frame.api().page(document.id, min(max(wanted, 1), last))


def _finding(document: WholeDocument) -> Finding | None:
    wanted = request.args.get("finding", type=int)
    return next((each for each in document.findings if each.id == wanted), None)


def _next(document: WholeDocument, finding: Finding | None) -> Finding | None:
    """The finding after this one in the order of the pages, else the first."""
    rows = sorted(filter(_counts, document.findings), key=_place)
    after = [row for row in rows if finding and _place(row) > _place(finding)]
    return next(iter(after or rows), None)


def _counts(finding: Finding) -> bool:
    """Whether its words stand and nobody called it wrong."""
    return finding.verified and not finding.is_wrong


def _place(finding: Finding) -> tuple[int, int]:
    return finding.page or 0, finding.id


def _spots(document: WholeDocument, page: PageOfWords, finding: Finding | None, query: str) -> list[Spot]:
    spots = [spot for spot in (_asked(document, page, finding),) if spot]
    for row in document.findings:
        place = find_words(page.text, row.quote) if row.page == page.page and _counts(row) else None
        if place:
            spots.append(Spot("finding", *place, label=row.kind))
    for note in document.judgement.notes:
        place = find_words(page.text, note.quote) if note.page == page.page else None
        if place:
            spots.append(Spot("note", *place, label=note.text[:80]))
    for mark in document.judgement.marks:
        place = find_words(page.text, mark.quote) if mark.page == page.page else None
        if place:
            spots.append(Spot("note", *place, label=f"Marked by {mark.decided_by}"))
    return spots + find_hits(page.text, query)


def _asked(document: WholeDocument, page: PageOfWords, finding: Finding | None) -> Spot | None:
    """The words that the address names."""
    start, length = request.args.get("start", type=int), request.args.get("length", 0, type=int)
    if start is not None and 0 <= start < len(page.text):
        return Spot("asked", start, max(1, length))
    claim = next((each for each in document.claims if each.id == request.args.get("claim", type=int)), None)
    if claim and claim.page == page.page and claim.start is not None:
        return Spot("asked", claim.start, len(claim.quote))
    place = find_words(page.text, finding.quote) if finding and finding.page == page.page else None
    return Spot("asked", *place) if place else None


def _boxes(document: WholeDocument, page: PageOfWords | None, spots: list[Spot]) -> list[Box]:
    if page is None:
        return []
    boxes = light_picture(page, spots)
    claim = next((each for each in document.claims if each.id == request.args.get("claim", type=int)), None)
    if claim and claim.box and claim.page == page.page:
        boxes.append(picture_box(claim.box, "asked"))
    return boxes + [picture_box(n.box, "note") for n in document.judgement.notes if n.box and n.page == page.page]


def _talks(document: WholeDocument) -> Talks | None:
    if "conversation.json" not in document.artifacts:
        return None
    try:
        return frame.api().conversations(document.id)
    except NotFound:  # too many messages to be shown: they are in the pages
        return None


def _own_account(document: WholeDocument) -> list[FileFact]:
    """What the file says of itself: time and place of a photo, who signed a PDF."""
    if "facts.json" not in document.artifacts:
        return []
    try:
        return frame.api().own_account(document.id)
    except NotFound:  # larger than is shown
        return []


def _messages(talks: Talks | None) -> object:
    """A page of the messages of the conversation that the address names, the first one by itself."""
    if talks is None or not talks.conversations:
        return None
    number = min(max(request.args.get("talk", 1, type=int), 1), len(talks.conversations))
    offset = max(request.args.get("offset", 0, type=int), 0)
    said = talks.conversations[number - 1].messages
    query = {name: value for name, value in request.args.items() if name != "offset"}
    return by_offset(said, offset, request.path, query)
