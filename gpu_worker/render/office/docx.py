"""A Word document as a person reads it: numbers, tables, notes, comments, changes and hidden words included (wire)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from gpu_worker.render.facts import as_structure
from gpu_worker.render.office.numbering import Numbering
from gpu_worker.render.office.package import Package, attribute, local
from gpu_worker.render.office.remarks import Remarks, row_of, with_remarks
from gpu_worker.render.written import WrittenPages

MAIN = "officeDocument"
PAGE_BREAK = "\f"
MOST_DEPTH = 60
CHANGED = {"ins": "Inserted", "moveTo": "Moved here", "del": "Deleted", "moveFrom": "Moved away"}
GONE = ("del", "moveFrom")
SKIPPED = ("Fallback", "pPr", "rPr", "tblPr", "tcPr", "trPr", "sectPr", "instrText", "delInstrText", "rt")


def open_docx(path: str) -> WrittenPages:
    """The document as pages, where Word last broke them; its pictures are its parts. Raises `RenderError`."""
    package = Package(path)
    body = _Body(package)
    remarks = body.remarks
    pages = [*body.pages()]
    return WrittenPages(pages, as_structure(remarks.facts()), tuple(package.pictures()))


class _Body:
    def __init__(self, package: Package) -> None:
        links = package.links("")
        name = next((link.target for link in links.values() if link.kind == MAIN), "word/document.xml")
        self._package = package
        self._document = package.xml(name)
        self._links = package.links(name)
        self._numbering = Numbering(self._member("numbering"), self._member("styles"))
        self._comments = _by_id(self._member("comments"))
        self._notes = {"footnoteReference": _by_id(self._member("footnotes")),
                       "endnoteReference": _by_id(self._member("endnotes"))}  # fmt: skip
        self.remarks = Remarks()
        self._written = ""

    def pages(self) -> Iterator[str]:
        """The text, page by page; headers above the first and footers below the last."""
        heads, feet = self._margins("header"), self._margins("footer")
        if self._document is None:
            return
        body = next((each for each in self._document if local(each) == "body"), self._document)
        page = "".join(f"{line}\n" for line in heads)
        for block in self._blocks(body, 0):
            *done, last = block.split(PAGE_BREAK)
            for piece in done:
                page += piece
                if page.strip():  # Word notes where it broke a page right behind a break that a person made
                    yield with_remarks(page, self.remarks)
                page = ""
            page += last + "\n"
        page += "".join(f"\n{line}" for line in feet)
        yield with_remarks(page, self.remarks)

    def _member(self, kind: str) -> Element | None:
        return next((self._package.xml(link.target) for link in self._links.values() if link.kind == kind), None)

    def _margins(self, kind: str) -> list[str]:
        texts = list[str]()
        for link in self._links.values():
            part = self._package.xml(link.target) if link.kind == kind else None
            if part is not None:
                texts.append(" ".join(" ".join(self._blocks(part, 0)).split()))
        return [f"[{kind.capitalize()}] {text}" for text in dict.fromkeys(texts) if text]

    def _blocks(self, parent: Element, depth: int) -> Iterator[str]:
        """Paragraphs and rows of tables, in their order."""
        if depth > MOST_DEPTH:
            return
        for each in parent:
            name = local(each)
            if name == "p":
                yield self._paragraph(each, depth)
            elif name == "tr":
                yield row_of([" ".join(self._blocks(cell, depth + 1)) for cell in _cells(each)])
            elif name not in SKIPPED:
                yield from self._blocks(each, depth + 1)

    def _paragraph(self, paragraph: Element, depth: int) -> str:
        properties = next((each for each in paragraph if local(each) == "pPr"), None)
        self._written = self._numbering.label(properties)
        self._inline(paragraph, depth)
        return self._written

    def _inline(self, parent: Element, depth: int) -> None:
        """Add what a paragraph's element shows to the text; what it does not show goes to the remarks."""
        if depth > MOST_DEPTH:
            return
        for each in parent:
            name = local(each)
            if name in SKIPPED:
                continue
            if name in CHANGED:
                self._changed(each, name, depth)
            elif name == "r" and _is_hidden(each):
                self.remarks.add("Hidden words", _text_of(each), where=self._written)
            elif name == "txbxContent":
                self._aside(each, depth)
            elif name in ("t", "delText"):
                self._written += each.text or ""
            elif not self._mark(each, name):
                self._inline(each, depth + 1)

    def _mark(self, each: Element, name: str) -> bool:
        """Whether the element is a mark: a tab, a break, a reference."""
        if name in ("tab", "ptab"):
            self._written += "\t"
        elif name == "br":
            self._written += PAGE_BREAK if attribute(each, "type") == "page" else "\n"
        elif name == "lastRenderedPageBreak":
            self._written += PAGE_BREAK
        elif name in ("cr", "noBreakHyphen"):
            self._written += "\n" if name == "cr" else "-"
        elif name == "sym":
            code = attribute(each, "char")
            self._written += chr(int(code, 16)) if len(code) == 4 and code.isalnum() else ""
        elif name == "commentReference":
            comment = self._comments.get(attribute(each, "id"))
            if comment is not None:
                author, date = attribute(comment, "author"), attribute(comment, "date")
                self.remarks.add("Comment", _text_of(comment), author, date, self._written)
        elif name in self._notes:
            note = self._notes[name].get(attribute(each, "id"))
            if note is not None:
                number = attribute(each, "id")
                self._written += f"[{number}]"
                self.remarks.add(f"{'Footnote' if name[0] == 'f' else 'Endnote'} {number}", _text_of(note))
        else:
            return False
        return True

    def _changed(self, change: Element, name: str, depth: int) -> None:
        """A tracked change: what came stands in the text, what went does not; both are named with author and time."""
        before = self._written
        self._inline(change, depth + 1)
        changed = self._written[len(before) :]
        if name in GONE:
            self._written = before
        self.remarks.add(CHANGED[name], changed, attribute(change, "author"), attribute(change, "date"), before)

    def _aside(self, box: Element, depth: int) -> None:
        """A text box: its own lines, behind what was written so far."""
        before, self._written = self._written, ""
        lines = [line for line in self._blocks(box, depth + 1) if line.strip()]
        self._written = "\n".join([before, *lines]) if before.strip() else "\n".join(lines)


def _cells(row: Element) -> Iterator[Element]:
    """The cells of a row, those in content controls too, none of a table inside one."""
    for each in row:
        if local(each) == "tc":
            yield each
        elif local(each) in ("sdt", "sdtContent", "customXml"):
            yield from _cells(each)


def _is_hidden(run: Element) -> bool:
    properties = next((each for each in run if local(each) == "rPr"), None)
    if properties is None:
        return False
    return any(local(each) == "vanish" and attribute(each, "val") not in ("0", "false") for each in properties)


def _text_of(element: Element) -> str:
    """All letters in an element, paragraphs apart."""
    words = []
    for each in element.iter():
        name = local(each)
        if name in ("t", "delText"):
            words.append(each.text or "")
        elif name in ("p", "br", "tab"):
            words.append(" ")
    return "".join(words)


def _by_id(part: Element | None) -> dict[str, Element]:
    return {attribute(each, "id"): each for each in part} if part is not None else {}
