"""What the stand-in answers about a document: sound words in the shape that is asked for, quoting the pages (pure)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

NAME = re.compile(r"[A-Z][a-z]+ [A-Z][a-z]+")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
AMOUNT = re.compile(r"\$([\d,]+(?:\.\d\d)?)")
CASE_NUMBER = re.compile(r"(?:Case No\.|CASE NUMBER:?) ([\w-]*\d[\w-]*)", re.I)
LONG_WORD = re.compile(r"[a-z]{4,}")
FINDING_WORDS = "never"
"""A page that has this word has a finding; most documents have none."""
CUSTODY_WORDS = "custody"


def _texts(body: Mapping[str, Any]) -> list[str]:
    content = body["messages"][0]["content"]
    return [content] if isinstance(content, str) else [block["text"] for block in content if block["type"] == "text"]


def read_pages(body: Mapping[str, Any]) -> list[tuple[int, str]]:
    """The numbers and texts of the pages in the request, as its JSON gives them."""
    documents = [json.loads(text) for text in _texts(body) if text.startswith("{")]
    return [(page["page"], page["text"]) for document in documents for page in document["pages"]]


def answer_from(body: Mapping[str, Any]) -> dict[str, Any]:
    """A sound answer about the pages, pairs or quotes in the request: all that is asked for, in their own words."""
    schema = body.get("output_config", {}).get("format", {}).get("schema", {})
    if "verdicts" in schema.get("properties", {}):
        return {"verdicts": [_verdict(pair) for pair in json.loads(_texts(body)[0])["pairs"]]}
    if "chosen" in schema.get("properties", {}):
        return {"chosen": _chosen(json.loads(_texts(body)[0]))}
    pages = read_pages(body)
    page, text = next(((n, t) for n, t in pages if len(t.split()) > 5), (1, "no words at all here"))
    judged = {"findings": _findings(page, text), "scores": _scores(page, text)}
    return judged if "document_type" not in schema.get("properties", {}) else {**_values(page, text), **judged}


def _values(page: int, text: str) -> dict[str, Any]:
    return {
        "document_type": "Declaration",
        "parties": [_stated(page, m[0], role="declarant", name=m[0]) for m in list(NAME.finditer(text))[:2]],
        "dates": [_stated(page, m[0], role="event", is_own=False, day=m[0]) for m in DAY.finditer(text)],
        "amounts": [_stated(page, _around(text, m), what="", amount=m[1]) for m in AMOUNT.finditer(text)],
        "case_numbers": [_stated(page, m[0], case_number=m[1]) for m in CASE_NUMBER.finditer(text)],
        "courts": [],
        "facts": [_stated(page, " ".join(text.split()[:12]))],
    }


def _verdict(pair: Mapping[str, Any]) -> dict[str, Any]:
    """A conflict where one of the two has the word "never" or stands in an order, none where they speak of different
    days; else no saying."""
    a, b = pair["a"], pair["b"]
    days = {str(side["speaks_of"])[:10] for side in (a, b) if side.get("speaks_of")}
    is_order = a.get("voice") == "order"
    if is_order or FINDING_WORDS in f"{a['words']} {b['words']}".lower().split():
        verdict, reason, explained = "conflict", "The two cannot both be true.", "Another day may be meant."
    elif len(days) > 1:
        verdict, reason, explained = "no_conflict", "They speak of different days.", ""
    else:
        verdict, reason, explained = "cannot_tell", "It takes more words.", "Whose clock it was."
    kind = "order_violation" if is_order else "contradiction"
    return {
        "pair": pair["pair"], "reason": reason, "explained_by": explained, "kind": kind, "verdict": verdict,
    }  # fmt: skip


def _chosen(asked: Mapping[str, Any]) -> list[int]:
    """The quotes that share a long word with the question."""
    words = set(LONG_WORD.findall(asked["question"].lower()))
    return [quote["number"] for quote in asked["quotes"] if words & set(LONG_WORD.findall(quote["words"].lower()))]


def _findings(page: int, text: str) -> list[dict[str, Any]]:
    words = text.split()
    if FINDING_WORDS not in words or len(words) < 16:
        return []
    against = {"against_page": page, "against_quote": " ".join(words[8:16])}
    finding = _stated(page, " ".join(words[:8]), **against, reason="Two places at once.")
    return [finding | {"kind": "contradiction", "strength": "high"}]


def _scores(page: int, text: str) -> list[dict[str, Any]]:
    quote = " ".join(text.split()[:8])
    steps = {"truth": "low", "fraud": "high", "legal_credit": "low"} if FINDING_WORDS in text.split() else {}
    steps["relevancy"] = "very_high" if CUSTODY_WORDS in text.lower() else "middle"
    return [_stated(page, quote, reason="The words say so.", scale=name, step=step) for name, step in steps.items()]


def _around(text: str, match: re.Match[str]) -> str:
    """The match with the words before and after it: a quote of an amount alone says too little."""
    before, after = text[: match.start()].split(), text[match.end() :].split()
    return " ".join([*before[-3:], match[0], *after[:1]]) if after[:1] != ["."] else match[0]


def _stated(page: int, quote: str, **more: object) -> dict[str, Any]:
    return {"page": page, "quote": quote, "box": [], **more}
