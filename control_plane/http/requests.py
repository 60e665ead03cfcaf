"""Reading a request's JSON body and query. Pure but for Flask's request."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask import request

from control_plane.errors import BadRequest, NotFound

MOST_ROWS = 200


def json_body(required: bool = True) -> dict[str, Any]:
    """The body as a JSON object; an absent one is an empty object unless required. Raises BadRequest."""
    if not required and not request.content_length:
        return {}
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest("Send a JSON object with the header Content-Type: application/json.", "not_json")
    return body


def text_of(body: dict[str, Any], name: str) -> str:
    """A non-empty string of a body. Raises BadRequest."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadRequest(f"{name} must be a non-empty string.", "bad_argument")
    return value


def query_int(name: str, default: int, smallest: int, largest: int) -> int:
    """A whole number of the query, within bounds. Raises BadRequest."""
    value = request.args.get(name, "")
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or not smallest <= int(value) <= largest:
        raise BadRequest(f"{name} must be a whole number from {smallest} to {largest}.", "bad_argument")
    return int(value)


def query_date(name: str) -> str | None:
    """A day of the query as YYYY-MM-DD, None when absent. Raises BadRequest."""
    value = query_day(name)
    return None if value is None else value.isoformat()


def query_day(name: str) -> date | None:
    """A day of the query, None when absent. Raises BadRequest."""
    value = request.args.get(name)
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise BadRequest(f"{name} must be a day like 2024-05-31.", "bad_argument") from error


def query_limit() -> int:
    """The `limit` of a list: 50, at most 200."""
    return query_int("limit", 50, 1, MOST_ROWS)


def query_cursor() -> int | None:
    """The `cursor` of a list, None on its first page."""
    return query_int("cursor", 0, 1, 2**62) or None


def query_uuid(name: str) -> str | None:
    """An id of the query, None when absent. Raises BadRequest."""
    value = request.args.get(name)
    return check_uuid(value, name) if value else None


def check_uuid(value: Any, name: str) -> str:
    """An id in its one spelling. Raises BadRequest."""
    try:
        return str(uuid.UUID(str(value)))
    except ValueError as error:
        raise BadRequest(f"{name} must be an id like 6f1c2a9e-….", "bad_argument") from error


def path_uuid(value: str, noun: str) -> str:
    """An id of the path; one that is no uuid cannot exist. Raises NotFound."""
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise NotFound(f"There is no such {noun}.") from error
