"""Which system calls a process may make, by Debian's libseccomp (wire).

Every call that is not on the list answers "not implemented", so that a C library falls back to what it did before.
"""

from __future__ import annotations

import ctypes
import errno
import os
from functools import cache

from gpu_worker.render.sandbox.kernel import LayerMissing

LIBRARY = "libseccomp.so.2"
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.ENOSYS
EQUAL, MASKED_EQUAL = 4, 7
CLONE_THREAD, NEW_NAMESPACES = 0x00010000, 0x7E020080

FILES = """read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range fstat
newfstatat stat lstat statx fstatfs statfs access faccessat faccessat2 open openat getdents64 getdents readlink
readlinkat getcwd chdir mkdir mkdirat unlink unlinkat rmdir rename renameat renameat2 ftruncate truncate fallocate
fadvise64 fsync fdatasync sync_file_range dup dup2 dup3 pipe pipe2 poll ppoll select pselect6 copy_file_range sendfile
umask utimensat flock eventfd2"""
MEMORY = "mmap munmap mremap mprotect brk madvise msync mincore membarrier memfd_create"
THREADS = """futex futex_wait futex_wake futex_requeue futex_waitv set_robust_list get_robust_list rseq set_tid_address
exit exit_group sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max
sched_get_priority_min getcpu arch_prctl"""
SIGNALS = "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait sigaltstack restart_syscall"
ABOUT_ITSELF = """getpid getppid gettid getuid geteuid getgid getegid getgroups getresuid getresgid getpgrp getpgid
getsid getrusage times getrlimit setrlimit uname sysinfo getrandom capget getpriority"""
TIME = """clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time setitimer getitimer timer_create
timer_settime timer_delete alarm"""
PROGRAMS = "fork vfork execve wait4 waitid"
"""Only for the reader that has a decoder run; what is run stands under the same rules."""
TERMINALS = (0x5401, 0x5413, 0x541B, 0x5450, 0x5451)
"""Requests of ioctl: is it a terminal, how wide, how much waits, and close-on-exec."""
DESCRIPTORS = (0, 1, 2, 3, 4, 5, 6, 7, 1030)
"""Commands of fcntl; those that choose who gets a signal (F_SETOWN, F_SETSIG) are none of them."""
NAMES = (15, 16, 0x53564D41)
"""Options of prctl: names of threads and of memory."""


class _Compare(ctypes.Structure):
    _fields_ = [
        ("argument", ctypes.c_uint),
        ("operation", ctypes.c_int),
        ("one", ctypes.c_uint64),
        ("two", ctypes.c_uint64),
    ]


def restrict_calls(runs_programs: bool) -> None:
    """From now on only the calls above. Needs `forbid_new_privileges` before it. Raises `LayerMissing`."""
    library = load_library()
    rules = library.seccomp_init(REFUSE)
    if not rules:
        raise LayerMissing("libseccomp makes no filter")
    try:
        _add_rules(library, rules, runs_programs)
        refused = library.seccomp_load(ctypes.c_void_p(rules))
        if refused:
            raise LayerMissing(os.strerror(-refused))
    finally:
        library.seccomp_release(ctypes.c_void_p(rules))


@cache
def load_library() -> ctypes.CDLL:
    """libseccomp, to be loaded before a fork. Raises `LayerMissing`."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise LayerMissing(f"{LIBRARY} is not installed") from error
    library.seccomp_init.restype = ctypes.c_void_p
    return library


def _add_rules(library: ctypes.CDLL, rules: int, runs_programs: bool) -> None:
    plain = " ".join((FILES, MEMORY, THREADS, SIGNALS, ABOUT_ITSELF, TIME, PROGRAMS if runs_programs else ""))
    for name in plain.split():
        _allow(library, rules, name)
    for name, position, values in (
        ("ioctl", 1, TERMINALS),
        ("fcntl", 1, DESCRIPTORS),
        ("prctl", 0, NAMES),
        ("prlimit64", 0, (0,)),
        ("tgkill", 0, (os.getpid(),)),  # how `abort` ends the process
    ):
        for value in values:
            _allow(library, rules, name, _Compare(position, EQUAL, value, 0))
    if runs_programs:
        _allow(library, rules, "clone", _Compare(0, MASKED_EQUAL, NEW_NAMESPACES, 0))
    else:
        _allow(library, rules, "clone", _Compare(0, MASKED_EQUAL, CLONE_THREAD, CLONE_THREAD))


def _allow(library: ctypes.CDLL, rules: int, name: str, *compare: _Compare) -> None:
    number = library.seccomp_syscall_resolve_name(name.encode())
    if number >= 0:  # a machine of another kind has other calls
        library.seccomp_rule_add_array(
            ctypes.c_void_p(rules), ALLOW, number, len(compare), (_Compare * max(len(compare), 1))(*compare)
        )
