"""Why a machine must end, by all our sensors together (pure): heartbeat, hand-backs, list, log, boots, other machines.

One sensor is never believed against a better one, nor alone at its first word. What a worker said or handed back a
moment ago outweighs what a list leaves out or says of it; what a list alone says counts when the next one says it too;
before a silent machine is judged its log is read; many machines gone or silent at the same moment are our own
blindness before they are many deaths; and a document is suspected only of what its own machine alone went through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from control_plane.database.enums import Blame, Decision, LogWord, MachineStatus
from control_plane.database.fleet_rows import Ledger, Machine
from control_plane.fleet.actions import Doubt, End
from control_plane.fleet.boots import LOADING, Boots, is_loading
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
DOUBTED = "Vast.ai's list alone speaks against it, and must say so twice"
LOG_SECONDS = 60.0  # a log is read again after so long, and waited for no longer


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
    """Whether its worker reported, or handed something back, so lately that it must be running.

    Three heartbeats fit into a third of a silence.
    """
    return machine.heard_at is not None and now - machine.heard_at < policy.heartbeat_lost_seconds / 3


def judge(machine: Machine, sight: Sight, boots: Boots, ledger: Ledger, policy: Policy) -> End | Doubt | None:
    """Why a live rented machine must end now, or why it must not yet; None when nothing speaks against it."""
    row = sight.row_of(machine)
    end = _judge_row(machine, row, ledger.now, policy) if row is not None else None
    if end is not None:
        return end if _was_doubted(machine) else Doubt(f"{DOUBTED}: {end.reason}")
    if machine.heard_at is not None:
        ends_at = row.ends_at if row is not None else 0.0
        return _judge_silence(machine, sight, ledger, policy) or find_default(machine, ledger.now, policy, ends_at)
    return _judge_boot(machine, row, boots, ledger, policy) or _judge_absence(machine, row, sight, ledger, policy)


def _was_doubted(machine: Machine) -> bool:
    """Whether the list before this one alone spoke against it as well."""
    return machine.verdict is Decision.WAIT and (machine.verdict_reason or "").startswith(DOUBTED)


def is_stopped(row: VastInstance) -> bool:
    """Whether the list calls it stopped, for now or for good."""
    return row.actual_status in STOPPED or row.intended_status in ("stopped", "frozen")


def wants_log(machine: Machine, sight: Sight, boots: Boots, ledger: Ledger, policy: Policy) -> bool:
    """Whether its own log would help to judge it: it is silent, or runs and has not reported as soon as others do."""
    row = sight.row_of(machine)
    if not machine.is_live or machine.is_own or row is None or row.actual_status in (*HOST_AWAY, *LOADING):
        return False
    if machine.log_read_at is not None and ledger.now - machine.log_read_at < LOG_SECONDS:
        return False
    if machine.heard_at is not None:
        return _silent_seconds(machine, ledger) > policy.heartbeat_lost_seconds
    return machine.running_at is not None and ledger.now - machine.running_at > boots.start_seconds()


def _log_since(machine: Machine, moment: float) -> LogWord | None:
    """What its log ended with, if it was read after that moment."""
    return machine.log_word if machine.log_read_at is not None and machine.log_read_at > moment else None


def _judge_row(machine: Machine, row: VastInstance, now: float, policy: Policy) -> End | None:
    """What the list alone can say: an error of Docker, a stop, another price."""
    message = row.status_msg.lower()
    if machine.ready_at is None:
        if any(words in message for words in OUR_FAULTS):
            return bad_machine(machine, f"cannot pull the image: {row.status_msg[:200]}", blame=Blame.OURS)
        if any(words in message for words in MACHINE_FAULTS):
            return bad_machine(machine, f"cannot start: {row.status_msg[:200]}")
    if is_stopped(row) and not is_heard(machine, now, policy):
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


def _silent_seconds(machine: Machine, ledger: Ledger) -> float:
    """What was said while no scaler led was heard by nobody who could judge: the database may have been away."""
    return ledger.now - max(machine.heard_at or 0.0, ledger.hearing_since)


def _judge_silence(machine: Machine, sight: Sight, ledger: Ledger, policy: Policy) -> End | Doubt | None:
    """A worker that reported and does no more. Whether its documents may have done it depends on what else is known."""
    row, silent = sight.row_of(machine), _silent_seconds(machine, ledger)
    if silent <= policy.heartbeat_lost_seconds:
        return None
    if row is not None and row.actual_status in HOST_AWAY:
        return bad_machine(machine, f"{SILENT}: its host is {row.actual_status}")
    companions = silent_together(machine, ledger, policy)
    reason = f"{SILENT} together with {len(companions)} more"
    if is_outage(machine, ledger, policy):
        most = policy.outage_seconds
        return End(machine.label, reason) if silent > most else Doubt(f"{reason}: the network is the likelier cause")
    if companions:
        return bad_machine(machine, reason)
    waits = row is not None and silent < policy.heartbeat_lost_seconds + LOG_SECONDS
    if waits and (machine.log_read_at or 0.0) <= (machine.heard_at or 0.0):
        return Doubt(f"{SILENT}; its log is read before it is judged")
    return _judge_by_log(machine, silent, ledger, policy)


def _judge_by_log(machine: Machine, silent: float, ledger: Ledger, policy: Policy) -> End | Doubt:
    """One that fell silent alone: what its own log ends with tells a dead worker from one that is not heard."""
    word = _log_since(machine, machine.heard_at or 0.0)
    if word in (LogWord.WORKS, LogWord.UNREACHED):
        said = "shows it at work" if word is LogWord.WORKS else "says that it cannot reach us"
        reason = f"{SILENT}, and its log {said}"
        return End(machine.label, reason) if silent > policy.outage_seconds else Doubt(f"{reason}: it is given time")
    if word is LogWord.LEFT:
        return End(machine.label, f"{SILENT}: by its log it left")
    if word is LogWord.UNFIT:
        return bad_machine(machine, f"{SILENT}: by its log it cannot work")
    ago = ledger.now - (machine.heard_at or 0.0)
    return bad_machine(machine, f"{SILENT} {ago:.0f} s ago", worker_died=True)


def silent_together(machine: Machine, ledger: Ledger, policy: Policy) -> list[Machine]:
    """Other machines last heard at about the same moment, and not since: one cause explains them all."""
    window, last = policy.heartbeat_lost_seconds / 2, machine.heard_at or 0.0
    return [
        each
        for each in ledger.machines
        if each.label != machine.label
        and each.heard_at is not None
        and abs(each.heard_at - last) <= window
        and ledger.now - each.heard_at > window
        and (each.is_live or (each.destroy_reason or "").startswith(SILENT))
    ]


def is_outage(machine: Machine, ledger: Ledger, policy: Policy) -> bool:
    """Whether nobody at all is heard since this machine fell silent in company: then it is we who hear nothing."""
    return bool(silent_together(machine, ledger, policy)) and not any(
        is_heard(each, ledger.now, policy) for each in ledger.live
    )


def _judge_boot(
    machine: Machine, row: VastInstance | None, boots: Boots, ledger: Ledger, policy: Policy
) -> End | None:
    """A machine on its way. While it loads only the disk is billed; from `running` on the card is."""
    now = ledger.now
    if machine.running_at is not None and not is_loading(row):
        return _judge_start(machine, now - machine.running_at, boots, ledger, policy)
    # A blind controller may not have seen it run, so without `running_at` it gets both terms.
    waited, most = now - machine.intent_at, boots.patience(machine, is_loading=is_loading(row))
    most += boots.start_patience(machine) if row is None else 0.0
    if waited > most and (row is None or row.actual_status != "running"):
        return bad_machine(machine, f"not running by its boot deadline of {most:.0f} s")
    return None


def _judge_start(machine: Machine, waited: float, boots: Boots, ledger: Ledger, policy: Policy) -> End | None:
    """It runs and nobody has heard of it; its log may say why before patience ends."""
    word = _log_since(machine, machine.running_at or 0.0)
    if word is LogWord.OURS:
        return bad_machine(machine, "running, and by its log the image does not start", blame=Blame.OURS)
    if word in (LogWord.UNFIT, LogWord.DIED):
        return bad_machine(machine, "running, and by its log its worker cannot work there")
    if waited <= boots.start_patience(machine):
        return None
    if word is LogWord.UNREACHED and not any(is_heard(each, ledger.now, policy) for each in ledger.live):
        return bad_machine(machine, "running, but by its log it cannot reach us", blame=Blame.OURS)
    return bad_machine(machine, f"running for {waited:.0f} s, but its worker never reported")


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
