"""How long an idle machine is kept for work that may come (pure).

Keeping one as long as having it again would cost is at worst twice what one who knows the future pays (ski rental), and
it is right while nothing is known. Where work has come in bursts hours apart, every wait was for nothing: each end of
the last machine that no rent followed halves the next wait, until one is followed.
"""

from __future__ import annotations

from control_plane.database.fleet_rows import Ledger, Machine
from control_plane.settings.fleet_policy import Policy

IDLE = "idle for"  # how the reason of such an end begins
SHORTEST_SECONDS = 20.0  # between two claims a machine is idle for a moment


def keep_seconds(again_usd: float, usd_per_hour: float, ledger: Ledger, policy: Policy) -> float:
    """Seconds to keep a machine that costs so much an hour, and so much to have again."""
    even = min(policy.idle_seconds, again_usd / max(usd_per_hour, 1e-6) * 3600)
    return max(min(even, SHORTEST_SECONDS), even * 0.5 ** waits_in_vain(ledger, policy))


def waits_in_vain(ledger: Ledger, policy: Policy) -> int:
    """How many of the last machines that ended idle, the latest first, were not wanted again soon."""
    ends = [m for m in ledger.rented if not m.is_live and (m.destroy_reason or "").startswith(IDLE)]
    count = 0
    for machine in sorted(ends, key=lambda m: m.destroying_at or 0.0, reverse=True):
        ended_at = machine.destroying_at or 0.0
        if any(ended_at < m.intent_at <= ended_at + policy.idle_seconds for m in ledger.rented):
            break
        count += ledger.now > ended_at + policy.idle_seconds and not _has_company(machine, ended_at, ledger)
    return count


def _has_company(machine: Machine, at: float, ledger: Ledger) -> bool:
    """Whether another machine was there to take what came."""
    others = [m for m in ledger.rented if m.label != machine.label and m.intent_at <= at]
    return any(m.is_live or (m.destroying_at or 0.0) > at for m in others)
