"""Pairs over HTTP: a list by rank with totals and filters, both passages, decisions, the price beforehand."""

import uuid

import pytest

from tests.queue.conftest import machine, queue
from tests.queue.test_pairs import NEVER, OWNER, Papers

__all__ = ["machine", "queue"]


@pytest.fixture
def pair(queue, machine) -> dict:
    papers = Papers(queue, machine)
    papers.add(NEVER, voice="sworn")
    papers.add(OWNER)
    (found,) = papers.propose()
    return found


def test_a_pair_is_listed_opened_with_both_passages_and_decided(desk, pair):
    page = desk.get("/api/case/pairs", kind="contradiction", verdict="conflict,unjudged", state="undecided").json
    (listed,) = page["pairs"]
    assert (page["total"], page["next"], listed["id"]) == (1, None, str(pair["id"]))
    assert (listed["a"]["quote"], listed["a"]["speaker"]) == (NEVER["quote"], "Bo Lee")
    assert listed["b"]["page"] == 1 and listed["explained_by"] and listed["verdict_by"] == "rules"
    detail = desk.get(f"/api/case/pairs/{pair['id']}").json
    assert detail["a_around"] == {"before": "", "after": ""} and detail["decisions"] == []

    said = desk.post(f"/api/case/pairs/{pair['id']}/decision", state="accepted", why="Registered to him.").json
    assert (said["state"], said["decided_by"], said["why"]) == ("accepted", "owner", "Registered to him.")
    gone = str(uuid.uuid4())
    assert desk.post("/api/case/pairs/decide", ids=[gone, str(pair["id"])], state="later").json == {
        "decided": 1, "missing": 1,
    }  # fmt: skip
    states = [each["state"] for each in desk.get(f"/api/case/pairs/{pair['id']}").json["decisions"]]
    assert states == ["later", "accepted"], "what was decided before is kept"
    counts = desk.get("/api/case/pairs/counts").json
    assert (counts["later"], counts["conflicts"], counts["by_kind"]) == (1, 1, {"contradiction": 1})
    assert "quotes stand" in counts["rule"]


def test_filters_are_by_person_document_and_known_words(desk, pair):
    person, document = str(pair["people"][0]), str(pair["a_document"])
    for query, found in (
        ({"person_id": person}, 1), ({"person_id": document}, 0), ({"document_id": document}, 1),
        ({"document_id": person}, 0), ({"state": "dismissed"}, 0), ({"verdict": "unjudged"}, 0),
    ):  # fmt: skip
        assert desk.get("/api/case/pairs", **query).json["total"] == found, query
    assert desk.get("/api/case/pairs", state="maybe").json["code"] == "bad_argument"
    assert desk.get(f"/api/case/pairs/{document}").status_code == 404
    assert desk.get("/api/case/pairs/x").status_code == 404


def test_without_a_key_nothing_is_judged_and_the_estimate_says_so(desk, pair):
    answer = desk.get("/api/case/pairs/estimate").json
    assert (answer["documents"], answer["pairs"], answer["usd"], answer["basis"]) == (1, 1, 0.0, "off")
    assert desk.post("/api/case/pairs/judge").json["code"] == "claude_off"
