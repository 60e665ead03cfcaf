"""HTML as the text that a person sees (pure)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_UNSEEN = {"script", "style", "head", "title", "template", "noscript", "object", "svg"}
_BLOCKS = {
    "p", "div", "br", "tr", "table", "ul", "ol", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre",
    "section", "article", "header", "footer", "center", "address", "dd", "dt",
}  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_VOID = {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "wbr"}


def html_to_text(html: str) -> str:
    """The text of an HTML page: blocks on lines of their own, cells apart, links with their address, quotes marked.

    What the page hides (display: none) is left out.
    """
    page = _Page()
    page.feed(html)
    page.close()
    return page.text()


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._unseen: list[str] = []
        self._quotes = 0
        self._link: str | None = None
        self._linked = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        if self._unseen:
            if tag not in _VOID:
                self._unseen.append(tag)
            return
        if tag not in _VOID and (tag in _UNSEEN or _HIDDEN.search(about.get("style") or "")):
            if tag == "head":  # often never closed: its own children are unseen one by one
                return
            self._unseen.append(tag)
            return
        if tag == "blockquote":
            self._quotes += 1
        if tag in _BLOCKS:
            self._break()
        if tag == "li":
            self._pieces.append("- ")
        elif tag in ("td", "th"):
            self._pieces.append("\t")
        elif tag == "img" and (about.get("alt") or "").strip():
            self._pieces.append(f"[{(about['alt'] or '').strip()}]")
        elif tag == "a":
            self._link, self._linked = about.get("href"), len(self._pieces)

    def handle_endtag(self, tag: str) -> None:
        if self._unseen:
            if tag in self._unseen:
                del self._unseen[len(self._unseen) - 1 - self._unseen[::-1].index(tag) :]
            return
        if tag == "a" and self._link:
            shown = "".join(self._pieces[self._linked :]).strip()
            address = self._link.removeprefix("mailto:")
            if address.startswith(("http://", "https://")) and address.rstrip("/") not in shown:
                self._pieces.append(f" <{address}>")
            self._link = None
        if tag in _BLOCKS:
            self._break()
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._pieces.append(re.sub(r"[ \t\r\n\f]+", " ", data))

    def _break(self) -> None:
        self._pieces.append("\n" + "> " * min(self._quotes, 8))

    def text(self) -> str:
        """All of it, without blank lines in a row."""
        lines = [re.sub(r"[ \xa0]+", " ", line.replace("\xad", "").replace("\u200b", "")).strip(" ")
                 for line in "".join(self._pieces).split("\n")]  # fmt: skip
        kept: list[str] = []
        for line in lines:
            line = line.strip("\t")
            if line.strip("> ") or (kept and kept[-1]):
                kept.append(line if line.strip("> ") else "")
        return "\n".join(kept).strip()
