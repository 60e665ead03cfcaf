"""The control plane's rooms stand on each other one way: nothing imports upward, and no rooms import in a circle."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

FLOORS = (
    {"settings", "errors", "odd_rows"},
    {"vast", "drive", "mailbox", "registry", "storage", "telegram.client"},
    {"database"},
    {"clients"},
    {"http"},
    {
        "accounts", "intake", "documents", "batches", "fleet", "workers", "search", "claude", "telegram", "analysis",
        "webhooks", "judgement", "record", "case", "alarms", "metrics", "doors",
    },
    {"doctor", "readiness"},
    {"notify"},
    {"bundle", "health"},
    {"app"},
    {"control_plane"},
    {"server"},
    {"__main__"},
)
HOUSE = Path(__file__).parents[1] / "control_plane"


def room_of(module: str) -> str:
    """`control_plane.vast.rows` → `vast`; `control_plane` itself makes the app."""
    inside = module.removeprefix("control_plane").strip(".")
    return "telegram.client" if inside == "telegram.client" else inside.partition(".")[0] or "control_plane"


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(HOUSE.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): ast.parse(path.read_text()) for path in HOUSE.rglob("*.py")}


def imports_of(tree: ast.AST) -> set[str]:
    """Our modules that a module imports, those inside functions and for types alone included."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{each.name}" for each in node.names}
            found |= inside & MODULES.keys() or {node.module}
    return {name for name in found if name.partition(".")[0] == "control_plane"}


ARROWS = {(module, used) for module, tree in MODULES.items() for used in imports_of(tree)}


def floor_of(module: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room_of(module) in rooms)


def test_every_room_has_its_floor():
    assert {room_of(module) for module in MODULES} == set().union(*FLOORS)


def test_nothing_imports_upward():
    assert len(ARROWS) > 300
    assert [arrow for arrow in sorted(ARROWS) if floor_of(arrow[0]) < floor_of(arrow[1])] == []


def test_no_rooms_import_in_a_circle():
    rooms: dict[str, set[str]] = {}
    for module, used in ARROWS:
        if room_of(module) != room_of(used):
            rooms.setdefault(room_of(module), set()).add(room_of(used))
    assert len(tuple(TopologicalSorter(rooms).static_order())) == len(set().union(*FLOORS))


def test_no_room_imports_another_s_routes():
    """What two rooms need stands in the lower one, beside what it is about."""
    routes = {module for module, tree in MODULES.items() if "Blueprint(" in ast.unparse(tree)}
    for module, used in sorted(ARROWS):
        assert used not in routes or room_of(module) in (room_of(used), "app"), (module, used)
