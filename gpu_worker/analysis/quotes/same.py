"""Is this the same word, misread? Letters that OCR confuses, and never a word that is another word (pure)."""

from __future__ import annotations

import re
from functools import lru_cache

from gpu_worker.analysis.quotes.lexicon import Lexicon
from gpu_worker.analysis.quotes.tokens import Words, read_words, strip_accents
from gpu_worker.analysis.quotes.vocabulary import (
    FIRST_OF_ANOTHER,
    LABELS,
    MISPRINTS,
    NEGATED_COMPOUNDS,
    SHORT_WORDS,
    SHORTENED,
)

_ALIKE = ("l1i", "o0", "s5", "ec", "hb", "uv")
_SPLIT = ((r, one) for r, one in (("rn", "m"), ("cl", "d"), ("ri", "n"), ("li", "h"), ("vv", "w"), ("ci", "d")))
CONFUSED = {(a, b) for letters in _ALIKE for a in letters for b in letters if a != b}
CONFUSED |= {pair for two, one in _SPLIT for pair in ((two, one), (one, two))}
NEVER = 99
LONGEST_WORD = 60

CURRENCIES = "$€£¥₱₹₽"
SIGNED = re.compile(rf"(?:^|[\s(])[{CURRENCIES}]?[-−–][{CURRENCIES}]?$")
_DIGITS = re.compile(r"\d+")


def compare(page: Words, first: int, last: int, quote: Words, start: int, end: int, lexicon: Lexicon) -> str | None:
    """What differs between words `first` to `last` of the page and `start` to `end` of the quote, in letters only.

    "" when nothing does; None when they are not the same words. Both have the same skeleton, and share no inner edge.
    """
    page_keys = [token.key for token in page.tokens[first:last]]
    quote_keys = [token.key for token in quote.tokens[start:end]]
    if any(c.isdigit() for key in (*page_keys, *quote_keys) for c in key) and not _same_marks(
        page, first, last, quote, start, end
    ):
        return None
    if page_keys == quote_keys:
        return ""
    if len(page_keys) == len(quote_keys) == 1:
        before = page.tokens[first - 1].key if first else ""
        misread, word = (page, first) if page_keys[0] in MISPRINTS else (quote, start)
        if MISPRINTS.get(misread.tokens[word].key) in (page_keys[0], quote_keys[0]):
            same = not misread.raw(word).isupper()
        else:
            same = _same_word(page_keys[0], quote_keys[0], page.raw(first)[:1].isupper(), before, lexicon)
    elif _only_blanks_differ(page, first, last, quote, start, end):
        same = True
    elif all(_is_number(key) for key in (*page_keys, *quote_keys)):
        same = _same_digits(page, first, last, quote, start, end)
    else:
        hyphenated = _hyphenated(page, first, last) or _hyphenated(quote, start, end)
        same = _same_joined(page_keys, quote_keys, hyphenated, page.raw(first)[:1].isupper(), lexicon)
        if same and "".join(page_keys) == "".join(quote_keys) and hyphenated:
            return ""
    if not same:
        return None
    return f"{' '.join(page.raw(i) for i in range(first, last))} ≈ {' '.join(quote.raw(i) for i in range(start, end))}"


def _same_word(page: str, quote: str, capital: bool, before: str, lexicon: Lexicon) -> bool:
    if page.replace("'", "") == quote.replace("'", ""):
        return page not in SHORTENED and quote not in SHORTENED
    page, quote = page.replace("'", ""), quote.replace("'", "")
    if _is_number(page) or _is_number(quote):
        return _same_number(page, quote, before, lexicon)
    if strip_accents(page) == strip_accents(quote):
        return _same_but_accents(page, quote, lexicon)
    return _is_misread(page, quote, capital, lexicon)


def _is_misread(page: str, quote: str, capital: bool, lexicon: Lexicon) -> bool:
    """One of the two is no word, or a far rarer one, and the other the nearest word that it could have been."""
    changed = count_confusions(strip_accents(page), strip_accents(quote))
    if changed > 1 + max(len(page), len(quote)) // 3:
        return False
    rare, common = sorted(
        (page, quote),
        key=lambda word: (_worth(word, lexicon), not _has_digit(word), lexicon.looks_like_a_word(word)),
    )
    if not _may_be_misread(rare, common, capital, lexicon):
        return False
    nearer = (word for word in lexicon.with_skeleton(_skeleton(rare)) if word not in (rare, common))
    return not any(
        count_confusions(rare, word) <= changed and lexicon.zipf(word) > lexicon.zipf(common) - 1.5 for word in nearer
    )


def _may_be_misread(rare: str, common: str, capital: bool, lexicon: Lexicon) -> bool:
    low, high, looks = _worth(rare, lexicon), _worth(common, lexicon), lexicon.looks_like_a_word
    if _has_digit(common):
        return False
    if low == 0:
        return _has_digit(rare) or high > 0 or (looks(common) and not looks(rare))
    # Misprints such as "tbe" are in the lists of frequencies, too, and so are names: 3.2 parts "horne" from "arid".
    return (low <= 2.7 and high - low >= 3) if capital else (low <= 3.2 and high - low >= 2)


def _worth(word: str, lexicon: Lexicon) -> float:
    return 0.0 if _has_digit(word) else lexicon.zipf(word)


def _same_but_accents(page: str, quote: str, lexicon: Lexicon) -> bool:
    """Lost accents are common, but "habló" is not "hablo", nor "año" "ano"."""
    low, high = sorted((lexicon.zipf(page), lexicon.zipf(quote)))
    if low == 0:
        return True
    if ("ñ" in page) != ("ñ" in quote):
        return high - low >= 2.2
    return page[-1] == quote[-1] and high - low >= 1.2


