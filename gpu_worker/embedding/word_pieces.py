"""Text to the token numbers that BERT (uncased) knows: lower case, accents off, words cut into known pieces (pure)."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

VOCABULARY = Path(__file__).parents[2] / "vocabulary" / "word_pieces.txt"
CLS, SEP, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
MOST_WORD_CHARACTERS = 100


def tokenize(text: str, most_tokens: int) -> list[int]:
    """Token numbers of a text, cut to `most_tokens` with the start and end marks included."""
    known = vocabulary()
    tokens: list[int] = []
    for word in split_words(text):
        tokens += _pieces(word, known)
        if len(tokens) >= most_tokens - 2:
            break
    return [known[CLS], *tokens[: most_tokens - 2], known[SEP]]


def split_words(text: str) -> list[str]:
    """Lower-case words without accents; every punctuation mark and every Chinese character is a word of its own."""
    spaced = []
    for character in unicodedata.normalize("NFD", text.lower()):
        category = unicodedata.category(character)
        if category == "Mn" or (category[0] == "C" and character not in "\t\n\r"):
            continue
        stands_alone = _is_punctuation(character, category) or "\u4e00" <= character <= "\u9fff"
        spaced.append(f" {character} " if stands_alone else character)
    return "".join(spaced).split()


@cache
def vocabulary() -> dict[str, int]:
    """Every known piece with its number."""
    return {piece: number for number, piece in enumerate(VOCABULARY.read_text(encoding="utf-8").split("\n"))}


def _is_punctuation(character: str, category: str) -> bool:
    """BERT counts every ASCII symbol as punctuation, also $ + < = > ^ ` | ~."""
    return category[0] == "P" or ("!" <= character <= "~" and not character.isalnum())


def _pieces(word: str, known: dict[str, int]) -> list[int]:
    """The longest known pieces from left to right; a word with an unknown piece is unknown as a whole."""
    if len(word) > MOST_WORD_CHARACTERS:
        return [known[UNKNOWN]]
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in known:
                pieces.append(known[piece])
                start = end
                break
        else:
            return [known[UNKNOWN]]
    return pieces
