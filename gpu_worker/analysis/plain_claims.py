"""What the rules read, as claims: each value looked up where it stands, as any analyst's is (pure)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from gpu_worker.analysis.analyst import DateClaim, PlainReading
from gpu_worker.analysis.claims import Claim
from gpu_worker.analysis.follows import WORD, read_case_number, read_name, read_phrase
from gpu_worker.analysis.gate import Gate, Standing
from gpu_worker.analysis.quotes.tokens import strip_accents
from gpu_worker.analysis.reader_talk import find_talk
from gpu_worker.analysis.rules.kinds import KINDS
from gpu_worker.analysis.rules.summary import CUSTODY_WORDS, SENTENCE_END
from gpu_worker.enums import ClaimKind, QuoteState

RULES = "rules"
RELEVANCY = "relevancy_score"
LEAST_WORDS = 3
"""Of a fact."""
MOST_LINE = 240
"""Characters of the line around a value that are shown with it."""


def claims_of(reading: PlainReading, texts: Sequence[str]) -> tuple[Claim, ...]:
    """Everything the rules state about these pages."""
    words = _Words(texts)
    gate = Gate(texts)
    parties = (
        _claim(ClaimKind.PARTY, words.line_of(party.name, read_name), party.name, party.role)
        for party in reading.parties
    )
    numbers = [reading.case_number] if reading.case_number else []
    courts = [reading.court] if reading.court else []
    # Where no sentence tells a day, an amount or an act, those that say most are the facts.
    sentences = SENTENCE_END.split(reading.summary)
    said = reading.key_facts or [each for each in sentences if len(each.split()) >= LEAST_WORDS]
    facts = (gate.look_up(fact, 1) for fact in said if not find_talk([fact]))
    return (
        *parties,
        *_days(reading.date_claims, texts),
        *(_claim(ClaimKind.CASE_NUMBER, words.line_of(each, read_case_number), each) for each in numbers),
        *(_claim(ClaimKind.COURT, words.line_of(each, read_phrase), each) for each in courts),
        *(_claim(ClaimKind.FACT, _anywhere(fact), fact.quote) for fact in facts),
        *_relevancy(reading, words),
    )


class _Words:
    """The lines of some pages, with their places."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def line_of(self, value: str, read: Callable[[str, str], str | None]) -> Standing:
        """The first line, or two lines, that the value follows from."""
        keys = {strip_accents(word.casefold()) for word in WORD.findall(value)}
        for page, start, line in self._lines(keys):
            if read(line, value):
                return Standing(QuoteState.EXACT, page, line, start)
        return Standing(QuoteState.NONE, 1, value)

    def first(self, pattern: re.Pattern[str]) -> Standing | None:
        """The first line in which the pattern stands."""
        for page, text in enumerate(self._texts, 1):
            if match := pattern.search(text):
                start = max(text.rfind("\n", 0, match.start()) + 1, match.start() - MOST_LINE // 2)
                end = text.find("\n", match.end())
                end = min(len(text) if end < 0 else end, match.end() + MOST_LINE // 2)
                return _trimmed(page, start, text[start:end])
        return None

    def _lines(self, keys: set[str]) -> Iterator[tuple[int, int, str]]:
        """Lines that have one of the words, then with the line after them; of a long line what is around the word."""
        for size in (1, 2):
            for page, text in enumerate(self._texts, 1):
                for word in WORD.finditer(text):
                    if strip_accents(word[0].casefold()) not in keys:
                        continue
                    start = max(text.rfind("\n", 0, word.start()) + 1, word.start() - MOST_LINE // 2)
                    end = word.end()
                    for _ in range(size):
                        end = text.find("\n", end + 1)
                        end = len(text) if end < 0 else end
                    end = min(end, word.end() + MOST_LINE // 2)
                    shown = _trimmed(page, start, text[start:end])
                    yield shown.page, shown.start or 0, shown.quote


def _trimmed(page: int, start: int, words: str) -> Standing:
    """Words of a page without the blanks around them."""
    kept = words.strip()
    return Standing(QuoteState.EXACT, page, kept, start + words.index(kept))


def _days(claims: Sequence[DateClaim], texts: Sequence[str]) -> Iterator[Claim]:
    """The days with their places on their pages; a run of text holds all pages, one line end between them."""
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    for claim in claims:
        page = bisect_right(starts, claim.start)
        start = claim.start - starts[page - 1]
        stands = page <= len(texts) and texts[page - 1].startswith(claim.words, start)
        state = QuoteState.EXACT if stands else QuoteState.NONE
        yield Claim(
            kind=ClaimKind.DATE, value=claim.iso, page=min(page, max(1, len(texts))), quote=claim.words, state=state,
            stated_by=RULES, role=claim.role, start=start if stands else None, readings=claim.readings,
            is_own=claim.is_own,
        )  # fmt: skip


def _relevancy(reading: PlainReading, words: _Words) -> Iterator[Claim]:
    """How much its kind and its words bear on custody, by the first of these words that stand there; else no score."""
    custody = words.first(re.compile(rf"\b(?:{'|'.join(map(re.escape, CUSTODY_WORDS))})", re.I))
    standing = custody or _first_sign(reading.document_type, words)
    if standing is None or not reading.relevancy_score:
        return
    kind = reading.document_type.replace("_", " ")
    reason = f"By the rules: {kind}, and it speaks of custody." if custody else f"By the rules: {kind}."
    yield Claim(
        kind=ClaimKind.SCORE, value=None, page=standing.page, quote=standing.quote, state=standing.state,
        stated_by=RULES, role=RELEVANCY, start=standing.start, reason=reason, number=reading.relevancy_score,
    )  # fmt: skip


def _first_sign(document_type: str, words: _Words) -> Standing | None:
    """The words that show the kind; for kinds shown by the shape of their lines, such as chats, the first line."""
    for kind in KINDS:
        if kind.name == document_type:
            signs = "|".join((*kind.titles, *kind.strong, *kind.letterheads, *kind.signs))
            shown = words.first(re.compile(rf"(?<!\w)(?:{signs})(?!\w)", re.I)) if signs else None
            return shown or words.first(re.compile(r"\S.*"))
    return None


def _anywhere(standing: Standing) -> Standing:
    """The rules name no page, so wherever their words stand is where they are."""
    if standing.state != QuoteState.ELSEWHERE:
        return standing
    state = QuoteState.OCR if standing.differs else QuoteState.EXACT
    return Standing(state, standing.page, standing.quote, standing.start, (), standing.differs)


def _claim(kind: ClaimKind, standing: Standing, value: str, role: str | None = None) -> Claim:
    return Claim(
        kind=kind, value=value, page=standing.page, quote=standing.quote, state=standing.state, stated_by=RULES,
        role=role, start=standing.start, differs=standing.differs,
    )  # fmt: skip
