"""Tables as files for a spreadsheet: none of their cells runs as a formula (pure)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from gpu_worker.ocr.structure.table import Table

RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet may take for a formula when it opens a CSV file (OWASP, CSV injection)."""
PLAIN_NUMBER = re.compile(r"[-+]?\$?[\d.,]+%?")
NOT_WRITTEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
MOST_LETTERS = 32_000
"""Of a cell; Excel takes 32,767."""


def write_csv(table: Table) -> bytes:
    """The table as CSV in UTF-8 with its mark, as Excel wants it; what would run begins with an apostrophe."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([[_harmless(text) for text in row] for row in table.grid()])
    return file.getvalue().encode("utf-8-sig", errors="ignore")


def write_xlsx(tables: Sequence[Table], left_out: int) -> bytes:
    """The tables as one workbook, a sheet each; every cell is text. A last sheet says how many were `left_out`."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, table in enumerate(tables, 1):
        _fill(book.create_sheet(f"Table {number}, page {table.page}"), table)
    if left_out:
        told = f"{left_out} more tables of this document were too many for one workbook: they are in metadata.json."
        book.create_sheet("Not all").append([told])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fill(sheet: Worksheet, table: Table) -> None:
    for cell in table.cells:
        row, column = cell.row + 1, cell.column + 1
        written = sheet.cell(row, column)
        written.value = NOT_WRITTEN.sub("", cell.text)[:MOST_LETTERS]
        written.data_type = "s"  # openpyxl takes what begins with = for a formula
        written.alignment = Alignment(wrap_text=True, vertical="top")
        if cell.row < table.header_rows:
            written.font = Font(bold=True)
        if cell.rows * cell.columns > 1:
            sheet.merge_cells(None, row, column, row + cell.rows - 1, column + cell.columns - 1)


def _harmless(text: str) -> str:
    text = NOT_WRITTEN.sub("", text)
    return "'" + text if text.startswith(RUNS) and not PLAIN_NUMBER.fullmatch(text) else text
