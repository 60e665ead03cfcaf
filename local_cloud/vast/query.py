"""Filters and orders rows as Vast.ai's search and list do (pure)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]
NOT_FILTERS = {"order", "type", "limit", "allocated_storage", "disable_bundling"}


def matches(row: Row, query: Mapping[str, Any]) -> bool:
    """Whether a row passes every `{field: {operator: value}}`; raises ValueError for an unknown operator."""
    return all(
        _passes(field, row, operator, wanted)
        for field, conditions in query.items()
        if field not in NOT_FILTERS and isinstance(conditions, Mapping)
        for operator, wanted in conditions.items()
    )


def ordered(rows: Iterable[Row], order: Iterable[Iterable[str]]) -> list[Row]:
    """Rows sorted by `[field, "asc"|"desc"]` pairs, the first pair first; rows lacking a field come last."""
    result = list(rows)
    for field, direction in reversed([tuple(pair) for pair in order]):
        has, lacks = [r for r in result if r.get(field) is not None], [r for r in result if r.get(field) is None]
        result = sorted(has, key=lambda row: row[field], reverse=direction == "desc") + lacks
    return result


def _passes(field: str, row: Row, operator: str, wanted: Any) -> bool:
    value = row.get(field)
    if field == "geolocation" and isinstance(value, str):
        value = value.rpartition(",")[2].strip()  # rows say `Texas, US`, queries say `US`
    if operator not in OPERATORS:
        raise ValueError(f"unknown operator {operator!r}")
    return OPERATORS[operator](value, wanted)


def _equal(value: Any, wanted: Any) -> bool:
    return value == _like(value, wanted)


def _like(value: Any, wanted: Any) -> Any:
    """`wanted` in the type of `value`: the CLI sends numbers as strings."""
    if isinstance(value, bool) and isinstance(wanted, str | int):
        return str(wanted).lower() in {"true", "1"}
    if isinstance(value, int | float) and not isinstance(value, bool) and isinstance(wanted, str | int | float):
        try:
            return float(wanted)
        except ValueError:
            return wanted
    return wanted


def _number_pair(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(value: Any, wanted: Any) -> bool:
        wanted = _like(value, wanted)
        numbers = isinstance(value, int | float) and isinstance(wanted, int | float)
        return (numbers or (isinstance(value, str) and isinstance(wanted, str))) and test(value, wanted)

    return compare


OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": _equal,
    "neq": lambda value, wanted: not _equal(value, wanted),
    "gt": _number_pair(lambda value, wanted: value > wanted),
    "gte": _number_pair(lambda value, wanted: value >= wanted),
    "lt": _number_pair(lambda value, wanted: value < wanted),
    "lte": _number_pair(lambda value, wanted: value <= wanted),
    "in": lambda value, wanted: any(_equal(value, item) for item in wanted),
    "notin": lambda value, wanted: not any(_equal(value, item) for item in wanted),
}
