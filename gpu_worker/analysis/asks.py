"""What Claude is asked about a document (pure): which question, about which pages, as text and as pictures."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from gpu_worker.analysis.answer_shape import Answer, Judgement
from gpu_worker.analysis.pages import ChosenPage
from gpu_worker.analysis.prompts import CAREFUL_SYSTEM, QUICK_SYSTEM

if TYPE_CHECKING:  # a second of loading, and machines that only read do not ask
    from anthropic.types import ImageBlockParam, TextBlockParam

MOST_CHARACTERS = 160_000
"""Of text per request: some 60 pages, about 50,000 tokens."""
UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")


class Question(StrEnum):
    """What is asked; also the kind by which the gateway knows prompt, shape and model."""

    QUICK = "quick"  # everything the document states, of the cheap model
    CAREFUL = "careful"  # findings and scores, of the strong one


@dataclass(frozen=True)
class Form:
    """The fixed part of a kind of question, which the gateway adds (`scripts.make_claude_forms`)."""

    model: str
    effort: str
    max_tokens: int
    system: str
    answer: type[BaseModel]


FORMS: Mapping[str, Form] = {
    Question.QUICK.value: Form("quick", "low", 12_000, QUICK_SYSTEM, Answer),
    Question.CAREFUL.value: Form("careful", "low", 6_000, CAREFUL_SYSTEM, Judgement),
}


@dataclass(frozen=True)
class Part:
    """A run of pages that fits into one request."""

    first_page: int
    texts: Sequence[str]

    @property
    def last_page(self) -> int:
        """The number of its last page."""
        return self.first_page + len(self.texts) - 1


def split_parts(texts: Sequence[str], most_characters: int = MOST_CHARACTERS) -> list[Part]:
    """All pages, in order, in as few parts as fit; a page that is too long by itself is a part, cut off."""
    parts: list[list[str]] = [[]]
    room = most_characters
    for text in texts:
        text = text[:most_characters]
        if parts[-1] and len(text) > room:
            parts.append([])
            room = most_characters
        parts[-1].append(text)
        room -= len(text)
    firsts = [1 + sum(len(part) for part in parts[:index]) for index in range(len(parts))]
    return [Part(first, part) for first, part in zip(firsts, parts, strict=True) if part]


@dataclass(frozen=True)
class Ask:
    """One question to Claude about pages `first_page` to `last_page` of a document.

    `pages` are the pages to show with their texts, `pictures` those to show as pictures. `key` is the same for the same
    question about the same document: letters, digits and `_`, 40 at most.
    """

    question: Question
    first_page: int
    last_page: int
    pages: tuple[tuple[ChosenPage, str], ...]
    pictures: tuple[ChosenPage, ...]
    of_pages: int
    filename: str

    @property
    def key(self) -> str:
        """`quick_1_60_pictures`."""
        pages = f"{self.question}_{self.first_page}_{self.last_page}"
        return f"{pages}_pictures" if self.pictures else pages

    def build_body(self, jpegs: Mapping[int, bytes]) -> dict[str, Any]:
        """The question, direct or in a batch. `jpegs`: the pictures that could be drawn, by page."""
        return {"kind": self.question.value, "content": self.build_content(jpegs)}

    def build_content(self, jpegs: Mapping[int, bytes]) -> list[TextBlockParam | ImageBlockParam]:
        """The blocks of the one user message: pictures first, then the text page by page."""
        blocks: list[TextBlockParam | ImageBlockParam] = []
        for page, jpeg in sorted(jpegs.items()):
            data = base64.b64encode(jpeg).decode()
            blocks.append({"type": "text", "text": f"Picture of page {page}:"})
            blocks.append({"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": data}})
        pages = [{"page": chosen.page, "text": _visible(text)} for chosen, text in self.pages]
        # As JSON strings: nothing that a page or a file name says can end its frame or begin another page.
        document = {"file_name": _visible(self.filename[:200]), "pages_in_document": self.of_pages, "pages": pages}
        blocks.append({"type": "text", "text": json.dumps(document, ensure_ascii=False)})
        return blocks


def _visible(text: str) -> str:
    """The text without characters that a person cannot see, such as those that spell hidden orders."""
    return UNSEEN.sub("", text).strip()
