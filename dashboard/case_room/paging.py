"""Pure: a page of a list, with its place in the whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

Row = TypeVar("Row")
PAGE_ROWS = 50
MOST_STEPS = 30
"""Steps back that an address keeps: a cursor has up to 100 characters, an address of 8,000 is safe everywhere."""


@dataclass(frozen=True)
class Paged(Generic[Row]):
    """Rows `first` to `last` of `total`; `ways` are the addresses of other pages: first, before, next.

    `capped`: there may be more than `total`.
    """

    rows: Sequence[Row]
    first: int
    total: int
    ways: Mapping[str, str] = field(default_factory=dict)
    capped: bool = False

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


@dataclass(frozen=True)
class Trail:
    """How somebody came to this page of a list: the cursors on the way, and how many rows were passed and in all."""

    cursors: tuple[str, ...] = ()
    passed: tuple[int, ...] = ()
    total: int = 0

    @classmethod
    def of(cls, query: MultiDict[str, str]) -> "Trail":
        """As an address carries it: `way=cursor` and `at=rows` once a step, `of=total`."""
        cursors, at = query.getlist("way"), query.getlist("at", type=int)
        known = min(len(cursors), len(at))
        return cls(tuple(cursors[:known]), tuple(at[:known]), query.get("of", 0, type=int))

    @property
    def cursor(self) -> str | None:
        return self.cursors[-1] if self.cursors else None

    @property
    def before(self) -> int:
        return self.passed[-1] if self.passed else 0

    def on(self, cursor: object, rows: int, total: int) -> dict[str, object]:
        """The address's part for the next page."""
        cursors, passed = (*self.cursors, str(cursor)), (*self.passed, self.before + rows)
        return {"way": cursors[-MOST_STEPS:], "at": passed[-MOST_STEPS:], "of": total}

    def back(self, total: int) -> dict[str, object]:
        """The address's part for the page before."""
        return {"way": self.cursors[:-1], "at": self.passed[:-1], "of": total} if len(self.cursors) > 1 else {}


def by_cursor(
    rows: Sequence[Row], total: int | None, following: object, path: str, query: Mapping[str, object], trail: Trail,
    capped: bool = False,
) -> Paged[Row]:  # fmt: skip
    """A page of a list with cursors, whose first page alone says the total: the rest is carried by the address."""
    here = {name: value for name, value in query.items() if value not in (None, "")}
    whole = max(trail.total if total is None else total, trail.before + len(rows))
    ways = {}
    if trail.before:
        ways["first"] = _path(path, here)
        ways["before"] = _path(path, here | trail.back(whole))
    if following is not None:
        ways["next"] = _path(path, here | trail.on(following, len(rows), whole))
    return Paged(rows, trail.before + 1, whole, ways, capped)


def by_offset(rows: Sequence[Row], offset: int, path: str, query: Mapping[str, object]) -> Paged[Row]:
    """A page of a list that is here as a whole."""
    steps = {"first": 0, "before": max(0, offset - PAGE_ROWS)} if offset else {}
    steps |= {"next": offset + PAGE_ROWS} if offset + PAGE_ROWS < len(rows) else {}
    ways = {name: _path(path, {**query, "offset": at} if at else query) for name, at in steps.items()}
    return Paged(rows[offset : offset + PAGE_ROWS], offset + 1, len(rows), ways)


def _path(path: str, query: Mapping[str, object]) -> str:
    return f"{path}?{urlencode(query, doseq=True)}" if query else path
