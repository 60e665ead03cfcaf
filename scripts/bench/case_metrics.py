"""What the benchmark of a case counts (pure): pairs of documents, events, people, copies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gpu_worker.case.mentions import read_person


@dataclass(frozen=True)
class FoundEvent:
    """An event as the case layer has it, with the documents that speak of it."""

    starts: datetime
    ends: datetime
    title: str
    documents: frozenset[str]


@dataclass(frozen=True)
class FoundPair:
    """A pair of documents that is proposed; `is_conflict`: and asserted to be one."""

    a: str
    b: str
    kind: str
    is_conflict: bool
    words: str = ""


@dataclass(frozen=True)
class CaseFound:
    """All that the case layer found in a labelled case, by the names of its documents."""

    original: Mapping[str, str]
    person_of: Mapping[str, str]
    events: Sequence[FoundEvent]
    pairs: Sequence[FoundPair]
    usd: float


def summarise(case: Mapping[str, Any], found: CaseFound) -> dict[str, float | int | None]:
    """The promised numbers; recall of nothing is 1."""
    return {**fact_numbers(case, found), **pair_numbers(case, found)}


# Facts -------------------------------------------------------------------------------------------------------


def fact_numbers(case: Mapping[str, Any], found: CaseFound) -> dict[str, float | int | None]:
    """Copies, events, people."""
    planted = {frozenset(pair) for pair in case["rescans"]}
    joined = {frozenset((copy, original)) for copy, original in found.original.items() if copy != original}
    pairs, apart = case["people"], case["not_the_same"]
    return {
        "rescans_recall": _share(sum(_is_joined(pair, found) for pair in planted), len(planted)),
        "rescans_false": sum(not any(_is_joined(pair, found) and each <= _family(pair, planted) for pair in planted)
                             for each in joined),
        "events_recall": _share(sum(has_event(event, found) for event in case["events"]), len(case["events"])),
        "people_pairs_recall": _share(sum(are_one(a, b, found) for a, b in pairs), len(pairs)),
        "people_false_merges": sum(are_one(a, b, found) for a, b in apart),
    }  # fmt: skip


def has_event(event: Mapping[str, Any], found: CaseFound) -> bool:
    """Whether one event of an overlapping time has all of these documents."""
    starts, ends = read_when(event["when"])
    documents = {found.original.get(name, name) for name in event["documents"]}
    return any(
        each.starts < ends and starts < each.ends
        and documents <= {found.original.get(name, name) for name in each.documents}
        for each in found.events
    )  # fmt: skip


def are_one(a: str, b: str, found: CaseFound) -> bool:
    """Whether two names are of one person; a name that nobody has is of none."""
    one, other = (found.person_of.get(name_key(name)) for name in (a, b))
    return one is not None and one == other


def name_key(name: str) -> str:
    """A name as the case layer keys it: `SORRELL, Q. J.` is a writing of `full:q sorrell`."""
    read = read_person(name)
    return read.key if read else name


def read_when(when: str) -> tuple[datetime, datetime]:
    """`2023-03-14T15:30`, `2023-02-25` or `from/to` as a range whose end is not in it."""
    first, _, last = when.partition("/")
    end = datetime.fromisoformat(last or first)
    is_minute = "T" in (last or first)
    return datetime.fromisoformat(first), end + (timedelta(minutes=1) if is_minute else timedelta(days=1))


def _is_joined(pair: Collection[str], found: CaseFound) -> bool:
    return len({found.original.get(name, name) for name in pair}) == 1


def _family(pair: frozenset[str], planted: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*(other for other in planted if other & pair))


# Pairs -------------------------------------------------------------------------------------------------------


def pair_numbers(case: Mapping[str, Any], found: CaseFound) -> dict[str, float | int | None]:
    """Candidates and what is asserted; a pair found with a copy counts as found with the original."""
    proposed = {_sides(pair.a, pair.b, found) for pair in found.pairs}
    asserted = {_sides(pair.a, pair.b, found) for pair in found.pairs if pair.is_conflict}
    planted = [_sides(each["a"], each["b"], found) for each in case["contradictions"]]
    violated = [_sides(each["order"], each["event"], found) for each in case["order_violations"]]
    traps = {_sides(each["a"], each["b"], found) for each in case["traps"]} - {*planted, *violated}
    documents = len(case["documents"])
    return {
        "contradiction_candidates_recall": _share(sum(pair in proposed for pair in planted), len(planted)),
        "violation_candidates_recall": _share(sum(pair in proposed for pair in violated), len(violated)),
        "pairs_per_document": round(len(found.pairs) / documents, 3),
        "traps_reported": len(traps & asserted),
        "usd_per_document": round(found.usd / documents, 6),
    }


def _sides(a: str, b: str, found: CaseFound) -> frozenset[str]:
    return frozenset((found.original.get(a, a), found.original.get(b, b)))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0
