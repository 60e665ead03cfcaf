"""What an analysis states: each with the document's words that it rests on, their place, and how they stand (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gpu_worker.enums import ClaimKind, QuoteState

ACCUSING = (ClaimKind.FINDING, ClaimKind.SCORE)
"""These need words that stand in the text: what Claude saw in a picture nobody has checked."""


@dataclass(frozen=True)
class Claim:
    """One statement about a document.

    `quote` is the document's own words where they stand, else what was claimed; `page` (from 1) and `start` are its
    place in the text, `box` its place in a picture (left, top, right, bottom in thousandths of the page). `differs`
    says in which letters the page differs from what was quoted. `value` follows from the quote: a name, an ISO day, an
    amount, a number, a court; for facts it is the quote. A day in doubt has both `readings` and no `value`. `role` is a
    party's role, a day's role, what an amount is for, a finding's kind, a score's scale; `number` a finding's strength
    or a score. `is_own` marks the document's own date. `stated_by` is `rules` or `claude`.
    """

    kind: ClaimKind
    value: str | None
    page: int
    quote: str
    state: QuoteState
    stated_by: str
    role: str | None = None
    start: int | None = None
    box: tuple[int, ...] = ()
    differs: tuple[str, ...] = ()
    reason: str | None = None
    number: int | None = None
    readings: tuple[str, ...] = ()
    is_own: bool = False

    @property
    def is_accepted(self) -> bool:
        """Whether it may enter a list, a total or a summary. SQL says the same: private.is_accepted."""
        if self.state == QuoteState.PICTURE:
            return self.kind not in ACCUSING
        return self.state in (QuoteState.EXACT, QuoteState.OCR)


def accepted(claims: Iterable[Claim], kind: ClaimKind) -> list[Claim]:
    """The claims of a kind that stand, in order."""
    return [claim for claim in claims if claim.kind == kind and claim.is_accepted]
