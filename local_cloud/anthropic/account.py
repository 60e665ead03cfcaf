"""One account at Anthropic: its key, its clock, its cache, what it was billed, and how its next calls end."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .answers import answer_from
from .models import MODELS, Usage
from .refusals import ACCOUNT, REQUEST, Refused, check_body
from .tokens import THINKING, PromptCache, count_text

Answer = Callable[[Mapping[str, Any]], str]
KEPT_REQUESTS = 10_000


class Clock:
    """The time as the account sees it: the real one, moved on by hand."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """An aware time."""
        return datetime.now(UTC) + self._ahead

    def advance(self, **by: float) -> None:
        """`advance(hours=25)`."""
        self._ahead += timedelta(**by)


@dataclass
class Bill:
    """What each answered request cost, in order: the truth that a ledger of ours must come to."""

    usd: list[float] = field(default_factory=list)
    usages: list[Usage] = field(default_factory=list)

    @property
    def total_usd(self) -> float:
        """All of it."""
        return sum(self.usd)


@dataclass
class Account:
    """How it behaves: `script` lists how the next requests end, first to last; with none left they are answered.

    Endings: `answer`, `refusal`, `cut_off`, `malformed`, those of `refusals.REQUEST`; in a batch also `never`, else
    `hang_up`, `no_json` and `slow`. `trouble` is one of `refusals.ACCOUNT` and holds for every call until it is None.
    `answer` writes the text of an answer.
    """

    key: str
    answer: Answer = lambda body: json.dumps(answer_from(body))
    clock: Clock = field(default_factory=Clock)
    script: list[str] = field(default_factory=list)
    trouble: str | None = None
    retired: set[str] = field(default_factory=set)
    usage: Mapping[str, int] | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    bill: Bill = field(default_factory=Bill)
    _cache: PromptCache = field(default_factory=PromptCache)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def require_good_standing(self) -> None:
        """Raises Refused while something is wrong with the account."""
        if self.trouble:
            raise ACCOUNT[self.trouble]

    def check(self, body: Any, in_batch: bool = False) -> None:
        """Raises Refused for what is not taken, a model that was retired since included."""
        check_body(body, in_batch)
        if body["model"] in self.retired:
            raise Refused(404, "not_found_error", f"model: {body['model']}")

    def take_ending(self, body: dict[str, Any]) -> str:
        """Note a request, and how it ends."""
        with self._lock:
            self.requests.append(body)
            del self.requests[:-KEPT_REQUESTS]
            return self.script.pop(0) if self.script else "answer"

    def process(self, body: dict[str, Any], ending: str, in_batch: bool = False) -> dict[str, Any]:
        """The message, billed. Raises Refused: nothing is billed."""
        self.check(body, in_batch)
        if ending in REQUEST:
            raise REQUEST[ending]
        text, stop_reason = self._write(body, ending)
        usage = self._count(body, text)
        tier = "batch" if in_batch else "standard"
        with self._lock:
            self.bill.usd.append(usage.usd(MODELS[body["model"]], in_batch))
            self.bill.usages.append(usage)
        content: list[dict[str, Any]] = [{"type": "thinking", "thinking": "", "signature": "s"}]
        content += [{"type": "text", "text": text}] if text else []
        details = {"type": "refusal", "category": None, "explanation": None} if stop_reason == "refusal" else None
        return {
            "id": f"msg_{len(self.bill.usd):012}", "type": "message", "role": "assistant", "model": body["model"],
            "content": content, "stop_reason": stop_reason, "stop_sequence": None, "stop_details": details,
            "usage": usage.as_json(tier),
        }  # fmt: skip

    def _write(self, body: dict[str, Any], ending: str) -> tuple[str, str]:
        if ending == "refusal":
            return "", "refusal"
        if ending == "malformed":
            return '{"document_type": "letter", "findings": "none"}', "end_turn"
        text = self.answer(body)
        return (text[:60], "max_tokens") if ending == "cut_off" else (text, "end_turn")

    def _count(self, body: dict[str, Any], text: str) -> Usage:
        model, effort = MODELS[body["model"]], (body.get("output_config") or {}).get("effort", "medium")
        thought = THINKING.get(effort, THINKING["high"]) if model.has_effort and text else 0
        output = min(count_text(model, text) + thought, int(body["max_tokens"]))
        usage = self._cache.count(model, body, output, self.clock.now())
        if self.usage is None:
            return usage
        fresh, output, read = (
            self.usage.get(f"{name}_tokens", 0) for name in ("input", "output", "cache_read_input")
        )
        return Usage(fresh, output, read=read)


def errored(refused: Refused) -> dict[str, Any]:
    """The result of a request in a batch that was refused."""
    return {"type": "errored", "error": refused.body}
