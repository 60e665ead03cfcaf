"""Anthropic: one token of each kind of question, asked of the configured models as documents are asked about (wire)."""

from __future__ import annotations

import json
from functools import partial

from control_plane.claude.client import Answer, ClaudeClient, NeverSent, NoAnswer
from control_plane.claude.request import Form, build_request, known_forms
from control_plane.claude.standing import account_refusal
from control_plane.doctor.probes import Probe, Trouble, look, off
from control_plane.settings import Settings
from control_plane.settings.claude_prices import Model

DOOR = "claude"
KEPT_FOR = "5m"
CONTENT = json.dumps({
    "file_name": "doctor.txt", "pages_in_document": 1, "pages": [{"page": 1, "text": "This is no document."}],
    "pairs": [],
})  # fmt: skip
"""Shaped as every kind of question has it, about nothing."""
OVERLOADED = 529


def examine(settings: Settings) -> list[Probe]:
    """Each kind of question with its own prompt, shape and model, answered with one token: a cent in all."""
    if settings.anthropic_api_key is None:
        return [off(DOOR, "No ANTHROPIC_API_KEY is set: plain rules sort what is read.")]
    client = ClaudeClient(settings.anthropic_url, settings.anthropic_api_key)
    asked = []
    for kind, form in known_forms().items():
        model = settings.claude.model(form.model)
        if model is not None:
            asked.append(look(DOOR, f"{kind}, of {model.name}", partial(ask, client, form, model)))
    return [*asked, look(DOOR, "batches", lambda: _batches(client))]


def ask(client: ClaudeClient, form: Form, model: Model) -> str:
    """One question. Raises Trouble with a code for each reason not to answer it."""
    body = build_request(form, CONTENT, model, KEPT_FOR) | {"max_tokens": 1}
    try:
        answer = client.send(body)
    except NeverSent:
        raise Trouble("claude_away", "Anthropic cannot be reached.") from None
    except NoAnswer:
        raise Trouble("claude_away", "Anthropic gave no answer in time.") from None
    if answer.status != 200:
        raise _refusal(answer, model.name)
    return f"{model.name} takes the parameters that are sent with documents."


def _refusal(answer: Answer, model: str) -> Trouble:
    refused = account_refusal(answer.status, answer.body, model)
    if refused:
        return Trouble(f"claude_{refused.code}", refused.message)
    if answer.status == OVERLOADED or answer.status >= 500:
        return Trouble("claude_overloaded", f"Anthropic is overloaded ({answer.status}).", "warning")
    if answer.status == 429:
        return Trouble("claude_rate_limited", "Anthropic asks to slow down (429).", "warning")
    error = (answer.body or {}).get("error")
    said = str(error.get("message"))[:200] if isinstance(error, dict) else "no reason given"
    return Trouble("claude_request_refused", f"Anthropic refuses the question to {model} ({answer.status}): {said}")


def _batches(client: ClaudeClient) -> str:
    try:
        next(iter(client.list_batches()), None)
    except (NeverSent, NoAnswer):
        raise Trouble("claude_batches_refused", "Anthropic does not list the account's message batches.") from None
    return "Message batches, at half the price, are open to us."
