"""What becomes of each machine, from all that is known of it together, with the reason in words (pure).

The one place where heartbeat, hand-backs, list, log, boot history, other machines and bill meet: `evidence.py` weighs
them, `proof.py` holds the machine to what the queue knows, and what follows is one of six decisions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from control_plane.database.enums import Decision, MachineStatus
from control_plane.database.fleet_rows import Ledger, Machine
from control_plane.fleet import evidence
from control_plane.fleet.actions import Action, Doubt, End, ReadLog, Say
from control_plane.fleet.boots import Boots, is_loading, learn
from control_plane.fleet.capacity import overdue
from control_plane.fleet.evidence import Sight
from control_plane.settings.fleet_policy import Policy

LONGEST_REASON = 300


@dataclass(frozen=True)
class Verdict:
    """What becomes of a machine, and why. The words hold while the decision does: no running clocks in them."""

    decision: Decision
    reason: str
    end: End | None = None


def weigh(ledger: Ledger, sight: Sight, policy: Policy) -> dict[str, Verdict]:
    """A verdict on every machine that is not gone."""
    boots, known = learn(ledger, policy), [m for m in ledger.machines if m.status is not MachineStatus.DESTROYED]
    late = {machine.label for machine in overdue(ledger.live, ledger, policy)}
    return {each.label: _weigh(each, each.label in late, sight, boots, ledger, policy) for each in known}


def news(ledger: Ledger, sight: Sight, verdicts: Mapping[str, Verdict], policy: Policy) -> Iterator[Action]:
    """What is to be written down, and whose log is to be read before the next look."""
    boots = learn(ledger, policy)
    for machine in ledger.machines:
        verdict = verdicts.get(machine.label)
        if verdict is not None and (verdict.decision, verdict.reason) != (machine.verdict, machine.verdict_reason):
            yield Say(machine.label, verdict.decision, verdict.reason)
        if machine.contract_id is not None and evidence.wants_log(machine, sight, boots, ledger, policy):
            yield ReadLog(machine.label, machine.contract_id)


def _weigh(machine: Machine, is_late: bool, sight: Sight, boots: Boots, ledger: Ledger, policy: Policy) -> Verdict:
    if machine.status is MachineStatus.DESTROYING:
        return _returning(machine, sight)
    if machine.is_own:
        heard = evidence.is_heard(machine, ledger.now, policy)
        return Verdict(Decision.KEEP, "it reports" if heard else "it is not heard of: switched off, perhaps")
    if machine.status is MachineStatus.INTENT:
        return _rented(machine, sight, ledger.now, policy)
    found = evidence.judge(machine, sight, boots, ledger, policy)
    if isinstance(found, End):
        return Verdict(Decision.END, found.reason[:LONGEST_REASON], found)
    if isinstance(found, Doubt):
        return Verdict(Decision.WAIT, found.reason[:LONGEST_REASON])
    if machine.ready_at is None:
        return _coming(machine, is_late, sight)
    return Verdict(Decision.KEEP, _at_work(machine, sight, ledger.now, policy))


def _rented(machine: Machine, sight: Sight, now: float, policy: Policy) -> Verdict:
    """The create call is out, and no answer to it is known."""
    if sight.row_of(machine) is not None:
        return Verdict(Decision.ADOPT, "its label is on the list: the contract is ours")
    heard = max(machine.intent_at, machine.heard_at or 0.0)
    if sight.can_see and now - heard > policy.doubt_seconds:
        reason = "no contract appeared after the create call"
        return Verdict(Decision.END, reason, End(machine.label, reason))
    seen = "its worker reports, though no list has shown its contract yet" if machine.heard_at else "no list shows it"
    return Verdict(Decision.WAIT, f"rented, and {seen}")


def _returning(machine: Machine, sight: Sight) -> Verdict:
    row = sight.row_of(machine)
    if row is not None:
        return Verdict(Decision.RETURN, "destroyed, and still on the list: it is asked again")
    seen = "two lists must lack it, then its bill must stand still" if sight.can_see else "no list can be believed now"
    return Verdict(Decision.RETURN, f"destroyed; {seen}")


def _coming(machine: Machine, is_late: bool, sight: Sight) -> Verdict:
    row = sight.row_of(machine)
    if machine.running_at is not None and not is_loading(row):
        state = "it runs, and its worker has not reported yet"
    else:
        state = "it loads the image" if row is not None else "no list shows it yet"
    if is_late:
        return Verdict(Decision.HEDGE, f"{state}, for longer than such boots take: another may be rented beside it")
    return Verdict(Decision.WAIT, f"{state}, as boots like it do")


def _at_work(machine: Machine, sight: Sight, now: float, policy: Policy) -> str:
    """What speaks for it; each sensor that says otherwise is named."""
    row = sight.row_of(machine)
    words = "it reports" if evidence.is_heard(machine, now, policy) else "its last report is not long ago"
    if machine.jobs_held:
        words += " and hands work back" if machine.result_at else " and holds documents"
    else:
        words += " and holds no document"
    if row is None and sight.can_see:
        return f"{words}, though Vast.ai's list lacks it"
    if row is not None and evidence.is_stopped(row):
        return f"{words}, though Vast.ai's list calls it {row.actual_status}"
    return words
