"""Models that several rooms share: pages of lists, ids, an error."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

from control_plane.errors import BadRequest, NotFound
from control_plane.http.contract import Query

MOST_ROWS = 200
OF_CASE = "Only of this case."
RECEIVED_SINCE = "Only documents received on this day (YYYY-MM-DD) or later."


@dataclass(frozen=True)
class Error:
    """The shape of every error: a stable `code`, what to do, and the id that finds the log line."""

    code: str
    message: str
    request_id: str | None


def _one_spelling(value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise ValueError("must be an id like 6f1c2a9e-…") from None


Id = Annotated[str, AfterValidator(_one_spelling)]
"""An id of a body or a query, in its one spelling."""


Total = Annotated[int | None, Field(description="How many there are in all; only the first page says it.")]


class PageQuery(Query):
    """Which page of a list."""

    limit: int = Field(50, ge=1, le=MOST_ROWS, description="Rows, 1 to 200; 50 if not said.")
    cursor: int | None = Field(None, ge=1, le=2**62, description="`next` of the page before.")


def path_id(value: str, noun: str) -> str:
    """An id of the path; one that is no uuid cannot exist. Raises NotFound."""
    try:
        return _one_spelling(value)
    except ValueError as error:
        raise NotFound(f"There is no such {noun}.") from error


def header_id(value: str, name: str) -> str:
    """An id of a header. Raises BadRequest (`bad_argument`)."""
    try:
        return _one_spelling(value)
    except ValueError as error:
        raise BadRequest(f"{name} {error}.", "bad_argument") from error
