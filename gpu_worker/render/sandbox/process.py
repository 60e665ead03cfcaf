"""What a process may use, and who may look into it: limits, capabilities, memory (wire: prctl, setrlimit)."""

from __future__ import annotations

import ctypes
import os
import resource
import signal

from gpu_worker.render.sandbox.kernel import (
    LIBC,
    PR_CAPBSET_DROP,
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    prctl,
    require,
)

MOST_FILE_BYTES = 4 * 1024**3
"""Twice the largest part that is taken out of a container."""
MOST_OPEN_FILES = 256
CAPABILITIES = range(41)
CAPABILITY_VERSION = 0x20080522


def close_memory() -> None:
    """Nobody of the same user may read this process's memory, environment or descriptors, nor trace it; no core file
    is written. An `exec` ends it."""
    prctl(PR_SET_DUMPABLE, 0)


def open_memory() -> None:
    """Undo `close_memory`, for a process that must write its own files in /proc."""
    prctl(PR_SET_DUMPABLE, 1)


def limit_resources(memory_bytes: int, runs_programs: bool) -> None:
    """Memory, file size, open files; no core file, and no process beside this one unless it runs programs."""
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CORE: 0,  # it would leave the document on disk
        resource.RLIMIT_FSIZE: MOST_FILE_BYTES,
        resource.RLIMIT_NOFILE: MOST_OPEN_FILES,
    }
    if not runs_programs:
        limits[resource.RLIMIT_NPROC] = 0
    for limit, most in limits.items():
        hard = resource.getrlimit(limit)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (least, least))


def forbid_new_privileges() -> None:
    """No program run from here on gains rights. Raises `LayerMissing`."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Give up every right that a root has, for good. Raises `LayerMissing`."""
    for capability in CAPABILITIES:  # refused to whoever has no right to lose
        LIBC.prctl(PR_CAPBSET_DROP, *(ctypes.c_ulong(each) for each in (capability, 0, 0, 0)))
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    require(LIBC.capset(header, (ctypes.c_uint32 * 6)()))


def die_with(parent: int) -> None:
    """Be killed when the process that forked this one ends. Raises `LayerMissing`."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before it could be asked for
        os._exit(1)
