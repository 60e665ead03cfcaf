"""What every noun's answers need: the stand-in's state, refusals and pages in the control plane's shape, ids."""

import uuid

from flask import Response, current_app, jsonify, request

EXTENSION = "stand_in"
COUNTED = ("jobs", "documents", "findings", "pairs", "refused")


def state():
    """The `FakeControlPlane` that is being asked."""
    return current_app.extensions[EXTENSION]


def refusal(status: int, code: str, message: str) -> Response:
    response = jsonify(code=code, message=message)
    response.status_code = status
    return response


def page_of(noun: str, rows: list[dict]) -> dict:
    """The page of a list that is asked for; the cursor is the number of rows before it."""
    start, limit = int(request.args.get("cursor", 0)), int(request.args.get("limit", 50))
    end = start + limit
    page = {noun: rows[start:end], "next": end if len(rows) > end else None}
    return page | ({"total": None if start else len(rows)} if noun in COUNTED else {})


def new_id() -> str:
    return str(uuid.uuid4())
