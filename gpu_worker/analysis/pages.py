"""Which pages Claude is shown, as text and as pictures, and why (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gpu_worker.analysis.claims import Claim, accepted
from gpu_worker.analysis.material import Material, Page
from gpu_worker.analysis.rules.summary import CUSTODY_WORDS
from gpu_worker.enums import ClaimKind, Outcome, QuoteState

PICTURE_PIXELS = 1200
"""On the long side: about 1,500 tokens a page, and 9-point type stays readable."""
FEW_WORDS = 60
"""A page with fewer recognised words may be a photo, handwriting or stamps."""
FEW_TYPED_WORDS = 15
"""A page of a file's own text with fewer words may be a picture with a caption."""
MOST_CAREFUL_PICTURES = 2
SURE = 0.85
"""Below, a reading is doubted: of the sample scans one word in ten or more is wrong there."""
BY_HAND = re.compile(
    r"(?:^|\s)[xX]?\s?_{6,}|[☐☑☒]|\[ ?[xX]? ?\]|\(SIGNATURE|\bsignature of\b|\bendorsed\b|\bfiled stamp\b", re.I | re.M
)
"""A line to sign on, a box to tick, a stamp: what stands there by hand is in no text."""


@dataclass(frozen=True)
class ChosenPage:
    """A page to show, and why.

    As text: `has_text`, `finding`, `score`, `custody` or `first`; as a picture: `image`, `few_words`,
    `doubt` or `by_hand`.
    """

    page: int
    reason: str


MOST_CAREFUL_CHARACTERS = 40_000
"""Of text for the careful model: some 15 pages, 10,000 tokens, 2 cents."""
REASONS = ("finding", "score", "custody", "first")
"""Why the careful model is shown a page, what matters most first."""
CUSTODY = re.compile("|".join(map(re.escape, CUSTODY_WORDS)), re.I)


def choose_texts(material: Material, pages: Iterable[int]) -> tuple[ChosenPage, ...]:
    """Those of these pages that say anything."""
    return tuple(ChosenPage(page, "has_text") for page in pages if material.pages[page - 1].text.strip())


def choose_careful_texts(material: Material, claims: Iterable[Claim]) -> tuple[ChosenPage, ...]:
    """The pages that matter, in their order: where what was claimed stands, where custody is spoken of, and the first.

    As many as fit, those of the first reasons first.
    """
    reasons: dict[int, str] = {}
    for kind in (ClaimKind.FINDING, ClaimKind.SCORE):
        for claim in accepted(claims, kind):
            reasons.setdefault(claim.page, kind.value)
    said = choose_texts(material, range(1, len(material.pages) + 1))
    for chosen in said:
        if CUSTODY.search(material.pages[chosen.page - 1].text):
            reasons.setdefault(chosen.page, "custody")
    if said:
        reasons.setdefault(said[0].page, "first")
    kept: list[ChosenPage] = []
    room = MOST_CAREFUL_CHARACTERS
    for page in sorted(reasons, key=lambda page: (REASONS.index(reasons[page]), page)):
        size = len(material.pages[page - 1].text)
        if not kept or size <= room:
            kept.append(ChosenPage(page, reasons[page]))
            room -= size
    return tuple(sorted(kept, key=lambda chosen: chosen.page))


def choose_careful_pictures(
    pictures: Iterable[ChosenPage], pages: Iterable[ChosenPage], claims: Iterable[Claim]
) -> tuple[ChosenPage, ...]:
    """Of the pictures that were worth showing, those whose page cannot be judged by its text: 0.3 cents each."""
    seen = {claim.page for claim in claims if claim.state == QuoteState.PICTURE} | {chosen.page for chosen in pages}
    worth = [chosen for chosen in pictures if chosen.page in seen and chosen.reason != "by_hand"]
    return tuple(worth[:MOST_CAREFUL_PICTURES])


def choose_pictures(material: Material, pages: Iterable[int], most: int) -> tuple[ChosenPage, ...]:
    """At most `most` of these pages, in their order; never a blank one, and none of plain text."""
    if material.mime_type == "text/plain":
        return ()
    worth = [
        (rank, len(page.text.split()), ChosenPage(number, reason))
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
    if len(page.text.split()) < (FEW_WORDS if page.outcome.is_recognised else FEW_TYPED_WORDS):
        return 1, "few_words"
    if page.outcome.is_recognised and page.confidence is not None and page.confidence < SURE:
        return 2, "doubt"
    return (3, "by_hand") if BY_HAND.search(page.text) else (9, "")
