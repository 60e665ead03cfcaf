"""How good the answers of a search are: recall, first rank, and what was promised and not kept (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

FIRST = 10


@dataclass(frozen=True)
class Question:
    """What somebody typed, its kind, and the names of the documents that answer it."""

    kind: str
    query: str
    answers: frozenset[str]

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Question:
        """A row of the set: `kind`, `query`, `answers`."""
        return cls(row["kind"], row["query"], frozenset(row["answers"]))


@dataclass(frozen=True)
class Answered:
    """A question with the names that were found, best first, and how many of them break what was asked for."""

    question: Question
    found: tuple[str, ...]
    violations: int

    @property
    def recall_at_10(self) -> float:
        """Answers among the first ten, of those that could stand there."""
        wanted = self.question.answers
        return len(wanted & set(self.found[:FIRST])) / min(FIRST, len(wanted))

    @property
    def reciprocal_rank(self) -> float:
        """1 ÷ the rank of the first answer; 0 where none was found."""
        ranks = (rank for rank, name in enumerate(self.found, 1) if name in self.question.answers)
        return 1 / next(ranks, float("inf"))


def judge(question: Question, found: Sequence[str], documents: Mapping[str, str]) -> Answered:
    """The answer with its violations counted in the documents' texts."""
    broken = sum(not keeps_promise(question, documents[name]) for name in found)
    return Answered(question, tuple(found), broken)


def keeps_promise(question: Question, text: str) -> bool:
    """Whether a text may be an answer: it has the phrase or the number, and none of the excluded words."""
    if question.kind == "number":
        folded = _fold(text).replace(" ", "")
        numbers = [word for word in question.query.split() if re.search(r"\d", word)]
        return all(_fold(number).replace(" ", "") in folded for number in numbers)
    if question.kind == "phrase":
        return all(f" {_fold(phrase)} " in f" {_fold(text)} " for phrase in re.findall(r'"([^"]+)"', question.query))
    if question.kind == "minus":
        excluded = re.findall(r'(?:^|\s)-("[^"]+"|\S+)', question.query)
        return not any(f" {_fold(word)} " in f" {_fold(text)} " for word in excluded)
    return True


def summarise(answered: Sequence[Answered]) -> dict[str, Any]:
    """{"recall_at_10", "mrr", "violations", "by_kind": {kind: the same with "n"}}."""
    kinds = {kind: [each for each in answered if each.question.kind == kind] for kind in _kinds(answered)}
    return {**_numbers(answered), "by_kind": {kind: {"n": len(of), **_numbers(of)} for kind, of in kinds.items()}}


def _numbers(answered: Sequence[Answered]) -> dict[str, Any]:
    return {
        "recall_at_10": round(mean(each.recall_at_10 for each in answered), 4),
        "mrr": round(mean(each.reciprocal_rank for each in answered), 4),
        "violations": sum(each.violations for each in answered),
    }


def _kinds(answered: Sequence[Answered]) -> list[str]:
    return list(dict.fromkeys(each.question.kind for each in answered))


def _fold(text: str) -> str:
    """Lower-case letters and digits without accents, one blank between words."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(each))
    return " ".join(re.findall(r"\w+", re.sub(r"['’]", "", plain)))
