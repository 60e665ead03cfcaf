"""In which of Unicode's forms a text is written. Pure."""

from __future__ import annotations

from collections import Counter

MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
"""Byte order marks, and what follows them."""
_TEXT_CONTROLS = frozenset("\a\b\t\n\f\r\x1b")
"""Bell to escape, as old printers knew them; any other below a blank means "not text"."""
_LEAST_LETTERS = 8
_FEW_SCRIPTS = 0.9
"""Of a text's characters, in the two blocks of 256 that it uses most: letters of one writing, and ASCII's marks."""
_BLANKS_ONE_IN = 100


def is_written(text: str) -> bool:
    """Whether these characters are what a person or an old printer's program writes."""
    return not any((letter < " " and letter not in _TEXT_CONTROLS) or letter in "\ufffe\uffff" for letter in text)


def find_mark(content: bytes) -> tuple[str, int] | None:
    """The encoding that a byte order mark names, and the bytes that the mark takes."""
    return next(((encoding, len(mark)) for mark, encoding in MARKS if content.startswith(mark)), None)


def find_unmarked_utf16(head: bytes) -> str | None:
    """`utf-16-le` or `utf-16-be` where a text without a mark is plainly one of these: few writings, and blanks."""
    even = head[: len(head) // 2 * 2]
    return next((encoding for encoding in ("utf-16-le", "utf-16-be") if _is_prose(even, encoding)), None)


def _is_prose(content: bytes, encoding: str) -> bool:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content[:-2].decode(encoding, errors="replace")  # a head may end inside an emoji
    if len(text) < _LEAST_LETTERS or "\ufffd" in text or not is_written(text):
        return False
    blocks = Counter(ord(letter) >> 8 for letter in text)
    blanks = text.count(" ") + text.count("\n")
    return sum(count for _, count in blocks.most_common(2)) >= _FEW_SCRIPTS * len(text) and (
        blanks * _BLANKS_ONE_IN >= len(text)
    )
