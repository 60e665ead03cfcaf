"""Dates: hearings and due days that papers name, on their words, and days that people wrote down."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from dashboard.case_room import frame, links
from dashboard.case_room.paging import PAGE_ROWS, Trail, by_cursor

blueprint = Blueprint("dates", __name__)
WHEN = {"next": "To come", "past": "Gone by", "done": "Done"}
PATH = f"{links.ROOT}/dates"


@blueprint.get("/dates")
def show() -> str:
    """A page of them: those to come, gone by, or done."""
    when = request.args.get("when", "next")
    when = when if when in WHEN else "next"
    trail = Trail.of(request.args)
    page = frame.api().reminders(when, PAGE_ROWS, trail.cursor)
    dates = by_cursor(page.reminders, page.total, page.next, PATH, {"when": when} if when != "next" else {}, trail)
    return frame.show("dates.html", "Dates", dates=dates, when=when, kinds=WHEN, here=request.full_path.rstrip("?"))


@blueprint.post("/dates")
def write() -> Response:
    """Write a day down."""
    day, text = request.form.get("day", ""), request.form.get("text", "").strip()
    return frame.attempt(lambda: frame.api().add_reminder(day, text), "Written down.", frame.back())


@blueprint.post("/dates/done")
def done() -> Response:
    """Be done with a day, or not."""
    reminder, is_done = request.form.get("reminder", ""), request.form.get("is_done") == "yes"
    return frame.attempt(lambda: frame.api().set_reminder(reminder, is_done), "Done.", frame.back())
