"""How many pages, hours and dollars a batch will take, from sizes, offers, prices and what was measured here. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from control_plane.database.batch_rows import ClaudeStatistics, PageStatistic
from control_plane.database.enums import Placement
from control_plane.database.fleet_rows import Ledger
from control_plane.fleet.offers import CostedOffer, rank, suitable
from control_plane.fleet.speeds import PRIOR_UNKNOWN
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import Offer

# Bytes of one page until this house has measured its own: scanned and printed legal papers, mixed.
PRIOR_PAGE_BYTES = {"application/pdf": 80_000, "image/tiff": 100_000, "text/plain": 3_000}
# The prior counts as so many documents: after a hundred of our own, ours outweigh it.
PRIOR_DOCUMENTS = 20
PRIOR_PAGES = 4  # of a document whose file nobody has seen
MOST_PAGES = 5_000


@dataclass(frozen=True)
class PageSizes:
    """Bytes per page of each type that has more than one page; a type not named has one page per document."""

    page_bytes: Mapping[str, float]

    @classmethod
    def measured(cls, statistics: Iterable[PageStatistic]) -> PageSizes:
        """Mix the priors with what was measured here, weighted by documents."""
        sizes: dict[str, float] = dict(PRIOR_PAGE_BYTES)
        for each in statistics:
            prior = PRIOR_PAGE_BYTES.get(each.mime_type or "")
            if each.mime_type is None or prior is None or not each.pages:
                continue
            weighted = prior * PRIOR_DOCUMENTS + each.bytes / each.pages * each.documents
            sizes[each.mime_type] = weighted / (PRIOR_DOCUMENTS + each.documents)
        return cls(sizes)

    def pages(self, mime_type: str, count: int) -> int:
        """Pages that a file of `count` bytes probably has: 1 to 5,000."""
        per_page = self.page_bytes.get(mime_type)
        return 1 if per_page is None else min(MOST_PAGES, max(1, round(count / per_page)))


@dataclass(frozen=True)
class Run:
    """What a batch is expected to take; `usd` is null while Vast.ai offers nothing that fits."""

    machines: int
    hours: float
    usd: float | None


def estimate_run(
    pages: int,
    offers: Sequence[Offer],
    ledger: Ledger,
    policy: Policy,
    due_seconds: float,
    max_machines: int,
    max_dollars_per_hour: float,
) -> Run:
    """Machines, hours and dollars for `pages`, at the cheapest suitable offer and within the caps.

    As many machines as the promise of `due_seconds` asks for, which is what the scaler rents. Dollars are machines,
    disk and traffic, failures included; Claude's are `estimate_claude`.
    """
    costed = rank(suitable(offers, Placement.ANY_HOST, ledger, policy), pages, None, ledger, policy)
    if pages == 0:
        return Run(0, 0.0, 0.0)
    if not costed:
        return Run(1, round(pages / PRIOR_UNKNOWN / 3600, 3), None)
    best = costed[0]
    machines = _machines(pages, best, policy, due_seconds, max_machines, max_dollars_per_hour)
    hours = (best.boot_seconds + pages / (best.pages_per_second * machines)) / 3600
    start = best.usd - best.pages * _running_usd_per_page(best)
    usd = machines * max(0.0, start) + pages * _running_usd_per_page(best)
    return Run(machines, round(hours, 3), round(usd, 4))


def usual_pages(statistics: Iterable[PageStatistic]) -> float:
    """Pages of a document as they are usual here: the prior, mixed with what was read."""
    read = list(statistics)
    pages = PRIOR_PAGES * PRIOR_DOCUMENTS + sum(each.pages for each in read)
    return pages / (PRIOR_DOCUMENTS + sum(each.documents for each in read))


def run_at(pages: int, usd_per_hour: float) -> Run:
    """What one machine of unknown speed takes for `pages` at a price that somebody named."""
    hours = pages / PRIOR_UNKNOWN / 3600
    return Run(1, round(hours, 3), round(hours * usd_per_hour, 4))


@dataclass(frozen=True)
class ClaudeCost:
    """What Claude will take of a batch: `basis` is measured, assumed or off; capped where the limits allow no more."""

    usd: float
    basis: Literal["measured", "assumed", "off"]
    capped: bool


CLAUDE_OFF = ClaudeCost(0.0, "off", False)


def estimate_claude(
    documents: int, pages: int, assumed_usd: float, measured: ClaudeStatistics, cap: float
) -> ClaudeCost:
    """Dollars for Claude, by what a page has cost here (`get_claude_statistics`), until then by what is assumed."""
    usd = assumed_usd
    read = measured.documents
    if read and measured.pages:
        ours = (measured.usd or 0.0) / measured.pages * pages
        usd = (usd * PRIOR_DOCUMENTS + ours * read) / (PRIOR_DOCUMENTS + read)
    return ClaudeCost(round(min(usd, cap), 4), "measured" if read else "assumed", usd > cap)


def claude_cap(hours: float, per_day: float, per_batch: float | None) -> float:
    """The most dollars that Claude may take of a batch that runs for so many hours."""
    most = per_day * max(1, math.ceil(hours / 24))
    return most if per_batch is None else min(most, per_batch)


def _machines(
    pages: int, costed: CostedOffer, policy: Policy, due_seconds: float, max_machines: int, max_dollars_per_hour: float
) -> int:
    affordable = int(max_dollars_per_hour / max(costed.usd_per_hour, 1e-6))
    work = pages / costed.pages_per_second
    useful = math.ceil(work / policy.useful_seconds)
    punctual = math.ceil(work / max(policy.useful_seconds, due_seconds - costed.boot_seconds))
    return max(1, min(max_machines, affordable, useful, punctual))


def _running_usd_per_page(costed: CostedOffer) -> float:
    return costed.usd_per_hour / 3600 / costed.pages_per_second
