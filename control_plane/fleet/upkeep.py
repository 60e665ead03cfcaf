"""The steps that follow from the verdict on each machine: adopt, note, end, destroy, sweep (pure).

Blind is not empty: without a list that can be believed (see `evidence.py`) nothing is declared gone, and only our own
clocks decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from control_plane.database.enums import Decision, MachineStatus
from control_plane.database.fleet_rows import Ledger, Machine
from control_plane.fleet import evidence
from control_plane.fleet.actions import Action, Adopt, Alarm, Destroy, End, Extend, Miss, Note, PartFrom, Sweep
from control_plane.fleet.evidence import Sight
from control_plane.fleet.verdict import Verdict
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import VastInstance

LONGEST_DESTROY_PAUSE = 12  # times the first one


def keep_up(
    ledger: Ledger, sight: Sight, verdicts: Mapping[str, Verdict], prefix: str, policy: Policy
) -> list[Action]:
    """What follows from the verdicts, and for every contract in the list whose label starts with `prefix`.

    Money first: a ledger that fails ends the tick, and no note of a boot may keep a stray from being destroyed.
    """
    actions = list(_warn(ledger, sight, policy))
    for machine in ledger.machines:
        if machine.status is not MachineStatus.DESTROYED:
            actions += _for_machine(machine, verdicts[machine.label], sight, ledger, policy)
    actions += _sweeps(ledger, sight, prefix)
    return sorted(actions, key=lambda each: isinstance(each, Note | Alarm))


def _warn(ledger: Ledger, sight: Sight, policy: Policy) -> Iterator[Action]:
    """What people should know of our sensors themselves."""
    if sight.doubt is not None and any(m.absences + 1 >= evidence.VANISHED_AFTER for m in ledger.live):
        yield Alarm("list_doubted", f"{sight.doubt}: not believed, nothing is ended or rented by it")
    for machine in evidence.unlisted_and_heard(ledger, policy):
        message = f"contract {machine.contract_id} reports, but Vast.ai's list has long lacked it: see what is billed"
        yield Alarm("not_listed", message, machine.label)
    silent = [m for m in ledger.live if not m.is_own and evidence.is_outage(m, ledger, policy)]
    if silent:
        minutes = policy.outage_seconds / 60
        message = f"all {len(silent)} machines fell silent together, by the fault of network or database more likely"
        yield Alarm("all_silent", f"{message} than theirs; they are given {minutes:.0f} minutes to be heard again")


def _for_machine(
    machine: Machine, verdict: Verdict, sight: Sight, ledger: Ledger, policy: Policy
) -> Iterator[Action]:
    if machine.is_own:
        yield from _own(machine, ledger.now, policy)
    elif machine.status is MachineStatus.DESTROYING:
        yield from _destroying(machine, sight, ledger.now, policy)
    elif machine.status is MachineStatus.INTENT:
        yield from _intent(machine, verdict, sight)
    else:
        yield from _live(machine, verdict, sight, ledger, policy)


def _own(machine: Machine, now: float, policy: Policy) -> Iterator[Action]:
    silent = now - max(machine.intent_at, machine.heard_at or 0.0)
    if machine.status is MachineStatus.DESTROYING:
        yield PartFrom(machine.label)
    elif silent > policy.own_silent_seconds:
        yield End(machine.label, f"not heard of for {silent / 3600:.0f} hours")


def _destroying(machine: Machine, sight: Sight, now: float, policy: Policy) -> Iterator[Action]:
    row = sight.row_of(machine)
    if sight.can_see and row is None and _may_be_gone(machine, now, policy):
        yield Miss(machine.label, machine.absences)
        return
    if row is not None and machine.contract_id is None:
        yield Adopt(machine.label, row.contract_id)  # so that it counts as what it was: a machine that is billed
    if row is not None and machine.absences:
        yield Note(machine.label, row.actual_status, row.status_msg)
    contract_id = row.contract_id if row else machine.contract_id
    pause = policy.destroy_pause_seconds * min(2 ** max(0, machine.destroy_calls - 1), LONGEST_DESTROY_PAUSE)
    if contract_id is not None and now - (machine.destroy_called_at or 0.0) >= pause:
        yield Destroy(machine.label, contract_id, machine.destroy_calls == 0)


def _may_be_gone(machine: Machine, now: float, policy: Policy) -> bool:
    """Lists lag and lack rows: a contract that is new, or that nobody has asked to end, may well be there."""
    if machine.contract_id is None:
        return machine.refused or now - machine.intent_at > policy.doubt_seconds
    return machine.destroy_calls > 0 and now - (machine.contract_at or machine.intent_at) > policy.grace_seconds


def _intent(machine: Machine, verdict: Verdict, sight: Sight) -> Iterator[Action]:
    row = sight.row_of(machine)
    if verdict.decision is Decision.ADOPT and row is not None:
        yield Adopt(machine.label, row.contract_id)
    elif verdict.end is not None:
        yield verdict.end


def _live(machine: Machine, verdict: Verdict, sight: Sight, ledger: Ledger, policy: Policy) -> Iterator[Action]:
    if verdict.end is not None:
        yield verdict.end
        return
    row = sight.row_of(machine)
    if evidence.is_missed(machine, sight, ledger, policy):
        yield Miss(machine.label, machine.absences)
    elif row is not None and _is_news(machine, row):
        yield Note(machine.label, row.actual_status, row.status_msg)
    if machine.reserved_until - ledger.now < policy.reserve_margin_seconds:
        yield Extend(machine.label)


def _is_news(machine: Machine, row: VastInstance) -> bool:
    changed = (row.actual_status, row.status_msg[:500]) != (machine.vast_status, machine.vast_message or "")
    return changed or bool(machine.absences)


def _sweeps(ledger: Ledger, sight: Sight, prefix: str) -> Iterator[Action]:
    """Contracts under our prefix that no row owns: a second contract of one label, or a label long gone."""
    owners = {each.label: each for each in ledger.machines if each.status is not MachineStatus.DESTROYED}
    for row in sight.rows:
        owner = owners.get(row.label)
        if not row.label.startswith(prefix):
            continue
        if owner is None or sight.row_of(owner) is not row:
            yield Sweep(row.label, row.contract_id, row.actual_status, row.status_msg)
