"""The API document, built from the routes themselves so that it cannot drift, and a page to read it."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from control_plane.http.contract import Description, describe
from control_plane.http.models import Error
from control_plane.http.openapi_page import render_page

blueprint = Blueprint("openapi", __name__)
ERROR_WORDS = {
    400: "The request must be changed.",
    401: "The token is missing, wrong or dead.",
    403: "The caller's role or token does not reach so far.",
    404: "There is no such thing.",
    409: "Not in this state.",
    413: "The file is too large.",
    415: "The file is of no type that can be read.",
    429: "A spending cap or a rate limit was reached.",
    502: "The provider behind this route failed.",
    503: "A dependency is away; repeat the request later.",
}

TOKENS = {
    "operator": "CONTROL_PLANE_TOKEN, an API token, or the session of somebody who is signed in.",
    "worker": "The token of one rented machine.",
    "analyst": "The token of the analysis worker.",
    "analysis_secret": "ANALYSIS_WORKER_SECRET",
    "metrics_token": "METRICS_TOKEN",
}


@blueprint.get("/openapi.json")
@describe("This document", "Documentation", auth="none", answer=dict[str, Any])
def openapi_json() -> Response:
    """The OpenAPI 3.1 document of this very app."""
    return jsonify(build_document(current_app))


@blueprint.get("/docs")
@describe("The same, to read", "Documentation", auth="none", answer=str, answer_type="text/html")
def docs() -> Response:
    """A page without scripts from elsewhere."""
    response = Response(render_page(build_document(current_app)), mimetype="text/html")
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


def build_document(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document of every route of an app."""
    schemas = Schemas()
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view: Any = app.view_functions[rule.endpoint]
        if view.description.is_page:
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        arguments = sorted(rule.arguments)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(rule.endpoint, method, view, arguments, schemas)
    about = "Takes documents in, tells what became of them, rents and returns machines."
    return {
        "openapi": "3.1.0",
        "info": {"title": "ASEAGI control plane", "version": "1", "description": about},
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                name: {"type": "http", "scheme": "bearer", "description": whose} for name, whose in TOKENS.items()
            },
        },
    }


class Schemas:
    """Schemas of models; what they are made of is collected as components."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}

    def of(self, kind: Any, mode: JsonSchemaMode = "serialization") -> dict[str, Any]:
        """The schema of a type, with references to the components."""
        schema = TypeAdapter(kind).json_schema(mode=mode, ref_template="#/components/schemas/{model}")
        for name, inner in schema.pop("$defs", {}).items():
            self._add(name, inner)
        if "title" in schema and "properties" in schema:
            self._add(schema["title"], schema)
            return {"$ref": f"#/components/schemas/{schema['title']}"}
        return schema

    def _add(self, name: str, schema: dict[str, Any]) -> None:
        """Raises ValueError where two types have one name: the second would take the first one's place."""
        if self.components.setdefault(name, schema) != schema:
            raise ValueError(f"Two types of the API are called {name}; give one of them another name.")


def _operation(
    endpoint: str, method: str, view: Any, path_arguments: list[str], schemas: Schemas
) -> dict[str, Any]:
    about: Description = view.description
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.replace('.', '_')}_{method.lower()}",
        "summary": about.summary,
        "description": _told(about, method, view.__doc__ or ""),
        "tags": [about.tag],
        "security": [] if about.auth == "none" else [{about.auth: []}],
        "parameters": _parameters(about, path_arguments),
        "responses": _responses(about, schemas),
    }
    if about.body is not None:
        schema = schemas.of(about.body, "validation")
        required = bool(about.body.model_json_schema().get("required"))
        operation["requestBody"] = {"required": required, "content": {"application/json": {"schema": schema}}}
    if about.raw is not None:
        content_type, raw = about.raw
        shape = raw if isinstance(raw, dict) else schemas.of(raw, "validation")
        operation["requestBody"] = {"required": True, "content": {content_type: {"schema": shape}}}
    return operation


def _told(about: Description, method: str, words: str) -> str:
    needs = f"\n\nNeeds: {about.scope(method)}." if about.auth == "operator" else ""
    return words.strip() + needs


def _parameters(about: Description, path_arguments: list[str]) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in path_arguments
    ]
    if about.query is None:
        return in_path
    schema = about.query.model_json_schema()
    return in_path + [_parameter(name, each, schema) for name, each in schema["properties"].items()]


def _parameter(name: str, each: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is sent or not, and never null: of the types that a field allows, the one that is not null."""
    kind: dict[str, Any] = next((choice for choice in each.get("anyOf", [each]) if choice.get("type") != "null"), {})
    if "$ref" in kind:
        kind = schema["$defs"][kind["$ref"].rpartition("/")[2]]
    shown = {key: value for key, value in kind.items() if key not in ("title", "description", "default")}
    about = {"name": name, "in": "query", "description": each.get("description", ""), "schema": shown}
    return about | ({"required": True} if name in schema.get("required", []) else {})


def _responses(about: Description, schemas: Schemas) -> dict[str, Any]:
    answer = {"description": "Done.", "content": {about.answer_type: {"schema": schemas.of(about.answer)}}}
    own = {"none": set[int](), "operator": {401, 403, 503}}.get(about.auth, {401})
    statuses = set(about.errors) | own
    error = {"application/json": {"schema": schemas.of(Error)}}
    errors = {str(status): {"description": _words(status), "content": error} for status in sorted(statuses)}
    return {str(about.status): answer} | errors


def _words(status: int) -> str:
    return ERROR_WORDS.get(status) or f"{HTTPStatus(status).phrase}."
