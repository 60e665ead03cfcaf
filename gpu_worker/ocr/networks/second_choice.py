"""Words that no list has, read another way: as the known word that is one step of the recogniser away (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from gpu_worker.ocr.networks.ctc import LEAST_CHANCE, LineText, SecondChoice, Span, letter_columns, word_bounds

LEAST_LETTERS = 4  # a shorter word is too near to too many others
EDGES = re.compile(r"^[\W_]+|[\W_]+$")
SHORT_WORDS = frozenset({
    "a", "i", "am", "an", "as", "at", "be", "by", "do", "go", "he", "if", "in", "is", "it", "me", "my", "no",
    "of", "on", "or", "so", "to", "up", "us", "we", "de", "el", "en", "la", "lo", "se", "su", "un",
})  # fmt: skip
"""What may stand beside a word that lost the blank before or behind it; the lists begin at three letters."""
Knows = Callable[[str], bool]


def reread_line(
    text: LineText, classes: np.ndarray, probabilities: np.ndarray, second: SecondChoice, alphabet: str, knows: Knows
) -> LineText:
    """The line with its unknown words replaced by known ones where the recogniser nearly read those; each keeps what
    was read (`Span.read`). `knows` says whether a word in small letters is one.

    Words with a capital in front or inside may be names, and digits nobody can check: they stand as read.
    """
    doubtful = second.probabilities >= LEAST_CHANCE
    if not doubtful.any():
        return text
    at = letter_columns(classes)
    is_space = np.array([alphabet[c].isspace() for c in classes[at].tolist()])
    spans: list[Span] = []
    for span, (start, stop) in zip(text.spans, word_bounds(at, is_space), strict=True):
        first = _end_of_run(classes, at[start - 1]) if start else 0
        last = at[stop] if stop < len(at) else len(classes)
        better = None
        if doubtful[first:last].any() and _may_change(core := _core(span.text), knows):
            own = slice(first, last)
            steps = _steps(classes[own], probabilities[own], second.classes[own], second.probabilities[own])
            better = _likeliest(steps, core, alphabet, knows)
        spans += _replaced(span, better) if better else [span]
    return replace(text, spans=tuple(spans))


def _core(word: str) -> str:
    """The word without the marks around it."""
    return EDGES.sub("", word)


def _may_change(core: str, knows: Knows) -> bool:
    if len(core) < LEAST_LETTERS or not core.isalpha() or not (core.islower() or core.isupper()):
        return False
    return not knows(core.lower())


def _likeliest(steps: Iterator[tuple[np.ndarray, float]], core: str, alphabet: str, knows: Knows) -> str | None:
    """What the likeliest step reads that gives known words; None if no step does."""
    best, best_loss = None, np.inf
    for classes, loss in steps:
        if loss < best_loss and _is_known(read := _collapse(classes, alphabet).strip(), core, knows):
            best, best_loss = read, loss
    return best


def _is_known(read: str, core: str, knows: Knows) -> bool:
    """Whether it is a known word or two, in small letters or capitals as what was read."""
    parts = [_core(part) for part in read.split()]
    alike = all(part.isalpha() and part.islower() == core.islower() and part.isupper() == core.isupper()
                for part in parts)  # fmt: skip
    known = all(part.lower() in SHORT_WORDS if len(part) < 3 else knows(part.lower()) for part in parts)
    return alike and known and (len(parts) == 1 or (len(parts) == 2 and max(map(len, parts)) > 2))


def _steps(
    classes: np.ndarray, probabilities: np.ndarray, seconds: np.ndarray, chances: np.ndarray
) -> Iterator[tuple[np.ndarray, float]]:
    """The classes with one column, or all columns of one letter, changed to a second choice, and how much less likely
    that is."""
    for at in np.flatnonzero(chances >= LEAST_CHANCE).tolist():
        loss = float(np.log(probabilities[at] / chances[at]))
        yield _changed(classes, at, at + 1, seconds[at]), loss
        end = _end_of_run(classes, at)
        start = len(classes) - _end_of_run(classes[::-1], len(classes) - 1 - at)
        if classes[at] and end - start > 1:
            yield _changed(classes, start, end, seconds[at]), loss


def _end_of_run(classes: np.ndarray, at: int) -> int:
    """One past the last of the equal columns around `at`."""
    others = np.flatnonzero(classes[at:] != classes[at])
    return at + int(others[0]) if len(others) else len(classes)


def _changed(classes: np.ndarray, start: int, end: int, to: int) -> np.ndarray:
    changed = classes.copy()
    changed[start:end] = to
    return changed


def _collapse(classes: np.ndarray, alphabet: str) -> str:
    return "".join(alphabet[c] for c in classes[letter_columns(classes)].tolist())


def _replaced(span: Span, better: str) -> Sequence[Span]:
    """The span with another text, or two that share its place by their letters."""
    parts = better.split()
    if len(parts) == 1:
        return [replace(span, text=better, read=span.text)]
    cut = span.start + (span.end - span.start) * (len(parts[0]) + 0.5) / len(better)
    return [
        replace(span, text=parts[0], end=cut, read=span.text),
        replace(span, text=parts[1], start=cut, read=""),
    ]
