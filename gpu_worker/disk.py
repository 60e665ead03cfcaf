"""The room on the disk that documents are worked on (wire)."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

LEAST_FREE_BYTES = 64 * 1024**2
"""With less nothing is taken in: an original and what is made of it would hardly find room."""
FULL = (errno.ENOSPC, errno.EDQUOT)


def is_full(folder: Path) -> bool:
    """Whether there is too little room to begin a document."""
    return shutil.disk_usage(folder).free < LEAST_FREE_BYTES


def says_full(error: BaseException) -> bool:
    """Whether an error is that of a disk that takes no byte more."""
    return isinstance(error, OSError) and error.errno in FULL
