"""What all our sensors together say of a machine (pure): its heartbeat, the queue, Vast.ai's list, other machines.

One sensor is never believed against a better one. What a worker said a moment ago outweighs what a list leaves out or
says of it; many machines gone or silent at the same moment are our own blindness before they are many deaths; and a
document is suspected only of what its own machine alone went through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from control_plane.database.enums import Blame, MachineStatus
from control_plane.database.fleet_rows import Ledger, Machine
from control_plane.fleet.actions import End
from control_plane.fleet.boots import Boots, is_loading
from control_plane.fleet.proof import bad_machine, find_default
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import VastInstance

# What the Docker daemon says when a machine will never start; the second group is our image's or our login's fault
# when hosts agree on it.
MACHINE_FAULTS = ("error response from daemon", "pull rate limit", "no space left", "unexpected eof",
                  "oci runtime create failed")  # fmt: skip
OUR_FAULTS = ("manifest unknown", "manifest for", "unauthorized", "pull access denied")
STOPPED = ("exited", "stopped", "frozen")
HOST_AWAY = ("offline", "unknown")
VANISHED_AFTER = 3  # good lists in a row without a machine that should be there and says nothing itself
DOUBTED_AFTER = 30  # such lists when all machines are missing at once: five minutes at the usual tick
SILENT = "its worker fell silent"


@dataclass(frozen=True)
class Sight:
    """Vast.ai's list, and how far it can be believed."""

    rows: tuple[VastInstance, ...]
    can_see: bool  # False: nothing may be concluded from a contract's absence
    doubt: str | None = None  # why a list that came is not believed, for people

    def row_of(self, machine: Machine) -> VastInstance | None:
        """The contract we know by number; before we know one, the lowest number under the label."""
        rows = [each for each in self.rows if each.label == machine.label]
        if machine.contract_id is not None:
            rows = [each for each in self.rows if each.contract_id == machine.contract_id]
        return min(rows, key=lambda each: each.contract_id, default=None)


def look_at(listed: Sequence[VastInstance] | None, ledger: Ledger, policy: Policy) -> Sight:
    """Weigh a list against what we hear: one that lacks every machine we should see on it is blind, not empty."""
    if listed is None:
        return Sight((), can_see=False)
    sight = Sight(tuple(listed), can_see=True)
    expected = [m for m in ledger.live if not m.is_own and _should_be_listed(m, ledger.now, policy)]
    heard = [m for m in expected if is_heard(m, ledger.now, policy)]
    if any(sight.row_of(m) for m in expected) or not (heard or len(expected) > 1):
        return sight
    if not heard and min(m.absences for m in expected) + 1 >= DOUBTED_AFTER:
        return sight
    doubt = f"Vast.ai's list lacks all {len(expected)} machines at once, and {len(heard)} of them just reported"
    return Sight(sight.rows, can_see=False, doubt=doubt)


def _should_be_listed(machine: Machine, now: float, policy: Policy) -> bool:
    """Lists lag: a contract may be missing while it is new."""
    return machine.contract_id is not None and now - (machine.contract_at or machine.intent_at) > policy.grace_seconds


def is_heard(machine: Machine, now: float, policy: Policy) -> bool:
    """Whether its worker reported so lately that it must be running; three heartbeats fit into a third of a silence."""
    return machine.last_heartbeat_at is not None and now - machine.last_heartbeat_at < policy.heartbeat_lost_seconds / 3


def judge(machine: Machine, sight: Sight, boots: Boots, ledger: Ledger, policy: Policy) -> End | None:
    """Why a live rented machine must end now, or None."""
    row = sight.row_of(machine)
    end = _judge_row(machine, row, ledger.now, policy) if row is not None else None
    if end is not None:
        return end
    if machine.last_heartbeat_at is not None:
        ends_at = row.ends_at if row is not None else 0.0
        return _judge_silence(machine, row, ledger, policy) or find_default(machine, ledger.now, policy, ends_at)
    return _judge_boot(machine, row, boots, ledger.now, policy) or _judge_absence(machine, row, sight, ledger, policy)


def _judge_row(machine: Machine, row: VastInstance, now: float, policy: Policy) -> End | None:
    """What the list alone can say: an error of Docker, a stop, another price."""
    message = row.status_msg.lower()
    if machine.ready_at is None:
        if any(words in message for words in OUR_FAULTS):
            return bad_machine(machine, f"cannot pull the image: {row.status_msg[:200]}", blame=Blame.OURS)
        if any(words in message for words in MACHINE_FAULTS):
            return bad_machine(machine, f"cannot start: {row.status_msg[:200]}")
    stopped = row.actual_status in STOPPED or row.intended_status in ("stopped", "frozen")
    if stopped and not is_heard(machine, now, policy):
        # A machine that worked and then stopped may have been told to; one that never worked is bad.
        reason = f"stopped by itself ({row.actual_status})"
        return End(machine.label, "outbid") if machine.is_bid else bad_machine(
            machine, reason, blame=None if machine.ready_at else Blame.MACHINE
        )  # fmt: skip
    if (
        row.is_bid != machine.is_bid
        or row.total_usd_per_hour > machine.usd_per_hour * policy.price_tolerance + 0.005
    ):
        return End(machine.label, f"not the price agreed: ${row.total_usd_per_hour:.4f} per hour")
    return None


