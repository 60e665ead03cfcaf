"""A crashed service comes back, after a pause that grows."""

import sys
import time

import pytest

from local_cloud.errors import ServiceDidNotStart
from local_cloud.processes import Service, wait_until_ready
from local_cloud.watch import HEALTHY_SECONDS, Watch


@pytest.fixture
def service(tmp_path):
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    made = Service("sleeper", sleeper, {"PATH": "/usr/bin"}, tmp_path / "log", ready=lambda: True, advice="")
    made.start()
    yield made
    made.stop()


def test_a_killed_service_starts_again_after_a_growing_pause(service):
    now, said = [1000.0], []
    watch = Watch([service], said.append, clock=lambda: now[0])
    watch.tend()
    for pause in (0.5, 1.0, 2.0):
        service.kill()
        watch.tend()
        assert not service.is_running() and f"it starts again in {pause:g} s" in said[-1]
        now[0] += pause - 0.01
        watch.tend()
        assert not service.is_running()
        now[0] += 0.02
        watch.tend()
        assert service.is_running()
    now[0] += HEALTHY_SECONDS + 1
    watch.tend()
    service.kill()
    watch.tend()
    assert "it starts again in 0.5 s" in said[-1], "a minute of health forgives"
    assert len(said) == 4 and "exit status -9" in said[0]


def test_a_stopped_service_takes_its_children_along(tmp_path):
    """Also those that ignore SIGTERM."""
    code = "trap '' TERM; sleep 600 & echo started; wait"
    log = tmp_path / "log"
    made = Service("stubborn", ["/bin/sh", "-c", code], {"PATH": "/usr/bin:/bin"}, log, lambda: log.read_text(), "")
    made.start()
    while not log.read_text():
        assert made.is_running()
    made.ask_to_stop()
    made.wait_until_stopped(seconds=0.2)
    assert not made.is_running() and made.process.returncode == -9


def test_a_paused_service_is_woken_to_hear_that_it_must_stop(service):
    service.pause()
    service.stop()
    assert service.process.returncode == -15


def start_script(tmp_path, code: str, quiet_seconds: float) -> Service:
    """A program that is ready once it has written `ready`, and is given up after so long without progress."""
    log = tmp_path / "log"
    made = Service(
        "slow", [sys.executable, "-c", code], {"PATH": "/usr/bin"}, log, lambda: "ready" in log.read_text(), advice="",
        quiet_seconds=quiet_seconds,
    )  # fmt: skip
    made.start()
    return made


@pytest.mark.parametrize(
    "sign", ["print('at it', flush=True); time.sleep(0.1)", "sum(range(100_000))"], ids=["its log grows", "it works"]
)
def test_a_slow_service_may_take_as_long_as_it_gets_on(tmp_path, sign):
    quiet = 3.0
    code = f"import time\nend = time.monotonic() + 2 * {quiet}\nwhile time.monotonic() < end: {sign}\n"
    made = start_script(tmp_path, code + "print('ready', flush=True)\ntime.sleep(600)", quiet)
    began = time.monotonic()
    try:
        wait_until_ready([made])
        assert time.monotonic() - began > quiet, "it was given longer than it may be quiet"
    finally:
        made.stop()


def test_a_service_that_does_nothing_is_given_up_with_its_last_words(tmp_path):
    made = start_script(tmp_path, "import time; print('waiting for godot', flush=True); time.sleep(600)", 1.0)
    try:
        with pytest.raises(ServiceDidNotStart, match="(?s)slow did not start: it showed no progress for 1 s.*godot"):
            wait_until_ready([made])
    finally:
        made.stop()
