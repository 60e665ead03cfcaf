"""Taking the steps that were decided (story): each may be the last before a crash, and each may be taken twice."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from control_plane.database.enums import Blame, HardwareKind, RentingStatus
from control_plane.database.fleet_rows import Ledger, Machine
from control_plane.fleet.actions import (
    Action,
    Adopt,
    Alarm,
    Destroy,
    End,
    Extend,
    Miss,
    Note,
    PartFrom,
    Pause,
    ReadLog,
    Say,
    Sweep,
)
from control_plane.fleet.errors import CapReached, FleetError, LedgerBlind, NotLive
from control_plane.fleet.log_words import LINES, read_word
from control_plane.fleet.post import Post
from control_plane.vast.errors import DestroyFailed, VastAuthFailed, VastError

log = logging.getLogger(__name__)


def act(post: Post, actions: Sequence[Action], ledger: Ledger) -> None:
    """Take each step; one that fails is left for the next tick and stops none of the others."""
    for action in actions:
        try:
            _act(post, action, ledger)
        except LedgerBlind:
            raise
        except (FleetError, VastError) as error:
            log.warning("step failed: %s: %s", type(action).__name__, error, extra={"code": error.code})


def _act(post: Post, action: Action, ledger: Ledger) -> None:
    match action:
        case Adopt(label, contract_id):
            post.ledger.record_contract(label, contract_id)
        case Note(label, status, message):
            post.ledger.record_boot(label, status, message)
        case Miss(label, absences):
            post.ledger.record_absence(label, absences)
        case End():
            end_machine(post, action, ledger.machines)
        case Destroy():
            _block_the_self_accused(post, action, ledger.machines)
            _destroy(post, action)
        case PartFrom(label):
            post.ledger.requeue_machine_jobs(label, False)
            post.ledger.record_absence(label)
        case Sweep(label, contract_id, status, message):
            _sweep(post, action)
        case Say(label, decision, reason):
            post.ledger.record_verdict(label, decision, reason)
        case ReadLog(label, contract_id):
            post.ledger.record_log(label, read_word(post.vast.logs(contract_id, LINES), ledger.now))
        case Extend(label):
            _extend(post, label)
        case Alarm(name, message, about):
            post.ledger.raise_alarm(name, message, about)
        case Pause(reason):
            post.ledger.set_renting(RentingStatus.PAUSED, reason)
            post.ledger.raise_alarm("renting_paused", reason)


def end_machine(post: Post, end: End, known: Sequence[Machine] = ()) -> None:
    """Decide the end, remember whose fault it was, give the jobs back, and ask Vast.ai at once."""
    machine = post.ledger.mark_destroying(end.label, end.reason, end.blame)
    if machine is None:
        return
    log.info("machine ends: %s", end.reason, extra={"label": end.label})
    if end.blame is Blame.MACHINE:
        _block(post, machine, end.reason, known)
    if machine.contract_id is not None:
        _destroy(post, Destroy(end.label, machine.contract_id, True, end.worker_died))


def _block_the_self_accused(post: Post, destroy: Destroy, known: Sequence[Machine]) -> None:
    """A worker may have ended its own machine as unfit before any scaler saw it."""
    machine = next((each for each in known if each.label == destroy.label), None)
    if machine is not None and machine.blame is Blame.MACHINE and machine.destroy_calls == 0:
        _block(post, machine, machine.destroy_reason or "unfit by its own word", known)


def _block(post: Post, machine: Machine, reason: str, known: Sequence[Machine]) -> None:
    """Rent a bad machine no more for a while; so many bad machines of one host are the host's fault."""
    if machine.machine_id is None:
        return
    post.ledger.block_hardware(HardwareKind.MACHINE, machine.machine_id, reason, post.policy.block_machine_seconds)
    bad = {m.machine_id for m in known if m.host_id == machine.host_id and m.blame is Blame.MACHINE}
    if machine.host_id and len(bad | {machine.machine_id}) >= post.policy.host_failures:
        reason = f"{len(bad) + 1} bad machines"
        post.ledger.block_hardware(HardwareKind.HOST, machine.host_id, reason, post.policy.block_host_seconds)


def _destroy(post: Post, destroy: Destroy) -> None:
    """Jobs first: a machine that is going must not keep a document waiting for its lease to run out."""
    if destroy.requeue:
        post.ledger.requeue_machine_jobs(destroy.label, destroy.worker_died)
    post.ledger.record_destroy_call(destroy.label)
    try:
        post.vast.destroy_instance(destroy.contract_id)
    except (DestroyFailed, VastAuthFailed) as error:
        message = f"contract {destroy.contract_id} is still billed: {error}"
        post.ledger.raise_alarm("destroy_failed", message, destroy.label)


def _sweep(post: Post, sweep: Sweep) -> None:
    """A label that is live after all is left alone; one that was done reopens; one nobody knows just ends."""
    machine = post.ledger.record_boot(sweep.label, sweep.status, sweep.message)
    if machine is not None and machine.is_live and machine.contract_id in (None, sweep.contract_id):
        return
    if machine is not None and machine.contract_id is None:
        post.ledger.record_contract(sweep.label, sweep.contract_id)  # its row ended as if it had never been
    try:
        post.vast.destroy_instance(sweep.contract_id)
    finally:
        post.ledger.raise_alarm("stray", f"contract {sweep.contract_id} had no row of its own", sweep.label)


def _extend(post: Post, label: str) -> None:
    try:
        post.ledger.extend_reservation(label, post.policy.reserve_seconds, post.caps)
    except CapReached as error:
        end_machine(post, End(label, str(error)))
    except NotLive:
        pass
