"""What may be left out of a quote, and where it may begin and end, without changing what is said (pure)."""

from __future__ import annotations

import re

from gpu_worker.analysis.quotes.structure import begins_another, ends_sentence
from gpu_worker.analysis.quotes.tokens import Words
from gpu_worker.analysis.quotes.vocabulary import (
    ADVERBS,
    CONDITIONS,
    CONTRASTS,
    DANGLING,
    DENIALS,
    JOINING,
    MONTHS,
    NEGATIONS,
    NUMBER_WORDS,
    PEOPLE,
    PREPOSITIONS,
    REFERRING,
    SUBJECTS,
    TIME_WORDS,
    TURNS,
)

ELLIPSIS = re.compile(r"\[\s*+(?:\.{2,}+|…)\s*+\]|\(\s*+(?:\.{3,}+|…)\s*+\)|\.(?:\s?\.){2,}+|…|\*(?:\s?\*){2,}+")
MOST_SKIPPED_WORDS = 30
MOST_SKIPPED_ENDS = 2
MOST_ASIDE_WORDS = 6
MOST_DENYING_WORDS = 4
PRONOUNS = frozenset({"i", "you", "he", "she", "we", "they", "who", "which", "and", "or"})
_TIME = re.compile(r"^\s*[:.]\s*$")


def is_negation(key: str) -> bool:
    """ "not", "don't", "nunca", …"""
    return key in NEGATIONS or key.endswith("n't") or key in ("dont", "didnt", "wasnt", "isnt", "wont", "cant", "hadnt")


def may_skip(words: Words, first: int, last: int) -> bool:
    """Whether an ellipsis may stand for the words `first` to `last` (one past): nothing that changes the meaning.

    No negation, condition, attribution, amount or count; no other speaker, paragraph or heading; no more than a
    sentence or two; and what follows must stand on its own, so that no subject gets another's verb. Whole sentences
    and asides have counts and modal verbs of their own.
    """
    if first == last:
        return True
    keys = [words.tokens[i].key for i in range(first, last)]
    whole = ends_sentence(words, first) and ends_sentence(words, last)
    aside = _is_aside(words, first, last, keys)
    turns = CONTRASTS if whole or aside else TURNS
    if len(keys) > MOST_SKIPPED_WORDS or any(is_negation(key) or key in turns for key in keys):
        return False
    if any(begins_another(words, i) for i in range(first, last + 1)):
        return False
    if sum(ends_sentence(words, i) for i in range(first, last + 1)) > MOST_SKIPPED_ENDS:
        return False
    if words.tokens[first - 1].key in DANGLING:
        return False
    if aside:
        return True
    if not whole and any(_is_count(words, i, first, last) for i in range(first, last)):
        return False
    return _is_time(words, last, keys) or _stands_alone(words, first, last, keys)


def may_begin(words: Words, first: int) -> bool:
    """Whether a quote may begin here: not right after a "not" or an "if", nor inside a word or a number."""
    if first == 0 or ends_sentence(words, first):
        return not _is_glued(words, first)
    before = [words.tokens[i].key for i in range(max(0, first - 2), first)]
    if _is_glued(words, first) or (before[-1] in NUMBER_WORDS and words.tokens[first].key in NUMBER_WORDS):
        return False
    if re.search(r"[,;:(\"“—]", words.gap(first)):
        return True
    turned = {key for key in before[-1:] if is_negation(key) or key in CONDITIONS}
    turned |= {before[0]} if before[-1] in ADVERBS and is_negation(before[0]) else set()
    return not turned - {"without", "sin"} and not _is_denied(words, first)


def _is_denied(words: Words, first: int) -> bool:
    """Whether what begins here is what somebody denies: "He denies that", "I do not find that"."""
    if words.tokens[first - 1].key not in ("that", "que", "having"):
        return False
    ahead = []
    for index in range(first - 1, max(0, first - 1 - MOST_DENYING_WORDS), -1):
        if ends_sentence(words, index) or re.search("[,;]", words.gap(index)):
            break
        ahead.append(words.tokens[index - 1].key)
    return any(is_negation(key) or key in DENIALS for key in ahead)


