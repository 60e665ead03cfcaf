"""How the Claude gateway says no.

ControlPlaneError
├── ClaudeOff           403  no key, or switched off for this document: do without
├── ClaudePaused        403  the account is refused, or a person said so: it waits
├── ClaudeCapReached    402  a cap is used up: do without, or wait
├── ClaudeBusy          429  too many calls in flight: try again after `retry_after_seconds`
└── ClaudeAway          503  Anthropic gave no answer: try again later
"""

from __future__ import annotations

from control_plane.errors import ControlPlaneError, Unavailable


class ClaudeOff(ControlPlaneError):
    """Claude is not available here; a worker falls back to plain rules."""

    status, code = 403, "claude_off"


class ClaudePaused(ControlPlaneError):
    """Nothing is asked for now, whatever the document: see the door to Claude."""

    status, code = 403, "claude_paused"


class ClaudeCapReached(ControlPlaneError):
    """A cap on what Claude may cost is used up."""

    status, code = 402, "claude_cap_reached"


class ClaudeBusy(ControlPlaneError):
    """As many calls are in flight as are allowed at once, or as fit under a cap."""

    status, code = 429, "claude_busy"

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ClaudeAway(Unavailable):
    """Anthropic did not answer; the call is counted at its worst case when it may have been made."""

    code = "claude_away"
