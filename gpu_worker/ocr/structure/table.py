"""A table of a page and its cells (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from gpu_worker.ocr.page_text import Box


@dataclass(frozen=True)
class Cell:
    """A cell from `row` and `column` (first is 0) over `rows` × `columns` places; its lines of text stand one a line.

    `box` is left, top, right, bottom in the units of its page.
    """

    row: int
    column: int
    rows: int
    columns: int
    text: str
    box: Box


@dataclass(frozen=True)
class Table:
    """A table of `rows` × `columns` places; its cells never overlap, an empty place may have none.

    `ruled`: lines are drawn around its cells. The first `header_rows` say what stands below them. `page` (from 1) is
    where it begins, `last_page` where it ends.
    """

    rows: int
    columns: int
    cells: tuple[Cell, ...]
    box: Box
    ruled: bool
    header_rows: int = 0
    page: int = 1
    last_page: int = 1

    def grid(self) -> list[list[str]]:
        """The texts, row by row; a cell that spans stands in its first place."""
        texts = [[""] * self.columns for _ in range(self.rows)]
        for cell in self.cells:
            texts[cell.row][cell.column] = cell.text
        return texts


def count_header_rows(texts: list[list[str]]) -> int:
    """How many rows at the top, 3 at most, name what is below: they hold no digit, and the rows below do."""
    plain = [not any(map(str.isdigit, "".join(row))) for row in texts]
    count = next((i for i, is_plain in enumerate(plain[:4]) if not is_plain), 0)
    return count if count <= 3 and any("".join(row) for row in texts[:count]) else 0
