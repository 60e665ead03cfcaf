"""Who may look: the dashboard's own pass, so that whoever signed in at one window is signed in at both."""

import time

from flask import Blueprint, Flask, Response, current_app, flash, redirect, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from dashboard import login
from dashboard.case_room import links
from dashboard.settings import Settings

blueprint = Blueprint("signed_in", __name__)
OPEN = ("static", "signed_in.ask", "signed_in.sign_in")


def register_sign_in(app: Flask, settings: Settings) -> None:
    """Show nothing to whoever has no pass."""
    app.extensions["sign_in"] = (settings, login.Guesses())
    app.register_blueprint(blueprint, url_prefix=links.ROOT)

    @app.before_request
    def guard() -> AnyResponse | None:
        if request.endpoint in OPEN or is_signed_in():
            return None
        wanted = request.full_path.rstrip("?") if request.method == "GET" else f"{links.ROOT}/"
        return redirect(f"{links.ROOT}/sign-in?{_query(wanted)}", 303)


def is_signed_in() -> bool:
    """Whether the request carries a pass."""
    settings: Settings = current_app.extensions["sign_in"][0]
    return login.pass_is_valid(request.cookies.get(login.COOKIE), settings.password, time.time())


def bearer() -> str:
    """In whose name the control plane is asked."""
    settings: Settings = current_app.extensions["sign_in"][0]
    return settings.control_plane_token


@blueprint.get("/sign-in")
def ask() -> str:
    """The page that asks for the password."""
    return render_template("sign_in.html", title="Sign in", wanted=_wanted())


@blueprint.post("/sign-in")
def sign_in() -> AnyResponse:
    """A pass for who knows the password; guessers must wait."""
    settings, guesses = current_app.extensions["sign_in"]
    forwarded = request.headers.get("X-Forwarded-For") if settings.behind_proxy else None
    address, now = login.visitor_address(forwarded, request.remote_addr), time.time()
    wait_seconds = guesses.wait_seconds(address, now)
    if wait_seconds:
        return _again(f"Too many wrong passwords. Please wait {wait_seconds} seconds, then try again.")
    if not login.password_matches(request.form.get("password", ""), settings.password):
        guesses.record_wrong(address, now)
        return _again("That password is not right. Please try again.")
    response = redirect(_wanted(), 303)
    # As the dashboard leaves it, which takes it away by script when somebody signs out there.
    response.set_cookie(
        login.COOKIE, login.sign_pass(settings.password, now), max_age=login.PASS_SECONDS, path="/",
        samesite="Strict", secure=_is_over_tls(settings),
    )  # fmt: skip
    return response


@blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    """Take the pass away."""
    session.clear()
    response = redirect(f"{links.ROOT}/sign-in", 303)
    response.delete_cookie(login.COOKIE, path="/")
    return response


def _again(why: str) -> Response:
    flash(why, "error")
    return Response(render_template("sign_in.html", title="Sign in", wanted=_wanted()), 403)


def _wanted() -> str:
    wanted = request.values.get("wanted", "")
    return wanted if links.is_own(wanted) else f"{links.ROOT}/"


def _query(wanted: str) -> str:
    return links.to_papers(wanted=wanted).partition("?")[2]


def _is_over_tls(settings: Settings) -> bool:
    return request.is_secure or (settings.behind_proxy and request.headers.get("X-Forwarded-Proto") == "https")
