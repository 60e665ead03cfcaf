"""The one place where words that somebody says to have read are held against the document (pure)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gpu_worker.analysis.quotes.finder import Found, QuoteFinder
from gpu_worker.analysis.reader_talk import find_talk
from gpu_worker.enums import QuoteState
from gpu_worker.reading.rereadings import Rereading

MOST_SHOWN = 2_000
"""Characters of a quote that stands nowhere: enough to see what was claimed."""


@dataclass(frozen=True)
class Standing:
    """How words stand: their state, where, and as they stand there; see `Claim`."""

    state: QuoteState
    page: int
    quote: str
    start: int | None = None
    box: tuple[int, ...] = ()
    differs: tuple[str, ...] = ()


class Gate:
    """Looks words up in one document. `shown` is its text as the reader saw it, where words that talk to it are out;
    `rereadings` are, of each page, the words whose letters read otherwise: a quote may have either."""

    def __init__(
        self,
        texts: Sequence[str],
        shown: Sequence[str] | None = None,
        rereadings: Sequence[Sequence[Rereading]] = (),
    ) -> None:
        self._pages = max(1, len(texts))
        self._finder = QuoteFinder(texts, rereadings=rereadings)
        self._shown = None if shown is None or tuple(shown) == tuple(texts) else QuoteFinder(shown)

    def look_up(self, quote: str, page: int, box: Sequence[int] = (), pictures: Collection[int] = ()) -> Standing:
        """How the words stand that were said to be on `page`; with a `box`, in its picture, if that was shown."""
        found = self._find(quote, page)
        if found.stands:
            is_there = found.page <= page <= found.last_page
            state = found.state if is_there else QuoteState.ELSEWHERE
            return Standing(state, found.page, found.words, found.start, (), found.differs)
        shown, page_there = quote.strip()[:MOST_SHOWN], min(max(1, page), self._pages)
        if page in pictures and _is_box(box) and shown and not find_talk([quote]):
            return Standing(QuoteState.PICTURE, page, shown, box=tuple(box))
        return Standing(QuoteState.NONE, page_there, shown)

    def _find(self, quote: str, page: int) -> Found:
        if self._shown is None:
            return self._finder.find(quote, page)
        found = self._shown.find(quote, page)
        # What stands in the text that was shown has its place in the whole text.
        return self._finder.find(found.words, found.page) if found.stands else found


def _is_box(box: Sequence[int]) -> bool:
    if len(box) != 4:
        return False
    left, top, right, bottom = box
    return 0 <= left < right <= 1000 and 0 <= top < bottom <= 1000
