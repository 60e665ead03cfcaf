"""Which fault meets which call, and the clock, as pure functions."""

from pathlib import Path

import pytest

from local_cloud.vast.clock import Clock
from local_cloud.vast.faults import CREATE_KINDS, KINDS, Call, Fault, take


def hits(fault: Fault, calls: list[Call]) -> list[bool]:
    faults, result = [fault], []
    for call in calls:
        met, faults = take(faults, call)
        result.append(fault.kind in met)
    return result


def test_the_nth_call_and_as_often_as_asked() -> None:
    calls = [Call("list")] * 5
    assert hits(Fault("drop", "list"), calls) == [True, False, False, False, False]
    assert hits(Fault("drop", "list", nth=3, times=2), calls) == [False, False, True, True, False]
    assert hits(Fault("drop", "list", nth=2, times=None), calls) == [False, True, True, True, True]


def test_a_fault_counts_only_calls_it_is_about() -> None:
    calls = [Call("create", machine_id=1), Call("destroy", machine_id=1), Call("destroy", machine_id=2)]
    assert hits(Fault("drop", "destroy", machine_id=2), calls) == [False, False, True]
    assert hits(Fault("drop", machine_id=1, times=None), calls) == [True, True, False]
    assert hits(Fault("drop", "destroy", label="a"), [Call("destroy", label="b"), Call("destroy", label="a")]) == [
        False, True
    ]  # fmt: skip


def test_faults_of_an_instance_wait_for_its_creation() -> None:
    assert hits(Fault("stuck_loading"), [Call("show"), Call("create")]) == [False, True]
    assert hits(Fault("list_lag"), [Call("create"), Call("list")]) == [False, True]
    assert hits(Fault("destroy_reappears"), [Call("list"), Call("destroy")]) == [False, True]
    assert all(hits(Fault(kind), [Call("list"), Call("create")]) == [False, True] for kind in CREATE_KINDS)


@pytest.mark.parametrize("bad", [{}, {"kind": "typo"}, {"kind": "drop", "route": "typo"}, {"kind": "drop", "typo": 1}])
def test_a_fault_that_makes_no_sense_is_refused(bad: dict) -> None:
    with pytest.raises(ValueError, match="must be one of|unknown fields"):
        Fault.from_json(bad)


def test_every_kind_can_be_injected() -> None:
    assert [Fault.from_json({"kind": kind}).kind for kind in KINDS] == list(KINDS)


def test_the_clock_jumps_speeds_up_stops_and_never_goes_back() -> None:
    clock = Clock(virtual_epoch=1000.0, real_epoch=500.0)
    assert clock.now(510.0) == 1010.0
    fast = clock.advanced(510.0, 100.0).at_speed(510.0, 60.0)
    assert fast.now(511.0) == 1170.0
    stopped = fast.at_speed(511.0, 0.0)
    assert stopped.now(9999.0) == 1170.0
    assert Clock(**stopped.to_json()) == stopped
    with pytest.raises(ValueError, match="forward"):
        clock.advanced(510.0, -1.0)


def test_the_manual_lists_every_kind() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "vast-emulator.md").read_text()
    assert [line for line in manual.splitlines() if line.startswith("| `") and "/admin" not in line] == [
        f"| `{kind}` | {what} |" for kind, what in KINDS.items()
    ]
