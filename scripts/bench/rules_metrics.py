"""How an analysis by rules is scored against a labelled document (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gpu_worker.analysis.analyst import PlainReading

GOALS = {
    "type": "≥ 0.90",
    "date_right": "≥ 0.92",
    "date_wrong": "≤ 0.03",
    "parties_precision": "≥ 0.95",
    "parties_recall": "≥ 0.80",
    "case_precision": "≥ 0.97",
    "case_recall": "≥ 0.90",
}
PERSONS_TITLE = (
    r"(?:mr|mrs|ms|miss|mx|dr|prof|judge|justice|hon|honorable|frau|herrn?|monsieur|madame|officer|deputy|detective|sgt|sr|sra|lic"
    r"|dña|don|magistrate|commissioner)"
)


@dataclass
class Tally:
    """What was counted so far."""

    counts: Counter[str] = field(default_factory=Counter)

    def numbers(self) -> dict[str, Any]:
        """The shares, and the counts they come from; a share of nothing is 1."""
        n = self.counts
        return {
            "type": _share(n["type_right"], n["documents"]),
            "date_right": _share(n["date_right"], n["dated"]),
            "date_wrong": n["date_wrong"] / max(1, n["dated"]),
            "parties_precision": _share(n["names_right"], n["names_right"] + n["names_wrong"]),
            "parties_recall": _share(n["names_met"], n["names_listed"]),
            "case_precision": _share(n["case_right"], n["case_given"]),
            "case_recall": _share(n["case_right"], n["case_listed"]),
            "roles": _share(n["role_right"], n["role_right"] + n["role_wrong"]),
            "counts": dict(sorted(n.items())),
        }


def score_document(tally: Tally, document: Mapping[str, Any], analysis: PlainReading) -> list[str]:
    """Count one document; returns what was missed or wrong, in words."""
    n = tally.counts
    n["documents"] += 1
    misses = []
    if analysis.document_type in document["types"]:
        n["type_right"] += 1
    else:
        misses.append(f"type {analysis.document_type}, not {'|'.join(document['types'])}")
    misses += _score_date(n, document, analysis)
    misses += _score_names(n, document, [party.name for party in analysis.parties])
    misses += _score_case(n, document["case_number"], analysis.case_number)
    return misses + _score_roles(n, document.get("roles_of_dates") or {}, analysis)


def _score_date(n: Counter[str], document: Mapping[str, Any], analysis: PlainReading) -> list[str]:
    """A document in doubt is right without a date, or with readings shown as doubtful; a date for none is invented."""
    given = analysis.document_date
    if document.get("date_doubt"):
        shown = next((claim.readings for claim in analysis.date_claims if claim.is_own), ())
        is_right = not given and set(shown) <= set(document["date_readings"])
        n["doubt_right" if is_right else "doubt_wrong"] += 1
        return [] if is_right else [f"doubtful date given as {given or shown}"]
    if not document["date"]:
        n["undated"] += 1
        n["date_invented"] += bool(given)
        return [f"invented date {given}"] if given else []
    n["dated"] += 1
    if given in (document["date"], *(document.get("date_also") or ())):
        n["date_right"] += 1
        return []
    n["date_wrong" if given else "date_none"] += 1
    return [f"date {given}, not {document['date']}"]


def _score_names(n: Counter[str], document: Mapping[str, Any], found: Sequence[str]) -> list[str]:
    listed = {_ends(name): name for name in document["parties"]}
    given = {_ends(name): name for name in found}
    met = listed.keys() & given.keys()
    unlisted = [name for ends, name in given.items() if ends not in listed]
    wrong = [name for name in unlisted if not stands_as_person(name, document["text"])]
    n["names_listed"] += len(listed)
    n["names_met"] += len(met)
    n["names_right"] += len(met)
    n["names_unlisted_persons"] += len(unlisted) - len(wrong)
    n["names_wrong"] += len(wrong)
    missed = [name for ends, name in listed.items() if ends not in met]
    return [f"name missed {name}" for name in missed] + [f"name wrong {name}" for name in wrong]


def _ends(name: str) -> frozenset[str]:
    """First and last name, without order, case and accents; "Last, First Middle" is turned round."""
    last, comma, first = name.partition(",")
    folded = _fold(f"{first} {last}" if comma else name).split()
    words = [word for word in folded if not re.fullmatch(PERSONS_TITLE, word)] or folded
    return frozenset({words[0], words[-1]}) if words else frozenset()


def stands_as_person(name: str, text: str) -> bool:
    """Whether the text calls someone by this name with a title (`Ms. Webb`): all a machine can tell of a name that
    is not listed; anything less counts as wrong.
    """
    last = _fold(name).split()[-1:]
    return bool(last and re.search(rf"\b{PERSONS_TITLE}\s+(?:\w+\s+){{0,2}}{re.escape(last[0])}\b", _fold(text)))


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.sub(r"[^a-z0-9'\-]+", " ", plain).split())


def _score_case(n: Counter[str], listed: str | None, given: str | None) -> list[str]:
    n["case_listed"] += bool(listed)
    n["case_given"] += bool(given)
    is_right = bool(listed) and "".join((given or "").split()) == "".join((listed or "").split())
    n["case_right"] += is_right
    return [] if is_right or given == listed else [f"case {given}, not {listed}"]


def _score_roles(n: Counter[str], listed: Mapping[str, str], analysis: PlainReading) -> list[str]:
    """Of the listed days that were found: whether any claim of that day has an acceptable role."""
    misses = []
    for day, acceptable in listed.items():
        roles = [claim.role for claim in analysis.date_claims if claim.iso == day]
        if not roles:
            n["role_day_not_found"] += 1
            misses.append(f"day {day} not found")
            continue
        is_right = all(role in acceptable.split("|") for role in roles[:1])
        n["role_right" if is_right else "role_wrong"] += 1
        misses += [] if is_right else [f"role of {day} {roles[0]}, not {acceptable}"]
    return misses


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
