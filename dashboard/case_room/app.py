"""Puts the case room together: its frame, its sign-in, and one blueprint per page."""

import secrets

import httpx
from flask import Flask

from dashboard.case_room import links
from dashboard.case_room.api import CaseApi
from dashboard.case_room.frame import PageOf, register_frame
from dashboard.case_room.pages import (
    asking,
    dates,
    differences,
    events,
    findings,
    home,
    matters,
    papers,
    people,
    reader_forms,
    terms,
)
from dashboard.case_room.safety import register_safety
from dashboard.case_room.signed_in import bearer, register_sign_in
from dashboard.settings import Settings

PAGES = (
    PageOf("home", "Home", "h"),
    PageOf("events", "Events", "e"),
    PageOf("papers", "Papers", "p"),
    PageOf("reader", "Reader", "r"),
    PageOf("differences", "Differences", "d"),
    PageOf("people", "People", "o"),
    PageOf("asking", "Ask", "a"),
)  # fmt: skip
BLUEPRINTS = (
    home.blueprint, dates.blueprint, events.blueprint, findings.blueprint, papers.blueprint, matters.blueprint,
    reader_forms.blueprint, differences.blueprint, people.blueprint, asking.blueprint, terms.blueprint,
)  # fmt: skip
MOST_FORM_BYTES = 2 * 1024 * 1024  # a selection of 200 ids is 8 KB; a corrected page of text a few more


def build_app(settings: Settings, transport: httpx.BaseTransport | None = None) -> Flask:
    """The Flask app over the control plane that the settings name, reached by this transport (default: HTTP)."""
    app = Flask(__name__, static_url_path=f"{links.ROOT}/static")
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),  # after a restart a form that stood open is sent once more
        SESSION_COOKIE_NAME="case_room", SESSION_COOKIE_PATH=f"{links.ROOT}/", SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=settings.control_plane_token is None, MAX_CONTENT_LENGTH=MOST_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_FORM_BYTES,
    )  # fmt: skip
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    register_safety(app)
    register_sign_in(app, settings)
    register_frame(app, settings, CaseApi(settings.control_plane_url, bearer, transport, matters.chosen), PAGES)
    app.jinja_env.globals.update(matters=matters.known, matter=matters.chosen)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=links.ROOT)
    return app
