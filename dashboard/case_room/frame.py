"""What every page of the case room shares: the frame around it, its errors, and the notice after something was done."""

import datetime as dt
import functools
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
from flask import Flask, current_app, flash, redirect, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from dashboard import chat_markup, judging_words, markup, pair_words, tables, words
from dashboard.case_room import links, titles
from dashboard.case_room.api import CaseApi
from dashboard.errors import ApiError, ControlPlaneAway, DashboardError, NotAllowed, NotFound
from dashboard.settings import Settings

TYPES_SECONDS = 300
CHUNK = 128 * 1024
STATIC = Path(__file__).with_name("static")


@dataclass(frozen=True)
class PageOf:
    """A page in the navigation: the name of its blueprint, its title, and the key that opens it after `g`."""

    name: str
    title: str
    key: str


def register_frame(app: Flask, settings: Settings, api: CaseApi, pages: tuple[PageOf, ...]) -> None:
    """Give templates what they need, and every error a page."""
    app.extensions["api"] = api
    app.jinja_env.globals.update(
        pages=pages, links=links, words=words, judging_words=judging_words, pair_words=pair_words, titles=titles,
        dashboard_url=settings.dashboard_url, account_url=settings.account_url, has_samples=settings.has_samples,
        version=_version(), clock=chat_markup.clock, party_groups=tables.party_groups, types=_types, said_as=_said_as,
    )  # fmt: skip
    app.jinja_env.filters.update(
        count=words.count, day=words.day, moment=_moment, size=words.size, dollars=words.dollars,
        document_type=words.document_type, clip=markup.clip, marked=_marked, label=_label,
    )  # fmt: skip
    app.register_error_handler(DashboardError, _explain)
    app.register_error_handler(HTTPException, _refuse)


def api() -> CaseApi:
    """The control plane."""
    return cast(CaseApi, current_app.extensions["api"])


def show(template: str, title: str, **values: Any) -> str:
    """A page within the frame."""
    return render_template(template, title=title, **values)


def done(notice: str, back: str, is_error: bool = False, undo: str | None = None) -> Response:
    """Go on to a page of ours, which then says what was done (or why not), and offers to undo that decision."""
    flash(notice, "error" if is_error else "done")
    if undo:
        flash(undo, "undo")
    return redirect(back if links.is_own(back) else f"{links.ROOT}/", 303)


def attempt(action: Callable[[], object], notice: str, back: str) -> Response:
    """Do what a form asked for, and say on the next page how it went."""

    def act() -> Response:
        action()
        return done(notice, back)

    return guarded(act, back)


def guarded(action: Callable[[], Response], back: str) -> Response:
    """Do what a form asked for; where the service says no, its reason stands on the page that the form came from."""
    try:
        return action()
    except DashboardError as error:
        return done(str(error), back, is_error=True)


def passed_on(source: httpx.Response) -> Iterator[bytes]:
    """A file of the control plane in pieces, as it comes."""
    try:
        yield from source.iter_bytes(CHUNK)
    finally:
        source.close()


def back() -> str:
    """Where a form came from, as it says itself."""
    wanted = request.form.get("back", "")
    return wanted if links.is_own(wanted) else f"{links.ROOT}/"


def _explain(error: DashboardError) -> tuple[str, int]:
    """A page that says what happened and what to do."""
    known: tuple[tuple[type[DashboardError], str, int], ...] = (
        (ControlPlaneAway, "The service is away", 503),
        (NotAllowed, "You are signed out", 401),
        (NotFound, "There is no such thing", 404),
        (ApiError, "That did not work", 400),
    )
    title, status = next(((title, code) for kind, title, code in known if isinstance(error, kind)), ("Error", 500))
    if isinstance(error, ApiError) and error.status >= 500:
        status = 503
    return show("error.html", title, says=str(error)), status


def _refuse(error: HTTPException) -> tuple[str, int]:
    says = {
        403: "This form is too old, or did not come from this window. Go back, reload the page and try again.",
        404: "There is no such page here.",
    }.get(error.code or 500, "Something went wrong. Nothing was changed.")
    return show("error.html", error.name, says=says), error.code or 500


def _moment(when: dt.datetime | None) -> str:
    return "–" if when is None else f"{words.day(when.date())}, {when:%H:%M}"


def _marked(text: str) -> Markup:
    """Escaped text in which only the search engine's own highlights survive."""
    return Markup(markup.highlighted(text))


def _label(key: str | None, of: str) -> str:
    """What people read for a value: `status|label("STATUS")`."""
    return words.label(getattr(titles, of, None) or getattr(words, of), key)


def _types() -> list[str]:
    """Every type of document that is here, as of a few minutes ago: it is counted over all of them."""
    return _types_in(int(time.time() // TYPES_SECONDS))


@functools.lru_cache(maxsize=1)
def _types_in(_minutes: int) -> list[str]:
    return sorted(api().analytics().by_type)


def _said_as(value: object) -> str:
    """What was read before it was corrected, in a few words."""
    if isinstance(value, list):
        return f"{len(value)} people" if value else "nobody"
    return str(value) if value else "nothing"


def _version() -> str:
    """Changes when a file of ours does: browsers then ask for it again."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.glob("*.*")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
