"""Pages cut into passages short enough to be embedded as a whole (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

PASSAGE_WORDS = 150
"""About 200 tokens; the model reads 256."""
OVERLAP_WORDS = 25
"""So that a sentence cut in two is whole in one of them."""
LEAST_WORDS = 3


@dataclass(frozen=True)
class Passage:
    """A piece of one page (first is 1)."""

    page: int
    text: str


def cut_passages(texts: Iterable[str | Sequence[str]]) -> Iterator[Passage]:
    """The passages of all pages (the first is page 1), in order; a page of a word or two has none. A page may be told
    in pieces: no passage is of two, as the control plane takes none whose words stand apart."""
    for page, text in enumerate(texts, 1):
        for piece in [text] if isinstance(text, str) else text:
            words = piece.split()
            step = PASSAGE_WORDS - OVERLAP_WORDS
            for start in range(0, max(1, len(words) - OVERLAP_WORDS), step):
                cut = words[start : start + PASSAGE_WORDS]
                if len(cut) >= LEAST_WORDS:
                    yield Passage(page, " ".join(cut))
