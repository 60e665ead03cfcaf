"""Which pages Claude is shown as pictures, and why: their picture says what their text does not (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gpu_worker.analysis.material import Material, Page
from gpu_worker.enums import Outcome

PICTURE_PIXELS = 1200
"""On the long side: about 1,500 tokens a page, and 9-point type stays readable."""
FEW_WORDS = 60
"""A page with fewer read words may be a photo, handwriting or stamps."""
SURE = 0.85
"""Below, a reading is doubted: of the sample scans one word in ten or more is wrong there."""
BY_HAND = re.compile(
    r"(?:^|\s)[xX]?\s?_{6,}|[☐☑☒]|\[ ?[xX]? ?\]|\(SIGNATURE|\bsignature of\b|\bendorsed\b|\bfiled stamp\b", re.I | re.M
)
"""A line to sign on, a box to tick, a stamp: what stands there by hand is in no text."""


@dataclass(frozen=True)
class Chosen:
    """A page to show, and why: `image`, `few_words`, `doubt` or `by_hand`."""

    page: int
    reason: str


def choose_pictures(material: Material, pages: Iterable[int], most: int) -> tuple[Chosen, ...]:
    """At most `most` of these pages, in their order; never a blank one, and none of plain text."""
    if material.mime_type == "text/plain":
        return ()
    worth = [
        (rank, len(page.text.split()), Chosen(number, reason))
        for number in pages
        for page in [material.pages[number - 1]]
        for rank, reason in [_reason(page, material.mime_type.startswith("image/"))]
        if reason
    ]
    kept = sorted(worth, key=lambda found: (found[0], found[1], found[2].page))[:most]
    return tuple(sorted((found[2] for found in kept), key=lambda chosen: chosen.page))


def _reason(page: Page, is_image: bool) -> tuple[int, str]:
    """How much the picture adds, least first, and why; "" for nothing."""
    if page.outcome == Outcome.BLANK:
        return 9, ""
    if is_image:
        return 0, "image"
    if len(page.text.split()) < FEW_WORDS:
        return 1, "few_words"
    if page.outcome.is_recognised and page.confidence is not None and page.confidence < SURE:
        return 2, "doubt"
    return (3, "by_hand") if BY_HAND.search(page.text) else (9, "")
