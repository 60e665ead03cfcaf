"""How many cores this process may use: a rented share, a container and `taskset` give fewer than the machine has."""

from __future__ import annotations

import math
import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def usable_cores(cgroup: Path = CGROUP) -> int:
    """At least 1; a share of a core counts as a whole one."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(allowed, _quota(cgroup))))


def _quota(cgroup: Path) -> float:
    """Cores that the container's limit on time amounts to, in either version of control groups; no limit, no end."""
    try:
        time, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            time, period = ((cgroup / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        except OSError:
            return math.inf
    try:
        return float(time) / float(period) if float(time) > 0 and float(period) > 0 else math.inf
    except ValueError:  # "max"
        return math.inf
