"""From the recogniser's best classes per column to text, words and where they stand (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

COLUMN = 8  # px of a 48 px high line per column of the recogniser's output
WIDE_GAP = 2.2  # times the usual step from letter to letter
MIN_GAP_COLUMNS = 6  # an m in small print reaches 5
LEAST_CHANCE = 0.05  # of a column's second choice: below it a name turned into another one (LINDSLEY, LINDLEY)
_NUMBER = re.compile(r"(?<![^\W\d_])(?=[lIO]*\d)[\dlIO]{2,}(?![^\W\d_])")
_LETTERS = re.compile(r"(?<=[a-z])[10](?=[a-z])")
_TO_DIGITS = str.maketrans("lIO", "110")
_TO_LETTERS = str.maketrans("10", "lo")


@dataclass(frozen=True)
class SecondChoice:
    """The second best class per column and its probability; 0 where the recogniser had no doubt."""

    classes: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class Span:
    """A word of a line: its text, where it starts and ends (0..1 of the line's length), and its confidence; `read` and
    `weakest` are as in `Word`."""

    text: str
    start: float
    end: float
    confidence: float
    read: str | None = None
    weakest: float = 1.0


@dataclass(frozen=True)
class LineText:
    """What one line reads: its words and the mean confidence of its characters (0 if it has none)."""

    spans: tuple[Span, ...]
    confidence: float

    @property
    def text(self) -> str:
        return " ".join(span.text for span in self.spans)

    @property
    def characters(self) -> int:
        return sum(len(span.text) for span in self.spans)


def decode(classes: np.ndarray, probabilities: np.ndarray, width: float, alphabet: str) -> LineText:
    """Read one line.

    `classes` and `probabilities` are per column; `width` is the line's own length in px at 48 px height.
    """
    at = letter_columns(classes)
    if not len(at):
        return LineText((), 0.0)
    letters = [alphabet[c] for c in classes[at].tolist()]
    chances = probabilities[at].astype(np.float64)
    is_space = np.array([letter.isspace() for letter in letters])
    places = np.minimum((at + 0.5) * COLUMN / max(width, 1.0), 1.0)
    spans = tuple(_word(letters, places, chances, start, stop, is_space) for start, stop in word_bounds(at, is_space))
    return LineText(spans, float(chances[~is_space].mean()) if spans else 0.0)


def letter_columns(classes: np.ndarray) -> np.ndarray:
    """The columns where a letter or a space begins."""
    first = np.empty(len(classes), bool)
    first[:1] = True
    np.not_equal(classes[1:], classes[:-1], out=first[1:])
    at: np.ndarray = np.flatnonzero(first & (classes != 0))
    return at


def word_bounds(at: np.ndarray, is_space: np.ndarray) -> list[tuple[int, int]]:
    """First and last-but-one letter of every word: words end at spaces and at gaps much wider than a letter.

    The recogniser leaves the space out where it is several letters wide, as between a label and its value.
    """
    steps = np.diff(at)
    gap = max(WIDE_GAP * float(np.median(steps)), MIN_GAP_COLUMNS) if len(steps) else 0.0
    ends = np.flatnonzero(steps >= gap) + 1
    cuts = [0, *sorted({*ends.tolist(), *np.flatnonzero(is_space).tolist()}), len(at)]
    bounds = []
    for start, stop in zip(cuts, cuts[1:], strict=False):
        while start < stop and is_space[start]:
            start += 1
        if start < stop:
            bounds.append((start, stop))
    return bounds


def _word(
    letters: list[str], places: np.ndarray, chances: np.ndarray, start: int, stop: int, is_space: np.ndarray
) -> Span:
    """A letter is seen near its middle, so a word reaches half a letter beyond its first and last, but not past half
    a gap."""
    own = places[start:stop]
    before = places[start - 1] if start else 0.0
    after = places[stop] if stop < len(letters) else 1.0
    pitch = (own[-1] - own[0]) / (len(own) - 1) if len(own) > 1 else (after - before) / 2
    low = before if start and is_space[start - 1] else (before + own[0]) / 2 if start else 0.0
    high = after if stop < len(letters) and is_space[stop] else (after + own[-1]) / 2 if stop < len(letters) else 1.0
    left, right = max(low, own[0] - 0.6 * pitch), min(high, own[-1] + 0.6 * pitch)
    text = settle_lookalikes("".join(letters[start:stop]))
    own_chances = chances[start:stop]
    sure, weakest = float(own_chances.mean()), float(own_chances.min())
    return Span(text, float(left), float(max(left, right)), sure, weakest=weakest)


def settle_lookalikes(word: str) -> str:
    """Read l, I and O between digits as digits, and 1 and 0 between small letters as letters: `l00` is 100,
    `mar1boro` is a word."""
    word = _NUMBER.sub(lambda found: found[0].translate(_TO_DIGITS), word)
    return _LETTERS.sub(lambda found: found[0].translate(_TO_LETTERS), word)
