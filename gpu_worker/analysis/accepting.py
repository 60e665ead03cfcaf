"""How an answer of Claude becomes claims: words looked up, values read from the words where they stand (pure)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import TypeVar

from gpu_worker.analysis.answer_shape import (
    Answer,
    Judgement,
    Stated,
    StatedDay,
    StatedFinding,
    StatedParty,
    StatedScore,
)
from gpu_worker.analysis.claims import Claim
from gpu_worker.analysis.follows import (
    read_amount,
    read_case_number,
    read_days,
    read_name,
    read_phrase,
    read_role,
)
from gpu_worker.analysis.gate import Gate, Standing
from gpu_worker.analysis.prompts import INSTRUCTIONS
from gpu_worker.analysis.rules.day_order import DayOrder
from gpu_worker.analysis.scales import STRENGTHS, number_of
from gpu_worker.analysis.summary import ADDRESS
from gpu_worker.enums import ClaimKind, FindingKind, QuoteState

RECITED_WORDS = 10
"""In a row. So many are no coincidence."""
MOST_CLAIMS = 40
"""Of a kind, of a part."""
MOST_FACTS = 12
CLAUDE = "claude"
S = TypeVar("S", bound=Stated)


class Acceptance:
    """Makes claims of what Claude says about one document. `pictures`: the pages that it was shown as pictures."""

    def __init__(self, gate: Gate, order: DayOrder, pictures: Collection[int]) -> None:
        self._gate = gate
        self._order = order
        self._pictures = pictures

    def read(self, answer: Answer) -> tuple[Claim, ...]:
        """Everything it states, each with how it stands."""
        return (
            *_each(answer.parties, self._party),
            *_each(answer.dates, self._day),
            *_each(answer.amounts, lambda one: self._value(ClaimKind.AMOUNT, one, one.amount, read_amount, one.what)),
            *_each(
                answer.case_numbers,
                lambda one: self._value(ClaimKind.CASE_NUMBER, one, one.case_number, read_case_number),
            ),
            *_each(answer.courts, lambda one: self._value(ClaimKind.COURT, one, one.court, read_phrase)),
            *_each(answer.facts[:MOST_FACTS], self._fact),
            *self.judge(answer),
        )

    def judge(self, judgement: Judgement | Answer) -> tuple[Claim, ...]:
        """Its findings, and its scores: of each scale the first that stands, else the first."""
        scores: dict[str, Claim] = {}
        for claim in _each(judgement.scores, self._score):
            kept = scores.get(claim.role or "")
            if kept is None or (claim.is_accepted and not kept.is_accepted):
                scores[claim.role or ""] = claim
        return (*_each(judgement.findings, self._finding), *scores.values())

    def _stand(self, stated: Stated) -> Standing:
        return self._gate.look_up(stated.quote, stated.page, stated.box, self._pictures)

    def _value(
        self,
        kind: ClaimKind,
        stated: Stated,
        value: str,
        read: Callable[[str, str], str | None],
        role: str | None = None,
    ) -> Claim:
        """The value as the words give it; a claim that does not follow from its words stands nowhere."""
        standing = self._stand(stated)
        follows = next((found for words in _said(standing, stated) if (found := read(words, value))), None)
        claim = _claim(kind, standing, follows or value.strip()[:200], follows is not None)
        return replace(claim, role=read_phrase(standing.quote, role)) if role else claim

    def _party(self, stated: StatedParty) -> Claim:
        claim = self._value(ClaimKind.PARTY, stated, stated.name, read_name)
        return replace(claim, role=read_role(claim.quote, stated.role))

    def _day(self, stated: StatedDay) -> Claim:
        standing = self._stand(stated)
        said = (read_days(words, self._order, stated.day) for words in _said(standing, stated))
        readings = next(filter(None, said), ())
        value = readings[0] if len(readings) == 1 else None if readings else stated.day.strip()[:40]
        claim = _claim(ClaimKind.DATE, standing, value, bool(readings))
        return replace(claim, role=stated.role, readings=readings, is_own=stated.is_own)

    def _fact(self, stated: Stated) -> Claim:
        standing = self._stand(stated)
        return _claim(ClaimKind.FACT, standing, standing.quote)

    def _finding(self, stated: StatedFinding) -> Claim:
        standing = self._stand(stated)
        reason, differs = clean(stated.reason), standing.differs
        is_whole = True
        if stated.kind == FindingKind.CONTRADICTION:
            # Two statements: both must stand, and not be the same words twice.
            against = self._gate.look_up(stated.against_quote, stated.against_page)
            is_whole = against.state in (QuoteState.EXACT, QuoteState.OCR) and against.quote != standing.quote
            differs += against.differs
            reason = f"{reason} Against page {against.page}: “{against.quote}”" if is_whole else reason
        claim = _claim(ClaimKind.FINDING, replace(standing, differs=differs), None, is_whole)
        return replace(claim, role=stated.kind, reason=reason, number=STRENGTHS[stated.strength])

    def _score(self, stated: StatedScore) -> Claim:
        claim = _claim(ClaimKind.SCORE, self._stand(stated), stated.step)
        number = number_of(stated.scale, stated.step)
        return replace(claim, role=f"{stated.scale}_score", reason=clean(stated.reason), number=number)


def clean(text: str) -> str:
    """What Claude says in its own words, without addresses; nothing when it recites its instructions."""
    words = text.split()
    runs = (" ".join(words[at : at + RECITED_WORDS]) for at in range(len(words) - RECITED_WORDS + 1))
    return "" if any(run in INSTRUCTIONS for run in runs) else ADDRESS.sub("(address left out)", text).strip()


def _each(stated: Iterable[S], make: Callable[[S], Claim]) -> list[Claim]:
    """The claims, each once."""
    return list(dict.fromkeys(make(one) for one in list(stated)[:MOST_CLAIMS]))


def _said(standing: Standing, stated: Stated) -> tuple[str, ...]:
    """The words a value may be read from: as they stand; where letters were misread, as they were quoted, too."""
    return (standing.quote, stated.quote) if standing.state == QuoteState.OCR else (standing.quote,)


def _claim(kind: ClaimKind, standing: Standing, value: str | None, follows: bool = True) -> Claim:
    return Claim(
        kind=kind,
        value=value,
        page=standing.page,
        quote=standing.quote,
        state=standing.state if follows else QuoteState.NONE,
        stated_by=CLAUDE,
        start=standing.start if follows else None,
        box=standing.box if follows else (),
        differs=standing.differs,
    )
