"""Which names in an archive are the operating system's own and nobody's evidence (pure)."""

from __future__ import annotations

import re

_SYSTEM = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._)")


def is_of_the_system(name: str) -> bool:
    """Whether a system writes it beside what a person keeps."""
    return _SYSTEM.search(name.replace("\\", "/")) is not None
