"""How well tables were found: F1 of the neighbours of their cells (pure).

Göbel, Hassan, Oro, Orsi: A Methodology for Evaluating Algorithms for Table Understanding in PDF Documents (DocEng
2012), as in ICDAR 2013: of every cell with text, the next one with text to its right and the next one below are a
relation; a found relation counts where both texts and the direction are the same. Spaces and case count for nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

Grid = Sequence[Sequence[str]]


def relations(grid: Grid) -> Counter[tuple[str, str, str]]:
    """The neighbours in a table."""
    columns = [list(column) for column in zip(*grid, strict=True)]
    return Counter([*_pairs(grid, "right"), *_pairs(columns, "below")])


def score(found: Sequence[Grid], truth: Sequence[Grid]) -> tuple[int, int, int]:
    """Relations found right, found, and true, over all tables of a page or document."""
    ours = sum((relations(grid) for grid in found), Counter[tuple[str, str, str]]())
    theirs = sum((relations(grid) for grid in truth), Counter[tuple[str, str, str]]())
    return (ours & theirs).total(), ours.total(), theirs.total()


def f1(right: int, found: int, true: int) -> float:
    """0..1; 1 where there is nothing to find and nothing was found."""
    return 2 * right / (found + true) if found + true else 1.0


def _pairs(lists: Grid, direction: str) -> Iterator[tuple[str, str, str]]:
    for texts in lists:
        said = [key for text in texts if (key := "".join(text.split()).casefold())]
        for first, second in zip(said, said[1:], strict=False):
            yield first, second, direction
