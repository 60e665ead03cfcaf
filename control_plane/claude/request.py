"""What a worker may ask of Claude with our key (pure): one message with text and images, an answer in a given shape.

A rented machine belongs to a stranger, so a request is rebuilt from the parts listed here: no tools, no files or
addresses to fetch, no faster or dearer service, and only the models that we chose, with what they take.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from control_plane.errors import BadRequest
from control_plane.settings.claude_prices import Model

MOST_OUTPUT_TOKENS = 16_000
MOST_IMAGES = 20
IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
EFFORTS = ("low", "medium", "high")


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
        kept["format"] = {"type": "json_schema", "schema": shape["schema"]}
    return kept
