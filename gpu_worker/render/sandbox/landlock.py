"""Which files a process may reach, by the kernel's Landlock (wire).

No maintained library offers it to Python; the interface is three system calls and two structures of numbers.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from gpu_worker.render.sandbox.kernel import LIBC, LayerMissing, require

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_QUERY, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_DIR, MAKE_REG, TRUNCATE = 1 << 7, 1 << 8, 1 << 14
READ = EXECUTE | READ_FILE | READ_DIR
WRITE = READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG
"""No links and no sockets: whoever takes a file out of the folder finds that file."""
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many of the rights a version of the interface knows."""
NETWORK, SCOPES = 0b11, 0b11
"""TCP from version 4 on; abstract sockets and signals to whoever is outside from version 6 on."""


def restrict_files(read: Iterable[Path], write: Iterable[Path]) -> None:
    """From now on only what lies at or under these paths is reached; paths that are not there are left out.

    Needs `forbid_new_privileges` before it. Raises `LayerMissing`.
    """
    version = LIBC.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_QUERY)
    if version < 1:
        raise LayerMissing("the kernel has no Landlock (5.13 or newer has)")
    known = (1 << FILE_RIGHTS.get(version, 16)) - 1
    rules = struct.pack("QQQ", known, NETWORK if version >= 4 else 0, SCOPES if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = require(LIBC.syscall(CREATE_RULESET, rules, ctypes.c_size_t(size), 0))
    try:
        for paths, rights in ((read, READ), (write, WRITE)):
            for path in paths:
                _allow(ruleset, path, rights & known)
        require(LIBC.syscall(RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= OF_FILES
        require(LIBC.syscall(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, beneath), 0))
    finally:
        os.close(beneath)
