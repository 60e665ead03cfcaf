"""What people must be told because nothing moves by itself: work waits, and nothing is done (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from control_plane.database.enums import Placement
from control_plane.database.fleet_rows import Backlog, Caps, Ledger
from control_plane.fleet import plan
from control_plane.fleet.actions import Action, Alarm
from control_plane.fleet.evidence import is_on_its_way
from control_plane.settings.fleet_policy import Policy


def find_alarms(backlog: Sequence[Backlog], ledger: Ledger, can_see: bool, policy: Policy, caps: Caps) -> list[Action]:
    """Boots that fail one after another, and a standstill with its cause."""
    alarms: list[Action] = []
    failed = plan.failed_boots(ledger)
    if len(failed) >= policy.breaker_failures:
        alarms.append(Alarm("boots_failing", f"{len(failed)} boots in a row failed: {plan.why_failed(failed)}"))
    stood = stood_seconds(backlog, ledger)
    if stood > policy.standstill_seconds:
        waiting = sum(each.queued for each in backlog if each.placement != Placement.LOCAL_ONLY)
        cause = find_cause(ledger, can_see, policy, caps)
        since = f"none was done for {stood / 60:.0f} minutes"
        alarms.append(Alarm("standstill", f"{waiting} documents wait and {since}: {cause}"))
    return alarms


def stood_seconds(backlog: Sequence[Backlog], ledger: Ledger) -> float:
    """How long work has waited for machines while no document was done; 0 while a machine holds documents."""
    waiting = [each for each in backlog if each.placement != Placement.LOCAL_ONLY and each.queued]
    if not waiting or any(m.is_live and m.jobs_held for m in ledger.machines):
        return 0.0
    done = max((m.result_at or 0.0 for m in ledger.machines), default=0.0)
    return ledger.now - max(done, min(each.oldest_at for each in waiting), ledger.hearing_since)


def find_cause(ledger: Ledger, can_see: bool, policy: Policy, caps: Caps) -> str:
    """Why nothing moves, in words."""
    held = plan.held_back(ledger, policy)
    if held is not None:
        return held
    if not can_see:
        return "Vast.ai's list cannot be read or believed, so nothing is rented"
    coming = [m for m in ledger.rented if m.is_live and is_on_its_way(m)]
    if coming:
        first = min(coming, key=lambda m: m.intent_at)
        said = f"Vast.ai says {first.vast_status or 'nothing'}"
        return f"{len(coming)} machines are on their way, one for {(ledger.now - first.intent_at) / 60:.0f} min; {said}"
    if any(m.is_live and not m.is_own for m in ledger.machines):
        return "machines are there and take none of it"
    if not plan.room(ledger, policy, caps):
        return f"all {caps.machines} machines are in use or being returned"
    return "no machine could be rented: no offer fits, or every one that does is beyond a cap or blocked"
