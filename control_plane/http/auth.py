"""Who may call what: the operator's bearer token on every route, unless the route says otherwise."""

from __future__ import annotations

import hmac

from flask import Flask, current_app, g, request

from control_plane.errors import NotAllowed
from control_plane.http.contract import Auth, Description
from control_plane.http.tokens import is_analyst_token, verify_worker_token
from control_plane.http.wiring import settings


def register_auth(app: Flask) -> None:
    """Guard every route by its description; a view without one needs CONTROL_PLANE_TOKEN."""

    @app.before_request
    def guard() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        if view is None:
            return
        about: Description | None = getattr(view, "description", None)
        kind: Auth = about.auth if about else "operator"
        if kind == "operator":
            require_operator()
        elif kind == "analysis_secret":
            require_analysis_secret()
        elif kind != "none":
            # Anthropic's clients send their key as a bearer token, older ones as x-api-key.
            token = bearer_token() or request.headers.get("x-api-key", "")
            g.worker_label = _caller(kind, token, settings().supabase_jwt_secret)


def bearer_token() -> str:
    """The token of the Authorization header, or an empty string."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def require_operator() -> None:
    """Raise NotAllowed unless the request carries CONTROL_PLANE_TOKEN."""
    expected = settings().control_plane_token.encode()
    if not hmac.compare_digest(bearer_token().encode(), expected):
        raise NotAllowed("Send the header Authorization: Bearer <CONTROL_PLANE_TOKEN>.")


def require_analysis_secret() -> None:
    """Raise NotAllowed unless the request carries ANALYSIS_WORKER_SECRET, and one is set."""
    expected = (settings().analysis_worker_secret or "").encode()
    if not expected or not hmac.compare_digest(bearer_token().encode(), expected):
        raise NotAllowed("Send the header Authorization: Bearer <ANALYSIS_WORKER_SECRET>.")


def acting_name() -> str:
    """Who decides, as a decision is stored with it: "owner" where the operator's own token calls."""
    name: str = g.get("acting_name", "owner")
    return name


def _caller(kind: Auth, token: str, secret: str) -> str | None:
    """The label of the calling machine; None for the analysis worker. Raises NotAllowed for who may not call."""
    if kind != "worker" and is_analyst_token(token, secret):
        return None
    if kind == "analyst":
        raise NotAllowed("This is not a token of the analysis worker.", "token_invalid")
    return verify_worker_token(token, secret)


def caller_label() -> str | None:
    """The label of the calling machine, None when the analysis worker calls."""
    label: str | None = g.worker_label
    return label


def worker_label() -> str:
    """The label of the calling machine, by its token. Whether the ledger still has it is for SQL to say."""
    return str(g.worker_label)
