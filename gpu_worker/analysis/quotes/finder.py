"""Finds a quote in a document and says how it stands there (story)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from gpu_worker.analysis.quotes.lexicon import Lexicon, languages_of, lexicon_of
from gpu_worker.analysis.quotes.meaning import ELLIPSIS, may_begin, may_end, may_skip
from gpu_worker.analysis.quotes.same import compare
from gpu_worker.analysis.quotes.structure import find_furniture
from gpu_worker.analysis.quotes.tokens import Token, Words, read_words
from gpu_worker.enums import QuoteState
from gpu_worker.reading.rereadings import Rereading, chosen_between, read_by_letter, spread

FEWEST_CHARACTERS = 6
"""A shorter quote is found anywhere, so finding it proves nothing."""
LONGEST_QUOTE = 6_000
MOST_PARTS = 8
MOST_CANDIDATES = 300
LONGEST_SKIP = 600
"""In strokes of the skeleton: more than an ellipsis may ever skip."""
CLOSING = "\"'”’.?!)»%…"
OPENING = '$€£"“«('


@dataclass(frozen=True)
class Found:
    """How a quote stands: where, in which words of the document, and in what those differ from the quote's.

    `page` is the first page (from 1) that holds the words, `last_page` the last, `start` their place in the first; 0
    where none does. `document` is another document's name in state `elsewhere`.
    """

    state: QuoteState
    page: int
    words: str
    differs: tuple[str, ...] = ()
    document: str | None = None
    start: int = 0
    last_page: int = 0

    @property
    def stands(self) -> bool:
        """Whether these are words of this document."""
        return self.state in (QuoteState.EXACT, QuoteState.OCR)


@dataclass(frozen=True)
class Run:
    """Words `first` to `last` (one past) of the pages that are a part of the quote, and what differs."""

    first: int
    last: int
    differs: tuple[str, ...]


NOT_FOUND = Found(QuoteState.NONE, 0, "")


class QuoteFinder:
    """Looks quotes up in one document, whose pages it reads once. No text makes it raise or take long."""

    def __init__(
        self,
        texts: Sequence[str],
        others: Mapping[str, Sequence[str]] | None = None,
        rereadings: Sequence[Sequence[Rereading]] = (),
    ) -> None:
        self._texts = texts
        self._others = others or {}
        self._rereadings = rereadings

    def find(self, quote: str, claimed_page: int) -> Found:
        """Where the quote stands: on the claimed page, else the nearest one; else in which other document."""
        asked = read_words([quote[:LONGEST_QUOTE]])
        if not _says_enough(asked) or len(quote) > LONGEST_QUOTE:
            return NOT_FOUND
        for words in self._readings:
            if found := self._find_in(words, asked, claimed_page):
                return found
        if self._by_letter is not None and (found := self._by_letter.find(quote, claimed_page)).stands:
            return self._as_it_stands(found)
        for name, texts in self._others.items():
            found = QuoteFinder(texts).find(quote, 1)
            if found.stands:
                return Found(QuoteState.ELSEWHERE, found.page, found.words, found.differs, name)
        return NOT_FOUND

    @cached_property
    def _readings(self) -> list[Words]:
        """The pages as they stand, and without page numbers and running heads, which no quote repeats."""
        furniture = find_furniture(self._texts)
        readings = [read_words(self._texts)]
        return [*readings, read_words(self._texts, furniture)] if furniture else readings

    @cached_property
    def _by_letter(self) -> QuoteFinder | None:
        """The document as its letters read, where words of it were chosen over them."""
        if not any(self._rereadings):
            return None
        pages = zip(self._texts, self._rereadings, strict=True)
        return QuoteFinder([read_by_letter(text, rereadings) for text, rereadings in pages])

    @cached_property
    def _lexicon(self) -> Lexicon:
        return lexicon_of(languages_of(self._readings[0].tokens))

    def _as_it_stands(self, found: Found) -> Found:
        """What was found in the text as its letters read, in the words that stand there."""
        first, last = found.page - 1, found.last_page - 1
        pages = [read_by_letter(self._texts[page], self._rereadings[page]) for page in range(first, last)]
        end = found.start + len(found.words) - sum(len(page) + 1 for page in pages)
        start, _ = spread(found.start, found.start + 1, self._rereadings[first])
        _, end = spread(end - 1, end, self._rereadings[last])
        differs, words = list[str](), list[str]()
        for page in range(first, last + 1):
            begins, stops = (start if page == first else 0), (end if page == last else len(self._texts[page]))
            words.append(self._texts[page][begins:stops])
            differs += [f"{each.text} ≈ {each.read}" for each in chosen_between(self._rereadings[page], begins, stops)]
        return replace(
            found,
            state=QuoteState.OCR,
            words="\n".join(words),
            differs=(*found.differs, *differs),
            start=start,
        )

    def _find_in(self, words: Words, quote: Words, claimed_page: int) -> Found | None:
        parts = _parts(quote)
        for spans in [[(0, len(quote.tokens))], parts][: 2 if 1 < len(parts) <= MOST_PARTS else 1]:
            if any(quote.skeleton[quote.starts[a] : quote.starts[b]] not in words.skeleton for a, b in spans):
                continue
            for start, end in _nearest_first(words, claimed_page):
                if runs := self._best(words, quote, spans, start, end):
                    return _as_found(words, runs)
        return None

    def _best(
        self, words: Words, quote: Words, spans: Sequence[tuple[int, int]], start: int, end: int
    ) -> list[Run] | None:
        """The first place where nothing differs, else the first."""
        best = None
        for runs in islice(self._places(words, quote, spans, start, end), 50):
            if not any(run.differs for run in runs):
                return runs
            best = best or runs
        return best

    def _places(
        self, words: Words, quote: Words, spans: Sequence[tuple[int, int]], start: int, end: int
    ) -> Iterator[list[Run]]:
        """The runs of words that are the parts of the quote, in order; the first begins between `start` and `end`."""
        (first_span, *rest) = spans
        for run in self._runs(words, quote, *first_span, start, end):
            if not may_begin(words, run.first):
                continue
            runs = [run]
            for span in rest:
                at = words.starts[runs[-1].last]
                nearby = self._runs(words, quote, *span, at, at + LONGEST_SKIP)
                following = next((r for r in nearby if may_skip(words, runs[-1].last, r.first)), None)
                if following is None:
                    break
                runs.append(following)
            if len(runs) == len(spans) and may_end(words, runs[-1].last):
                yield runs

    def _runs(self, words: Words, quote: Words, first: int, last: int, start: int, end: int) -> Iterator[Run]:
        skeleton = quote.skeleton[quote.starts[first] : quote.starts[last]]
        found = words.find(skeleton, start, end + len(skeleton) - 1)
        for found_first, found_last in islice(found, MOST_CANDIDATES):
            differs = self._differences(words, found_first, found_last, quote, first, last)
            if differs is not None:
                yield Run(found_first, found_last, differs)

    def _differences(
        self, words: Words, first: int, last: int, quote: Words, start: int, end: int
    ) -> tuple[str, ...] | None:
        """What differs, word by word; None when a word is another one."""
        differs = []
        offset = words.starts[first] - quote.starts[start]
        while first < last:
            next_first, next_start = first + 1, start + 1
            while words.starts[next_first] - offset != quote.starts[next_start]:
                if words.starts[next_first] - offset < quote.starts[next_start]:
                    next_first += 1
                else:
                    next_start += 1
            difference = compare(words, first, next_first, quote, start, next_start, self._lexicon)
            if difference is None:
                return None
            differs += [difference] if difference else []
            first, start = next_first, next_start
        return tuple(differs)


def _parts(quote: Words) -> list[tuple[int, int]]:
    """The runs of words between ellipses."""
    cuts = [i for i in range(1, len(quote.tokens)) if ELLIPSIS.search(quote.gap(i))]
    return list(zip([0, *cuts], [*cuts, len(quote.tokens)], strict=True))


def _says_enough(quote: Words) -> bool:
    letters = sum(len(token.key) for token in quote.tokens)
    return letters >= FEWEST_CHARACTERS or (letters >= 2 and any(ord(t.key[0]) > 0x0E00 for t in quote.tokens))


def _nearest_first(words: Words, claimed_page: int) -> Iterator[tuple[int, int]]:
    """Of each page where its skeleton starts and ends, the claimed page first."""
    for page in sorted(range(len(words.texts)), key=lambda page: (abs(page + 1 - claimed_page), page)):
        yield words.page_starts[page], words.page_starts[page + 1]


def _as_found(words: Words, runs: Sequence[Run]) -> Found:
    differs = tuple(difference for run in runs for difference in run.differs)
    first, last = words.tokens[runs[0].first], words.tokens[runs[-1].last - 1]
    state = QuoteState.OCR if differs else QuoteState.EXACT
    start, shown = _show(words.texts, first, last)
    return Found(state, first.page + 1, shown, differs, start=start, last_page=last.page + 1)


def _show(texts: Sequence[str], first: Token, last: Token) -> tuple[int, str]:
    """Where the document's own words begin, and they from start to end, with the marks that open and close them."""
    start, end = first.start, last.end
    while start and texts[first.page][start - 1] in OPENING:
        start -= 1
    while end < len(texts[last.page]) and texts[last.page][end] in CLOSING:
        end += 1
    if first.page == last.page:
        return start, texts[first.page][start:end]
    return start, "\n".join([texts[first.page][start:], *texts[first.page + 1 : last.page], texts[last.page][:end]])
