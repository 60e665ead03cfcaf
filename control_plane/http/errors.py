"""The one map from errors to HTTP: every error of the app is answered as JSON, in one shape."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Flask, Response, g, jsonify
from werkzeug.exceptions import HTTPException

from control_plane.errors import ControlPlaneError

log = logging.getLogger(__name__)
OUR_FAULT = "This is our fault; give the request_id to whoever runs the service."

HTTP_CODES = {
    400: ("bad_request", "The request could not be understood; see /docs."),
    404: ("not_found", "There is no such route; /docs lists them all."),
    405: ("method_not_allowed", "This route does not take that method; see /docs."),
    413: ("request_too_large", "The request is larger than this route takes."),
    415: ("not_json", "Send the body as JSON with the header Content-Type: application/json."),
}


def error_response(status: int, code: str, message: str) -> Response:
    """The one JSON shape of every error: `code`, `message`, `request_id`."""
    response = jsonify(code=code, message=message, request_id=g.get("request_id"))
    response.status_code = status
    if status == 503:
        response.headers["Retry-After"] = "10"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def register_error_handlers(app: Flask, note: Callable[[ControlPlaneError], object]) -> None:
    """Answer every error of the app, expected or not, as JSON; `note` hears of the expected ones."""

    @app.errorhandler(ControlPlaneError)
    def expected(error: ControlPlaneError) -> Response:
        log.info("request refused", extra={"code": error.code, "status": error.status})
        note(error)
        return error_response(error.status, error.code, error.message)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        code, message = HTTP_CODES.get(status, (f"http_{status}", error.name + "."))
        response = error_response(status, code, message)
        if status == 405:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or []))  # type: ignore[attr-defined]
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        # Only the type and the stack: a message may carry a document's text or a query's arguments.
        log.error("unexpected %s", type(error).__name__, extra={"stack": _stack(error)})
        return error_response(500, "internal_error", OUR_FAULT)


def _stack(error: Exception) -> str:
    lines, frame = [], error.__traceback__
    while frame is not None:
        lines.append(f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}")
        frame = frame.tb_next
    return " > ".join(lines[-8:])
