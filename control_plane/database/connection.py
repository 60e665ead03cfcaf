"""One SQL function or one view, asked through PostgREST, its answer parsed into the rows of `rows` (wire)."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from copy import copy
from functools import cache
from typing import Any, TypeVar

import httpx
from postgrest import APIError, CountMethod
from pydantic import TypeAdapter, ValidationError
from supabase import Client

from control_plane.errors import (
    SQLSTATES,
    AnswersCut,
    ControlPlaneError,
    KeyRefused,
    QueueUnavailable,
    SessionsShared,
)

log = logging.getLogger(__name__)

RowType = TypeVar("RowType")
# Text that is no uuid, number or day where one is needed, a number too large for its column, NUL: the caller's.
MALFORMED = ("22P02", "22003", "22007", "22008", "22P05", "22021")
REFUSED = "The database refuses our key: check SUPABASE_SERVICE_KEY (and, for a new one, this machine's clock)."
AWAY = "The queue does not answer; nothing was lost, try again in a minute."
CUT = "The database cuts its answers short: its max-rows must be {0:,}; nothing was lost."
SHARED = "The database's sessions are shared, and PostgREST does not know; nothing was lost."
NOT_PREPARED = ("26000", "42P05", "08P01")  # prepared on a connection that now is another's, or there already
AWAY_CODES = re.compile(r"PGRST00|(08|40|53|57|58)...$|55P03$|429$|5..$")
"""PGRST00x: no database connection; 08, 53, 57, 58: connection lost, out of resources, shutting down, its disk; 40,
55P03: another transaction holds the row, and the same call works a moment later; 429, 5xx: the proxy's. No other of
class 55 or 54: that is a fault of ours, which waiting does not mend."""
MOST_ROWS = 1000
"""What Supabase gives in one answer, whatever is asked, and what our functions need."""


def raise_if_refused(response: httpx.Response) -> None:
    """For every answer of PostgREST and what stands before it: our only caller is the service, so 401 is its key's."""
    if response.status_code in (401, 403):
        log.error("the database refuses our key", extra={"status": response.status_code})
        raise KeyRefused(REFUSED, "database_key_refused")


