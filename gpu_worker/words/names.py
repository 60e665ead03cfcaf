"""From the bytes of files' names to their letters, where an archive does not say how they are written (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gpu_worker.words.known_words import measure_known_share

CYRILLIC, HAN, HANGUL = "\u0400-\u052f", "\u3040-\u30ff\u3005\u4e00-\u9fff", "\uac00-\ud7a3"
PAGES = (
    ("cp866", CYRILLIC, 3), ("cp1251", CYRILLIC, 3), ("cp932", HAN, 2), ("gb18030", HAN, 2), ("big5", HAN, 2),
    ("cp949", HANGUL, 2),
)  # fmt: skip
"""What programs of other countries write, their letters, and how many of these stand together at least."""


def decode_names(names: Sequence[bytes], otherwise: str) -> list[str]:
    """Names that one program wrote alike: UTF-8 where each of them is; else in the code page that makes them nothing
    but words of its own letters, of several in that which makes most words that are known; else in `otherwise`."""
    try:
        return [name.decode() for name in names]
    except UnicodeDecodeError:
        pass
    readings = [found for page in PAGES if (found := _in_page(names, *page))]
    if readings:
        return max(readings, key=lambda found: measure_known_share("\n".join(found)))
    return [name.decode(otherwise, errors="replace") for name in names]


def _in_page(names: Sequence[bytes], page: str, letters: str, least: int) -> list[str] | None:
    try:
        found = [name.decode(page) for name in names]
    except UnicodeDecodeError:
        return None
    said = "\n".join(found)
    own = re.search(rf"[{letters}]{{{least}}}", said) is not None
    foreign = re.search(rf"[^\x00-\x7f{letters}«»№]", said)
    mixed = letters == CYRILLIC and re.search(rf"[A-Za-z][{letters}]|[{letters}][A-Za-z]", said)
    return found if own and not foreign and not mixed else None
