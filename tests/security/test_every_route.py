"""Every route of the API document, called by whoever may not and with whatever comes to mind."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.control_plane.desk import Desk, complete_a_document
from tests.control_plane.people import bearer, join, session_of, sign_in

MAY = {"owner": {"read", "upload", "decide", "admin"}, "helper": {"read", "upload", "decide"}, "lawyer": {"read"}}
# They end in the world outside (a market, Drive, a mailbox), which these tests do not have, or are streams of files.
LEFT_OUT = ("/vastai/", "/drive/", "/batch/estimate", "/claude/", "/telegram/", "/api/instances/")
NOBODYS = "6f1c2a9e-0000-4000-8000-000000000000"
ODD = st.sampled_from(["", "0", "-1", "x", "ä\u2028", "%00", "9" * 30, NOBODYS, "null", "[]"])


def routes(desk: Desk) -> list[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of every operation that takes an operator's token."""
    return [
        (path, method, about)
        for path, operations in desk.documented()["paths"].items() for method, about in operations.items()
        if about["security"] == [{"operator": []}]
    ]  # fmt: skip


@pytest.mark.parametrize("role", ["helper", "lawyer"])
def test_no_role_does_what_it_may_not(desk: Desk, role: str):
    """Asked of the running app, route by route: a change that forgets to say who may make it is the owner's alone."""
    session = bearer(session_of(sign_in(desk, join(desk, "Anna", role))))
    tried = refused = 0
    for path, method, about in routes(desk):
        scope = re.search(r"Needs: (\w+)\.", about["description"])[1]
        if scope in MAY[role]:
            continue
        tried += 1
        answer = desk.http.open(re.sub(r"{\w+}", "x", path), method=method.upper(), headers=session)
        refused += (answer.status_code, answer.json["code"]) == (403, "role_may_not")
    assert tried == refused > 20


def test_a_lawyer_changes_nothing(desk: Desk):
    """Whatever a route says of itself: of all methods that change something only signing out is hers."""
    changing = [(path, about) for path, method, about in routes(desk) if method != "get"]
    open_to_all = {path for path, about in changing if "Needs: read." in about["description"]}
    assert open_to_all <= READING_POSTS, "a POST that only asks must be named here, and seen to change nothing"


def test_a_helper_may_say_whatever_people_say_of_papers_and_of_the_case(desk: Desk):
    """What costs money is the owner's alone."""
    judging = {
        (path, method): about["description"]
        for path, method, about in routes(desk)
        if method != "get" and {"Judgement", "Case"} & set(about["tags"]) and path not in COSTS_OR_READS
    }
    assert len(judging) > 20
    assert [each for each, said in judging.items() if "Needs: decide." not in said] == []


COSTS_OR_READS = {"/api/case/pairs/judge", "/api/case/ask"}
READING_POSTS = {"/api/me/sign-out", "/api/documents/zip", "/api/case/ask"}


def test_nothing_that_is_sent_makes_a_defect_or_an_answer_that_is_not_in_the_document(desk: Desk):
    """A bounded walk, the same each time: every route with odd paths, queries and bodies."""
    document_id = complete_a_document(desk)
    problems: set[str] = set()
    walked = [each for each in routes(desk) if not each[0].startswith(LEFT_OUT)]

    @settings(
        max_examples=400, deadline=timedelta(seconds=30), database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def walk(data: st.DataObject) -> None:
        path, method, about = data.draw(st.sampled_from(walked))
        ids = st.one_of(st.just(document_id), ODD.filter(bool))
        address = re.sub(r"{\w+}", lambda _: data.draw(ids).replace("/", ""), path)
        asked = [each["name"] for each in about["parameters"] if each["in"] == "query"]
        query = {name: data.draw(ODD) for name in asked if data.draw(st.booleans())}
        body = data.draw(body_of(about)) if "requestBody" in about else None
        sent = {"json": body} if body is not None else {}
        answer = desk.http.open(address, method=method.upper(), headers=desk.auth, query_string=query, **sent)
        if answer.status_code >= 500 or str(answer.status_code) not in about["responses"]:
            code = (answer.json or {}).get("code") if answer.is_json else None
            problems.add(f"{method.upper()} {path} → {answer.status_code} {code}")

    walk()
    assert not problems, "\n".join(sorted(problems))


def body_of(about: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A body that is right in form, field by field, or something else altogether."""
    content = next(iter(about["requestBody"]["content"].values()))["schema"]
    fields = {name: value_of(schema) for name, schema in content.get("properties", {}).items()}
    known = st.fixed_dictionaries({}, optional=fields)
    return st.one_of(known, known, known, st.sampled_from([[], "x", 1, {"x": None}]))


def value_of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "string": st.one_of(ODD, st.sampled_from(["\0", "a" * 5000, "2024-02-30", "../x"])),
        "integer": st.sampled_from([0, 1, -1, 2**31, 2**63, 10**30]),
        "number": st.sampled_from([0, 0.5, -1.5, 1e308]), "boolean": st.booleans(), "null": st.none(),
        "object": st.sampled_from([{}, {"x": 1}]), "array": st.sampled_from([[], ["x"], [None], [{}]]),
    }  # fmt: skip
    if "enum" in schema:
        return st.sampled_from([*schema["enum"], "other"])
    if "anyOf" in schema:
        return st.one_of([value_of(each) for each in schema["anyOf"]])
    if schema.get("type") == "array" and "items" in schema:
        return st.lists(value_of(schema["items"]), max_size=2)
    if schema.get("type") == "object" and schema.get("properties"):
        return st.fixed_dictionaries({}, optional={n: value_of(s) for n, s in schema["properties"].items()})
    return kinds.get(schema.get("type", ""), st.one_of(*kinds.values()))
