"""Which refusals of Anthropic's concern the account or this deployment, and never one document (pure).

They are one alarm and a pause. Everything else is the document's own, or passes by.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NO_CREDIT = re.compile(r"credit balance is too low|usage limits?\b.*regain access", re.I | re.S)
UNSUPPORTED = re.compile(
    r"extra inputs are not permitted|does not support the \S+ parameter|not supported (?:on|by|for|with) this model"
    r"|anthropic-version",
    re.I,
)
SPEND_LIMIT = "enforced_spend_limit_reached"


@dataclass(frozen=True)
class AccountRefusal:
    """Why nothing at all is answered, and what a person does about it."""

    code: str
    message: str


NO_CREDIT_LEFT = AccountRefusal(
    "no_credit", "Anthropic says that the account has no credit left, or that its own spending limit is reached. Add "
    "credit or raise the limit in the Claude Console; what waits goes on by itself.",
)  # fmt: skip
KEY_REFUSED = AccountRefusal(
    "key_refused", "Anthropic refuses our key: check ANTHROPIC_API_KEY. What is to be judged waits.",
)  # fmt: skip
PARAMETER_UNSUPPORTED = AccountRefusal(
    "parameter_unsupported", "Anthropic does not take a parameter that is sent with every document, so this version of "
    "ASEAGI and that model do not go together. Choose another model, or update.",
)  # fmt: skip
OVERLOADED = AccountRefusal(
    "overloaded", "Anthropic is overloaded and answers nobody. What is to be judged waits, one document is tried each "
    "minute, and when it is answered all go on.",
)  # fmt: skip
STORM = 5
"""So many refusals in a row for overload, and none answered in between, are no hiccup any more."""


@dataclass
class Weather:
    """How many calls in a row Anthropic was too busy for, and how many are a storm."""

    storm: int = STORM
    overloads: int = 0

    def is_storm(self, status: int, body: Mapping[str, Any] | None) -> bool:
        """Whether this answer is one of a storm of 529s."""
        if is_overload(status, body):
            self.overloads += 1
        elif status < 500:
            self.overloads = 0
        return self.overloads >= self.storm


def is_overload(status: int, body: Mapping[str, Any] | None) -> bool:
    """Whether Anthropic says that it is overloaded: a status of its own, in a batch's result the type alone."""
    error = (body or {}).get("error")
    return status == 529 or (isinstance(error, Mapping) and error.get("type") == "overloaded_error")


def account_refusal(status: int, body: Mapping[str, Any] | None, model: str) -> AccountRefusal | None:
    """What an error of Anthropic's says about the account; None for one about the request, or one that passes."""
    error = (body or {}).get("error")
    error = error if isinstance(error, Mapping) else {}
    kind, message, details = str(error.get("type") or ""), str(error.get("message") or ""), error.get("details")
    if kind in ("authentication_error", "permission_error") or status in (401, 403):
        return KEY_REFUSED
    if kind == "billing_error" or status == 402 or NO_CREDIT.search(message):
        return NO_CREDIT_LEFT
    if isinstance(details, Mapping) and details.get("error_code") == SPEND_LIMIT:
        return NO_CREDIT_LEFT
    if (kind == "not_found_error" or status == 404) and "model" in message:
        return AccountRefusal(
            "model_retired", f"Anthropic no longer has the model {model}. Name another one in CLAUDE_QUICK_MODEL or "
            "CLAUDE_CAREFUL_MODEL (docs/claude.md).",
        )  # fmt: skip
    return PARAMETER_UNSUPPORTED if status in (0, 400) and UNSUPPORTED.search(message) else None