def _is_aside(words: Words, first: int, last: int, skipped: list[str]) -> bool:
    """A few words between two commas or brackets that only add to the noun before: ", £1,480,", ", Mr. Pollard,"."""
    opening, closing = words.gap(first).rstrip("$€£¥ ").strip(), words.gap(last).strip()
    if (opening[-1:], closing[:1]) not in ((",", ","), ("(", ")"), ("–", "–"), ("—", "—")):
        return False
    return len(skipped) <= MOST_ASIDE_WORDS and not set(skipped) & PRONOUNS and not ends_sentence(words, last)


def may_end(words: Words, last: int) -> bool:
    """Whether a quote may end before word `last`: not right before a "not", nor inside a word or a number."""
    if last >= len(words.tokens):
        return True
    if _is_glued(words, last):
        return False
    if ends_sentence(words, last) or re.search(r"[,;:)\"”—]", words.gap(last)):
        return True
    before, following = words.tokens[last - 1].key, words.tokens[last].key
    return not (before in NUMBER_WORDS and following in NUMBER_WORDS) and following not in ("not", "never")


def _is_glued(words: Words, index: int) -> bool:
    """Whether the word and the one before it are one: "ex-husband", "fifty-five", "5:35"."""
    gap = words.gap(index)
    return len(gap) == 1 and (
        gap in "-‐/" or (gap in ".,:" and words.tokens[index - 1].key[-1:].isdigit() and words.raw(index)[0].isdigit())
    )


def _is_count(words: Words, index: int, first: int, last: int) -> bool:
    """A number that is neither the time of day nor a date."""
    key = words.tokens[index].key
    if key in NUMBER_WORDS:
        return True
    if not any(c.isdigit() for c in key):
        return False
    if words.before(index)[-1:] in tuple("$€£¥#"):
        return True
    around = range(max(0, index - 2), min(len(words.tokens), index + 3))
    near = {words.tokens[i].key for i in around}
    clock = any(
        _TIME.match(words.gap(i)) and words.tokens[i].key[:1].isdigit() and words.tokens[i - 1].key[-1:].isdigit()
        for i in (index, index + 1)
        if 0 < i < len(words.tokens)
    )
    slashed = any(words.gap(i) in ("/", "-") for i in (index, index + 1) if 0 < i < len(words.tokens))
    year = key.isdigit() and len(key) == 4 and key[:2] in ("19", "20")
    return not (clock or slashed or year or near & MONTHS or near & {"am", "pm", "hours", "noon"})


def _is_time(words: Words, last: int, skipped: list[str]) -> bool:
    """Whether only a time is left out, "at 8:45 a.m.": what follows then still belongs to what is before."""
    numbers = [key for key in skipped if key[0].isdigit()]
    following = words.tokens[last].key
    if not numbers or len(skipped) > 10 or skipped[0] not in PREPOSITIONS or following[0].isdigit():
        return False
    return following not in MONTHS | TIME_WORDS and not any(
        len(key) > 1 and key not in PREPOSITIONS | MONTHS | TIME_WORDS and not key[0].isdigit() for key in skipped
    )


def _stands_alone(words: Words, first: int, last: int, skipped: list[str]) -> bool:
    """What follows the ellipsis has its own subject, or its subject is still the one before."""
    following = words.tokens[last].key
    new_sentence = ends_sentence(words, last)
    people = [
        i
        for i in range(first, last)
        if words.tokens[i].key in PEOPLE
        or (words.raw(i)[:1].isupper() and not ends_sentence(words, i) and words.tokens[i].key not in MONTHS)
    ]
    if new_sentence or (words.tokens[last - 1].key in JOINING and following in SUBJECTS):
        return following not in REFERRING or not people
    if following in JOINING:
        return not people
    return bool(re.search("[,;]", words.gap(last))) and following in SUBJECTS and not people
