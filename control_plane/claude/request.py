"""What the analysis worker may ask of Claude with our key (pure): a kind of question, and the document's own words.

The worker says which `kind` it asks and gives the `content`; the prompt, the answer's shape, the model and the length
are ours. No tools, no files or addresses to fetch, no faster or dearer service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from control_plane.errors import BadRequest
from control_plane.settings.claude_policy import ClaudePolicy
from control_plane.settings.claude_prices import Model

MOST_IMAGES = 20
IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
FORMS = Path(__file__).parents[2] / "vocabulary" / "claude_forms.json"
NOT_OURS = (
    "A question is its kind and its content, of the kinds that this control plane knows: update it and the analysis "
    "worker together."
)


@dataclass(frozen=True)
class Form:
    """The fixed part of a kind of question; `model` is `quick` or `careful`."""

    model: str
    effort: str
    max_tokens: int
    system: str
    schema: Mapping[str, Any]


@cache
def known_forms() -> Mapping[str, Form]:
    """By kind, as `scripts.make_claude_forms` wrote them."""
    return TypeAdapter(dict[str, Form]).validate_json(FORMS.read_bytes())


def find_form(asked: Mapping[str, Any], policy: ClaudePolicy) -> tuple[Form, Model]:
    """How and of whom a kind is asked. Raises BadRequest for other kinds, and for more than kind and content."""
    form = known_forms().get(str(asked.get("kind")))
    model = policy.model(form.model) if form else None
    if form is None or model is None or set(asked) != {"kind", "content"}:
        raise BadRequest(NOT_OURS, "claude_request")
    return form, model


def build_request(form: Form, content: Any, model: Model, kept_for: str | None) -> dict[str, Any]:
    """The request to send to Anthropic. Raises BadRequest for content that is not allowed.

    The prompt is kept by Anthropic for the next document, `kept_for` "5m" or "1h", or not at all.
    """
    kept = {"cache_control": {"type": "ephemeral", "ttl": kept_for}} if kept_for else {}
    shape = {"format": {"type": "json_schema", "schema": form.schema}}
    return {
        "model": model.name,
        "max_tokens": form.max_tokens,
        "system": [{"type": "text", "text": form.system, **kept}],
        "messages": [{"role": "user", "content": _content(content)}],
        "output_config": {**({"effort": form.effort} if model.effort else {}), **shape},
    }


def _content(content: Any) -> str | list[dict[str, Any]]:
    if isinstance(content, str) and content:
        return content
    if not isinstance(content, list) or not content:
        raise BadRequest("The content must be text or a list of blocks.", "claude_request")
    if sum(isinstance(block, dict) and block.get("type") == "image" for block in content) > MOST_IMAGES:
        raise BadRequest(f"At most {MOST_IMAGES} images in one message.", "claude_request")
    return [_block(block) for block in content]


def _block(block: Any) -> dict[str, Any]:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind == "text" and isinstance(block.get("text"), str):
        return {"type": "text", "text": block["text"]}
    source = block.get("source") if kind == "image" else None
    if isinstance(source, dict) and source.get("type") == "base64" and source.get("media_type") in IMAGE_TYPES:
        return {"type": "image", "source": {name: str(source.get(name, "")) for name in ("type", "media_type", "data")}}
    raise BadRequest("A message holds text and base64 images only.", "claude_request")
