"""Home: one truthful line of counts, each a link to the list behind it; what is new, what is to check."""

from flask import Blueprint

from dashboard.case_room import frame

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def show() -> str:
    """The counts and what waits for a person."""
    api = frame.api()
    totals, refused = api.totals(), api.refused_files(1)
    return frame.show("home.html", "Home", totals=totals, refused=refused.total or 0)
