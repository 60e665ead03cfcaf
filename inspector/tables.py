"""Is a text a table of separated values? Pure."""

from __future__ import annotations

import csv
import io

_DELIMITERS = ",;\t|"
_LEAST_ROWS = 4
_LEAST_COLUMNS = 3
_LONGEST_CELL = 60
"""Characters of a cell, mostly: sentences between commas are longer."""


def is_table(text: str) -> bool:
    """Whether every line of a text has as many cells as the first, three or more."""
    return find_delimiter(text) is not None


def find_delimiter(head: str) -> str | None:
    """What parts the cells of a table, None where the text is none; `head` may end inside a line."""
    for delimiter in _DELIMITERS:
        if delimiter in head and _has_even_rows(head, delimiter):
            return delimiter
    return None


def _has_even_rows(head: str, delimiter: str) -> bool:
    try:
        rows = [row for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if row][:-1]
    except csv.Error:
        return False
    if len(rows) < _LEAST_ROWS or len(rows[0]) < _LEAST_COLUMNS:
        return False
    cells = [cell for row in rows for cell in row]
    return all(len(row) == len(rows[0]) for row in rows) and (
        sum(len(cell) <= _LONGEST_CELL for cell in cells) > 0.9 * len(cells)
    )
