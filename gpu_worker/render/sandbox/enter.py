"""A process goes into its sandbox: layer upon layer, and what the kernel does not offer is told (story)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gpu_worker.render.sandbox.kernel import LayerMissing
from gpu_worker.render.sandbox.landlock import restrict_files
from gpu_worker.render.sandbox.namespaces import leave_user_and_network
from gpu_worker.render.sandbox.process import (
    close_memory,
    die_with,
    drop_capabilities,
    forbid_new_privileges,
    limit_resources,
)
from gpu_worker.render.sandbox.system_calls import restrict_calls

ROOMS = Path(__file__).resolve().parents[3]
PROGRAM = (
    *(Path(folder) for folder in dict.fromkeys((sys.prefix, sys.base_prefix))),
    *(ROOMS / room for room in ("gpu_worker", "inspector", "vocabulary")),
    *map(Path, ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts")),
    *map(Path, ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")),
)
"""What the child itself is made of; nothing of it is anybody's document, and nothing in it is secret."""


@dataclass(frozen=True)
class Room:
    """What one child may have: its document to read, a folder of its own to write, bytes of memory, and whether its
    reader runs a program."""

    document: str
    folder: str
    memory_bytes: int
    runs_programs: bool


def enter(room: Room, parent: int) -> dict[str, str]:
    """Go in for good, with the folder as working folder. Answers the layers that this kernel lacks, each with why.

    A layer that is missing keeps no other from being set. Raises `OSError` where the folder is gone.
    """
    os.chdir(room.folder)
    limit_resources(room.memory_bytes, room.runs_programs)
    layers: dict[str, Callable[[], None]] = {
        "closed memory": close_memory,
        "a user and a network of its own": leave_user_and_network,
        "no capabilities": drop_capabilities,
        "no new privileges": forbid_new_privileges,
        "ends with its parent": partial(die_with, parent),
        "no files but its own (Landlock)": partial(
            restrict_files, (*PROGRAM, Path(room.document)), (Path(room.folder), Path("/dev/null"))
        ),
        "no system calls but the listed ones (seccomp)": partial(restrict_calls, room.runs_programs),
    }
    missing = {}
    for name, apply in layers.items():
        try:
            apply()
        except LayerMissing as error:
            missing[name] = str(error)
    return missing
