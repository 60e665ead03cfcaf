"""What a machine must prove, judged by the queue's own rows and never by its own word (pure).

A heartbeat can say anything: that a worker lives, that pages are done, that it was busy all the time. A dishonest
machine, or one whose worker hangs, is told by what it was given and what came back.
"""

from control_plane.database.enums import Blame
from control_plane.database.fleet_rows import Machine
from control_plane.fleet.actions import End
from control_plane.settings.fleet_policy import Policy

FRUITLESS = "handed back nothing"  # such an end of several hosts in a row may be our fault: see plan.py


def find_default(machine: Machine, now: float, policy: Policy) -> End | None:
    """Why a machine that reports must end all the same, or None."""
    if machine.ready_at is None:
        return None
    if machine.held_since is not None and now - machine.held_since > policy.longest_job_seconds:
        reason = f"held one document for {now - machine.held_since:.0f} s"
        return bad_machine(machine, reason, worker_died=True)
    silent = now - max(machine.ready_at, machine.result_at or 0.0)
    if machine.jobs_held and silent > patience_seconds(machine, policy):
        reason = f"{FRUITLESS} for {silent:.0f} s while it held {machine.jobs_held} jobs"
        return bad_machine(machine, reason, worker_died=True)
    return _retire(machine, now, policy)


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
    if now < retires_at or (machine.held_since is not None and machine.held_since < retires_at):
        return None
    return End(machine.label, f"has served its {policy.max_machine_hours:g} hours; a fresh one goes on")


def bad_machine(machine: Machine, reason: str, blame: Blame | None = Blame.MACHINE, worker_died: bool = False) -> End:
    """The end of a machine at fault; one that is to blame is not rented again for a while."""
    return End(machine.label, reason, blame, worker_died)
