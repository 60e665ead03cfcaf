"""Words that decide and were read with doubt: names, dates, amounts, other numbers, negations and check boxes, which
only a person who looks at the picture can settle (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gpu_worker.ocr.page_text import Box, Line, PageText, Source, Word
from gpu_worker.ocr.structure.boxes import BoxState, CheckBox

DIGITS_BELOW = 0.8
"""Chance of a word's weakest letter: 1.6 % of the words of FUNSD's noisy forms hold digits and are below, and a third
of the wrong digits stand in them; of a clean page hardly a word is asked about."""
WORDS_BELOW = 0.6
"""Of names and negations, whose letters their neighbours also speak for."""
MOST_DOUBTS = 40
"""Of a page, the weakest first: nobody looks at more, and such a page is read anew."""
TICKED_OR_NOT = 0.5
LEAST_NAME = 3
MONTHS = frozenset({
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "enero", "febrero",
    "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
})  # fmt: skip
NEGATIONS = frozenset({
    "no", "not", "never", "none", "nor", "neither", "nothing", "nobody", "without", "cannot", "nunca", "jamás", "sin",
    "nada", "ni", "tampoco", "ningún", "ninguno", "ninguna", "nadie",
})  # fmt: skip
CONTRACTED = re.compile(r"(?:do|does|did|is|are|was|were|has|have|had|wo|would|ca|could|should|must)n['’´`]?t")
NAME = re.compile(r"[^\W\d_]+(?:['’.\-][^\W\d_]+)*")
DATE = re.compile(r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}|['’]?\d{1,2}[/\-]\d{2,4}|(?:19|20)\d\d")
AMOUNT = re.compile(r"[$€£]|\d%|^\(?\d{1,3}(?:,\d{3})+(?:\.\d\d)?\)?$|^\(?\d+\.\d\d\)?$")
EDGES = re.compile(r"^[\W_]+|[\W_]+$")
Knows = Callable[[str], bool]


class DoubtKind(StrEnum):
    """What is doubtful."""

    NAME = "name"
    DATE = "date"
    AMOUNT = "amount"
    NUMBER = "number"
    NEGATION = "negation"
    CHECK_BOX = "check_box"


@dataclass(frozen=True)
class Doubt:
    """`text` as it was read (of a check box the words beside it), where (`box`, in the page's units), and how sure the
    recogniser was of its weakest letter (0..1; of a check box 0.5: ticked or not)."""

    kind: DoubtKind
    text: str
    confidence: float
    box: Box


def find_doubts(page: PageText, boxes: Sequence[CheckBox], knows: Knows) -> tuple[Doubt, ...]:
    """What a person should look at: words in reading order, then check boxes from the top; of too many the least sure.

    `knows` says whether a word in small letters is one: what begins with a capital and is none may be a name.
    """
    doubts = [doubt for line in page.lines if line.source == Source.OCR for doubt in _of_line(line, knows)]
    doubts += [
        Doubt(DoubtKind.CHECK_BOX, box.label, TICKED_OR_NOT, box.box) for box in boxes if box.state == BoxState.DOUBTFUL
    ]
    kept = sorted(range(len(doubts)), key=lambda i: doubts[i].confidence)[:MOST_DOUBTS]
    return tuple(doubts[i] for i in sorted(kept))


def _of_line(line: Line, knows: Knows) -> Iterator[Doubt]:
    words = line.words
    for number, word in enumerate(words):
        if word.weakest >= DIGITS_BELOW:
            continue
        beside = [EDGES.sub("", each.text) for each in (*words[max(number - 1, 0) : number], *words[number + 1 :][:1])]
        kind = _kind_of(word, beside, words[number - 1].text if number else "", knows)
        if kind is not None:
            yield Doubt(kind, word.text, round(word.weakest, 3), word.box)


def _kind_of(word: Word, beside: Sequence[str], before: str, knows: Knows) -> DoubtKind | None:
    """What a doubtful word is, told by its letters and the words beside it; None for one that decides nothing."""
    core = EDGES.sub("", word.text)
    if any(map(str.isdigit, core)):
        return _kind_of_number(word.text, core, beside, before)
    if core.lower() in MONTHS and any(any(map(str.isdigit, each)) for each in beside):
        return DoubtKind.DATE
    if word.weakest >= WORDS_BELOW:
        return None
    if _may_negate(core.lower(), knows):
        return DoubtKind.NEGATION
    is_name = len(core) >= LEAST_NAME and core[0].isupper() and NAME.fullmatch(core) and not knows(core.lower())
    return DoubtKind.NAME if is_name else None


def _kind_of_number(text: str, core: str, beside: Sequence[str], before: str) -> DoubtKind:
    if AMOUNT.search(text) or AMOUNT.search(core) or before.endswith(("$", "€", "£")):
        return DoubtKind.AMOUNT
    is_dated = DATE.fullmatch(core) or any(each.lower() in MONTHS for each in beside)
    return DoubtKind.DATE if is_dated else DoubtKind.NUMBER


def _may_negate(core: str, knows: Knows) -> bool:
    """Whether it is a negation, or no word and one but for a letter (`nct`), or what `not` is most easily taken for."""
    if core in NEGATIONS or core == "now" or CONTRACTED.fullmatch(core):
        return True
    if len(core) < LEAST_NAME or knows(core):
        return False
    alike = (each for each in NEGATIONS if len(each) == len(core))
    return any(sum(a != b for a, b in zip(core, each, strict=True)) == 1 for each in alike)
