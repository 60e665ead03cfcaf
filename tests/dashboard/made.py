"""Answers of the control plane for tests that mind only some of their fields."""

import datetime as dt
import typing
from dataclasses import fields
from typing import Any, Literal, TypeVar

Answer = TypeVar("Answer")
NOTHING = {bool: False, int: 0, float: 0.0, str: "", dt.datetime: dt.datetime.min.replace(tzinfo=dt.UTC)}


def make(kind: type[Answer], /, **known: Any) -> Answer:
    """An answer with these fields and nothing in the others."""
    return kind(**{field.name: _nothing(field.type) for field in fields(kind)} | known)


def _nothing(kind: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin is Literal:
        return typing.get_args(kind)[0]
    if origin in (list, dict):
        return origin()
    return NOTHING.get(kind)
