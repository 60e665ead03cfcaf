"""A web page and a book as pages (wire)."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote

from gpu_worker.render.html_text import html_to_text
from gpu_worker.render.office.package import Package, attribute, local
from gpu_worker.render.written import WrittenPages
from gpu_worker.words.encodings import decode

CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)|<\?xml[^>]+encoding=["']([\w-]+)""", re.I)
HEAD = 4096


def open_html(path: str) -> WrittenPages:
    """The page as a person sees it, without what its scripts and styles are made of."""
    return WrittenPages([_read(Path(path).read_bytes())])


def open_epub(path: str) -> WrittenPages:
    """The chapters in the order of the book; its pictures are its parts. Raises `RenderError`."""
    package = Package(path)
    pages = [_read(package.read(name)) for name in _chapters(package)]
    return WrittenPages([page for page in pages if page.strip()], None, tuple(package.pictures()))


def _read(content: bytes) -> str:
    named = CHARSET.search(content[:HEAD])
    if named:
        try:
            return html_to_text(content.decode((named[1] or named[2]).decode("ascii")))
        except (LookupError, UnicodeDecodeError):
            pass
    return html_to_text(decode(content).text)


def _chapters(package: Package) -> list[str]:
    container = package.xml("META-INF/container.xml")
    roots = [each for each in container.iter() if local(each) == "rootfile"] if container is not None else []
    rootfile = attribute(roots[0], "full-path") if roots else ""
    book = package.xml(rootfile)
    if book is None:
        return [name for name in package.names if name.lower().endswith((".xhtml", ".html", ".htm"))]
    items = {attribute(each, "id"): attribute(each, "href") for each in book.iter() if local(each) == "item"}
    order = [items.get(attribute(each, "idref"), "") for each in book.iter() if local(each) == "itemref"]
    folder = posixpath.dirname(rootfile)
    return [posixpath.normpath(posixpath.join(folder, unquote(href))) for href in order if href]
