"""What stands beside a document's text: comments, changes, notes, hidden words; written alike for every kind (pure)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from gpu_worker.render.facts import Fact

CONTEXT = 60
"""Characters of the text before a deletion that tell where it was."""


@dataclass
class Remarks:
    """Remarks of the page that is being written; `counts` are of the whole document."""

    lines: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, text: str, author: str = "", time: str = "", where: str = "") -> None:
        """One remark: `[Comment by Dana, 2024-03-05 21:10] text (at “…”)`."""
        text = " ".join(text.split())
        if not text:
            return
        by = (f" by {author}" if author else "") + (f", {plain_time(time)}" if time else "")
        near = f" (at “{' '.join(where.split())[-CONTEXT:]}”)" if where.strip() else ""
        self.lines.append(f"[{kind}{by}] {text}{near}")
        self.counts[kind] += 1

    def take(self) -> str:
        """The remarks as they stand below their page, and none left."""
        written = "\n".join(self.lines)
        self.lines.clear()
        return written

    def facts(self) -> list[Fact]:
        """How many there are of each, as facts of the document."""
        return [Fact(f"{kind}: how many", str(count), claim=False) for kind, count in self.counts.items()]


def plain_time(time: str) -> str:
    """`2024-03-05T21:10:00Z` as `2024-03-05 21:10 UTC`; what is no such time stays."""
    day, mark, clock = time.partition("T")
    if not mark:
        return time
    zone = " UTC" if clock.endswith("Z") else ""
    return f"{day} {clock[:5]}{zone}"


def with_remarks(page: str, remarks: Remarks) -> str:
    """The page's text, and below it what stands beside it."""
    return "\n\n".join(part for part in (page.strip("\n"), remarks.take()) if part.strip())


def row_of(cells: list[str]) -> str:
    """A table's row on one line: cells apart by tabs, lines of a cell by blanks."""
    return "\t".join(" ".join(cell.split()) for cell in cells).rstrip("\t")
