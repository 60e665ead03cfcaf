"""Rich Text and tables of separated values as pages (wire)."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from striprtf.striprtf import rtf_to_text

from gpu_worker.render.facts import Fact, as_structure
from gpu_worker.render.office.sheets import sheet_pages
from gpu_worker.render.written import WrittenPages
from gpu_worker.words.encodings import decode
from inspector.tables import find_delimiter

HEAD_CHARACTERS = 4096
MOST_FIELD = 1_000_000
RTF_PAGE = re.compile(r"\\page(?![a-z]) ?")


def open_rtf(path: str) -> WrittenPages:
    """The text of a Rich Text document, with its own page breaks; cells of its tables are parted by tabs."""
    content = RTF_PAGE.sub(r"\\'0c", Path(path).read_bytes().decode("latin-1"))
    text: str = rtf_to_text(content, errors="replace")  # type: ignore[no-untyped-call]
    return WrittenPages([text.replace("|\n", "\n").replace("|", "\t") if "\\cell" in content else text])


def open_csv(path: str) -> WrittenPages:
    """A table of separated values, the names of its columns on every page."""
    decoded = decode(Path(path).read_bytes())
    csv.field_size_limit(MOST_FIELD)
    delimiter = find_delimiter(decoded.text[:HEAD_CHARACTERS]) or ","
    rows = csv.reader(io.StringIO(decoded.text, newline=""), delimiter=delimiter)
    doubt = [Fact("Letters written as", decoded.encoding, False, decoded.doubt)] if decoded.doubt else []
    return WrittenPages(sheet_pages("", rows), as_structure(doubt))