def _same_number(page: str, quote: str, before: str, lexicon: Lexicon) -> bool:
    if _is_number(page) and _is_number(quote):
        return page == quote
    letters, digits = (quote, page) if _is_number(page) else (page, quote)
    if _has_digit(letters) or count_confusions(letters, digits.replace(".", "")) >= NEVER:
        return False
    if len(letters) == 1:
        return before not in LABELS
    return letters not in SHORT_WORDS and (len(letters) == 2 or lexicon.zipf(letters) < 3)


def _same_digits(page: Words, first: int, last: int, quote: Words, start: int, end: int) -> bool:
    """Numbers cut differently: "5.35" and "5:35", "3 260" and "3,260"; never "5.5" and "55"."""
    ours, theirs = _span(page, first, last), _span(quote, start, end)
    blank = re.compile(r"\s")
    if not blank.search(ours) and not blank.search(theirs):
        return _DIGITS.findall(ours) == _DIGITS.findall(theirs) and not {ours.isdigit(), theirs.isdigit()} & {True}
    spaced, closed = (ours, theirs) if blank.search(ours) else (theirs, ours)
    if blank.search(closed) or not re.fullmatch(r"\d{1,3}(?:,?\s\d{3})+", spaced):
        return False
    return _DIGITS.findall(spaced) == _DIGITS.findall(closed)


def _only_blanks_differ(page: Words, first: int, last: int, quote: Words, start: int, end: int) -> bool:
    """A blank lost beside a number, "2022 I" and "2022I"; between two numbers nobody can tell where it was."""
    ours, theirs = ("".join(_span(*span).split()) for span in ((page, first, last), (quote, start, end)))
    numbers = max(
        sum(_is_number(words.tokens[i].key) and words.raw(i)[-1:].isdigit() for i in range(a, b))
        for words, a, b in ((page, first, last), (quote, start, end))
    )
    return ours == theirs and numbers == 1 and any(c.isalpha() for c in ours)


def _same_joined(page: list[str], quote: list[str], hyphenated: bool, capital: bool, lexicon: Lexicon) -> bool:
    """A blank lost or added, or a hyphen at a line's end; never where that makes other words of known words."""
    if len(page) > 1 and len(quote) > 1:
        return False
    parts, one = (page, quote[0]) if len(quote) == 1 else (quote, page[0])
    joined = "".join(parts)
    if _has_digit(joined) or _has_digit(one):
        if any(_is_number(part) for part in parts) and joined != one:
            return False
        if len([part for part in parts if _is_number(part)]) > 1:
            return False
    if joined != one and not _is_misread(*((joined, one) if parts is page else (one, joined)), capital, lexicon):
        return False
    if hyphenated or NEGATED_COMPOUNDS.get(one) == " ".join(parts):
        return True
    known = lexicon.zipf(one) >= 3 and all(
        part in SHORT_WORDS if len(part) <= 2 else lexicon.zipf(part) >= 3.4 for part in parts
    )
    return not known or (parts[0] not in FIRST_OF_ANOTHER and one not in NEGATED_COMPOUNDS)


def _same_marks(page: Words, first: int, last: int, quote: Words, start: int, end: int) -> bool:
    """The same sign and per cent, and no other currency, around a number."""
    sign, currency, percent = _marks(page, first, last)
    sign_of_quote, currency_of_quote, percent_of_quote = _marks(quote, start, end)
    if sign != sign_of_quote or percent != percent_of_quote:
        return False
    return not currency or not currency_of_quote or currency == currency_of_quote


def _marks(words: Words, first: int, last: int) -> tuple[bool, str, bool]:
    """(negative, currency, per cent) of a number, by what stands directly before and after it."""
    before, end = words.before(first), words.tokens[last - 1]
    after = words.texts[end.page][end.end : end.end + 2].lstrip()
    return bool(SIGNED.search(before)), next((c for c in before if c in CURRENCIES), ""), after.startswith("%")


def _hyphenated(words: Words, first: int, last: int) -> bool:
    """Whether a hyphen at a line's end is what cuts the word."""
    return (
        all(re.fullmatch(r"\s*[-‐\u00ad¬]\s*\n\s*", words.gap(i)) for i in range(first + 1, last)) and last > first + 1
    )


def _span(words: Words, first: int, last: int) -> str:
    start, end = words.tokens[first], words.tokens[last - 1]
    return words.texts[start.page][start.start : end.end] if start.page == end.page else " "


def _has_digit(word: str) -> bool:
    return any(c.isdigit() for c in word)


def _is_number(word: str) -> bool:
    return bool(word) and word.replace(".", "").isdigit()


def _skeleton(word: str) -> str:
    return read_words([word]).skeleton


@lru_cache(maxsize=50_000)
def count_confusions(a: str, b: str) -> int:
    """How many confusions of OCR turn one word into the other; `NEVER` when none do."""
    if max(len(a), len(b)) > LONGEST_WORD:
        return NEVER
    costs = {(0, 0): 0}
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            steps = [costs.get((i - di, j - dj), NEVER) + cost for di, dj, cost in _steps(a, b, i, j)]
            if steps:
                costs[i, j] = min(steps)
    return min(costs.get((len(a), len(b)), NEVER), NEVER)


def _steps(a: str, b: str, i: int, j: int) -> list[tuple[int, int, int]]:
    steps = [(1, 1, 0)] if i and j and a[i - 1] == b[j - 1] else []
    for di, dj in ((1, 1), (2, 1), (1, 2)):
        if i >= di and j >= dj and (a[i - di : i], b[j - dj : j]) in CONFUSED:
            steps.append((di, dj, 1))
    return steps
