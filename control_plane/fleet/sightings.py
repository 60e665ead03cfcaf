"""What searches of the last half day have shown: a memory of the market, lost with its process (pure but for itself).

A hint and no more: nothing is rented, ended or capped by it. Without it long work begins on the best machine of the
moment, as it does where the market was never better.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from control_plane.vast.rows import Offer

MEMORY_SECONDS = 43200.0  # a bulk promise: what was cheap before it began says little
FEWEST_COMPARED = 5  # machines, before their prices are called the market's
LOOK_SECONDS = 300.0  # prices of one moment are one look


@dataclass
class Sightings:
    """Looks at the market, each (epoch seconds, its offers), the oldest first."""

    looks: deque[tuple[float, tuple[Offer, ...]]] = field(default_factory=deque)
    why_waiting: str | None = None  # as last decided

    @property
    def looked_at(self) -> float:
        """When the market was last looked at; 0 for never."""
        return self.looks[-1][0] if self.looks else 0.0

    def remember(self, offers: Sequence[Offer], now: float) -> None:
        """Keep what a search showed; a clock that was set back begins anew."""
        if now < self.looked_at:
            self.looks.clear()
        while self.looks and self.looks[0][0] < now - MEMORY_SECONDS:
            self.looks.popleft()
        if offers and now - self.looked_at >= LOOK_SECONDS:
            self.looks.append((now, tuple(offers)))

    def at_their_cheapest(self) -> list[Offer]:
        """Each machine as it was when it was cheapest."""
        best: dict[int, Offer] = {}
        for _, offers in self.looks:
            for each in offers:
                known = best.get(each.ask_id)
                if known is None or each.total_usd_per_hour < known.total_usd_per_hour:
                    best[each.ask_id] = each
        return list(best.values())

    def rise(self, offers: Sequence[Offer]) -> float:
        """How many times dearer machines are than they were an hour ago or longer, by their median; at least 1."""
        before: dict[int, list[float]] = {}
        for at, seen in self.looks:
            if at <= self.looked_at - 3600.0:
                for each in seen:
                    before.setdefault(each.ask_id, []).append(each.total_usd_per_hour)
        ratios = [each.total_usd_per_hour / median(before[each.ask_id]) for each in offers if each.ask_id in before]
        return max(1.0, median(ratios)) if len(ratios) >= FEWEST_COMPARED else 1.0
