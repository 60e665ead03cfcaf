"""Which papers are copies of one: bands of MinHash to find them, their words in order to tell (pure)."""

from __future__ import annotations

import difflib
import re
import zlib
from collections.abc import Iterable

import numpy as np

from gpu_worker.case.shapes import Copy

BANDS, ROWS = 12, 3
"""Two texts of which 70 in 100 shingles are the same share a band with 99 in 100."""
NUMBER_BANDS = 6
SHINGLE = 5
LONGEST = 60_000
LEAST_LETTERS = 40
"""Of a text that can be told a copy: a slip with one word is like every other."""
LONGEST_ALIGNED = 4000
"""Letters that are aligned one by one: the time grows with the square."""
LEAST_LIKE = 0.93
LEAST_RESCAN = 0.97
MOST_ADDED = 40
"""Letters that a copy may have more, in all, per 1,000 of the original and besides: COPY, FAXED p. 1, Exhibit C."""
_LOOKS = str.maketrans("0o1il|5s8b6g2zvucehn", "ooiiiissnnggzzuuccnn")
_DIGITS_FOR_LETTERS = re.compile(r"\b(?:[^\W\d_]+[0158]{1,2}[^\W\d_]+|[01][^\W\d_]{4,})\b")
"""A word of which a scan took letters for digits: `chi1dren`, `0kafor`, `L0G`; `B12`, `10am` and `FL04419` are none."""
_SEED = np.random.default_rng(20261126)
_A = _SEED.integers(1, 2**31 - 1, BANDS * ROWS + NUMBER_BANDS, dtype=np.uint64) | np.uint64(1)
_B = _SEED.integers(0, 2**31 - 1, BANDS * ROWS + NUMBER_BANDS, dtype=np.uint64)
_PRIME = np.uint64(2**61 - 1)


def looks_of(text: str) -> str:
    """Letters and digits only, those that scans confuse made one."""
    squeezed = re.sub(r"[\W_]+", "", text[:LONGEST].lower())
    return squeezed.replace("rn", "m").replace("cl", "d").replace("vv", "w").translate(_LOOKS)


def bands_of(text: str) -> tuple[int, ...]:
    """Numbers that near copies share some of; none for a text too short to be told a copy."""
    looks = looks_of(text)
    if len(looks) < LEAST_LETTERS:
        return ()
    shingles = {looks[place : place + SHINGLE] for place in range(len(looks) - SHINGLE + 1)}
    mins = _mins(shingles, slice(0, BANDS * ROWS))
    bands = [_number(band, mins[band * ROWS : band * ROWS + ROWS]) for band in range(BANDS)]
    numbers = numbers_of(text)
    if numbers:
        least = _mins(set(numbers), slice(BANDS * ROWS, BANDS * ROWS + NUMBER_BANDS))
        bands += [_number(BANDS + place, [value]) for place, value in enumerate(least)]
    return tuple(bands)


def numbers_of(text: str) -> list[str]:
    """The numbers of a text, digits that scans take for letters set right, and letters that they take for digits."""
    text = _DIGITS_FOR_LETTERS.sub(" ", text[:LONGEST])
    mended = re.sub(r"(?<=\d)[Oo]|[Oo](?=\d)", "0", text)
    mended = re.sub(r"(?<=\d)[lI|]|[lI|](?=\d)", "1", mended)
    return re.findall(r"\d+", mended)


def find_copies(text: str, near: Iterable[tuple[str, str]]) -> tuple[Copy, ...]:
    """Which of some documents (id, text) say the same."""
    copies = (compare(text, document_id, other) for document_id, other in near)
    return tuple(copy for copy in copies if copy)


def compare(text: str, document_id: str, other: str) -> Copy | None:
    """The other document as a copy; None when it says anything else: another number or another word is enough."""
    one, two = looks_of(text), looks_of(other)
    short, long = sorted((one, two), key=len)
    if len(short) < LEAST_LETTERS or len(long) - len(short) > MOST_ADDED + len(short) * MOST_ADDED // 1000:
        return None
    same = _same(short, long)
    if same < LEAST_LIKE or not _numbers_agree(text, other) or not _words_agree(text, other):
        return None
    return Copy(document_id, "rescan" if same >= LEAST_RESCAN else "near_copy", round(same, 4))


def _same(short: str, long: str) -> float:
    """How much of the shorter stands in the longer, in order; of a long text shingles, whatever their order."""
    if len(short) > LONGEST_ALIGNED:
        one, two = ({each[place : place + SHINGLE] for place in range(len(each))} for each in (short, long))
        return float((len(one & two) / len(one)) ** (1 / SHINGLE))
    blocks = difflib.SequenceMatcher(None, short, long, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(short)


def _numbers_agree(text: str, other: str) -> bool:
    """Every number of the one stands in the other, one in twenty misread; a stamp adds a few."""
    one, two = sorted((numbers_of(text), numbers_of(other)), key=len)
    missing, left = 0, list(two)
    for number in one:
        if number in left:
            left.remove(number)
        else:
            missing += 1
    return missing <= len(one) // 20 and len(left) - missing <= 4


def _words_agree(text: str, other: str) -> bool:
    """Words that only one has must be near in letters to one of the other: `excbange`; else something else is said."""
    one, two = (re.findall(r"[^\W\d_]{3,}", each[:LONGEST].lower()) for each in (text, other))
    only_one, only_two = set(one) - set(two), set(two) - set(one)
    short, long = sorted((only_one, only_two), key=len)
    joined = {looks_of(each) for each in (text, other)}
    strange = [word for word in short if not _is_misread(word, long) and not all(looks_of(word) in t for t in joined)]
    return len(strange) <= len(one) // 60


def _is_misread(word: str, others: Iterable[str]) -> bool:
    looks = looks_of(word)
    for other in others:
        theirs = looks_of(other)
        if looks == theirs:
            return True
        if abs(len(looks) - len(theirs)) <= 1 and len(looks) >= 5:
            ratio = difflib.SequenceMatcher(None, looks, theirs, autojunk=False).ratio()
            if ratio >= 0.85:
                return True
    return False


def _mins(words: set[str], rows: slice) -> list[int]:
    hashes = np.array([zlib.crc32(word.encode()) for word in words], dtype=np.uint64)
    a, b = _A[rows, None], _B[rows, None]
    return [int(value) for value in ((a * hashes[None, :] + b) % _PRIME).min(axis=1)]


def _number(band: int, values: Iterable[int]) -> int:
    digest = zlib.crc32(repr((band, *values)).encode()) & 0xFFFFFFFF
    return band << 32 | digest
