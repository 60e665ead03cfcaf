"""OpenDocument text, spreadsheet and presentation as pages, with comments, changes and hidden sheets named (wire)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from gpu_worker.render.errors import RenderError
from gpu_worker.render.facts import Fact, as_structure
from gpu_worker.render.office.package import Package, attribute, local
from gpu_worker.render.office.remarks import Remarks, row_of, with_remarks
from gpu_worker.render.office.sheets import sheet_pages
from gpu_worker.render.written import WrittenPages

MOST_REPEATED = 100
"""Alike cells or rows side by side that are written out; a sheet's empty end is a million rows."""
MOST_DEPTH = 60
MOST_BLANKS = 1000
PARAGRAPHS = ("p", "h")


def open_odf(path: str) -> WrittenPages:
    """The document as pages; its pictures are its parts. Raises `RenderError`."""
    package = Package(path)
    content = package.xml("content.xml")
    body = next((each for each in content if local(each) == "body"), None) if content is not None else None
    if content is None or body is None or not len(body):
        raise RenderError("corrupt_office")
    document = _Document(content)
    pages = list(document.pages(body[0]))
    return WrittenPages(pages, as_structure([*document.facts, *document.remarks.facts()]), tuple(package.pictures()))


class _Document:
    def __init__(self, content: Element) -> None:
        self.remarks = Remarks()
        self.facts = list[Fact]()
        self._hidden_styles = {
            attribute(style, "name")
            for style in content.iter()
            if local(style) == "style" and any(attribute(each, "display") == "false" for each in style)
        }
        self._breaks = {
            attribute(style, "name")
            for style in content.iter()
            if local(style) == "style" and any(attribute(each, "break-before") == "page" for each in style)
        }
        self._changes = {attribute(each, "id"): each for each in content.iter() if local(each) == "changed-region"}
        self._written = ""

    def pages(self, body: Element) -> Iterator[str]:
        """Sheets, slides, or a text cut where its writer broke the page."""
        match local(body):
            case "spreadsheet":
                for each in body:
                    if local(each) == "table":
                        yield from self._sheet(each)
            case "presentation" | "drawing":
                slides = [each for each in body if local(each) == "page"]
                for number, slide in enumerate(slides, start=1):
                    yield self._slide(slide, number)
            case _:
                text = "\n".join(self._blocks(body, 0))
                pages = [page for page in text.split("\f") if page.strip()] or [""]
                yield from pages[:-1]
                yield with_remarks(pages[-1], self.remarks)

    def _sheet(self, table: Element) -> Iterator[str]:
        name = attribute(table, "name")
        is_hidden = attribute(table, "style-name") in self._hidden_styles
        if is_hidden:
            self.facts.append(Fact("Hidden sheet", name, claim=False))
        own = list(sheet_pages(f"Sheet: {name}" + (" (hidden sheet)" if is_hidden else ""), self._rows(table)))
        own[-1] = with_remarks(own[-1], self.remarks)
        yield from own

    def _rows(self, table: Element) -> Iterator[list[str]]:
        for row in table.iter():
            if local(row) != "table-row":
                continue
            cells = list[str]()
            for cell in row:
                if local(cell) in ("table-cell", "covered-table-cell"):
                    text = " ".join(self._blocks(cell, 0))
                    cells += [text] * min(_repeated(cell, "number-columns-repeated"), MOST_REPEATED)
            if any(cells):
                for _ in range(min(_repeated(row, "number-rows-repeated"), MOST_REPEATED)):
                    yield cells
            if attribute(row, "visibility") == "collapse" and any(cells):
                self.remarks.add("Hidden row", row_of(cells))

    def _slide(self, slide: Element, number: int) -> str:
        is_hidden = attribute(slide, "style-name") in self._hidden_styles
        lines = [f"Slide {number}" + (" (hidden slide)" if is_hidden else "")]
        for each in slide:
            if local(each) == "notes":
                self.remarks.add("Speaker's notes", " ".join(self._blocks(each, 0)))
            else:
                lines += [line for line in self._blocks_of(each) if line.strip()]
        return with_remarks("\n".join(lines), self.remarks)

    def _blocks_of(self, each: Element) -> Iterator[str]:
        if local(each) == "annotation":
            self._annotate(each)
        else:
            yield from self._blocks(each, 0)

    def _blocks(self, parent: Element, depth: int) -> Iterator[str]:
        """Paragraphs and rows of tables, in their order."""
        if depth > MOST_DEPTH:
            return
        for each in parent:
            name = local(each)
            if name in PARAGRAPHS:
                self._written = "\f" if attribute(each, "style-name") in self._breaks else ""
                self._inline(each, depth)
                yield self._written
            elif name == "table":
                yield from (row_of(row) for row in self._rows(each))
            elif name == "list-item":
                yield from (f"- {line}" for line in self._blocks(each, depth + 1))
            elif name == "annotation":
                self._annotate(each)
            elif name not in ("tracked-changes", "notes"):
                yield from self._blocks(each, depth + 1)

    def _inline(self, parent: Element, depth: int) -> None:
        self._written += parent.text or ""
        for each in parent if depth < MOST_DEPTH else ():
            self._one(each, local(each), depth)
            self._written += each.tail or ""

    def _one(self, each: Element, name: str, depth: int) -> None:
        if name == "annotation":
            self._annotate(each)
        elif name == "tab":
            self._written += "\t"
        elif name == "s":
            count = attribute(each, "c")
            self._written += " " * min(int(count) if count.isdecimal() else 1, MOST_BLANKS)
        elif name in ("line-break", "soft-page-break"):
            self._written += "\n" if name == "line-break" else "\f"
        elif name in ("change", "change-start"):
            self._change(attribute(each, "change-id"))
        elif name == "note":
            self._note(each)
        elif name in ("frame", "text-box", "custom-shape"):
            before = self._written
            aside = [line for line in self._blocks(each, depth + 1) if line.strip()]
            self._written = "\n".join([before, *aside]) if aside else before
        else:
            self._inline(each, depth + 1)

    def _annotate(self, note: Element) -> None:
        about = {local(each): each.text or "" for each in note if local(each) in ("creator", "date")}
        text = " ".join("".join(each.itertext()) for each in note if local(each) in PARAGRAPHS)
        self.remarks.add("Comment", text, about.get("creator", ""), about.get("date", ""), self._written)

    def _note(self, note: Element) -> None:
        number = next(("".join(each.itertext()) for each in note if local(each) == "note-citation"), "")
        body = next((" ".join(each.itertext()) for each in note if local(each) == "note-body"), "")
        self._written += f"[{number}]"
        self.remarks.add(f"Footnote {number}", body)

    def _change(self, name: str) -> None:
        region = self._changes.pop(name, None)
        for change in region if region is not None else ():
            about = {local(each): each.text or "" for each in change.iter() if local(each) in ("creator", "date")}
            kind = "Deleted" if local(change) == "deletion" else "Inserted"
            text = " ".join("".join(each.itertext()) for each in change if local(each) in PARAGRAPHS)
            self.remarks.add(kind, text or "words behind this place", about.get("creator", ""), about.get("date", ""),
                             self._written)  # fmt: skip


def _repeated(element: Element, name: str) -> int:
    count = attribute(element, name)
    return int(count) if count.isdecimal() else 1
