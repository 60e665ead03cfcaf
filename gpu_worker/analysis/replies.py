"""What came of a question to Claude, by whatever way it came: a message, or a reason for none (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

BUSY, AWAY = "claude_busy", "claude_away"
WAITED_FOR = (BUSY, AWAY)
"""These pass, and asking in another way is no use."""
STOPPED = {"refusal": "refused", "max_tokens": "cut_off", "model_context_window_exceeded": "cut_off"}
PASSING = frozenset({"rate_limit_error", "overloaded_error", "api_error", "timeout_error"})
"""Types of Anthropic's errors that say nothing about the request: it may be asked again."""
Shape = TypeVar("Shape", bound=BaseModel)
FILTER_WORDS = "content filtering policy"


class NotJudged(Exception):
    """Claude gave no usable answer; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Reply:
    """The answer to the question `key`: Anthropic's message as it came, or the reason why there is none.

    `pictures`: the pages that could be drawn and were shown. `call`: the gateway's id of the call, which what is made
    of the answer must name. All of it is JSON, so a reply can be kept and read again.
    """

    key: str
    message: Mapping[str, Any] | None = None
    failure: str | None = None
    pictures: tuple[int, ...] = ()
    call: str | None = None

    def read(self, shape: type[Shape]) -> Shape:
        """The answer in its shape. Raises NotJudged."""
        if self.message is None:
            raise NotJudged(self.failure or "malformed_answer")
        if stopped := STOPPED.get(str(self.message.get("stop_reason"))):
            raise NotJudged(stopped)
        blocks = self.message.get("content")
        texts = [
            block["text"]
            for block in (blocks if isinstance(blocks, list) else [])
            if isinstance(block, dict) and block.get("type") == "text" and isinstance(block.get("text"), str)
        ]
        try:
            return shape.model_validate_json("".join(texts))
        except ValidationError as error:
            raise NotJudged("malformed_answer") from error

    @property
    def model(self) -> str:
        """The model that answered, by its own word."""
        return str((self.message or {}).get("model") or "")


def failure_of(kind: str, message: str, status: int | None = None) -> str:
    """The reason for an error of Anthropic's: `kind` is its type, and its words are compared, never shown or kept."""
    if FILTER_WORDS in message.lower():
        return "blocked_by_filter"
    if status == 413 or kind == "request_too_large" or "too long" in message.lower():
        return "too_long"
    is_busy = kind in PASSING or (status is not None and (status == 429 or status >= 500))
    return BUSY if is_busy else "request_rejected"
