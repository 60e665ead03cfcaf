"""The files a processed document leaves: written page by page, so that 2,000 pages fit any memory."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from gpu_worker.analysis.analyst import Analysis
from gpu_worker.enums import Outcome
from gpu_worker.job import Job
from gpu_worker.ocr.page_text import Box, Line
from gpu_worker.ocr.structure.joining import join_tables
from gpu_worker.ocr.structure.role_lines import Role
from gpu_worker.ocr.structure.roles import DocumentRoles
from gpu_worker.ocr.structure.table import Table
from gpu_worker.ocr.structure.written import write_csv, write_xlsx
from gpu_worker.page_spool import PageSpool
from gpu_worker.reading.pages import PageResult
from gpu_worker.result import PAGE_SEPARATOR, picture_name, table_name

NAMES = (
    "ocr.txt", "metadata.json", "thumbnail.jpg", "analysis.json", "searchable.pdf", "mail.json", "conversation.json",
    "tables.json", "facts.json", "tables.xlsx",
)  # fmt: skip

MOST_CELLS = 200_000
"""Of a document's spreadsheet, which is made in memory and says what it lacks: those stand in `metadata.json`."""
MOST_CSV = 50
"""Tables of one document that have a file of their own; the spreadsheet has all."""


class ArtifactFolder:
    """The artifacts of one document, in a folder that goes with the job."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._text = (folder / "ocr.txt").open("w", encoding="utf-8", errors="replace")
        self._metadata = (folder / "metadata.json").open("w", encoding="utf-8")
        self._metadata.write('{"pages": [')
        self.spool = PageSpool(folder / "pages.spool")
        self._outcomes: Counter[Outcome] = Counter()
        self._in_plain_order = 0
        self._tables: list[Table] = []
        self._cells = self._tables_left_out = 0

    @property
    def paths(self) -> dict[str, Path]:
        """The artifacts written so far, by name."""
        many = sorted(path.name for kind in ("page-*.jpg", "table-*.csv") for path in self._folder.glob(kind))
        return {name: self.path_of(name) for name in (*NAMES, *many) if self.path_of(name).exists()}

    def add_page(self, page: PageResult) -> None:
        """Append one page to `ocr.txt` and `metadata.json`."""
        self._text.write((PAGE_SEPARATOR if self._outcomes else "") + page.text)
        self._metadata.write((",\n" if self._outcomes else "\n") + json.dumps(describe_page(page)))
        self.spool.add(page.recognised)
        self._outcomes[page.outcome] += 1
        self._in_plain_order += bool(page.merged and page.merged.layout_error)
        for table in page.tables:
            self._cells += len(table.cells)
            if self._cells <= MOST_CELLS:
                self._tables.append(table)
            else:
                self._tables_left_out += 1

    def finish(self, job: Job, mime_type: str, ocr_engine: str, roles: DocumentRoles) -> None:
        """Close both, with facts about the whole document in `metadata.json`, and the lines that are no body."""
        facts = {
            "document_id": job.document_id,
            "original_filename": job.original_filename,
            "mime_type": mime_type,
            "ocr_engine": ocr_engine,
            "pages": self._outcomes.total(),
            "outcomes": self._outcomes,
            "pages_in_plain_order": self._in_plain_order,
            "tables_not_in_spreadsheet": self._tables_left_out,
        }
        self._write_tables()
        told = json.dumps(_describe_roles(roles))
        self._metadata.write(f'\n], "document": {json.dumps(facts)}, "roles": {told}}}\n')
        self.close()

    def _write_tables(self) -> None:
        """`tables.xlsx` and `table-0001.csv`…, where the pages show tables; those over pages are one."""
        if not self._tables:
            return
        tables = join_tables(self._tables)
        self.add_file("tables.xlsx", write_xlsx(tables, self._tables_left_out))
        for number, table in enumerate(tables[:MOST_CSV], 1):
            self.add_file(table_name(number), write_csv(table))

    def add_analysis(self, analysis: Analysis) -> None:
        """Write `analysis.json`."""
        self.add_file("analysis.json", json.dumps(asdict(analysis), indent=1, ensure_ascii=False).encode())

    def add_picture(self, page: int, jpeg: bytes) -> None:
        """Write the picture of a page, which says what its text does not."""
        self.add_file(picture_name(page), jpeg)

    def path_of(self, name: str) -> Path:
        """Where an artifact is, or goes."""
        return self._folder / name

    def add_file(self, name: str, content: bytes) -> None:
        """Write one artifact whole."""
        self.path_of(name).write_bytes(content)

    def close(self) -> None:
        """Close what is open."""
        self._text.close()
        self._metadata.close()
        self.spool.close()


def describe_page(page: PageResult) -> dict[str, object]:
    """The page in `metadata.json`.

    Outcome, engine and confidence, every line with its place in `width` × `height` units and where it comes from, the
    tables, what is hidden, the check boxes, and what was read with doubt.
    """
    described: dict[str, object] = asdict(page.as_outcome())
    merged = page.merged
    if merged is None:
        return {**described, "width": 0, "height": 0, "unit": page.unit, "lines": []}
    return {
        **described,
        "width": merged.width,
        "height": merged.height,
        "unit": page.unit,
        "layout_error": merged.layout_error,
        "lines": [_describe_line(line) for line in merged.lines],
        "tables": [_describe_table(table) for table in page.tables],
        "hidden": [{"text": line.text, "box": _rounded(line.box), "why": line.why} for line in page.hidden],
        "boxes": [{**asdict(box), "box": _rounded(box.box)} for box in page.boxes],
        "doubts": [{**asdict(doubt), "box": _rounded(doubt.box)} for doubt in page.doubts],
    }


def _describe_roles(roles: DocumentRoles) -> dict[str, dict[str, list[int]]]:
    """By page and role the numbers of its lines (first is 0) that are no body; pages of body alone are left out."""
    told = {}
    for page, of_lines in enumerate(roles.roles, 1):
        named: dict[str, list[int]] = {}
        for number, role in enumerate(of_lines):
            if role != Role.BODY:
                named.setdefault(role.value, []).append(number)
        if named:
            told[str(page)] = named
    return told


def _describe_line(line: Line) -> dict[str, object]:
    xs, ys = [x for x, _ in line.quad], [y for _, y in line.quad]
    return {
        "text": line.text,
        "source": line.source,
        "confidence": round(line.confidence, 3),
        "box": _rounded((min(xs), min(ys), max(xs), max(ys))),
        "quad": [[round(x, 1), round(y, 1)] for x, y in line.quad],
        "words": [[word.text, _rounded(word.box), round(word.confidence, 3)] for word in line.words],
    }


def _describe_table(table: Table) -> dict[str, object]:
    return {
        "rows": table.rows,
        "columns": table.columns,
        "header_rows": table.header_rows,
        "ruled": table.ruled,
        "box": _rounded(table.box),
        "cells": [[c.row, c.column, c.rows, c.columns, c.text, _rounded(c.box)] for c in table.cells],
    }


def _rounded(box: Box) -> list[float]:
    return [round(side, 1) for side in box]
