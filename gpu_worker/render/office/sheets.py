"""Rows of cells as pages that make sense: a heading on each, so many rows, tabs between cells (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gpu_worker.render.office.remarks import row_of

ROWS_A_PAGE = 60


def sheet_pages(heading: str, rows: Iterable[list[str]], repeat_first: bool = True) -> Iterator[str]:
    """A sheet as pages of 60 rows; the first row, which mostly names the columns, stands on each."""
    first, page, count = "", list[str](), 0
    for cells in rows:
        line = row_of(cells)
        if not line.strip():
            continue
        if count and count % ROWS_A_PAGE == 0:
            yield _written(heading, page)
            page = [first] if repeat_first and first else []
        first = first or line
        page.append(line)
        count += 1
    if page or not count:
        yield _written(heading, page)


def _written(heading: str, lines: list[str]) -> str:
    return "\n".join([heading, *lines] if heading else lines)
