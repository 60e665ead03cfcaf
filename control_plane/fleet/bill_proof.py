"""Whether a contract's bill has stopped, by the bill itself (pure).

Vast.ai's list says what runs; only its bill says what is paid. A contract that lists lack may be billed all the same,
and a bill that a reading does not show is not a bill that has stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from control_plane.database.fleet_rows import Ended
from control_plane.settings.fleet_policy import Policy


class BillStatus(StrEnum):
    """What the readings of a bill say of a contract that has ended."""

    WAITS = "waits"  # neither is shown yet
    STOPPED = "stopped"  # it stood still for long enough, after the end
    GROWS = "grows"  # it grew from one reading to the next, both long after the end


@dataclass(frozen=True)
class BillWord:
    """The status, with the reason in words."""

    status: BillStatus
    reason: str


def judge_bill(ended: Ended, policy: Policy) -> BillWord:
    """Of a contract that two good lists lacked, or that only the bill knows: does its bill stand still?

    Bills lag, so growth counts from `bill_settles_seconds` after the end on, and standing still as long as that.
    """
    if ended.read_at is None or ended.grew_at is None or ended.read_at < ended.ended_at:
        return BillWord(BillStatus.WAITS, "returned; its bill has not been read since")
    if ended.grew_since is not None and ended.grew_since - ended.ended_at > policy.bill_settles_seconds:
        late = (ended.grew_at - ended.ended_at) / 3600
        return BillWord(BillStatus.GROWS, f"its bill still grew {late:.1f} hours after its end: ${ended.usd:.4f}")
    if ended.ran and not ended.usd:
        return BillWord(BillStatus.WAITS, "returned; the bill has never shown it, though it ran")
    stood = ended.read_at - max(ended.grew_at, ended.ended_at)
    if stood < policy.bill_settles_seconds:
        hours = policy.bill_settles_seconds / 3600
        reason = f"returned; its bill must stand at ${ended.usd:.4f} for {hours:g} hours to prove that it has stopped"
        return BillWord(BillStatus.WAITS, reason)
    return BillWord(BillStatus.STOPPED, f"its bill stands at ${ended.usd:.4f}: stopped, by the bill")


def is_overdue(ended: Ended, now: float, policy: Policy) -> bool:
    """Whether people should look: the bill should have been proved long ago."""
    return now - ended.ended_at > policy.bill_overdue_seconds