def _judge_silence(machine: Machine, row: VastInstance | None, ledger: Ledger, policy: Policy) -> End | None:
    """A worker that reported and does no more. Whether its documents may have done it depends on what else is known."""
    last = machine.last_heartbeat_at or 0.0
    # What was said while no scaler led was heard by nobody who could judge: the database itself may have been away.
    silent = ledger.now - max(last, ledger.hearing_since)
    if silent <= policy.heartbeat_lost_seconds:
        return None
    if row is not None and row.actual_status in HOST_AWAY:
        return bad_machine(machine, f"{SILENT}: its host is {row.actual_status}")
    companions = silent_together(machine, ledger, policy)
    if not companions:
        return bad_machine(machine, f"{SILENT} {ledger.now - last:.0f} s ago", worker_died=True)
    reason = f"{SILENT} together with {len(companions)} more"
    if is_outage(machine, ledger, policy):
        return End(machine.label, reason) if silent > policy.outage_seconds else None
    return bad_machine(machine, reason)


def silent_together(machine: Machine, ledger: Ledger, policy: Policy) -> list[Machine]:
    """Other machines last heard at about the same moment, and not since: one cause explains them all."""
    window, last = policy.heartbeat_lost_seconds / 2, machine.last_heartbeat_at or 0.0
    return [
        each
        for each in ledger.machines
        if each.label != machine.label
        and each.last_heartbeat_at is not None
        and abs(each.last_heartbeat_at - last) <= window
        and ledger.now - each.last_heartbeat_at > window
        and (each.is_live or (each.destroy_reason or "").startswith(SILENT))
    ]


def is_outage(machine: Machine, ledger: Ledger, policy: Policy) -> bool:
    """Whether nobody at all is heard since this machine fell silent in company: then it is we who hear nothing."""
    return bool(silent_together(machine, ledger, policy)) and not any(
        is_heard(each, ledger.now, policy) for each in ledger.live
    )


def _judge_boot(machine: Machine, row: VastInstance | None, boots: Boots, now: float, policy: Policy) -> End | None:
    """A machine on its way. While it loads only the disk is billed; from `running` on the card is."""
    if machine.running_at is not None:
        waited, most = now - machine.running_at, boots.start_patience(machine)
        if waited > most:
            return bad_machine(machine, f"running for {waited:.0f} s, but its worker never reported")
        return None
    # A blind controller may not have seen it run, so without `running_at` it gets both terms.
    waited, most = now - machine.intent_at, boots.patience(machine, is_loading=is_loading(row))
    most += boots.start_patience(machine) if row is None else 0.0
    if waited > most and (row is None or row.actual_status != "running"):
        return bad_machine(machine, f"not running by its boot deadline of {most:.0f} s")
    return None


def _judge_absence(
    machine: Machine, row: VastInstance | None, sight: Sight, ledger: Ledger, policy: Policy
) -> End | None:
    """A contract that good lists lack, of a machine that never said a word; silence judges all others."""
    if row is not None or not sight.can_see or not _should_be_listed(machine, ledger.now, policy):
        return None
    gone = machine.absences + 1 >= VANISHED_AFTER
    return End(machine.label, "vanished from Vast.ai's list", blame=Blame.MACHINE) if gone else None


def is_missed(machine: Machine, sight: Sight, ledger: Ledger, policy: Policy) -> bool:
    """Whether a list that came lacks a live machine that it should have; counted even while the list is in doubt."""
    came = sight.can_see or sight.doubt is not None
    return came and sight.row_of(machine) is None and _should_be_listed(machine, ledger.now, policy)


def unlisted_and_heard(ledger: Ledger, policy: Policy) -> list[Machine]:
    """Machines that report although list after list lacks them: somebody should look at what is billed."""
    return [m for m in ledger.live if not m.is_own and m.absences >= DOUBTED_AFTER and is_heard(m, ledger.now, policy)]


def is_on_its_way(machine: Machine) -> bool:
    """Rented, and not yet heard of."""
    return machine.status in (MachineStatus.INTENT, MachineStatus.BOOTING) and machine.ready_at is None
