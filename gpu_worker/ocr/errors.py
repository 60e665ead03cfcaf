"""What can go wrong with reading, each with a stable code and a sentence that says what to do.

OcrError
├── EngineUnavailable      ocr_engine_unavailable: this machine lacks what the engine needs
├── LanguagePackMissing    language_pack_missing: Tesseract was asked for a language it has no data for
└── SearchablePdfFailed    searchable_pdf_failed: the source cannot be taken apart; its text is unharmed
"""

from __future__ import annotations


class OcrError(Exception):
    """Reading cannot start or go on; `code` is stable."""

    code = "ocr_failed"


class EngineUnavailable(OcrError):
    """The engine's library, weights or program is not on this machine."""

    code = "ocr_engine_unavailable"


class LanguagePackMissing(OcrError):
    """Tesseract has no data for a language that `OCR_LANGUAGES` asks for."""

    code = "language_pack_missing"


class SearchablePdfFailed(OcrError):
    """The source file cannot be taken apart to add a text layer; the text that was read is unharmed."""

    code = "searchable_pdf_failed"
