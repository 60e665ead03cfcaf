"""Who may call what: the operator's bearer token on every route, unless the route says otherwise."""

from __future__ import annotations

import hmac

from flask import Flask, current_app, request

from control_plane.errors import NotAllowed
from control_plane.http.tokens import verify_worker_token
from control_plane.http.wiring import settings


def register_auth(app: Flask) -> None:
    """Guard every route; a view not described with `auth="worker"` or `auth="none"` needs CONTROL_PLANE_TOKEN."""

    @app.before_request
    def guard() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        if view is None or getattr(view, "auth", "operator") != "operator":
            return
        require_operator()


def bearer_token() -> str:
    """The token of the Authorization header, or an empty string."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def require_operator() -> None:
    """Raise NotAllowed unless the request carries CONTROL_PLANE_TOKEN."""
    expected = settings().control_plane_token.encode()
    if not hmac.compare_digest(bearer_token().encode(), expected):
        raise NotAllowed("Send the header Authorization: Bearer <CONTROL_PLANE_TOKEN>.")


def worker_instance() -> str:
    """The label of the calling machine, by its token. Whether the ledger still has it is for SQL to say."""
    return verify_worker_token(bearer_token(), settings().supabase_jwt_secret)
