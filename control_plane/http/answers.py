"""Frozen values as the JSON that callers see."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter


def to_json(value: Any) -> Any:
    """A dataclass, or a list or dict of them → plain JSON values; times as ISO 8601."""
    if isinstance(value, list):
        return [to_json(each) for each in value]
    if isinstance(value, dict):
        return {name: to_json(each) for name, each in value.items()}
    return _adapter(type(value)).dump_python(value, mode="json")


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
