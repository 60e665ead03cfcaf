"""The fleet's ledger over PostgREST (wire). Its rules are SQL, in the migration `create_fleet`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, ParamSpec, TypeVar

from control_plane.database import Database
from control_plane.errors import ControlPlaneError
from control_plane.fleet.errors import BY_CODE, LedgerBlind
from control_plane.fleet.shapes import Backlog, Caps, Intent, Ledger, Machine, Renting

Row = dict[str, Any]
Verb = ParamSpec("Verb")
Answer = TypeVar("Answer")
LEADER = "scaler"


class FleetLedger:
    """The service role's view of the machines.

    Every method raises LedgerBlind when the database does not answer: the call may or may not have been done,
    and every one may be repeated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_leadership(self, holder: str, seconds: int) -> bool:
        """Take or renew the scaler's lease; False while another holder has it."""
        return self._ask(self._database.take_leadership, name=LEADER, holder=holder, seconds=seconds)

    def give_up_leadership(self, holder: str) -> None:
        """End one's own lease."""
        self._ask(self._database.give_up_leadership, name=LEADER, holder=holder)

    def read(self) -> Ledger:
        """Everything needed to decide, of one moment."""
        return Ledger.from_row(self._ask(self._database.get_fleet))

    def read_backlog(self) -> list[Backlog]:
        """Open work by priority, placement and batch."""
        return [Backlog.of(work) for work in self._ask(self._database.get_queue_stats)]

    def create_intent(self, holder: str, intent: Intent, caps: Caps) -> Machine:
        """Write the row that must exist before Vast.ai is asked. Raises CapReached, IntentRefused."""
        row = self._ask(self._database.create_intent, holder=holder, intent=asdict(intent), caps=asdict(caps))
        return Machine.from_row(row)

    def extend_reservation(self, label: str, seconds: float, caps: Caps) -> Machine:
        """Reserve a live machine's worst case for the next `seconds`. Raises CapReached, NotLive."""
        row = self._ask(self._database.extend_reservation, label=label, seconds=seconds, caps=asdict(caps))
        return Machine.from_row(row)

    def record_contract(self, label: str, contract_id: int) -> Machine | None:
        """Write Vast.ai's number; None when the label has another number already or is unknown."""
        return _one(self._ask(self._database.record_contract, label=label, contract_id=contract_id))

    def record_boot(self, label: str, status: str | None, message: str) -> Machine | None:
        """Write what a good list says; a destroyed machine goes back to destroying. None for an unknown label."""
        return _one(self._ask(self._database.record_boot, label=label, status=status, message=message))

    def mark_destroying(self, label: str, reason: str, blame: str | None = None) -> Machine | None:
        """Decide a machine's end; None when that is done already."""
        return _one(self._ask(self._database.mark_destroying, label=label, reason=reason, blame=blame))

    def record_refusal(self, label: str, reason: str) -> Machine | None:
        """End an intent that Vast.ai refused: two good lists without it are enough, with no time for doubt."""
        return _one(self._ask(self._database.record_refusal, label=label, reason=reason))

    def record_destroy_call(self, label: str) -> None:
        """Count one destroy call."""
        self._ask(self._database.record_destroy_call, label=label)

    def record_absence(self, label: str) -> Machine | None:
        """Count one good list without the machine; the second in a row makes a destroying one destroyed."""
        return _one(self._ask(self._database.record_absence, label=label))

    def block_hardware(self, kind: str, id: int, reason: str, seconds: float) -> None:
        """Rent no `machine`, or nothing of a `host`, for so long."""
        self._ask(self._database.block_hardware, kind=kind, id=id, reason=reason, seconds=seconds)

    def set_renting(self, state: str, reason: str | None) -> Renting:
        """Switch renting `on` or `paused`."""
        return Renting.from_row(self._ask(self._database.set_renting, state=state, reason=reason))

    def request_launch(self, ask_id: int | None = None) -> bool:
        """Ask the scaler for one machine more, of its choice or of this offer; False while renting is paused."""
        return self._ask(self._database.request_launch, ask_id=ask_id)

    def drop_launch(self, ask_id: int) -> None:
        """Forget the launch of a chosen offer."""
        self._ask(self._database.drop_launch, ask_id=ask_id)

    def raise_alarm(self, topic: str, message: str, label: str | None = None) -> None:
        """Write an alarm for people, at most one an hour per topic and label."""
        self._ask(self._database.raise_fleet_alarm, topic=topic, message=message, label=label)

    def record_charges(self, charges: Sequence[Row]) -> None:
        """Write charges: dicts of `contract_id, day, kind, label, dollars`."""
        self._ask(self._database.record_charges, charges=list(charges))

    def release_expired_jobs(self) -> int:
        """Give back the jobs of leases that ran out; how many."""
        return self._ask(self._database.release_expired_jobs)

    def pause_dear_batches(self, max_dollars: float) -> int:
        """Park the batches whose share of their machines has reached this; how many."""
        return self._ask(self._database.pause_dear_batches, max_dollars=max_dollars)

    def requeue_instance_jobs(self, label: str, worker_died: bool) -> int:
        """Give back the jobs of a machine that is gone, with their attempt unless its worker died; how many."""
        return self._ask(self._database.requeue_instance_jobs, label=label, worker_died=worker_died)

    def _ask(self, verb: Callable[Verb, Answer], *arguments: Verb.args, **named: Verb.kwargs) -> Answer:
        try:
            return verb(*arguments, **named)
        except ControlPlaneError as error:
            raise BY_CODE.get(error.code, LedgerBlind)(f"{verb.__name__}: {error.message}") from error


def _one(rows: list[Row]) -> Machine | None:
    return Machine.from_row(rows[0]) if rows else None
