"""Which reader opens which kind of file; those that few files need are imported when the first of theirs comes."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

from gpu_worker.render.image_pages import ImagePages
from gpu_worker.render.pdf_pages import PdfPages
from gpu_worker.render.reader import Reader
from gpu_worker.render.text_pages import TextPages


def _later(module: str, name: str) -> Callable[[str], Reader]:
    def open_with(path: str) -> Reader:
        opened: Reader = getattr(importlib.import_module(f"gpu_worker.render.{module}"), name)(path)
        return opened

    return open_with


READERS: Mapping[str, Callable[[str], Reader]] = {
    "pdf": PdfPages,
    "image": ImagePages,
    "text": TextPages,
    "docx": _later("office.docx", "open_docx"),
    "xlsx": _later("office.xlsx", "open_xlsx"),
    "pptx": _later("office.pptx", "open_pptx"),
    "odt": _later("office.odf", "open_odf"),
    "ods": _later("office.odf", "open_odf"),
    "odp": _later("office.odf", "open_odf"),
    "epub": _later("office.web", "open_epub"),
    "html": _later("office.web", "open_html"),
    "rtf": _later("office.plain", "open_rtf"),
    "csv": _later("office.plain", "open_csv"),
}
"""By `Kind.reader`."""
