"""How a file's name is made safe to show. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 200


def clean_filename(name: str | None) -> str:
    """A name safe to show: no path, no control or direction-changing characters, at most 200 characters, emoji kept."""
    name = unicodedata.normalize("NFC", name or "")
    name = re.split(r"[/\\]", name)[-1]
    # Cf has the bidi overrides that make "exe.pdf" out of "fdp.exe"; U+200D joins emoji and stays.
    name = "".join(c for c in name if c == "\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    name = name.strip().lstrip(".").strip()
    if len(name) > LONGEST_NAME:
        stem, dot, extension = name.rpartition(".")
        keep = f".{extension}" if dot and len(extension) <= 10 else ""
        name = (stem if keep else name)[: LONGEST_NAME - len(keep)] + keep
    return name or "unnamed"
