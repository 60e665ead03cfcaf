"""The fleet's ledger: the database's verbs, with what goes wrong told as the fleet's own errors (wire)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from control_plane.database.door_functions import DoorFunctions
from control_plane.database.functions import Functions
from control_plane.errors import ControlPlaneError
from control_plane.fleet.errors import BY_CODE, LedgerBlind

RowType = TypeVar("RowType")
LEADER = "scaler"


class FleetLedger(Functions, DoorFunctions):
    """The service role's view of the machines.

    Every method raises LedgerBlind when the database does not answer: the call may or may not have been done,
    and every one may be repeated. `create_intent` raises CapReached and IntentRefused, `extend_reservation`
    CapReached and NotLive.
    """

    def lead(self, holder: str, seconds: int) -> bool:
        """Take or renew the scaler's lease; False while another holder has it."""
        return self.take_leadership(LEADER, holder, seconds)

    def step_down(self, holder: str) -> None:
        """End one's own lease."""
        self.give_up_leadership(LEADER, holder)

    def _call(self, row_type: type[RowType], function: str, **arguments: Any) -> list[RowType]:
        with _told_as_ours(function):
            return super()._call(row_type, function, **arguments)

    def _do(self, function: str, **arguments: Any) -> int:
        with _told_as_ours(function):
            return super()._do(function, **arguments)


@contextmanager
def _told_as_ours(function: str) -> Iterator[None]:
    try:
        yield
    except ControlPlaneError as error:
        raise BY_CODE.get(error.code, LedgerBlind)(f"{function}: {error.message}") from error
