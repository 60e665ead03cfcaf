"""How far a reading is from the truth: words, characters, order (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class PageScore:
    """Counts of one page, to be summed over pages before dividing.

    `order_distance` is the normalised edit distance (0..1) of the whole text, None where the truth has no order.
    """

    matched: int
    truth_words: int
    found_words: int
    character_edits: int
    truth_characters: int
    order_distance: float | None


@dataclass(frozen=True)
class Scores:
    """The measures over many pages, each 0..1."""

    word_f1: float
    word_recall: float
    word_precision: float
    char_accuracy: float
    order_distance: float | None


def score_page(truth: str, found: str, ordered: bool) -> PageScore:
    """Compare a page's text with its truth."""
    truth_bag, found_bag = Counter(WORD.findall(truth.lower())), Counter(WORD.findall(found.lower()))
    return PageScore(
        matched=(truth_bag & found_bag).total(),
        truth_words=truth_bag.total(),
        found_words=found_bag.total(),
        character_edits=order_free_edits(truth.split(), found.split()),
        truth_characters=sum(map(len, truth.split())),
        order_distance=order_distance(truth, found) if ordered else None,
    )


def summarise(pages: Sequence[PageScore]) -> Scores:
    """Sum over pages, then divide; the order distance is the mean over the pages whose truth has an order."""
    matched, truth, found = (sum(getattr(p, n) for p in pages) for n in ("matched", "truth_words", "found_words"))
    characters = sum(p.truth_characters for p in pages)
    distances = [p.order_distance for p in pages if p.order_distance is not None]
    return Scores(
        word_f1=2 * matched / max(truth + found, 1),
        word_recall=matched / max(truth, 1),
        word_precision=matched / max(found, 1),
        char_accuracy=max(0.0, 1 - sum(p.character_edits for p in pages) / max(characters, 1)),
        order_distance=sum(distances) / len(distances) if distances else None,
    )


def order_distance(truth: str, found: str) -> float:
    """Edit distance of the two texts, white space collapsed, over the longer one's length."""
    truth, found = " ".join(truth.split()), " ".join(found.split())
    return edit_distance(truth, found) / max(len(truth), len(found), 1)


def order_free_edits(truth: Sequence[str], found: Sequence[str]) -> int:
    """Character edits that turn the found words into the true ones, each with its nearest partner wherever it stands.

    Equal words pair off first, then the closest pairs; a word without a partner costs its length.
    """
    missing = list((Counter(truth) - Counter(found)).elements())
    extra = list((Counter(found) - Counter(truth)).elements())
    pairs = []
    for i, a in enumerate(missing):
        for j, b in enumerate(extra):
            longest = max(len(a), len(b))
            if 2 * abs(len(a) - len(b)) <= longest and (d := edit_distance(a, b)) * 2 <= longest:
                pairs.append((d / longest, d, i, j))
    edits, used_a, used_b = 0, set(), set()
    for _, d, i, j in sorted(pairs):
        if i not in used_a and j not in used_b:
            edits += d
            used_a.add(i)
            used_b.add(j)
    edits += sum(len(a) for i, a in enumerate(missing) if i not in used_a)
    return edits + sum(len(b) for j, b in enumerate(extra) if j not in used_b)


def edit_distance(a: str, b: str) -> int:
    """Levenshtein distance, bit-parallel (Myers 1999, Hyyrö 2003): the columns of the table are the bits of one
    integer."""
    if not a or not b:
        return len(a) + len(b)
    places: dict[str, int] = {}
    for i, letter in enumerate(a):
        places[letter] = places.get(letter, 0) | 1 << i
    mask, top = (1 << len(a)) - 1, 1 << (len(a) - 1)
    up, down, distance = mask, 0, len(a)
    for letter in b:
        same = places.get(letter, 0)
        diagonal = ((((same & up) + up) ^ up) | same | down) & mask
        right = down | (mask & ~(diagonal | up))
        left = up & diagonal
        distance += bool(right & top) - bool(left & top)
        right = (right << 1 | 1) & mask
        left = (left << 1) & mask
        up = left | (mask & ~(diagonal | right))
        down = right & diagonal
    return distance
