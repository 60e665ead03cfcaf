"""A user and a network of its own (wire: unshare)."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from gpu_worker.render.sandbox.kernel import LIBC, require
from gpu_worker.render.sandbox.process import close_memory, open_memory

NEWUSER, NEWNET, NEWIPC, NEWUTS = 0x10000000, 0x40000000, 0x08000000, 0x04000000


def leave_user_and_network() -> None:
    """Be the only user of a namespace, in a network without any device. Raises `LayerMissing`, having changed
    nothing."""
    user, group = os.getuid(), os.getgid()
    open_memory()  # /proc/self/uid_map belongs to root otherwise
    try:
        require(LIBC.unshare(NEWUSER | NEWNET | NEWIPC | NEWUTS))
        with contextlib.suppress(OSError):  # some kernels let nobody name the users; then it is nobody, which will do
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    finally:
        close_memory()
