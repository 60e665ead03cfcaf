"""What to do about each machine we have: adopt, note, end, destroy, sweep (pure).

Blind is not empty: without a good list (`listed` is None) nothing is declared gone, and only our own clocks decide.
"""

from collections.abc import Iterator, Sequence

from control_plane.fleet.actions import Action, Adopt, Destroy, End, Extend, Miss, Note, PartFrom, Sweep
from control_plane.fleet.proof import bad_machine, find_default
from control_plane.fleet.shapes import Ledger, Machine, State
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import VastInstance

# What the Docker daemon says when a machine will never start; the second group is our image's or our login's fault
# when hosts agree on it.
MACHINE_FAULTS = ("error response from daemon", "pull rate limit", "no space left", "unexpected eof",
                  "oci runtime create failed")  # fmt: skip
OUR_FAULTS = ("manifest unknown", "manifest for", "unauthorized", "pull access denied")
STOPPED = ("exited", "stopped", "frozen")
VANISHED_AFTER = 3  # good lists in a row without a machine that should be there
LONGEST_DESTROY_PAUSE = 12  # times the first one


def keep_up(ledger: Ledger, listed: Sequence[VastInstance] | None, prefix: str, policy: Policy) -> list[Action]:
    """Actions for every machine in the ledger and every contract in the list whose label starts with `prefix`."""
    actions: list[Action] = []
    for machine in ledger.machines:
        if machine.state is not State.DESTROYED:
            actions += _for_machine(machine, listed, ledger.now, policy)
    return actions + list(_sweeps(ledger, listed or (), prefix))


def _for_machine(
    machine: Machine, listed: Sequence[VastInstance] | None, now: float, policy: Policy
) -> Iterator[Action]:
    row = _row_of(machine, listed or ())
    if machine.is_own:
        yield from _own(machine, now, policy)
    elif machine.state is State.DESTROYING:
        yield from _destroying(machine, row, listed is not None, now, policy)
    elif machine.state is State.INTENT:
        yield from _intent(machine, row, listed is not None, now, policy)
    else:
        yield from _live(machine, row, listed is not None, now, policy)


def _own(machine: Machine, now: float, policy: Policy) -> Iterator[Action]:
    silent = now - max(machine.intent_at, machine.last_heartbeat_at or 0.0)
    if machine.state is State.DESTROYING:
        yield PartFrom(machine.label)
    elif silent > policy.own_silent_seconds:
        yield End(machine.label, f"not heard of for {silent / 3600:.0f} hours")


def _row_of(machine: Machine, listed: Sequence[VastInstance]) -> VastInstance | None:
    """The contract we know by number; before we know one, the lowest number under the label."""
    rows = [each for each in listed if each.label == machine.label]
    if machine.contract_id is not None:
        rows = [each for each in listed if each.contract_id == machine.contract_id]
    return min(rows, key=lambda each: each.contract_id, default=None)


def _destroying(
    machine: Machine, row: VastInstance | None, can_see: bool, now: float, policy: Policy
) -> Iterator[Action]:
    if can_see and row is None and _may_be_gone(machine, now, policy):
        yield Miss(machine.label)
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


def _intent(machine: Machine, row: VastInstance | None, can_see: bool, now: float, policy: Policy) -> Iterator[Action]:
    if row is not None:
        yield Adopt(machine.label, row.contract_id)
    elif can_see and now - max(machine.intent_at, machine.last_heartbeat_at or 0.0) > policy.doubt_seconds:
        yield End(machine.label, "no contract appeared after the create call")


def _live(machine: Machine, row: VastInstance | None, can_see: bool, now: float, policy: Policy) -> Iterator[Action]:
    end = _end_of(machine, row, now, policy)
    if end is not None:
        yield end
    elif row is None:
        if can_see and now - (machine.contract_at or machine.intent_at) > policy.grace_seconds:
            yield from _missing(machine)
    elif _is_news(machine, row):
        yield Note(machine.label, row.actual_status, row.status_msg)
    if end is None and machine.reserved_until - now < policy.reserve_margin_seconds:
        yield Extend(machine.label)


def _missing(machine: Machine) -> Iterator[Action]:
    if machine.absences + 1 < VANISHED_AFTER:
        yield Miss(machine.label)
    else:
        yield End(machine.label, "vanished from Vast.ai's list", blame="machine", worker_died=True)


def _is_news(machine: Machine, row: VastInstance) -> bool:
    changed = (row.actual_status, row.status_msg[:500]) != (machine.vast_status, machine.vast_message or "")
    return changed or bool(machine.absences)


def _end_of(machine: Machine, row: VastInstance | None, now: float, policy: Policy) -> End | None:
    """Why this machine must end now, or None. Our own clocks need no list."""
    fault = _fault_on_list(machine, row, policy) if row is not None else None
    if fault is not None:
        return fault
    if machine.last_heartbeat_at is not None:
        if now - machine.last_heartbeat_at > policy.heartbeat_lost_seconds:
            return bad_machine(machine, "its worker fell silent", policy, worker_died=True)
        return find_default(machine, now, policy)
    if machine.running_at is not None and now - machine.running_at > policy.first_heartbeat_seconds:
        return bad_machine(machine, "running, but its worker never reported", policy)
    # A blind controller may not have seen it run, so without `running_at` it gets both terms.
    late = machine.boot_deadline_at + (policy.first_heartbeat_seconds if row is None else 0.0)
    if machine.running_at is None and now > late and (row is None or row.actual_status != "running"):
        return bad_machine(machine, "not running by its boot deadline", policy)
    return None


def _fault_on_list(machine: Machine, row: VastInstance, policy: Policy) -> End | None:
    message = row.status_msg.lower()
    if machine.ready_at is None:
        if any(words in message for words in OUR_FAULTS):
            return bad_machine(machine, f"cannot pull the image: {row.status_msg[:200]}", policy, blame="ours")
        if any(words in message for words in MACHINE_FAULTS):
            return bad_machine(machine, f"cannot start: {row.status_msg[:200]}", policy)
    if row.actual_status in STOPPED or row.intended_status in ("stopped", "frozen"):
        if machine.is_bid:
            return End(machine.label, "outbid")
        return bad_machine(machine, f"stopped by itself ({row.actual_status})", policy, blame=_stop_blame(machine))
    if row.is_bid != machine.is_bid or _is_dearer(machine, row, policy):
        return End(machine.label, f"not the price agreed: ${row.total_dollars_per_hour:.4f} per hour")
    return None


def _stop_blame(machine: Machine) -> str | None:
    """A machine that worked and then stopped may have been told to; one that never worked is bad."""
    return None if machine.ready_at else "machine"


def _is_dearer(machine: Machine, row: VastInstance, policy: Policy) -> bool:
    return row.total_dollars_per_hour > machine.dollars_per_hour * policy.price_tolerance + 0.005


def _sweeps(ledger: Ledger, listed: Sequence[VastInstance], prefix: str) -> Iterator[Action]:
    """Contracts under our prefix that no row owns: a second contract of one label, or a label long gone."""
    owners = {each.label: each for each in ledger.machines if each.state is not State.DESTROYED}
    for row in listed:
        owner = owners.get(row.label)
        if not row.label.startswith(prefix):
            continue
        if owner is None or _row_of(owner, listed) is not row:
            yield Sweep(row.label, row.contract_id, row.actual_status, row.status_msg)
