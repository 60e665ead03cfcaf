"""System calls that Python has no name for (wire: ctypes)."""

from __future__ import annotations

import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38


class LayerMissing(Exception):
    """The kernel does not offer a layer; the message says what it answered."""


def prctl(option: int, value: int) -> None:
    """Change this process. Raises `LayerMissing`."""
    require(LIBC.prctl(option, *(ctypes.c_ulong(each) for each in (value, 0, 0, 0))))


def require(result: int) -> int:
    """What a call answered. Raises `LayerMissing` with the kernel's reason where that is an error."""
    if result < 0:
        raise LayerMissing(os.strerror(ctypes.get_errno()))
    return result
