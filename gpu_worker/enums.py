"""The words this program says to the queue and the control plane, once each; a test holds them to theirs (pure)."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of a page."""

    TEXT_LAYER = "text_layer"  # its own text stands
    OCR = "ocr"
    OCR_FALLBACK = "ocr_fallback"  # the second engine's reading, or one at another size
    BLANK = "blank"
    UNREADABLE = "unreadable"  # the reason says why
    SKIPPED = "skipped"  # nobody tried; the reason says why

    @property
    def is_recognised(self) -> bool:
        """Whether an OCR engine's reading is the page's text."""
        return self in (Outcome.OCR, Outcome.OCR_FALLBACK)


class Priority(StrEnum):
    """How soon a document is wanted."""

    HIGH = "high"  # somebody waits for it: read and judged in one go
    NORMAL = "normal"
    LOW = "low"


class FindingKind(StrEnum):
    """What a finding is a sign of."""

    CONTRADICTION = "contradiction"
    PERJURY = "perjury"
    ORDER_VIOLATION = "order_violation"
    FRAUD_INDICATOR = "fraud_indicator"


class QuoteState(StrEnum):
    """How a quote stands in the document."""

    EXACT = "exact"
    OCR = "ocr"  # but for letters that were read wrong
    PICTURE = "picture"  # seen in a page's picture, not in its text
    ELSEWHERE = "elsewhere"  # on another page than was said, or in another document
    NONE = "none"


class TranscriptionKind(StrEnum):
    """What Claude may transcribe from a page's picture."""

    HANDWRITING = "handwriting"
    CHAT = "chat"


class ClaimKind(StrEnum):
    """What an analysis states."""

    PARTY = "party"
    DATE = "date"
    AMOUNT = "amount"
    CASE_NUMBER = "case_number"
    COURT = "court"
    FACT = "fact"
    FINDING = "finding"
    SCORE = "score"


class DateRole(StrEnum):
    """What a day is to its document."""

    SIGNED = "signed"
    FILED = "filed"
    HEARING = "hearing"
    EVENT = "event"
    PRINTED = "printed"


class Fault(StrEnum):
    """What is wrong with a machine that gives itself back."""

    GPU_UNUSABLE = "gpu_unusable"  # torch cannot compute on the card it was rented for
    BROKEN = "broken"  # it reads no page, however sound
