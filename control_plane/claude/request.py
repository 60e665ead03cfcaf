"""What the analysis worker may ask of Claude with our key (pure): one message, an answer in a given shape.

A request is rebuilt from the parts listed here: no tools, no files or addresses to fetch, no faster or dearer service,
only the models that we chose, with what they take, and no other prompt and shape than those whose fingerprints we have.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from control_plane.errors import BadRequest
from control_plane.settings.claude_prices import Model

MOST_OUTPUT_TOKENS = 16_000
MOST_IMAGES = 20
IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
EFFORTS = ("low", "medium", "high")
FORMS = Path(__file__).parents[2] / "vocabulary" / "claude_forms.json"
NOT_OURS = (
    "The prompt or the answer's shape is not one that this control plane knows: update it and the analysis worker "
    "together."
)


def rebuild_request(body: Mapping[str, Any], model: Model, kept_for: str | None) -> dict[str, Any]:
    """The request to send to Anthropic. Raises BadRequest for anything that is not allowed.

    What is marked with `cache_control` is `kept_for` "5m" or "1h", or not at all.
    """
    max_tokens = body.get("max_tokens")
    if not isinstance(max_tokens, int) or not 1 <= max_tokens <= MOST_OUTPUT_TOKENS:
        raise BadRequest(f"max_tokens must be 1 to {MOST_OUTPUT_TOKENS}.", "claude_request")
    messages = _messages(body.get("messages"))
    request: dict[str, Any] = {"model": model.name, "max_tokens": max_tokens, "messages": messages}
    if body.get("system"):
        request["system"] = _system(body["system"], kept_for)
    if body.get("output_config"):
        request["output_config"] = _output_config(body["output_config"], model.effort)
    return request


def fingerprint(said: Any) -> str:
    """SHA-256 (hex) of a prompt, or of an answer's shape whatever the order of its names."""
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@cache
def known_forms() -> frozenset[str]:
    """The fingerprints that `scripts.make_claude_forms` wrote."""
    forms: Mapping[str, Mapping[str, str]] = json.loads(FORMS.read_text())
    return frozenset(each for form in forms.values() for each in form.values())


def _require_ours(said: Any) -> None:
    if fingerprint(said) not in known_forms():
        raise BadRequest(NOT_OURS, "claude_request")


def _messages(messages: Any) -> list[dict[str, Any]]:
    if not isinstance(messages, list) or len(messages) != 1 or not isinstance(messages[0], dict):
        raise BadRequest("Send exactly one message.", "claude_request")
    content = messages[0].get("content")
    if messages[0].get("role") != "user" or not isinstance(content, str | list):
        raise BadRequest("The message must be the user's.", "claude_request")
    if isinstance(content, str):
        return [{"role": "user", "content": content}]
    if sum(isinstance(block, dict) and block.get("type") == "image" for block in content) > MOST_IMAGES:
        raise BadRequest(f"At most {MOST_IMAGES} images in one message.", "claude_request")
    return [{"role": "user", "content": [_block(block) for block in content]}]


def _block(block: Any) -> dict[str, Any]:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind == "text" and isinstance(block.get("text"), str):
        return {"type": "text", "text": block["text"]}
    source = block.get("source") if kind == "image" else None
    if isinstance(source, dict) and source.get("type") == "base64" and source.get("media_type") in IMAGE_TYPES:
        return {"type": "image", "source": {name: str(source.get(name, "")) for name in ("type", "media_type", "data")}}
    raise BadRequest("A message holds text and base64 images only.", "claude_request")


def _system(system: Any, kept_for: str | None) -> list[dict[str, Any]]:
    """The fixed instructions, kept by Anthropic for the next document where the worker marks them so."""
    blocks = system if isinstance(system, list) else [{"type": "text", "text": system}]
    return [_system_block(block, kept_for) for block in blocks]


def _system_block(block: Any, kept_for: str | None) -> dict[str, Any]:
    if not (isinstance(block, dict) and block.get("type") == "text" and isinstance(block.get("text"), str)):
        raise BadRequest("The system prompt must be text.", "claude_request")
    _require_ours(block["text"])
    plain = {"type": "text", "text": block["text"]}
    if kept_for is None or not block.get("cache_control"):
        return plain
    return {**plain, "cache_control": {"type": "ephemeral", "ttl": kept_for}}


def _output_config(config: Any, takes_effort: bool) -> dict[str, Any]:
    if not isinstance(config, dict):
        raise BadRequest("output_config must be an object.", "claude_request")
    kept: dict[str, Any] = {}
    if takes_effort and config.get("effort") in EFFORTS:
        kept["effort"] = config["effort"]
    shape = config.get("format")
    if isinstance(shape, dict) and shape.get("type") == "json_schema" and isinstance(shape.get("schema"), dict):
        _require_ours(shape["schema"])
        kept["format"] = {"type": "json_schema", "schema": shape["schema"]}
    return kept
