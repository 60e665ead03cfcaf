"""The pages of signing in: plain HTML, no script; and what nginx asks before it lets anybody to the windows."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request

from control_plane.accounts import entering, factors
from control_plane.database.account_rows import Account
from control_plane.errors import NotAllowed, NotPermitted
from control_plane.http.callers import SESSION_PREFIX, Caller, digest
from control_plane.http.contract import View, describe
from control_plane.http.wiring import callers, clients, settings

blueprint = Blueprint("account", __name__, template_folder="templates")
COOKIE = "aseagi_session"
COOKIE_SECONDS = 12 * 3600
LONGEST_FORM_BYTES = 16_384
HOUSE_ROOT = "/"


def page(summary: str) -> Callable[[View], View]:
    """A page for people's browsers: it stands in no API document."""
    return describe(summary, "Pages", auth="none", answer=str, answer_type="text/html", is_page=True)


@blueprint.get("/account/check")
@page("May this browser pass?")
def check() -> Response:
    """204 for somebody who is signed in, else 401: nginx asks it before every request for a window."""
    return Response(status=204) if _signed_in() else Response(status=401)


@blueprint.get("/account/sign-in")
@page("Sign in")
def sign_in_page() -> Response:
    """The form; who is signed in already goes on."""
    if _signed_in():
        return _go(_asked_for())
    return _show("sign_in.html", to=_asked_for())


@blueprint.post("/account/sign-in")
@page("Sign in")
def sign_in() -> Response:
    """Leave the session in a cookie that no script reads."""
    form = _form()
    to = _wanted(form.get("to", ""))
    entry = entering.sign_in(form.get("name", "")[:60], form.get("password", "")[:1000], form.get("code", "")[:40])
    if entry.session is None:
        status = 429 if entry.wait_seconds else 401
        return _show("sign_in.html", status, to=to, wrong=True, wait=entry.wait_seconds, name=form.get("name", ""))
    response = _go(to)
    response.set_cookie(
        COOKIE, entry.session, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=_is_https(), path="/"
    )
    return response


@blueprint.get("/account/invitation")
@page("Accept an invitation")
def invitation_page() -> Response:
    """Password and second factor, or that the link opens nothing."""
    person = _invited(request.args.get("t", ""))
    return _show("dead_link.html", 404) if person is None else _invite(person, factors.make_totp_key())


@blueprint.post("/account/invitation")
@page("Accept an invitation")
def accept() -> Response:
    """Keep password and second factor, and show the recovery codes this once."""
    form, token = _form(), request.args.get("t", "")
    person, key = _invited(token), form.get("key", "")
    if person is None or not factors.is_totp_key(key):
        return _show("dead_link.html", 404)
    password = form.get("password", "")
    step = factors.find_step(key, form.get("code", "")[:40], time.time())
    problem = factors.password_problem(password, person.name)
    if problem is None and password != form.get("again", ""):
        problem = "The two passwords differ: type the same one twice."
    if problem is None and step is None:
        problem = "That code is not the one of this minute: type the six digits that the app shows now."
    if problem is not None or step is None:
        return _invite(person, key, problem)
    accepted = entering.accept(token, password, key, step)
    if accepted is None:
        return _show("dead_link.html", 404)
    return _show("welcome.html", person=person, codes=accepted[1])


@blueprint.get("/account")
@page("Your account")
def account_page() -> Response:
    """Who is signed in, and the way out."""
    who = _signed_in()
    return _go("/account/sign-in") if who is None else _show("account.html", who=who, home=_home())


@blueprint.post("/account/sign-out")
@page("Sign out")
def sign_out() -> Response:
    """End the session, here or everywhere."""
    form, who = _form(), _signed_in()
    if who is not None:
        entering.sign_out(request.cookies[COOKIE], who.name, form.get("everywhere") == "yes")
    response = _go("/account/sign-in")
    response.delete_cookie(COOKIE, path="/")
    return response


def _form() -> dict[str, str]:
    """The form of one of our own pages. Raises NotPermitted for one that another site has sent."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_foreign = site not in (None, "same-origin", "none")
    if is_foreign or origin not in (None, "null") and urlsplit(origin).netloc != request.host:
        raise NotPermitted("This form was sent by another site.", "foreign_form")
    request.max_content_length = LONGEST_FORM_BYTES
    return {name: value.replace("\0", "") for name, value in request.form.items()}


def _signed_in() -> Caller | None:
    token = request.cookies.get(COOKIE, "")
    try:
        return callers().find(token) if token.startswith(SESSION_PREFIX) else None
    except NotAllowed:
        return None


def _invited(token: str) -> Account | None:
    return clients().database.find_invited(digest(token)) if token else None


def _invite(person: Account, key: str, problem: str | None = None) -> Response:
    house = urlsplit(settings().control_plane_url).hostname or ""
    picture = factors.qr_picture(key, person.name, house)
    status = 200 if problem is None else 400
    return _show(
        "invitation.html", status, person=person, key=key, picture=picture, problem=problem,
        shortest=factors.SHORTEST_PASSWORD,
    )  # fmt: skip


def _asked_for() -> str:
    """The path that `to` names: nginx writes it there as it came, our own pages as a parameter."""
    raw = request.query_string.decode("ascii", "replace").partition("to=")[2]
    return _wanted(raw if set(raw) & set("?&") else unquote(raw))


def _wanted(path: str) -> str:
    """A path of our own windows, and nothing that leads elsewhere."""
    is_ours = re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", path) is not None
    return path if is_ours and not path.startswith("/account") else HOUSE_ROOT


def _home(path: str = HOUSE_ROOT) -> str:
    """What stands before a window's path: nothing, but for `make run`, where each has a port of its own."""
    window = settings().case_room_url if path.startswith("/case/") else settings().dashboard_url
    return window.removesuffix("/").removesuffix("/case")


def _go(path: str) -> Response:
    start = "" if path.startswith("/account") else _home(path)
    return make_response(redirect(f"{start}{path}", 303))


def _is_https() -> bool:
    return request.headers.get("X-Forwarded-Proto", request.scheme) == "https"


def _show(template: str, status: int = 200, **values: object) -> Response:
    response = make_response(render_template(template, **values), status)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; "
        f"form-action 'self' {_home()} {_home('/case/')}".rstrip()
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
