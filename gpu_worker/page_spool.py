"""Recognised pages on disk, not in memory: 2,000 scanned pages with all their boxes would fill a gigabyte (wire)."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

from gpu_worker.ocr.page_text import PageText


class PageSpool:
    """Written by the worker page by page, read by the child that makes `searchable.pdf`; never the other way round."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.has_text = False
        self._file = path.open("wb")

    def add(self, page: PageText | None) -> None:
        """Append what was read on the next page; None where nothing was recognised."""
        self.has_text = self.has_text or bool(page is not None and page.lines)
        pickle.dump(page, self._file, protocol=pickle.HIGHEST_PROTOCOL)

    def close(self) -> None:
        """End writing."""
        self._file.close()


def read_spool(path: Path) -> Iterator[PageText | None]:
    """The pages in order, one in memory at a time."""
    with path.open("rb") as file:
        while True:
            try:
                yield pickle.load(file)
            except EOFError:
                return
