"""What a file says of itself beyond its pages: claims, each with what a person must know of it (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from gpu_worker.render.part import Structure


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
