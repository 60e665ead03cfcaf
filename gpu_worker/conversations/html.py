"""HTML that a stranger wrote, as a tree: no entity is expanded, nothing is fetched (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml import html as lxml_html


def parse_html(content: bytes) -> Any:
    """The root of a page; an empty one for what holds no element."""
    parser = lxml_html.HTMLParser(no_network=True, huge_tree=False, encoding=_encoding(content))
    try:
        root = lxml_html.document_fromstring(content, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        root = lxml_html.document_fromstring(b"<html><body></body></html>")
    return root


def _encoding(content: bytes) -> str | None:
    """UTF-8 where the bytes are that; else what the page says."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def has_class(element: Any, name: str) -> bool:
    """Whether an element has this class among others."""
    return name in (element.get("class") or "").split()


def with_class(root: Any, name: str) -> Iterator[Any]:
    """Elements below that have this class, in the page's order."""
    return (each for each in root.iter() if isinstance(each.tag, str) and has_class(each, name))


def first_class(root: Any, name: str) -> Any | None:
    """The first element below with this class."""
    return next(with_class(root, name), None)


def text_of(element: Any | None) -> str:
    """What an element shows, its line breaks kept."""
    if element is None:
        return ""
    written = "".join(_pieces(element)).replace("\xa0", " ")
    return re.sub(r"[ \t]*\n[ \t]*", "\n", written).strip()


def _pieces(element: Any) -> Iterator[str]:
    for event, each in etree.iterwalk(element, events=("start", "end")):
        if event == "start" and isinstance(each.tag, str):
            yield "\n" if each.tag == "br" else ""
            yield each.text or ""
        elif event == "end" and each is not element:
            yield each.tail or ""
