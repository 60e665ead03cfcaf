"""A presentation as pages: one a slide, with speaker's notes, comments and tables; hidden slides are named (wire)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from gpu_worker.render.facts import Fact, as_structure
from gpu_worker.render.office.package import Package, attribute, local
from gpu_worker.render.office.remarks import Remarks, row_of, with_remarks
from gpu_worker.render.written import WrittenPages

SHAPES = ("sp", "graphicFrame", "pic", "cxnSp")
UNPLACED = (1 << 40, 0)


def open_pptx(path: str) -> WrittenPages:
    """The slides in their order; pictures are parts. Raises `RenderError`."""
    package = Package(path)
    show = package.xml("ppt/presentation.xml")
    links = package.links("ppt/presentation.xml")
    listed = [links[rid].target for rid in _slide_ids(show) if rid in links]
    remarks, facts, pages = Remarks(), list[Fact](), list[str]()
    authors = _authors(package)
    for number, name in enumerate(listed, start=1):
        slide = package.xml(name)
        if slide is None:
            continue
        is_hidden = attribute(slide, "show") == "0"
        if is_hidden:
            facts.append(Fact("Hidden slide", str(number), claim=False))
        _remark(package, name, authors, remarks)
        heading = f"Slide {number}" + (" (hidden slide)" if is_hidden else "")
        pages.append(with_remarks("\n".join([heading, *_shapes(slide)]), remarks))
    return WrittenPages(pages, as_structure([*facts, *remarks.facts()]), tuple(package.pictures()))


def _slide_ids(show: Element | None) -> Iterator[str]:
    for each in show.iter() if show is not None else ():
        if local(each) == "sldId":
            yield next((value for key, value in each.attrib.items() if key.endswith("}id")), "")


def _shapes(slide: Element) -> list[str]:
    """The texts of the shapes from top to bottom, then from left to right."""
    placed = []
    for shape in slide.iter():
        if local(shape) in SHAPES:
            text = "\n".join(line for line in _lines(shape) if line.strip())
            if text:
                placed.append((_place(shape), text))
    return [text for _, text in sorted(placed, key=lambda each: each[0])]


def _lines(shape: Element) -> Iterator[str]:
    rows = [each for each in shape.iter() if local(each) == "tr"]
    if rows:
        for row in rows:
            yield row_of([" ".join(_paragraphs(cell)) for cell in row if local(cell) == "tc"])
        return
    yield from _paragraphs(shape)


def _paragraphs(parent: Element) -> Iterator[str]:
    for paragraph in parent.iter():
        if local(paragraph) == "p":
            words = [each.text or "" if local(each) == "t" else "\n" for each in paragraph.iter() if _is_shown(each)]
            yield "".join(words)


def _is_shown(each: Element) -> bool:
    return local(each) in ("t", "br")


def _place(shape: Element) -> tuple[int, int]:
    for each in shape.iter():
        if local(each) == "off":
            x, y = attribute(each, "x"), attribute(each, "y")
            return (int(y), int(x)) if y.lstrip("-").isdecimal() and x.lstrip("-").isdecimal() else UNPLACED
    is_title = any(local(each) == "ph" and "itle" in attribute(each, "type") for each in shape.iter())
    return (-1, 0) if is_title else UNPLACED


def _remark(package: Package, name: str, authors: dict[str, str], remarks: Remarks) -> None:
    for link in package.links(name).values():
        part = package.xml(link.target) if link.kind in ("notesSlide", "comments", "comment") else None
        if part is None:
            continue
        if link.kind == "notesSlide":
            remarks.add("Speaker's notes", " ".join(_notes(part)))
            continue
        for comment in part.iter():
            if local(comment) in ("cm", "reply"):
                words = " ".join(each.text or "" for each in comment.iter() if local(each) in ("text", "t"))
                time = attribute(comment, "dt") or attribute(comment, "created")
                remarks.add("Comment", words, authors.get(attribute(comment, "authorId"), ""), time)


def _notes(part: Element) -> Iterator[str]:
    for shape in part.iter():
        if local(shape) == "sp" and not any(
            local(each) == "ph" and attribute(each, "type") in ("sldNum", "sldImg", "hdr", "ftr", "dt")
            for each in shape.iter()
        ):
            yield from _paragraphs(shape)


def _authors(package: Package) -> dict[str, str]:
    authors = dict[str, str]()
    for name in ("ppt/commentAuthors.xml", "ppt/authors.xml"):
        part = package.xml(name)
        for each in () if part is None else part:
            authors[attribute(each, "id")] = attribute(each, "name")
    return authors
