"""Counting tokens of a request, and the prompt cache, as Anthropic documents both."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from PIL import Image, UnidentifiedImageError

from .models import Model, Usage

LIFE = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1)}
PATCH = 28
THINKING = {"low": 150, "medium": 600, "high": 1500}
"""Tokens thought before a short answer: ours, no page says it. They are billed as output."""


def count_text(model: Model, text: str) -> int:
    """Tokens of a text."""
    return math.ceil(len(text) / model.characters_per_token)


def count_image(model: Model, data: bytes) -> int:
    """Visual tokens: patches of 28 pixels, after the image was scaled to the model's longest edge and most tokens."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError):  # tests send a few bytes for a picture: a page of 1,200 pixels
        width, height = 928, 1200
    scale = min(1.0, model.image_edge / max(width, height))
    while _patches(width * scale, height * scale) > model.image_tokens:
        scale *= 0.99
    return _patches(width * scale, height * scale)


def _patches(width: float, height: float) -> int:
    return math.ceil(width / PATCH) * math.ceil(height / PATCH)


@dataclass(frozen=True)
class Block:
    """A piece of the prompt in the order in which it is read; `ttl` where a cache breakpoint stands behind it."""

    content: str
    tokens: int
    ttl: str | None = None


def blocks_of(model: Model, body: Mapping[str, Any]) -> list[Block]:
    """The prompt: the answer's shape (it becomes instructions), the system prompt, the messages."""
    shape = (body.get("output_config") or {}).get("format")
    blocks = [Block(f"{body['model']}", 0)]
    if shape:
        text = json.dumps(shape, sort_keys=True)
        blocks.append(Block(text, count_text(model, text)))
    blocks += _pieces(model, body.get("system") or [])
    for message in body["messages"]:
        blocks += _pieces(model, message["content"])
    return blocks


def _pieces(model: Model, content: str | Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    for piece in [{"type": "text", "text": content}] if isinstance(content, str) else content:
        ttl = (piece.get("cache_control") or {}).get("ttl", "5m") if piece.get("cache_control") else None
        if piece["type"] == "text":
            yield Block(piece["text"], count_text(model, piece["text"]), ttl)
        else:
            data = base64.b64decode(piece["source"]["data"])
            yield Block(hashlib.sha256(data).hexdigest(), count_image(model, data), ttl)


class PromptCache:
    """What the account has cached: prefixes up to a breakpoint, until their time is over; a hit renews it."""

    def __init__(self) -> None:
        self._ends: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def count(self, model: Model, body: Mapping[str, Any], output: int, now: datetime) -> Usage:
        """The tokens of a request by kind; what it marks and the cache lacks is cached from now on.

        A prefix shorter than the model's least length is not cached, and nothing says so.
        """
        blocks = blocks_of(model, body)
        total, seen, digest = sum(block.tokens for block in blocks), 0, hashlib.sha256()
        read = written_to = 0
        written = {"5m": 0, "1h": 0}
        with self._lock:
            for block in blocks:
                digest.update(block.content.encode() + b"\0")
                seen += block.tokens
                if block.ttl is None or seen < model.least_cached_tokens:
                    continue
                key = digest.hexdigest()
                if self._ends.get(key, now) > now:
                    read = written_to = seen
                else:
                    written[block.ttl] += seen - written_to
                    written_to = seen
                self._ends[key] = now + LIFE[block.ttl]
        return Usage(total - written_to, output, written["5m"], written["1h"], read)
