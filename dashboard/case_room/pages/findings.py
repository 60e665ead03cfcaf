"""Findings: what the analyses point at, the gravest first, each with its words; the list behind Home's number."""

from flask import Blueprint, request

from dashboard import pair_words, words
from dashboard.case_room import frame, links
from dashboard.case_room.paging import PAGE_ROWS, Trail, by_cursor

blueprint = Blueprint("findings", __name__)


@blueprint.get("/findings")
def show() -> str:
    """A page of findings, of one kind or of all."""
    trail, kind = Trail.of(request.args), request.args.get("kind", "")
    page = frame.api().findings(PAGE_ROWS, trail.cursor, kind)
    found = by_cursor(page.findings, page.total, page.next, f"{links.ROOT}/findings", {"kind": kind}, trail)
    return frame.show("findings.html", pair_words.FINDINGS_WITHIN, findings=found, kind=kind, kinds=words.KIND)
