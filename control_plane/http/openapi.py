"""The API document, built from the routes themselves so that it cannot drift, and a page to read it."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify

from control_plane.http.openapi_page import render_page
from control_plane.http.schemas import ERROR, OBJECT
from control_plane.http.wiring import Description, describe

blueprint = Blueprint("openapi", __name__)
ERROR_WORDS = {
    400: "The request must be changed.",
    401: "The token is missing, wrong or dead.",
    404: "There is no such thing.",
    409: "Not in this state.",
    413: "The file is too large.",
    415: "The file is of no type that can be read.",
    429: "A spending cap or a rate limit was reached.",
    502: "The provider behind this route failed.",
    503: "A dependency is away; repeat the request later.",
}


@blueprint.get("/openapi.json")
@describe("This document", "Documentation", auth="none", answer=OBJECT)
def openapi_json() -> Response:
    """The OpenAPI 3.1 document of this very app."""
    return jsonify(build_document(current_app))


@blueprint.get("/docs")
@describe("The same, to read", "Documentation", auth="none", answer={"type": "string"}, answer_type="text/html")
def docs() -> Response:
    """A page without scripts from elsewhere."""
    response = Response(render_page(build_document(current_app)), mimetype="text/html")
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


def build_document(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document of every route of an app."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(rule.endpoint, method, view, sorted(rule.arguments))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ASEAGI control plane",
            "version": "1",
            "description": "Takes documents in, tells what became of them, rents and returns machines.",
        },
        "paths": paths,
        "components": {
            "schemas": {"Error": ERROR},
            "securitySchemes": {
                "operator": {"type": "http", "scheme": "bearer", "description": "CONTROL_PLANE_TOKEN"},
                "worker": {"type": "http", "scheme": "bearer", "description": "The token of one rented machine."},
            },
        },
    }


def _operation(endpoint: str, method: str, view: Any, path_arguments: list[str]) -> dict[str, Any]:
    about: Description = view.description
    auth: str = view.auth
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.replace('.', '_')}_{method.lower()}",
        "summary": about.summary,
        "description": (view.__doc__ or "").strip(),
        "tags": [about.tag],
        "security": [] if auth == "none" else [{auth: []}],
        "parameters": _parameters(about, path_arguments),
        "responses": _responses(about, auth),
    }
    if about.body is not None:
        operation["requestBody"] = {"required": True, "content": {about.body_type: {"schema": about.body}}}
    return operation


def _parameters(about: Description, path_arguments: list[str]) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in path_arguments
    ]
    in_query = [
        {"name": name, "in": "query", "description": words, "schema": {"type": kind}}
        for name, (kind, words) in about.query.items()
    ]
    return in_path + in_query


def _responses(about: Description, auth: str) -> dict[str, Any]:
    answer = {"description": "Done.", "content": {about.answer_type: {"schema": about.answer or OBJECT}}}
    statuses = set(about.errors) | (set() if auth == "none" else {401})
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    errors = {str(status): {"description": _words(status), "content": error} for status in sorted(statuses)}
    return {str(about.status): answer} | errors


def _words(status: int) -> str:
    return ERROR_WORDS.get(status) or f"{HTTPStatus(status).phrase}."
