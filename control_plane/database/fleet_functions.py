"""The verbs of rented machines, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from control_plane.database.connection import Connection
from control_plane.database.enums import Blame, Decision, HardwareKind, LogWord, RentingStatus
from control_plane.database.fleet_rows import Caps, DayCharge, Increase, Intent, Ledger, Machine, Renting
from control_plane.database.rows import Json


class FleetFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def take_leadership(self, name: str, holder: str, seconds: int) -> bool:
        """Take or renew a lease; False while another holder has it."""
        rows = self._call(Json, "take_leadership", name=name, holder=holder, seconds=seconds)
        return bool(rows and rows[0]["held"])

    def give_up_leadership(self, name: str, holder: str) -> None:
        """End one's own lease."""
        self._do("give_up_leadership", name=name, holder=holder)

    def get_fleet(self) -> Ledger:
        """Everything needed to decide, of one moment."""
        return self._one(Ledger, "get_fleet")

    def create_intent(self, holder: str, intent: Intent, caps: Caps) -> Machine:
        """Write the row that must exist before Vast.ai is asked. Raises Conflict (`cap_reached`, `wrong_state`)."""
        return self._one(Machine, "create_intent", holder=holder, intent=asdict(intent), caps=asdict(caps))

    def extend_reservation(self, label: str, seconds: float, caps: Caps) -> Machine:
        """Reserve a live machine's worst case for the next `seconds`. Raises Conflict, NotAllowed (`token_dead`)."""
        return self._one(Machine, "extend_reservation", label=label, seconds=seconds, caps=asdict(caps))

    def record_contract(self, label: str, contract_id: int) -> Machine | None:
        """Write Vast.ai's number; None when the label has another number already or is unknown."""
        return self._first(Machine, "record_contract", label=label, contract_id=contract_id)

    def record_boot(self, label: str, status: str | None, message: str) -> Machine | None:
        """Write what a good list says; a destroyed machine goes back to destroying. None for an unknown label."""
        return self._first(Machine, "record_boot", label=label, status=status, message=message)

    def mark_destroying(self, label: str, reason: str, blame: Blame | None = None) -> Machine | None:
        """Decide a machine's end; None when that is done already."""
        return self._first(Machine, "mark_destroying", label=label, reason=reason, blame=blame)

    def record_refusal(self, label: str, reason: str) -> Machine | None:
        """End an intent that Vast.ai refused: two good lists without it are enough, with no time for doubt."""
        return self._first(Machine, "record_refusal", label=label, reason=reason)

    def record_destroy_call(self, label: str) -> None:
        """Count one destroy call."""
        self._do("record_destroy_call", label=label)

    def record_verdict(self, label: str, decision: Decision, reason: str) -> None:
        """Write what becomes of a machine, and why."""
        self._do("record_verdict", label=label, decision=decision, reason=reason)

    def record_log(self, label: str, word: LogWord | None) -> None:
        """Write what a machine's log ended with; None when it said nothing."""
        self._do("record_log", label=label, word=word)

    def record_absence(self, label: str, known: int | None = None) -> Machine | None:
        """Count one good list without the machine; the second in a row makes a destroying one destroyed.

        None where `known` such lists were not the last count: then this one is counted already.
        """
        return self._first(Machine, "record_absence", label=label, known=known)

    def block_hardware(self, kind: HardwareKind, id: int, reason: str, seconds: float) -> None:
        """Rent no `machine`, or nothing of a `host`, for so long."""
        self._do("block_hardware", kind=kind, id=id, reason=reason, seconds=seconds)

    def set_renting(self, status: RentingStatus, reason: str | None) -> Renting:
        """Switch renting `on` or `paused`."""
        return self._one(Renting, "set_renting", status=status, reason=reason)

    def request_launch(self, ask_id: int | None = None) -> bool:
        """Ask the scaler for one machine more, of its choice or of this offer; False while renting is paused."""
        return bool(self._do("request_launch", ask_id=ask_id))

    def drop_launch(self, ask_id: int) -> None:
        """Forget the launch of a chosen offer."""
        self._do("drop_launch", ask_id=ask_id)

    def record_charges(self, charges: Sequence[DayCharge]) -> None:
        """Write what Vast.ai charged; asked again, a day's charge is replaced."""
        self._do("record_charges", charges=[asdict(each) for each in charges])

    def record_bill_reading(self, seen: Sequence[int], since: str) -> None:
        """One reading of the bill from the day `since` on showed these contracts; what it said is recorded before."""
        self._do("record_bill_reading", seen=list(seen), since=since)

    def prove_bill(self, contract_id: int) -> None:
        """A contract's bill has stopped."""
        self._do("prove_bill", contract_id=contract_id)

    def record_price_increases(self, increases: Sequence[Increase], forget_others: bool) -> None:
        """Write what hosts ask; `forget_others`: these are all there are."""
        rows = [asdict(each) for each in increases]
        self._do("record_price_increases", increases=rows, forget_others=forget_others)

    def join_own_computer(self, label: str, deployment: str) -> bool:
        """Write the row of one of our own computers; False when a rented machine has its label."""
        return bool(self._do("join_own_computer", label=label, deployment=deployment))
