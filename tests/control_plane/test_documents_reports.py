"""Findings, analytics, costs and events, over documents that a worker completed."""

import json
from datetime import UTC, datetime

import pytest
from jsonschema import validate

from tests.control_plane.desk import PDF, Desk
from tests.control_plane.test_documents_jobs import complete_a_document

EVIDENCE = """[{"score": "truth_score", "page": 1, "quote": "he was not there", "verified": true, "reason": "x"},
    {"score": "relevancy_score", "page": 1, "quote": "MOTION", "verified": true, "reason": "x"},
    {"score": "fraud_score", "page": 1, "quote": "never said", "verified": false, "reason": "x"}]"""


@pytest.fixture
def completed(desk: Desk) -> str:
    document_id = complete_a_document(desk)
    return document_id


def test_findings_come_gravest_first_and_filtered(desk: Desk, completed: str):
    desk.sql(
        "insert into document_findings (document_id, kind, page, quote, score, verified)"
        " select %s, 'contradiction', 1, 'q', n, true"
        " from generate_series(1, 4) n",
        completed,
    )
    first = desk.get("/api/findings", limit=3).json
    rest = desk.get("/api/findings", limit=3, cursor=first["next"]).json
    assert [row["score"] for row in first["findings"] + rest["findings"]] == [80, 4, 3, 2, 1]
    assert rest["next"] is None
    [perjury] = desk.get("/api/findings", kind="perjury").json["findings"]
    assert (perjury["original_filename"], perjury["document_type"]) == ("Bürgschaft.pdf", "motion")
    assert perjury["verified"] is True
    assert len(desk.get("/api/findings", min_score=3).json["findings"]) == 3
    assert desk.get("/api/findings", kind="rumour").json["code"] == "bad_argument"


def test_analytics_count_what_was_judged(desk: Desk, completed: str):
    desk.upload(PDF + b"waiting")
    desk.sql("update master_document_registry set fraud_score = 100, parties = %s, score_evidence = %s where id = %s",
             '[{"name": "Ann Smith", "role": "mother"}]', EVIDENCE.replace("false", "true"), completed)  # fmt: skip
    found = desk.get("/api/analytics").json
    assert (found["documents"], found["analysed"]) == (2, 1)
    assert found["by_type"] == {"motion": 1} and found["by_source"] == {"upload": 2}
    assert found["by_analyst"] == {"rules": 1} and found["findings_by_kind"] == {"perjury": 1}
    bars = found["scores"]["fraud_score"]
    assert [bar["documents"] for bar in bars] == [0] * 9 + [1]
    assert (bars[0]["low"], bars[0]["high"], bars[9]["high"]) == (0, 10, 100)
    assert sum(bar["documents"] for bar in found["scores"]["truth_score"]) == 0
    assert [each["documents"] for each in found["scores"]["relevancy_score"]].index(1) == 7
    assert [each["document_id"] for each in desk.get("/api/timeline").json["timeline"]] == [completed]
    assert (found["dated"], found["named"], found["pages"]) == (1, 1, 2)
    assert found["finding_strengths"] == {"perjury": [0, 0, 1]}
    assert found["parties"] == [{"name": "Ann Smith", "role": "mother", "documents": 1}]


def test_what_does_not_stand_is_in_no_total(desk: Desk, completed: str):
    desk.sql("insert into document_findings (document_id, kind, page, quote, verified, score)"
             " values (%s, 'perjury', 1, 'never said', false, 99)", completed)  # fmt: skip
    desk.sql("update master_document_registry set analyst = 'claude', truth_score = 80, fraud_score = 97,"
             " score_evidence = %s where id = %s", EVIDENCE, completed)  # fmt: skip
    found = desk.get("/api/analytics").json
    assert (found["findings_by_kind"], found["unproven_findings"]) == ({"perjury": 1}, 1)
    counted = {name: sum(bar["documents"] for bar in bars) for name, bars in found["scores"].items()}
    assert (counted["truth_score"], counted["fraud_score"], counted["relevancy_score"]) == (1, 0, 1)
    [listed] = desk.get("/api/documents").json["documents"]
    assert (listed["findings_count"], listed["unproven_findings"]) == (1, 1)
    assert listed["unproven_scores"] == ["fraud_score"]
    assert [row["score"] for row in desk.get(f"/api/documents/{completed}").json["score_evidence"]] == [
        "truth_score", "relevancy_score", "fraud_score",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("analyst", "reason", "judged"),
    [
        ("rules", "claude_off", "none"),
        ("claude", None, "all"),
        ("claude", "refused on pages 61 to 120", "part"),
        ("claude", "only_first_pages: 1 to 360 of 900", "part"),
        (None, None, "none"),
    ],
)
def test_what_nobody_judged_is_said_so(desk: Desk, completed: str, analyst, reason, judged):
    desk.sql("update master_document_registry set analyst = %s, fallback_reason = %s", analyst, reason)
    assert desk.get("/api/analytics").json["judged"] == {"all": 0, "part": 0, "none": 0} | {judged: 1}
    assert desk.get(f"/api/documents/{completed}").json["judged"] == judged


