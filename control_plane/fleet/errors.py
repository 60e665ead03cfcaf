"""What can go wrong between the scaler and its ledger.

FleetError
├── LedgerBlind      the database did not answer: decide nothing
├── CapReached       AS005: the reservation would pass a cap
├── IntentRefused    AS003: not the leader, renting is paused, or the machine is taken
└── NotLive          AS004: the machine's end is already decided
"""


class FleetError(Exception):
    """A step of the fleet could not be taken; the message is safe to log."""

    code = "fleet_error"


class LedgerBlind(FleetError):
    """The ledger did not answer, so nothing is known: rent nothing, end nothing."""

    code = "ledger_blind"


class CapReached(FleetError):
    """The machine's worst case would pass a cap: raise the cap, or wait until others have ended."""

    code = "cap_reached"


class IntentRefused(FleetError):
    """The ledger refused the intent: another process leads, renting is paused, or the machine is taken."""

    code = "intent_refused"


class NotLive(FleetError):
    """The machine is not live any more."""

    code = "not_live"


# The stable codes of `errors.SQLSTATES`, as the queue's client raises them.
BY_CODE: dict[str, type[FleetError]] = {"cap_reached": CapReached, "wrong_state": IntentRefused, "token_dead": NotLive}
