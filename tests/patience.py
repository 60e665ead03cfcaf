"""Waiting in tests: as long as anything is done. A crowded machine makes every step slower, and no test red."""

import contextlib
import subprocess
import time
from collections.abc import Callable

import psutil
import pytest

PROGRAMS = ("gpu_worker", "control_plane", "local_cloud.run")
LOOKS = 1500
"""So often may a test look while no program does a step. Looks and not seconds (75 of them on a machine that is free):
where programs get little time, the test that looks gets little too."""
LOOK_SECONDS = 0.05
A_STEP = 2.0
"""Processor seconds that are work. A worker that waits for a job needs 0.1 in 90 s (measured)."""
MOST_WORK_SECONDS = 600
"""Processor seconds that nothing here is worth: a program that runs in circles is busy too."""


def wait_until(condition: Callable[[], object], what: str) -> object:
    """Wait for `condition` to be true and return it; fails with `what` when the programs stand still or never end."""
    began = step = work_seconds()
    looks, looked_at = 0, time.monotonic()
    while not (value := condition()):
        looks += 1
        if time.monotonic() > looked_at + 1:
            looked_at, work = time.monotonic(), work_seconds()
            if abs(work - step) >= A_STEP:  # less than before: a program ended
                step, looks = work, 0
            if looks > LOOKS or work > began + MOST_WORK_SECONDS:
                pytest.fail(f"{looks} looks without a step, {work - began:.0f} s of work: {what}")
        time.sleep(LOOK_SECONDS)
    return value


def wait_for_end(process: subprocess.Popen, what: str) -> int:
    """The exit status of a program that is to end."""
    wait_until(lambda: process.poll() is not None, what)
    return process.returncode


def work_seconds() -> float:
    """Processor time of our programs that run below this process, with that of their children."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            command = " ".join(process.cmdline())
            if any(program in command for program in PROGRAMS):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total
