"""A question as the gateway sends it on, for tests that ask no gateway."""

from collections.abc import Mapping
from typing import Any

from control_plane.claude.request import build_request, find_form
from control_plane.settings.claude_policy import ClaudePolicy
from control_plane.settings.reader import Reader
from gpu_worker.analysis.asks import Ask

POLICY = ClaudePolicy.read(Reader({}))


def sent(ask: Ask, jpegs: Mapping[int, bytes], kept_for: str = "5m") -> dict[str, Any]:
    """The parameters of the message."""
    question = ask.build_body(jpegs)
    form, model = find_form(question, POLICY)
    return build_request(form, question["content"], model, kept_for)
