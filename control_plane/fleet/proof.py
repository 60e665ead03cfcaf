"""What a machine must prove, judged by the queue's own rows and never by its own word (pure).

A heartbeat can say anything: that a worker lives, that pages are done, that it was busy all the time. A dishonest
machine, or one whose worker hangs, is told by what it was given and what came back.
"""

from control_plane.database.enums import Blame
from control_plane.database.fleet_rows import Machine
from control_plane.fleet.actions import End
from control_plane.settings.fleet_policy import Policy

FRUITLESS = "handed back nothing"  # such an end of several hosts in a row may be our fault: see plan.py


def find_default(machine: Machine, now: float, policy: Policy, contract_ends_at: float = 0.0) -> End | None:
    """Why a machine that reports must end all the same, or None; 0 where nobody says when its contract ends."""
    if machine.ready_at is None:
        return None
    if machine.held_since is not None and now - machine.held_since > policy.longest_job_seconds:
        reason = f"held one document for {now - machine.held_since:.0f} s"
        return bad_machine(machine, reason, worker_died=True)
    silent = now - max(machine.ready_at, machine.result_at or 0.0)
    if machine.jobs_held and silent > patience_seconds(machine, policy):
        reason = f"{FRUITLESS} for {silent:.0f} s while it held {machine.jobs_held} jobs"
        return bad_machine(machine, reason, worker_died=True)
    return _retire(machine, now, policy) or _run_out(machine, now, policy, contract_ends_at)


def patience_seconds(machine: Machine, policy: Policy) -> float:
    """How long the machine may hand back nothing: by the pages it holds, up to what any document may take.

    The pages are partly the machine's word, so they count only up to that bound. The idle time is in it, because a
    machine may have waited so long before it was given anything.
    """
    reading = machine.pages_held / policy.slowest_pages_per_second
    return policy.idle_seconds + min(policy.longest_job_seconds, policy.result_seconds + reading)


def _retire(machine: Machine, now: float, policy: Policy) -> End | None:
    """At its age: as soon as all that it held at that moment has ended, so that no long document is begun twice."""
    retires_at = machine.intent_at + policy.max_machine_hours * 3600
    if not _may_leave(machine, now, retires_at):
        return None
    return End(machine.label, f"has served its {policy.max_machine_hours:g} hours; a fresh one goes on")


def _run_out(machine: Machine, now: float, policy: Policy, contract_ends_at: float) -> End | None:
    """Before its contract ends, likewise: Vast.ai stops it then, or charges a price that nobody agreed to."""
    asked = machine.increase
    ends_at = contract_ends_at or (asked.applies_at or 0.0 if asked else 0.0)
    if not ends_at or not _may_leave(machine, now, ends_at - policy.contract_end_seconds):
        return None
    why = "; its host asks more from then on, which nobody accepted" if asked else ""
    return End(machine.label, f"its contract with the host runs out{why}")


def _may_leave(machine: Machine, now: float, at: float) -> bool:
    """Whether that moment is past, and all that it held then has ended."""
    return now >= at and (machine.held_since is None or machine.held_since >= at)


def bad_machine(machine: Machine, reason: str, blame: Blame | None = Blame.MACHINE, worker_died: bool = False) -> End:
    """The end of a machine at fault; one that is to blame is not rented again for a while."""
    return End(machine.label, reason, blame, worker_died)