class Connection:
    """Asks and parses. Raises the error of errors.SQLSTATES, or QueueUnavailable when there is no sound answer.

    PostgREST cuts what is longer than its max-rows, whatever that is, and only a count shows it: the rest of a list is
    asked for, and what a function returned is lost (AnswersCut).
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def _call(self, row_type: type[RowType], function: str, **arguments: Any) -> list[RowType]:
        """The rows that a SQL function returns; null in place of a row is no row."""
        return parse_rows(row_type, [row for row in self._returned(function, arguments) if row is not None])

    def _first(self, row_type: type[RowType], function: str, **arguments: Any) -> RowType | None:
        """The first row that a SQL function returns, where it returns any."""
        return next(iter(self._call(row_type, function, **arguments)), None)

    def _one(self, row_type: type[RowType], function: str, **arguments: Any) -> RowType:
        """The only row that a SQL function returns."""
        (row,) = self._call(row_type, function, **arguments)
        return row

    def _do(self, function: str, **arguments: Any) -> int:
        """Call a SQL function for what it does; how many rows it returned."""
        return len(self._returned(function, arguments))

    def _returned(self, function: str, arguments: Mapping[str, Any]) -> list[Any]:
        """What a function returned, all of it. Raises AnswersCut: the function has done its work all the same."""
        answer = self._answer(self._client.rpc(function, dict(arguments), count=CountMethod.exact))
        rows = answer.data if isinstance(answer.data, list) else [answer.data] if answer.data is not None else []
        # Of a function that returns nothing one row is counted and none comes; what is cut has its first rows.
        if answer.count is not None and 0 < len(rows) < answer.count:
            log.error("an answer is cut", extra={"function": function, "rows": len(rows), "of": answer.count})
            raise AnswersCut(CUT.format(MOST_ROWS))
        return rows

    def _view(self, name: str, columns: str = "*", counted: bool = False) -> Any:
        """A PostgREST query on a table or view, with how many rows it has in all if `counted`; see `_rows`."""
        # `estimated` counts no further than to max-rows: enough to see whether an answer is cut.
        return self._client.table(name).select(
            columns, count=CountMethod.exact if counted else CountMethod.estimated
        )  # fmt: skip

    def _find(self, row_type: type[RowType], query: Any) -> RowType | None:
        """The first row of a query built from `_view`, where it has any."""
        query = query.limit(1)
        query.request.headers.pop("Prefer")
        return next(iter(parse_rows(row_type, self._answer(query).data)), None)

    def _rows(self, row_type: type[RowType], query: Any) -> list[RowType]:
        """All rows of a query built from `_view`, up to its limit; its order is total, by columns that it selects."""
        return self._counted_rows(row_type, query)[0]

    def _full_rows(self, row_type: type[RowType], query: Any) -> list[RowType] | None:
        """The rows of an uncounted query where as many come as its limit allows: that list is not cut. Else null.

        So PostgREST need not count up to max-rows to show it, which looks at more than the rows of a page.
        """
        prefer = query.request.headers.pop("Prefer")
        data = [] if "count=exact" in prefer else self._answer(query).data
        query.request.headers["Prefer"] = prefer
        return parse_rows(row_type, data) if len(data) == int(query.request.params["limit"]) else None

    def _counted_rows(self, row_type: type[RowType], query: Any) -> tuple[list[RowType], int | None]:
        """The rows of a query, and how many there are in all where it was built `counted`."""
        asked = int(query.request.params.get("limit", sys.maxsize))
        is_counted = "count=exact" in query.request.headers["Prefer"]
        total, rows = None, list[Any]()
        while len(rows) < asked:
            answer = self._answer(_after(query, rows[-1]) if rows else query)
            self._require_whole(query, answer, is_first=not rows)
            total = answer.count if total is None else total
            rows += answer.data
            if not answer.data or len(answer.data) >= answer.count:
                break
        return parse_rows(row_type, rows[:asked]), total if is_counted else None

    def _require_whole(self, query: Any, answer: Any, is_first: bool) -> None:
        """Raises AnswersCut for an answer that does not say how many rows there are, or that none of them is in.

        Where there is no max-rows, an estimate is a guess: more than there are.
        """
        if is_first and not answer.data and answer.count:
            query.request.headers["Prefer"] = f"count={CountMethod.exact}"
            answer = self._answer(query)
        if answer.count is None or (is_first and answer.count and not answer.data):
            log.error("a list is cut", extra={"view": query.request.path.name, "of": answer.count})
            raise AnswersCut(CUT.format(MOST_ROWS))

    def _answer(self, query: Any) -> Any:
        try:
            return query.execute()
        except APIError as error:
            raise _translate(error) from error
        except httpx.HTTPError as error:
            raise QueueUnavailable(AWAY) from error


def _after(query: Any, last: Mapping[str, Any]) -> Any:
    """The same list behind a row, by the columns of its order: what comes or goes meanwhile shifts nothing."""
    further: list[str] = []
    same: list[str] = []
    for each in query.request.params["order"].split(","):
        column, _, direction = each.partition(".")
        value = _quoted(last[column])
        beyond = f"{column}.{'lt' if direction.startswith('desc') else 'gt'}.{value}"
        further.append(f"and({','.join([*same, beyond])})")
        same.append(f"{column}.eq.{value}")
    rest = copy(query)
    rest.request = copy(query.request)
    rest.request.params = query.request.params.add("or", f"({','.join(further)})")
    return rest


def _quoted(value: object) -> str:
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def parse_rows(row_type: type[RowType], rows: Any) -> list[RowType]:
    """JSON rows → `row_type`; columns it does not name are passed over, so that a newer database may have more.

    Raises ControlPlaneError (`unknown_row`) when a row lacks what we need: the migrations are older than we are.
    """
    try:
        parsed: list[RowType] = _adapter(row_type).validate_python(rows)  # type: ignore[arg-type]  # mypy #11470: a class is hashable
        return parsed
    except ValidationError as error:
        places = sorted({".".join(map(str, each["loc"][1:])) for each in error.errors(include_input=False)})
        log.error("the database answers in another shape", extra={"row_type": str(row_type), "columns": places[:10]})
        raise ControlPlaneError(
            "The database answers in another shape than we know; whoever runs the service must apply its migrations.",
            "unknown_row",
        ) from None  # the rows may hold text of documents


@cache
def _adapter(row_type: Any) -> TypeAdapter[Any]:
    return TypeAdapter(list[row_type])


def _translate(error: APIError) -> ControlPlaneError:
    code = str(error.code or "")
    if code in SQLSTATES:
        kind, our_code = SQLSTATES[code]
        return kind(_sentence(error.message), our_code)
    if code in MALFORMED:
        kind, our_code = SQLSTATES["AS006"]
        return kind("An id or number in the request is malformed.", our_code)
    if code in NOT_PREPARED:
        log.error("a statement is not as it was prepared", extra={"sqlstate": code})
        return SessionsShared(SHARED)
    if not code or AWAY_CODES.match(code):
        log.warning("queue unavailable", extra={"sqlstate": code})
        return QueueUnavailable(AWAY)
    log.error("queue refused a call", extra={"sqlstate": code})
    return ControlPlaneError("The queue refused the request; give the request_id to whoever runs the service.")


def _sentence(message: str | None) -> str:
    words = (message or "The queue refused this").strip().rstrip(".")
    return words[:1].upper() + words[1:] + "."


def as_given(row: object) -> dict[str, Any]:
    """What a row says, as a function's argument: what is not said is left out."""
    return {name: value for name, value in vars(row).items() if value is not None}