MALFORMED = {
    "parties": ['"x"', "7", '[1, null, "x", {"name": 5}, {"name": {"a": 1}}, {"role": "x"}, {"name": "A", "role": 4}]'],
    "key_facts": ['"abc"', "7", '{"a": 1}', '[1, null, {"fact": 3}, {"fact": "so"}, ["x"]]'],
    "dates": ['"2024"', "7", "[1, null, [2]]"],
    "score_evidence": ['"x"', "{}", '[1, null, {"score": ["truth_score"]}, {"score": "truth_score", "page": "NaN"}]'],
}


@pytest.mark.parametrize("column", MALFORMED)
def test_a_malformed_stored_result_breaks_no_reader(desk: Desk, completed: str, column: str):
    """Every answer still has the shape that the API's own document promises."""
    desk.sql("update document_pages set confidence = 'NaN', seconds = 'Infinity'")
    desk.sql("update processing_jobs set seconds = 'NaN'")
    desk.sql("update document_findings set page = -4, quote = null")
    promised = desk.documented()["paths"]
    for value in MALFORMED[column]:
        desk.sql(f"update master_document_registry set {column} = %s, document_date = 'infinity'", value)
        for route in ("/api/documents/{document_id}", "/api/documents", "/api/analytics", "/api/findings", "/api/jobs",
                      "/api/timeline", "/api/cases"):  # fmt: skip
            reply = desk.get(route.format(document_id=completed))
            assert reply.status_code == 200, (route, value, reply.text)
            schema = promised[route]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            validate(json.loads(reply.text, parse_constant=pytest.fail), schema)
        assert desk.get("/api/search", q="motion").status_code == 200


def test_an_empty_house_has_empty_reports(desk: Desk):
    assert desk.get("/api/findings").json == {"findings": [], "next": None, "total": 0}
    assert desk.get("/api/events").json == {"events": [], "next": None}
    found = desk.get("/api/analytics").json
    assert (found["documents"], found["by_type"], found["parties"]) == (0, {}, [])
    assert desk.get("/api/timeline").json == {"timeline": [], "next": None}
    assert desk.get("/api/cases").json == {"cases": []}
    spent = desk.get("/api/costs").json
    assert spent["claude_prices"] == {"checked": str(desk.settings.claude.prices.checked), "is_old": False}
    assert spent["today"] == spent["today_at_most"] == {"machine_usd": 0, "claude_usd": 0, "total_usd": 0}
    assert (spent["usd_per_document"], spent["usd_per_page"]) == (None, None)


def test_costs_add_up_by_day_document_and_job(desk: Desk, completed: str):
    desk.sql("update machines set usd_per_hour = 0.36, contract_id = 7, contract_at = now() - interval '100 seconds',"
             " destroyed_at = now(), status = 'destroyed', pages_done = 2")  # fmt: skip
    desk.sql(
        "insert into claude_calls (job_id, document_id, machine, kind, model, status, outcome, reserved_usd, cost_usd,"
        " expires_at)"
        " select id, document_id, machine, 'quick', 'm', 'settled', 'answered', 1, 0.05, now() from processing_jobs"
    )
    spent = desk.get("/api/costs").json
    assert spent["month"]["total_usd"] == pytest.approx(0.06, abs=1e-6)
    assert spent["month"]["claude_usd"] == pytest.approx(0.05)
    assert spent["days"][-1]["date"] == datetime.now(UTC).date().isoformat() and len(spent["days"]) == 31
    assert sum(day["machine_usd"] for day in spent["days"]) == pytest.approx(0.01, abs=1e-6)
    assert spent["usd_per_document"] == pytest.approx(0.06, abs=1e-6)
    assert spent["usd_per_page"] == pytest.approx(0.03, abs=1e-6)
    assert spent["caps"]["max_machines"] == desk.settings.max_machines
    [job] = desk.get("/api/jobs").json["jobs"]
    assert job["total_usd"] == pytest.approx(0.06, abs=1e-6)


def test_events_are_read_on_from_an_id(desk: Desk):
    desk.upload(PDF)
    first = desk.get("/api/events").json
    assert [event["kind"] for event in first["events"]] == ["job_queued"]
    assert first["events"][0]["detail"]["source"] == "upload"
    desk.upload(PDF, "again.pdf")
    later = desk.get("/api/events", after=first["next"]).json
    assert [event["kind"] for event in later["events"]] == ["document_duplicate"]
    assert desk.get("/api/events", after=later["next"]).json == {"events": [], "next": later["next"]}
