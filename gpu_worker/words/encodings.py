"""From the bytes of a text file to its letters, and how sure that is (pure)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from gpu_worker.words.known_words import measure_known_share
from inspector.encodings import find_mark, find_unmarked_utf16

CODE_PAGES = (
    "cp1252", "cp1251", "cp1250", "cp932", "gb18030", "cp949", "big5", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256",
    "euc_jp", "mac_roman", "iso8859_5", "cp866",
)  # fmt: skip
"""Tried in this order where a text is no Unicode; the words decide. On 18 short texts in as many code pages that was
right 18 times, charset-normalizer's letter frequencies 14 times."""
CLEARLY = 0.1
"""By how much more words than Windows-1252 another code page must show."""
SURE = 0.5
"""Share of words with letters beyond ASCII that leaves no doubt."""
PROBED_CHARACTERS = 6000
LEGACY = re.compile(rb"[\x80-\xff]")
WHOLE_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
CUT_LETTER = re.compile(
    rb"[\xe1-\xef][\x80-\xbf](?![\x80-\xbf])|[\xf0-\xf4][\x80-\xbf]{1,2}(?![\x80-\xbf])|(?<!\S)\xf0(?![\x80-\xff])"
)
"""The last: an emoji cut behind its first byte; in no code page is that letter a word."""
BROKEN_SHARE = 0.1
NAMES = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp932": "Shift-JIS", "cp949": "Korean (949)",
         "mac_roman": "Mac Roman", "koi8_r": "KOI8-R", "euc_jp": "EUC-JP", "gb18030": "GB 18030", "big5": "Big5",
         "iso8859_5": "ISO 8859-5", "cp866": "DOS Cyrillic (866)"}  # fmt: skip


@dataclass(frozen=True)
class Decoded:
    """A text, how its letters are written, and what is doubtful about that."""

    text: str
    encoding: str
    doubt: str | None = None


def decode(content: bytes) -> Decoded:
    """The letters: by the file's mark, as UTF-8 even if some letters are broken, else in the code page that makes them
    words."""
    encoding, mark = find_mark(content) or (find_unmarked_utf16(content[:4096]) or "utf-8", 0)
    own = content[mark:]
    if encoding != "utf-8" or mark or _is_utf8(own):
        text = own.decode(encoding, errors="replace")
        broken = text.count("\ufffd")
        doubt = f"{broken} {'letter is' if broken == 1 else 'letters are'} broken in the file (�)" if broken else None
        return Decoded(text, NAMES[encoding], doubt)
    return _in_code_page(content)


def _is_utf8(content: bytes) -> bool:
    """Whether it is UTF-8, or was before a letter or two were cut or damaged."""
    try:
        content.decode()
        return True
    except UnicodeDecodeError:
        pass
    whole, cut = len(WHOLE_LETTER.findall(content)), len(CUT_LETTER.findall(content))
    rest = WHOLE_LETTER.sub(b"", content)
    stray = len(LEGACY.findall(CUT_LETTER.sub(b"", rest)))
    if whole > 1:  # two letters that are whole by chance are hardly to be had: one more may be broken
        return stray <= max(1, BROKEN_SHARE * whole)
    return stray <= BROKEN_SHARE * whole if whole else cut > 0 and not stray


def _in_code_page(content: bytes) -> Decoded:
    probe = _telling_lines(content)
    scores = {page: _score(probe, page) for page in CODE_PAGES}
    best = max(scores, key=lambda page: scores[page])
    if scores[best] < scores["cp1252"] + CLEARLY:
        best = "cp1252"
    text = content.decode(best, errors="replace")
    name = NAMES.get(best, f"Windows-{best.removeprefix('cp')}")
    doubt = None if scores[best] >= SURE else f"the file does not say how its letters are written; {name} is a guess"
    return Decoded(text, name, doubt)


def _telling_lines(content: bytes) -> bytes:
    """Lines with letters beyond ASCII, as many as it takes to know them."""
    lines, length = list[bytes](), 0
    for line in content.split(b"\n"):
        if LEGACY.search(line):
            lines.append(line[:PROBED_CHARACTERS])
            length += len(line)
            if length > PROBED_CHARACTERS:
                break
    return b"\n".join(lines)


def _score(content: bytes, page: str) -> float:
    """How much of what is not ASCII is words in this code page; below 0 where it cannot be this one."""
    text = content.decode(page, errors="replace")
    if any(unicodedata.category(letter) in ("Cc", "Co", "Cn") and letter not in "\t\r\n\x1b\a\b\f" for letter in text):
        return -1.0
    if text.count("\ufffd") > 1 + len(text) // 500:
        return -1.0
    words = [word for word in text.split() if not word.isascii() and any(map(str.isalpha, word))]
    return measure_known_share(" ".join(words)) if words else 0.0
