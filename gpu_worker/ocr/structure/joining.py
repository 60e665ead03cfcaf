"""A table that goes on over pages is one: its header repeats (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gpu_worker.ocr.structure.table import Table


def join_tables(tables: Sequence[Table]) -> list[Table]:
    """The document's tables, in order; a page's first that begins with the header of the last one of the page before
    goes on with it, and its header stands once."""
    joined: list[Table] = []
    for i, table in enumerate(tables):
        is_first = i == 0 or tables[i - 1].page != table.page
        if joined and is_first and table.page == joined[-1].last_page + 1 and _goes_on(joined[-1], table):
            joined[-1] = _append(joined[-1], table)
        else:
            joined.append(table)
    return joined


def _goes_on(before: Table, after: Table) -> bool:
    head = before.header_rows
    if not head or before.columns != after.columns or after.rows <= head:
        return False
    return _plain(before.grid()[:head]) == _plain(after.grid()[:head])


def _plain(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [["".join(text.split()).casefold() for text in row] for row in rows]


def _append(before: Table, after: Table) -> Table:
    down = before.rows - before.header_rows
    cells = [replace(cell, row=cell.row + down) for cell in after.cells if cell.row >= before.header_rows]
    rows = before.rows + after.rows - before.header_rows
    return replace(before, rows=rows, cells=(*before.cells, *cells), last_page=after.last_page)
