"""Who is who: which names are of one person, by their words and by what papers say of them (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class KnownName:
    """A name that stands in documents, with all that these say of it, and whose it was so far."""

    id: int
    key: str
    words: str
    form: str
    first: str
    last: str
    suffix: str
    title: str
    person_id: str | None
    documents: int
    settled: bool
    signs: list[str]


@dataclass(frozen=True)
class Decision:
    """What a person decided: all these names are of one person (same), or none of a is with one of b (apart)."""

    kind: str
    a_keys: list[str]
    b_keys: list[str]


@dataclass(frozen=True)
class Group:
    """Names of one person, and what is known of them."""

    names: list[int]
    name: str
    sex: str | None
    roles: list[str]


def settle(names: Sequence[KnownName], decisions: Sequence[Decision]) -> tuple[list[Group], list[int]]:
    """The persons, and the names of whom it cannot be told who they are."""
    del decisions
    return [Group([name.id], name.words, None, []) for name in names], []
