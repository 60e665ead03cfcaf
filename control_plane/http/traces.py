"""The access log: what a caller saw before it is answered, what they changed after."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable

from flask import Response, current_app, request

from control_plane.database.enums import Action
from control_plane.errors import ControlPlaneError
from control_plane.http.address import visitor_address
from control_plane.http.callers import Caller
from control_plane.http.contract import Description
from control_plane.http.wiring import clients

log = logging.getLogger(__name__)
SAME_LOOK_SECONDS = 300.0
"""A page that asks every two seconds is one look, not 150."""
MOST_LOOKS = 10_000
CHANGES = {"upload": Action.UPLOADED, "decide": Action.DECIDED, "admin": Action.MANAGED}
READING = ("GET", "HEAD", "OPTIONS")


class Looks:
    """What was written down in the last minutes and need not be again."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, ...], float] = {}

    def is_new(self, look: tuple[str, ...]) -> bool:
        """Whether nobody was told of this look lately."""
        now = time.monotonic()
        if now - self._seen.get(look, -SAME_LOOK_SECONDS) < SAME_LOOK_SECONDS:
            return False
        if len(self._seen) >= MOST_LOOKS:
            self._seen.clear()
        self._seen[look] = now
        return True


def trace_reading(caller: Caller, about: Description) -> None:
    """Nothing of a document is seen without a line. Raises QueueUnavailable when it cannot be written."""
    document_id = _document_id()
    action = about.trace or ("saw" if document_id else None)
    if action is None or not _is_reading(about):
        return
    looks: Looks = current_app.extensions["looks"]
    if looks.is_new((caller.name, caller.via, action, str(request.url_rule), document_id or "")):
        _record(caller, Action(action), None)


def trace_documents(caller: Caller, action: Action) -> Callable[[str], None]:
    """What writes a line for one of several documents that an answer holds; it raises QueueUnavailable if it cannot."""
    record, path, where = clients().database.record_access, _path(), address()
    return lambda document_id: record(caller.name, caller.via, action, path, document_id, None, where)


def trace_change(caller: Caller, about: Description, response: Response) -> None:
    """What was asked for and how it was answered; the decision itself is stored with its name anyway."""
    try:
        if response.status_code == 403:
            _record(caller, Action.REFUSED, 403)
        elif not _is_reading(about):
            _record(caller, CHANGES[about.scope(request.method)], response.status_code)
    except ControlPlaneError as error:
        log.error("not written into the access log", extra={"code": error.code})


def trace_visit(name: str, via: str, action: Action) -> None:
    """Somebody signs in or out, or joins."""
    clients().database.record_access(name, via, action, _path(), None, None, address())


def address() -> str:
    """Where the request comes from: only our own nginx and windows reach us, so what they say of it holds."""
    return visitor_address(request.headers.get("X-Forwarded-For"), request.remote_addr)


def _is_reading(about: Description) -> bool:
    """A question may be a POST where its words are too many for an address; what only reads changes nothing."""
    return request.method in READING or about.scope(request.method) == "read"


def _record(caller: Caller, action: Action, status: int | None) -> None:
    clients().database.record_access(caller.name, caller.via, action, _path(), _document_id(), status, address())


def _path() -> str:
    """Method and path, in letters that a column holds; a query's words are never part of it."""
    path = "".join(letter for letter in request.path if letter.isprintable())
    return f"{request.method} {path}"[:200]


def _document_id() -> str | None:
    value = (request.view_args or {}).get("document_id")
    try:
        return str(uuid.UUID(value)) if value else None
    except ValueError:
        return None
