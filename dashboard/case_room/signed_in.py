"""Who may look: whoever signed in at the control plane, at both windows; on one's own computer the owner."""

from flask import Blueprint, Flask, abort, current_app, g, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

from dashboard import answers, visitors
from dashboard.case_room import frame, links
from dashboard.errors import DashboardError
from dashboard.settings import Settings

blueprint = Blueprint("signed_in", __name__)


def register_sign_in(app: Flask, settings: Settings) -> None:
    """Show nothing to whoever is not signed in."""
    app.extensions["window_settings"] = settings
    app.register_blueprint(blueprint, url_prefix=links.ROOT)
    app.jinja_env.globals.update(visitor=visitor)

    @app.before_request
    def guard() -> AnyResponse | None:
        # Without a sign-in a page of another site, whose name leads here, must not read over our shoulder.
        if settings.control_plane_token and not visitors.is_own_name(request.host):
            abort(403)
        if request.endpoint == "static":
            return None
        try:
            found = visitors.find_visitor(request.cookies.get(visitors.COOKIE), settings, _ask)
        except DashboardError:  # the service is away: the page says so
            found = (settings.control_plane_token or "", None)
        if found is None:
            wanted = request.full_path.rstrip("?") if request.method == "GET" else f"{links.ROOT}/"
            return redirect(visitors.sign_in_address(settings, wanted), 303)
        g.bearer, g.visitor = found
        return None


def bearer() -> str:
    """In whose name the control plane is asked."""
    token: str = g.bearer
    return token


def visitor() -> answers.Me | None:
    """Who is looking; None while the control plane is away."""
    found: answers.Me | None = g.get("visitor")
    return found


@blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session, here and at the dashboard."""
    settings: Settings = current_app.extensions["window_settings"]
    frame.api().sign_out()
    session.clear()
    response = redirect(visitors.sign_in_address(settings, f"{links.ROOT}/"), 303)
    response.delete_cookie(visitors.COOKIE, path="/")
    return response


def _ask(token: str) -> answers.Me:
    g.bearer = token
    return frame.api().me()
