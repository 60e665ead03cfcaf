"""The API document as one self-contained HTML page: no script, nothing fetched from elsewhere. Pure."""

from __future__ import annotations

import json
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; }
summary { padding: .5rem .8rem; cursor: pointer; display: flex; gap: .8rem; flex-wrap: wrap; align-items: baseline; }
details[open] summary { background: var(--soft); } .inside { padding: 0 1rem 1rem; }
code, pre { font: .85em/1.5 ui-monospace, monospace; } pre { overflow: auto; background: var(--soft); padding: .7rem; }
.method { font: bold .8em ui-monospace, monospace; min-width: 3.4rem; }
.post { color: #0a7d32; } .get { color: #1463c4; }
table { border-collapse: collapse; } td, th { border: 1px solid var(--line); padding: .2rem .6rem; text-align: left; }
"""


def render_page(document: dict[str, Any]) -> str:
    """The whole page for an OpenAPI document."""
    document = _inline(document, document["components"]["schemas"])
    tags: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tags.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    sections = "".join(f"<h2>{escape(tag)}</h2>{''.join(parts)}" for tag, parts in sorted(tags.items()))
    info = document["info"]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>'
        f"<h1>{escape(info['title'])}</h1><p>{escape(info['description'])}</p>"
        "<p>Every error has the same shape: <code>code</code> is stable, <code>message</code> says what to do, "
        '<code>request_id</code> finds the log line. The machine-readable form is <a href="openapi.json">'
        f"openapi.json</a>.</p>{sections}</body></html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    token = ", ".join(name for need in operation["security"] for name in need) or "none"
    parts = [f"<p>{escape(operation['description'])}</p><p>Token: <b>{escape(token)}</b></p>"]
    if operation["parameters"]:
        parts.append(_table(operation["parameters"]))
    for content_type, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<h4>Body <code>{escape(content_type)}</code></h4>{_schema(content['schema'])}")
    for status, response in operation["responses"].items():
        parts.append(f"<h4>{escape(status)} — {escape(response['description'])}</h4>")
        if status.startswith("2"):
            parts += [_schema(content["schema"]) for content in response["content"].values()]
    return (
        f'<details><summary><span class="method {method}">{method.upper()}</span><code>{escape(path)}</code>'
        f'<span>{escape(operation["summary"])}</span></summary><div class="inside">{"".join(parts)}</div></details>'
    )


def _table(parameters: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code></td><td>{escape(each['in'])}</td>"
        f"<td>{escape(shape(each['schema']))}</td><td>{escape(each.get('description', ''))}</td></tr>"
        for each in parameters
    )
    return f"<table><tr><th>name</th><th>in</th><th>type</th><th></th></tr>{rows}</table>"


def _schema(schema: dict[str, Any]) -> str:
    return f"<pre>{escape(shape(schema))}</pre>"


def _inline(value: Any, components: dict[str, Any]) -> Any:
    """The same with each reference to a component replaced by it; none refers to itself."""
    if isinstance(value, list):
        return [_inline(each, components) for each in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _inline(components[value["$ref"].rpartition("/")[2]], components)
    return {name: _inline(each, components) for name, each in value.items()}


def shape(schema: dict[str, Any], indent: str = "") -> str:
    """A schema as people write one down: `{name: string, pages: [integer], note: string or null}`."""
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "anyOf" in schema:
        return " or ".join(shape(each, indent) for each in schema["anyOf"])
    kinds = schema.get("type", "anything")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    words = [_kind(kind, schema, indent) for kind in kinds if kind != "null"]
    return " or ".join(words + ["null"] * ("null" in kinds))


def _kind(kind: str, schema: dict[str, Any], indent: str) -> str:
    if kind == "array":
        return f"[{shape(schema.get('items', {}), indent)}]"
    if kind == "object" and schema.get("properties"):
        inner = indent + "  "
        required = schema.get("required", ())
        lines = [
            f"{inner}{name}{'' if name in required else '?'}: {shape(each, inner)}"
            for name, each in schema["properties"].items()
        ]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"{{name: {shape(schema['additionalProperties'], indent)}}}"
    return str(schema.get("format", kind))
