"""What every noun's answers need: the stand-in's state, refusals in the control plane's shape, ids."""

import uuid

from flask import Response, current_app, jsonify

EXTENSION = "stand_in"


def state():
    """The `FakeControlPlane` that is being asked."""
    return current_app.extensions[EXTENSION]


def refusal(status: int, code: str, message: str) -> Response:
    response = jsonify(code=code, message=message)
    response.status_code = status
    return response


def new_id() -> str:
    return str(uuid.uuid4())
