"""From the recogniser's best classes per column to text, words and where they stand (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

COLUMN = 8  # px of a 48 px high line per column of the recogniser's output


@dataclass(frozen=True)
class Span:
    """A word of a line: its text, where it starts and ends (0..1 of the line's length), and its confidence."""

    text: str
    start: float
    end: float
    confidence: float


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


def decode(classes: np.ndarray, probabilities: np.ndarray, width: float, alphabet: Sequence[str]) -> LineText:
    """Read one line: `classes` and `probabilities` are per column, `width` is the line's own length in px at 48 px height."""
    first = np.empty(len(classes), bool)
    first[:1] = True
    np.not_equal(classes[1:], classes[:-1], out=first[1:])
    at = np.flatnonzero(first & (classes != 0))
    letters = [alphabet[c] for c in classes[at].tolist()]
    chances = probabilities[at].astype(np.float64)
    columns = (at + 0.5) * COLUMN / max(width, 1.0)
    spans = tuple(_words(letters, np.minimum(columns, 1.0), chances))
    marks = np.array([not letter.isspace() for letter in letters], bool)
    return LineText(spans, float(chances[marks].mean()) if marks.any() else 0.0)


def _words(letters: list[str], columns: np.ndarray, chances: np.ndarray) -> list[Span]:
    words = []
    start = 0
    edge = 0.0
    for i in range(len(letters) + 1):
        if i < len(letters) and not letters[i].isspace():
            continue
        stop = float(columns[i]) if i < len(letters) else 1.0
        if i > start:
            words.append(_word(letters[start:i], columns[start:i], chances[start:i], edge, stop))
        start, edge = i + 1, stop
    return words


def _word(letters: list[str], columns: np.ndarray, chances: np.ndarray, low: float, high: float) -> Span:
    """A letter is seen near its middle, so a word reaches half a letter beyond its first and last, and never past a space."""
    pitch = (columns[-1] - columns[0]) / (len(columns) - 1) if len(columns) > 1 else high - low
    start, end = max(low, columns[0] - 0.6 * pitch), min(high, columns[-1] + 0.6 * pitch)
    return Span("".join(letters), float(start), float(max(start, end)), float(chances.mean()))
