"""What the stand-in answers about a document: sound words in the shape that is asked for, quoting the pages (pure)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def _texts(body: Mapping[str, Any]) -> list[str]:
    content = body["messages"][0]["content"]
    return [content] if isinstance(content, str) else [block["text"] for block in content if block["type"] == "text"]


def read_pages(body: Mapping[str, Any]) -> list[tuple[int, str]]:
    """The numbers and texts of the pages in the request, as its JSON gives them."""
    documents = [json.loads(text) for text in _texts(body) if text.startswith("{")]
    return [(page["page"], page["text"]) for document in documents for page in document["pages"]]


def answer_from(body: Mapping[str, Any]) -> dict[str, Any]:
    """A sound answer about the pages in the request, quoting their own words."""
    pages = read_pages(body)
    page, text = next(((n, t) for n, t in pages if len(t.split()) > 5), (1, "no words at all here"))
    quote = " ".join(text.split()[:8])
    nothing = {"score": None, "page": None, "quote": None, "reason": None}
    judged = {"page": page, "quote": quote, "reason": "The words say so."}
    return {
        "document_type": "Declaration", "document_date": "2024-05-14", "dates": ["2024-03-08", "not a date"],
        "parties": [{"name": "Dana Whitfield", "role": "Petitioner"}], "case_number": "FL-2023-004417", "court": None,
        "summary": "A statement about one weekend.", "key_facts": ["The children were in Reno on 8 March 2024."],
        "findings": [
            {"kind": "contradiction", "page": page, "quote": quote, "only_in_picture": False,
             "explanation": "Two places at once.", "score": 78}
        ],
        "truth": {"score": 24, **judged}, "justice": nothing, "fraud": {"score": 71, **judged},
        "perjury": nothing, "legal_credit": {"score": 410, **judged}, "relevancy": {"score": 960, **judged},
    }  # fmt: skip
