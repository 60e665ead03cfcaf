"""Whether a document that was read is a conversation: screens of a chat, or a portal's report (story)."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

import cv2
import numpy as np

from gpu_worker.conversations.bubbles import find_bubbles
from gpu_worker.conversations.conversation import Conversation
from gpu_worker.conversations.joining import join_shots
from gpu_worker.conversations.portals import read_portal
from gpu_worker.conversations.shots import Shot, may_be_chat, read_shot
from gpu_worker.conversations.written import describe_read
from gpu_worker.ocr.page_text import PageText
from gpu_worker.reading.pages import PageResult
from gpu_worker.render.rendered_file import RenderedFile

log = logging.getLogger(__name__)
SMALL_WIDTH = 720
MOST_SMALL_PIXELS = 16_000_000
"""Of a long picture as it is looked at for bubbles: 48 MB."""
MOST_SHOTS = 500
"""Pictures of one document that are looked at."""


class TalkFinder:
    """Looks at every page of a document as it is read; what it finds is known at the end."""

    def __init__(self, rendered: RenderedFile) -> None:
        self._rendered = rendered
        self._shots: list[Shot] = []

    def add(self, page: PageResult) -> None:
        """Look at one more page; whatever goes wrong with that costs no page its text."""
        read = page.merged
        if read is None or page.unit != "pixel" or read.rotation or len(self._shots) >= MOST_SHOTS:
            return
        if not may_be_chat(read.lines):
            return
        try:
            shot = self._look(page.page, read)
        except Exception as error:  # an unforeseen picture: the page stands as it was read
            log.warning("a page could not be looked at as a chat", extra={"error": type(error).__name__})
            return
        if shot is not None:
            self._shots.append(shot)

    def finish(self, texts: Sequence[str]) -> bytes | None:
        """`conversation.json` of the document; None where it is no conversation."""
        conversation: Conversation | None = join_shots(self._shots) if self._shots else read_portal(texts)
        if conversation is None:
            return None
        return json.dumps(describe_read(conversation), ensure_ascii=False).encode()

    def _look(self, page: int, read: PageText) -> Shot | None:
        picture = _draw_small(self._rendered, page)
        return read_shot(find_bubbles(picture, read.lines, read.width, read.height), page)


def _draw_small(rendered: RenderedFile, page: int) -> np.ndarray:
    """The whole page in colour, `SMALL_WIDTH` px wide or less, put together of its strips."""
    whole: np.ndarray | None = None
    for strip in rendered.draw_strips(page):
        width = strip.image.shape[1]
        scale = min(1.0, SMALL_WIDTH / width, (MOST_SMALL_PIXELS / (width * strip.page_height)) ** 0.5)
        size = max(1, round(width * scale)), max(1, round(len(strip.image) * scale))
        part = cv2.resize(strip.image, size, interpolation=cv2.INTER_AREA)
        if whole is None:
            whole = np.zeros((max(1, round(strip.page_height * scale)), *part.shape[1:]), np.uint8)
        top = min(round(strip.top * scale), max(0, len(whole) - len(part)))
        whole[top : top + len(part)] = part[: len(whole) - top]
    if whole is None:
        raise ValueError("A page without a strip.")
    return whole
