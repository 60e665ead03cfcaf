"""How long an idle machine is kept: as long as having it again costs, and less where nothing ever came in that time."""

from dataclasses import replace

from control_plane.database.enums import MachineStatus
from control_plane.database.fleet_rows import Ledger, Machine, Renting
from control_plane.fleet.idling import keep_seconds
from control_plane.settings.fleet_policy import Policy

NOW = 1_800_000_000.0
HOUR = 3600.0
POLICY = Policy()


def ended(hours_ago: float, reason: str = "idle for 62 s") -> Machine:
    """A machine that worked for a quarter of an hour and was ended so long ago."""
    at = NOW - hours_ago * HOUR
    return Machine(
        f"m{at}", MachineStatus.DESTROYED, intent_at=at - 900, destroying_at=at, destroyed_at=at + 60,
        destroy_reason=reason,
    )  # fmt: skip


def kept(*machines: Machine, again_usd: float = 0.002) -> float:
    return keep_seconds(again_usd, 0.1, Ledger(now=NOW, renting=Renting(), machines=machines), POLICY)


def test_while_nothing_is_known_it_is_kept_as_long_as_having_it_again_costs():
    assert kept() == 72.0
    assert kept(again_usd=1.0) == POLICY.idle_seconds
    assert kept(ended(3, "dearer than the rest")) == 72.0, "that end says nothing of what comes"


def test_each_wait_that_nothing_followed_halves_the_next():
    assert kept(ended(3)) == 36.0
    assert kept(ended(5), ended(3)) == 20.0, "between two claims a machine is idle for a moment"
    assert kept(ended(5), ended(3), again_usd=0.0) == 0.0


def test_work_that_came_soon_after_an_end_makes_it_wait_in_full_again():
    back = replace(ended(3), label="back", intent_at=NOW - 4.95 * HOUR, destroy_reason="dearer than the rest")
    assert kept(ended(6), ended(5), back) == 72.0
    assert kept(ended(5), replace(back, destroy_reason="idle for 62 s")) == 36.0, "but its own end was not followed"


def test_an_end_a_moment_ago_or_beside_another_machine_says_nothing():
    assert kept(ended(0.01)) == 72.0
    other = Machine("other", MachineStatus.READY, intent_at=NOW - 4 * HOUR)
    assert kept(ended(3), other) == 72.0
