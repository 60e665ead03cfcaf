"""What can go wrong at Vast.ai, sorted by what it tells us about machines and money.

VastError
├── VastBlind               the call taught us nothing and changed nothing: never read it as "no machines"
│   ├── VastAuthFailed      the API key was refused
│   └── VastRateLimited     too many calls; wait and ask again
├── OfferGone               somebody else rented the offer, or its host withdrew it: nothing was rented
├── CreateRefused           Vast said no; `contract_id` is set when it billed a contract all the same
│   └── NoCredit            and would to every offer: the account has no credit, or its spending limit is reached
├── CreateUnknown           timeout, crash or lost answer: a machine may have been rented under the label
└── DestroyFailed           the contract still runs, or nobody knows: ask again
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from control_plane.errors import KeyRefused, VastUnavailable


class VastError(Exception):
    """A call to Vast.ai did not do what it should; the message is safe to log."""

    code = "vast_error"

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class VastBlind(VastError):
    """Vast.ai gave no usable answer, so nothing is known: rent nothing and declare nothing gone."""

    code = "vast_blind"


class VastAuthFailed(VastBlind):
    """Vast.ai refused the API key: check VAST_API_KEY."""

    code = "vast_auth_failed"


class VastRateLimited(VastBlind):
    """Vast.ai asked us to slow down: wait 5 to 60 seconds before the next call."""

    code = "vast_rate_limited"


class OfferGone(VastError):
    """The offer can no longer be rented, and was not: try the next one."""

    code = "vast_offer_gone"


class CreateRefused(VastError):
    """Vast.ai refused to rent; destroy `contract_id` if there is one, because it is billed."""

    code = "vast_create_refused"

    def __init__(self, message: str, contract_id: int | None = None, status: int | None = None) -> None:
        super().__init__(message, status)
        self.contract_id = contract_id


class NoCredit(CreateRefused):
    """The account has no credit left, or may not spend more now: no other offer would do."""

    code = "vast_no_credit"


class CreateUnknown(VastError):
    """Nobody knows whether a machine was rented: look for its label, then adopt or destroy it."""

    code = "vast_create_unknown"


class DestroyFailed(VastError):
    """The contract was not confirmed destroyed and may still be billed: destroy it again."""

    code = "vast_destroy_failed"


@contextmanager
def vast_answers() -> Iterator[None]:
    """Turn Vast.ai's failures into ours: the refused key by its name, the rest as 503."""
    try:
        yield
    except VastAuthFailed as error:
        raise KeyRefused("Vast.ai refuses our key: check VAST_API_KEY.", "vast_key_refused") from error
    except VastError as error:
        raise VastUnavailable("Vast.ai gave no usable answer; try again in a minute.", error.code) from error
