"""Who may call what: people and their programs by what a route needs of them, unless the route is for somebody else."""

from __future__ import annotations

import hmac

from flask import Flask, Response, current_app, g, request

from control_plane.errors import NotAllowed, NotPermitted
from control_plane.http.callers import Caller
from control_plane.http.contract import Auth, Description, Scope
from control_plane.http.tokens import is_analyst_token, verify_worker_token
from control_plane.http.traces import trace_change, trace_reading
from control_plane.http.wiring import callers, settings

DOES: dict[Scope, str] = {
    "read": "read here", "upload": "bring files in", "decide": "judge and correct",
    "admin": "change what costs money or lets others in",
}  # fmt: skip
UNSAID = Description("", "", "operator", None, needs="admin")


def register_auth(app: Flask) -> None:
    """Guard every route by its description, and write the access log."""

    @app.before_request
    def guard() -> None:
        about = _description()
        if about is None or about.auth == "none":
            return
        if about.auth == "operator":
            g.caller = callers().find(bearer_token())
            require_scope(g.caller, about.scope(request.method))
            trace_reading(g.caller, about)
        elif about.auth == "analysis_secret":
            require_secret("ANALYSIS_WORKER_SECRET", settings().analysis_worker_secret)
        elif about.auth == "metrics_token":
            require_secret("METRICS_TOKEN", settings().metrics_token)
        else:
            # Anthropic's clients send their key as a bearer token, older ones as x-api-key.
            token = bearer_token() or request.headers.get("x-api-key", "")
            g.worker_label = _caller(about.auth, token, settings().worker_keys)

    @app.after_request
    def trace(response: Response) -> Response:
        about, caller = _description(), g.get("caller")
        if about is not None and caller is not None:
            trace_change(caller, about, response)
        return response


def _description() -> Description | None:
    """What is said of the route that is asked for; None where there is no such route."""
    view = current_app.view_functions.get(request.endpoint or "")
    return None if view is None else getattr(view, "description", UNSAID)


def bearer_token() -> str:
    """The token of the Authorization header, or an empty string."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def require_scope(caller: Caller, scope: Scope) -> None:
    """Raise NotPermitted (`role_may_not`) unless the caller may do this."""
    if scope not in caller.scopes:
        who = "token" if caller.via == "token" else caller.role
        raise NotPermitted(f"This {who} may not {DOES[scope]}; the owner can.")


def require_secret(name: str, secret: str | None) -> None:
    """Raise NotAllowed unless the request carries the setting of this name, and it is set."""
    expected = (secret or "").encode()
    if not expected or not hmac.compare_digest(bearer_token().encode(), expected):
        raise NotAllowed(f"Send the header Authorization: Bearer <{name}>.")


def acting_name() -> str:
    """Who decides, as a decision is stored with it: "owner" where the operator's own token calls."""
    found: Caller | None = g.get("caller")
    return found.name if found else "owner"


def caller() -> Caller:
    """Who called an operator's route."""
    found: Caller = g.caller
    return found


def _caller(kind: Auth, token: str, keys: tuple[str, ...]) -> str | None:
    """The label of the calling machine; None for the analysis worker. Raises NotAllowed for who may not call."""
    if kind == "worker":
        return verify_worker_token(token, keys)
    if not is_analyst_token(token, keys):
        raise NotAllowed("This is not a token of the analysis worker.", "token_invalid")
    return None


def worker_label() -> str:
    """The label of the calling machine, by its token. Whether the ledger still has it is for SQL to say."""
    return str(g.worker_label)
