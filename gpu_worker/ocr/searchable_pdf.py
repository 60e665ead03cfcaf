"""`searchable.pdf`: the original pages with an invisible text layer over those that were recognised."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gpu_worker.ocr.page_text import PageText


def make_searchable_pdf(source: Path, mime_type: str, pages: Sequence[PageText | None], destination: Path) -> None:
    """Write `destination`: `source` (a PDF, or an image file of one or more frames) with invisible text over its pages.

    `pages[i]` is what was read on page i; None leaves that page exactly as it was (it had text, or nothing was read). A `PageText` covers
    the page as it is shown (a PDF page's crop box with its /Rotate applied; an image with its EXIF orientation applied): its width × height pixels are stretched
    over that, so any render resolution will do. A JPEG goes in as its own bytes, never recompressed.
    """
    raise NotImplementedError
