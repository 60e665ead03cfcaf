"""What the dashboard takes the control plane's answers for is what the API document says they are."""

import ast
import re

import pytest

from dashboard.api_client import ApiClient
from dashboard.errors import ApiError
from scripts.make_dashboard_types import TYPES, clients, describe_app, make_types, names_read
from tests.control_plane.desk import Desk, make_desk
from tests.fakes.control_plane import TOKEN, FakeControlPlane

ANY = "[^/]+"


@pytest.fixture
def desk(clean_cloud) -> Desk:
    """The real control plane, in this process."""
    return make_desk(clean_cloud)


@pytest.fixture
def api(control_plane: FakeControlPlane) -> ApiClient:
    """The dashboard's client on the stand-in."""
    return ApiClient(control_plane.url, TOKEN)


def test_the_types_are_made_from_the_document_of_the_running_app(desk: Desk):
    document = desk.http.get("/openapi.json").json
    made = make_types(document, names_read(clients()))
    assert made == TYPES.read_text(), "run python -m scripts.make_dashboard_types"


def test_each_route_is_read_as_what_it_answers():
    answered = {}
    for path, operations in describe_app()["paths"].items():
        for method, about in operations.items():
            reply = next(reply for status, reply in about["responses"].items() if status.startswith("2"))
            schema = reply["content"].get("application/json", {}).get("schema", {})
            answered[method.upper(), path] = schema.get("$ref", "").rpartition("/")[2]
    asked = routes_asked(clients())
    assert len(asked) > 25
    for name, method, pattern in asked:
        routes = {path: read for (verb, path), read in answered.items() if verb == method}
        exact = pattern.replace(ANY, r"\{\w+\}")  # `/pairs/{pair_id}` is asked for a pair, never for `/pairs/counts`
        named = [read for path, read in routes.items() if re.fullmatch(exact, path)]
        names = set(named or [read for path, read in routes.items() if re.fullmatch(pattern, path)])
        assert names == {name}, (method, pattern)


def routes_asked(source: str) -> list[tuple[str, str, str]]:
    """Of each call of the client's wire: the answer's name, the method, and a pattern of the path."""
    asked = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(ast.Attribute(attr="_ask"), [ast.Attribute(attr=name), ast.Constant(value=method), path]):
                asked.append((name, method, pattern_of(path)))
            case ast.Call(ast.Attribute(attr="_walk"), [ast.Attribute(attr=name), path]):
                asked.append((name, "GET", pattern_of(path)))
    return asked


def pattern_of(path: ast.expr) -> str:
    parts = path.values if isinstance(path, ast.JoinedStr) else [path]
    return "".join(re.escape(part.value) if isinstance(part, ast.Constant) else ANY for part in parts)


def test_a_field_that_nobody_knows_is_passed_over(control_plane, api):
    control_plane.costs |= {"weather": "fine"}
    assert api.costs().documents == 4213


@pytest.mark.parametrize("change", [{"documents": None}, {"days": [{"date": "soon"}]}, {"caps": {}}])
def test_an_answer_of_another_shape_is_an_error_with_a_code_and_quotes_nothing(control_plane, api, change):
    control_plane.costs |= change
    with pytest.raises(ApiError) as raised:
        api.costs()
    assert raised.value.code == "answer_not_understood"
    assert "same version" in str(raised.value) and "soon" not in str(raised.value)


def test_a_field_that_is_missing_is_said_on_the_page(control_plane, open_page, shown):
    del control_plane.costs["caps"]
    assert "a form that this dashboard does not know" in shown(open_page(control_plane, "views/costs.py"))


def test_lists_are_read_to_their_end(control_plane, api):
    sample = control_plane.documents[0]
    control_plane.documents[:] = [sample | {"id": f"id-{number}"} for number in range(450)]
    assert [row.id for row in api.every_document()] == [f"id-{number}" for number in range(450)]
    assert len(api.first_findings(25)[0]) == 25
