"""docs/operations.md as a page: what each alarm means and what to do, for whoever has no checkout at hand."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template
from markdown_it import MarkdownIt
from markupsafe import Markup

from control_plane.http.contract import describe

blueprint = Blueprint("guide", __name__, template_folder="templates")
OTHER_PAGE = re.compile(r"\[([^\]]+)\]\((?!https?://)[^)]+\)")
"""A link to another file of the repository, which the house does not show: its name stands without one."""
GUIDE_FILE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


@blueprint.get("/account/operations")
@describe("What each alarm means", "Pages", auth="none", answer=str, answer_type="text/html", is_page=True)
def show_guide() -> Response:
    """The guide that every alarm links to; it says nothing of this house."""
    guide = Markup(render_guide(GUIDE_FILE.read_text()))  # our own file, and no HTML in it is taken over
    response = make_response(render_template("guide.html", guide=guide))
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"
    return response


@cache
def render_guide(text: str) -> str:
    """Markdown as HTML, each heading with itself as anchor: `## standstill` is `#standstill`."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(OTHER_PAGE.sub(r"*\1*", text))
    for heading, words in zip(tokens, tokens[1:], strict=False):
        if heading.type == "heading_open":
            heading.attrSet("id", anchor(words.content))
    return str(parser.renderer.render(tokens, parser.options, {}))


def anchor(heading: str) -> str:
    """As GitHub makes them: small letters, dashes for spaces."""
    kept = (sign for sign in unescape(heading).lower() if sign.isalnum() or sign in " -_")
    return "".join(kept).replace(" ", "-")
