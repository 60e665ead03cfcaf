"""When Vast.ai's bill is read anew (pure): a call of the CLI costs half a CPU second, a guessed sum costs trust.

Once an hour whatever happens; every ten minutes while a contract is open; and as soon as the bill of one that has
ended can be complete, so that the caps and the page count what it cost and not what it could have.
"""

from __future__ import annotations

from control_plane.database.enums import MachineStatus
from control_plane.database.fleet_rows import Ledger, Machine

LONGEST_SECONDS = 3600.0
OPEN_SECONDS = 600.0
AGAIN_SECONDS = 300.0  # a bill that does not show an ended contract yet is asked for no oftener
SETTLES_SECONDS = 300.0  # as private.bill_settles(): its last bytes are counted by then


def bill_is_due(ledger: Ledger, read_at: float | None) -> bool:
    """Whether to read the bill now, by the database's clock; `read_at` is when it was last read."""
    if read_at is None:
        return True
    waited = ledger.now - read_at
    contracts = [each for each in ledger.rented if each.contract_id is not None]
    is_open = any(each.status is not MachineStatus.DESTROYED for each in contracts)
    lacks_end = any(_lacks_its_end(each, ledger.now) for each in contracts)
    return waited >= LONGEST_SECONDS or (is_open and waited >= OPEN_SECONDS) or (lacks_end and waited >= AGAIN_SECONDS)


def _lacks_its_end(machine: Machine, now: float) -> bool:
    if machine.destroyed_at is None:
        return False
    settled = machine.destroyed_at + SETTLES_SECONDS
    return settled <= now and (machine.bill_read_at or 0.0) < settled
