"""Which text of a PDF page stands: its own words, or what was recognised? (pure)

Judged by script (`known_words`) and by agreement; a page with text of its own is never blank.
"""

from __future__ import annotations

from dataclasses import dataclass

from gpu_worker.enums import Outcome
from gpu_worker.ocr.languages import FOREIGN_SHARE, OWN_LETTERS
from gpu_worker.ocr.page_text import Line, PageText
from gpu_worker.reading.likeness import KnownText, measure_agreement
from gpu_worker.reading.second_look import Reading
from gpu_worker.render.layer import PdfLayer
from gpu_worker.words.known_words import SOUND, UNJUDGED, measure_known_share

CLEARLY = 0.1
"""By how much of known words one text must be sounder than the other: a misread word in ten."""
SAME = 0.8
"""Agreement (F1 of the words) of two sound readings of one page; numbers in small type lose a fifth at most."""
RELATED = 0.5
"""Agreement of a poor reading with what the page says."""
SURE = 0.8
OVER_INK = 0.7
"""Share of a hidden text's words that lie over something drawn, before it can be what a scan shows."""


@dataclass(frozen=True)
class Verdict:
    """`sound`: the page's own words stand. `empty`: it shows nothing at all. Else recognise it, because of `reason`."""

    sound: bool
    reason: str
    empty: bool = False


@dataclass(frozen=True)
class KeptLayer:
    """The layer stands, because of `reason`; `extra` are recognised lines that say what it lacks."""

    reason: str
    extra: tuple[Line, ...] = ()


def judge_text_layer(layer: PdfLayer) -> Verdict:
    """Judge a page's own text before anything is recognised."""
    if not layer.text.strip():
        if not layer.objects and not layer.annotations and not layer.hidden:
            return Verdict(False, "the page is empty", empty=True)
        return Verdict(False, "hidden text under a scan" if layer.hidden else "no text layer")
    share = measure_known_share(layer.text)
    if share < SOUND:
        return Verdict(False, f"only {share:.0%} of its text layer are words")
    return Verdict(True, "sound text layer")


def keep_layer(layer: PdfLayer, reading: Reading) -> KeptLayer | None:
    """The layer of a page that was recognised, if it is to stand; None where the reading is the better text."""
    if not layer.text.strip():
        return _keep_hidden(layer, reading)
    text = layer.text
    if reading.outcome in (Outcome.BLANK, Outcome.UNREADABLE):
        return KeptLayer("nothing better was recognised than the page's own text")
    own, read = measure_known_share(text), measure_known_share(reading.page.text)
    agreement = measure_agreement(text, reading.page.text)
    extra = find_extra_lines(text, reading.page, trusted=agreement >= RELATED)
    if own > read + CLEARLY:
        return KeptLayer("the page's own text is sounder than what was recognised", extra)
    if own < SOUND and agreement >= SAME:
        return KeptLayer("what was recognised agrees with the page's own text", extra)
    return None


def find_extra_lines(own: str, page: PageText, trusted: bool) -> tuple[Line, ...]:
    """Lines of a page with surely read words that its own text has nothing like; not trusted, only lines of words."""
    known = KnownText(own)
    return tuple(
        line
        for line in page.lines
        if any(word.confidence >= SURE and len(word.text) > 1 and not known.says(word.text) for word in line.words)
        and (trusted or measure_known_share(line.text) >= SOUND)
    )


def _keep_hidden(layer: PdfLayer, reading: Reading) -> KeptLayer | None:
    """A text that nobody sees stands for a scan in letters that nobody here can read, if it lies over what the scan
    draws; any other is set apart: whoever hides a text can make it say anything."""
    text = layer.text_without_ink
    if reading.outcome == Outcome.BLANK or layer.ink_under < OVER_INK or not text.strip():
        return None
    own = measure_known_share(text)
    if own <= measure_known_share(reading.page.text) + CLEARLY or not _is_unreadable(text, reading.page, own):
        return None
    trusted = measure_agreement(text, reading.page.text) >= RELATED
    extra = find_extra_lines(text, reading.page, trusted)
    return KeptLayer("another program's reading of the scan, in letters that nobody here can read", extra)


def _is_unreadable(text: str, page: PageText, own: float) -> bool:
    """Text that nobody sees is believed only where the engine cannot write its letters: whoever hides a text can make
    it say anything."""
    return own >= UNJUDGED and _share_foreign(text) > FOREIGN_SHARE >= _share_foreign(page.text)


def _share_foreign(text: str) -> float:
    """The share of the letters that PP-OCRv6 cannot write."""
    letters = [c for c in text if c.isalpha()]
    return sum(not OWN_LETTERS.match(letter) for letter in letters) / len(letters) if letters else 0.0
