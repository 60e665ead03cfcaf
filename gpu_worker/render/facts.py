"""What a file says of itself beyond its pages: claims, each with what a person must know of it (pure)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from gpu_worker.render.part import Structure

LIVE_MARK = "Live photo: mark"
"""A picture and a clip with the same one were taken as one live photo."""
_UUID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")


@dataclass(frozen=True)
class Fact:
    """Something that a file says of itself. `claim`: whoever made the file could write anything; `warning` is what
    a person must know of it."""

    name: str
    value: str
    claim: bool = True
    warning: str | None = None


def as_structure(facts: Sequence[Fact]) -> Structure | None:
    """The facts as an artifact; None where there are none."""
    return Structure("facts.json", [asdict(fact) for fact in facts]) if facts else None


def find_live_mark(facts: bytes) -> str | None:
    """The mark of a live photo in a `facts.json`, where it is one as Apple's phones write it."""
    marks = (fact["value"].upper() for fact in json.loads(facts) if fact["name"] == LIVE_MARK)
    return next(filter(_UUID.fullmatch, marks), None)
