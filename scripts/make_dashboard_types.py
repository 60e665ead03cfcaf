"""Write dashboard/answers.py: the answers that the dashboard reads, as types made from the API document.

Run `python -m scripts.make_dashboard_types` after changing what a route answers; a test compares the two.
"""

import re
import textwrap
from pathlib import Path
from typing import Any

from flask import Flask

from control_plane.app import BLUEPRINTS
from control_plane.http.openapi import build_document

Schema = dict[str, Any]
TYPES = Path(__file__).parent.parent / "dashboard" / "answers.py"
CLIENTS = (TYPES.with_name("api_client.py"), TYPES.with_name("case_room") / "api.py")
SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
FORMATS = {"date": "dt.date", "date-time": "dt.datetime"}
HEAD = '''"""What the control plane answers: made by scripts/make_dashboard_types.py, do not edit."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal
'''


def describe_app() -> Schema:
    """The API document of the control plane, from its routes alone: nothing is started, no setting is read."""
    app = Flask(__name__, static_folder=None)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return build_document(app)


def make_types(document: Schema, names: set[str]) -> str:
    """Python that declares these schemas and those they are made of; one with all fields of another extends it."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    needed = sorted(_closure(schemas, names))
    words = [name for name in needed if "enum" in schemas[name]]
    fields = {name: _fields(schemas[name]) for name in needed if name not in words}
    parts = [HEAD + "".join(f"\n{name} = {_type(schemas[name])}" for name in words) + "\n"]
    parts += [_class(name, schemas[name], fields) for name in _in_order(fields)]
    return "\n\n".join(parts)


def clients() -> str:
    """The dashboard's and the case room's clients, as text."""
    return "\n".join(path.read_text() for path in CLIENTS)


def names_read(client: str) -> set[str]:
    """The answers that a client reads."""
    return set(re.findall(r"\banswers\.(\w+)", client))


def _closure(schemas: dict[str, Schema], names: set[str]) -> set[str]:
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(re.findall(r"#/components/schemas/(\w+)", str(schemas[name]))) - found
    return found


def _fields(schema: Schema) -> dict[str, str]:
    required = schema.get("required", [])
    return {name: _type(each) + ("" if name in required else " = None") for name, each in schema["properties"].items()}


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return f"Literal[{', '.join(_quoted(word) for word in schema['enum'])}]"
    if "type" not in schema:
        return "Any"
    if schema["type"] == "array":
        return f"list[{_type(schema['items'])}]"
    if schema["type"] == "object":
        return f"dict[str, {_type(schema['additionalProperties'])}]"
    return FORMATS.get(schema.get("format", ""), SIMPLE[schema["type"]])


def _quoted(word: str) -> str:
    return f'"{word}"'


def _in_order(fields: dict[str, dict[str, str]]) -> list[str]:
    """Each type after those that it is made of."""
    done: list[str] = []

    def visit(name: str) -> None:
        used = re.findall(r"\w+", f"{_base(name, fields) or ''} {' '.join(fields[name].values())}")
        for other in used:
            if other in fields and other != name and other not in done:
                visit(other)
        if name not in done:
            done.append(name)

    for name in fields:
        visit(name)
    return done


def _base(name: str, fields: dict[str, dict[str, str]]) -> str | None:
    """The largest other type of which this one has every field."""
    own = fields[name].items()
    smaller = [each for each in fields if len(fields[each]) > 1 and fields[each].items() < own]
    return max(smaller, key=lambda each: len(fields[each]), default=None)


def _class(name: str, schema: Schema, fields: dict[str, dict[str, str]]) -> str:
    base = _base(name, fields)
    more = [f"    {field}: {kind}" for field, kind in fields[name].items() if field not in fields.get(base or "", {})]
    about = textwrap.fill(schema["description"], 112, initial_indent='    """', subsequent_indent="    ")
    about += '"""' if "\n" not in about else '\n    """'
    head = f"@dataclass(frozen=True, kw_only=True)\nclass {name}{f'({base})' if base else ''}:"
    return "\n".join([head, about, "", *more]) + "\n"


def main() -> None:
    TYPES.write_text(make_types(describe_app(), names_read(clients())))
    print(f"{TYPES.name}: {len(TYPES.read_text().splitlines())} lines")


if __name__ == "__main__":
    main()
