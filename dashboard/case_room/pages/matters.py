"""Matters: which of several cases somebody works on, and which papers belong to it; unseen while there is one."""

from flask import Blueprint, g, request, session
from werkzeug.wrappers import Response

from dashboard import words
from dashboard.answers import Matter
from dashboard.case_room import frame, links
from dashboard.case_room.pages.papers import which
from dashboard.case_room.signed_in import visitor
from dashboard.errors import DashboardError

blueprint = Blueprint("matters", __name__)
NEW = "new"


def known() -> list[Matter]:
    """All matters; none for who is not signed in, and where the service is away."""
    if "matters" not in g:
        try:
            g.matters = frame.api().matters() if visitor() else []
        except DashboardError:
            g.matters = []
    found: list[Matter] = g.matters
    return found


def chosen() -> str | None:
    """The matter that the visitor works on; None: all."""
    wanted = session.get("matter")
    return next((each.id for each in known() if each.id == wanted), None) if wanted else None


@blueprint.post("/matter")
def choose() -> Response:
    """Work on one matter, or on all."""
    session["matter"] = request.form.get("matter", "")
    title = next((each.name for each in known() if each.id == session["matter"]), None)
    return frame.done(f"You see {title} now." if title else "You see all matters now.", f"{links.ROOT}/")


@blueprint.post("/papers/matter")
def put() -> Response:
    """Put the ticked papers, or all that were found, into a matter, into a new one, or out of one."""
    into, out_of = request.form.get("into", ""), request.form.get("out_of", "")
    name = request.form.get("matter_name", "").strip()
    if not (into or out_of) or (into == NEW and not name):
        return frame.done("Choose a matter, or name a new one.", frame.back(), is_error=True)
    documents, _, search = which()
    if documents == []:
        return frame.done("Tick the papers that you mean, or choose all that were found.", frame.back(), is_error=True)

    def act() -> Response:
        api, said = frame.api(), []
        if into:
            matter = api.begin_matter(name).id if into == NEW else into
            said.append(f"{words.count(api.set_matter(matter, documents, search, True), 'paper')} put into it.")
        if out_of:
            said.append(f"{words.count(api.set_matter(out_of, documents, search, False), 'paper')} taken out.")
        return frame.done(" ".join(said), frame.back())

    return frame.guarded(act, frame.back())
