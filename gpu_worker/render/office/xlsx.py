"""An Excel workbook as pages: every sheet, hidden ones too and named so, with values as they are shown (wire)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from gpu_worker.render.errors import RenderError
from gpu_worker.render.facts import Fact, as_structure
from gpu_worker.render.office.package import Package
from gpu_worker.render.office.remarks import Remarks
from gpu_worker.render.office.sheets import sheet_pages
from gpu_worker.render.written import WrittenPages

MOST_NAMED = 30
"""Hidden rows or columns that are named; more are counted."""
WIDEST_GAP = 40
"""Empty cells that are kept between two of a row."""


def open_xlsx(path: str) -> WrittenPages:
    """The workbook as pages, sheet by sheet; pictures on it are its parts. Raises `RenderError`."""
    package = Package(path)
    try:
        book = _load(path, data_only=True)
        formulas = _load(path, data_only=False) if _has_unseen_results(book, package) else None
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError) as error:
        raise RenderError("corrupt_office") from error
    remarks, pages, facts = Remarks(), list[str](), list[Fact]()
    for sheet in book.worksheets:
        named = f"Sheet: {sheet.title}" + ("" if sheet.sheet_state == "visible" else " (hidden sheet)")
        if sheet.sheet_state != "visible":
            facts.append(Fact("Hidden sheet", sheet.title, claim=False))
        own = list(sheet_pages(named, _rows(sheet, formulas, remarks)))
        for kind, hidden in (("rows", _hidden_rows(sheet)), ("columns", _hidden_columns(sheet))):
            if hidden:
                remarks.add(f"Hidden {kind}", hidden)
        own[-1] = "\n\n".join(filter(None, [own[-1], remarks.take()]))
        pages += own
    return WrittenPages(pages, as_structure([*facts, *remarks.facts()]), tuple(package.pictures()))


def _load(path: str, data_only: bool) -> Any:
    """The workbook, whatever its file is called: by a name openpyxl takes only those that end in .xlsx."""
    with Path(path).open("rb") as file:
        return openpyxl.load_workbook(file, data_only=data_only)


def _rows(sheet: Any, formulas: Any, remarks: Remarks) -> Iterator[list[str]]:
    """The cells that the file holds, row by row: a sheet may claim 17 billion and hold one."""
    row, cells, last = 0, list[str](), 0
    for at in sorted(sheet._cells):
        cell = sheet._cells[at]
        if at[0] != row:
            if cells:
                yield cells
            row, cells, last = at[0], [], 0
        text = _shown(cell.value, cell.number_format)
        if not text and formulas is not None:
            text = _formula(formulas[sheet.title]._cells.get(at))
        if cell.comment is not None:
            author = cell.comment.author or ""
            remarks.add("Comment", cell.comment.text, author if author != "None" else "", where=cell.coordinate)
        if text:
            cells += [""] * min(at[1] - last - 1, WIDEST_GAP) + [text]
            last = at[1]
    if cells:
        yield cells


def _has_unseen_results(book: Any, package: Package) -> bool:
    """Whether formulas stand in it whose results no program has stored."""
    sheets = [name for name in package.names if name.startswith("xl/worksheets/") and name.endswith(".xml")]
    return any(re.search(rb"</f>\s*(<v\s*/>|<v>\s*</v>)?\s*</c>", package.read(name)) for name in sheets)


def _formula(cell: Any) -> str:
    return cell.value if cell is not None and isinstance(cell.value, str) and cell.value.startswith("=") else ""


def _shown(value: object, number_format: str) -> str:
    """A value about as Excel shows it: days as days, money with its sign, percent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value, number_format.split(";")[0])
    return str(value)


def _number(value: float, number_format: str) -> str:
    decimals = re.search(r"0\.(0+)", number_format)
    places = len(decimals[1]) if decimals else 0
    if "%" in number_format:
        return f"{100 * value:.{places}f}%"
    if "E" in number_format or number_format == "General" or not re.search("[0#]", number_format):
        return f"{value:.15g}"
    shown = f"{value:,.{places}f}" if "," in number_format else f"{value:.{places}f}"
    sign = next((each for each in "$€£¥" if each in number_format), "")
    return f"-{sign}{shown[1:]}" if shown.startswith("-") else sign + shown


def _hidden_rows(sheet: Any) -> str:
    return _named([str(number) for number, about in sorted(sheet.row_dimensions.items()) if about.hidden])


def _hidden_columns(sheet: Any) -> str:
    named = []
    for about in sheet.column_dimensions.values():
        if about.hidden:
            first, last = get_column_letter(about.min), get_column_letter(min(about.max, 16_384))
            named.append(first if first == last else f"{first} to {last}")
    return _named(named)


def _named(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
