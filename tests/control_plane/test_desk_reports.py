"""Findings, analytics, costs and events, over documents that a worker completed."""

from datetime import UTC, datetime

import pytest

from tests.control_plane.desk import PDF, Desk
from tests.control_plane.test_desk_jobs import complete_a_document


@pytest.fixture
def completed(desk: Desk) -> str:
    document_id, reply = complete_a_document(desk)
    assert reply.status_code == 200, reply.text
    return document_id


def test_findings_come_gravest_first_and_filtered(desk: Desk, completed: str):
    desk.sql(
        "insert into document_findings (document_id, kind, page, quote, score) select %s, 'contradiction', 1, 'q', n"
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
    desk.sql("update master_document_registry set fraud_score = 100, parties = %s where id = %s",
             '[{"name": "Ann Smith", "role": "mother"}]', completed)  # fmt: skip
    found = desk.get("/api/analytics").json
    assert (found["documents"], found["analysed"]) == (2, 1)
    assert found["by_type"] == {"motion": 1} and found["by_source"] == {"upload": 2}
    assert found["by_analyst"] == {"rules": 1} and found["findings_by_kind"] == {"perjury": 1}
    bars = found["scores"]["fraud_score"]
    assert [bar["documents"] for bar in bars] == [0] * 9 + [1]
    assert (bars[0]["low"], bars[0]["high"], bars[9]["high"]) == (0, 10, 100)
    assert sum(bar["documents"] for bar in found["scores"]["truth_score"]) == 0
    assert [each["documents"] for each in found["scores"]["relevancy_score"]].index(1) == 7
    assert [each["document_id"] for each in found["timeline"]] == [completed]
    assert found["parties"] == [{"name": "Ann Smith", "role": "mother", "documents": 1}]


def test_an_empty_house_has_empty_reports(desk: Desk):
    assert desk.get("/api/findings").json == {"findings": [], "next": None}
    assert desk.get("/api/events").json == {"events": [], "next": None}
    found = desk.get("/api/analytics").json
    assert (found["documents"], found["by_type"], found["timeline"], found["parties"]) == (0, {}, [], [])
    spent = desk.get("/api/costs").json
    assert spent["today"] == {"machines_usd": 0, "claude_usd": 0, "total_usd": 0}
    assert (spent["usd_per_document"], spent["usd_per_page"]) == (None, None)


def test_costs_add_up_by_day_document_and_job(desk: Desk, completed: str):
    desk.sql("update instances set dph_total = 0.36, contract_id = 7, contract_at = now() - interval '100 seconds',"
             " destroyed_at = now(), state = 'destroyed', pages_done = 2")  # fmt: skip
    desk.sql(
        "insert into claude_calls (job_id, document_id, instance, model, state, outcome, reserved_usd, cost_usd,"
        " expires_at)"
        " select id, document_id, instance, 'm', 'settled', 'answered', 1, 0.05, now() from processing_jobs"
    )
    spent = desk.get("/api/costs").json
    assert spent["month"]["total_usd"] == pytest.approx(0.06, abs=1e-6)
    assert spent["month"]["claude_usd"] == pytest.approx(0.05)
    assert spent["days"][-1]["date"] == datetime.now(UTC).date().isoformat() and len(spent["days"]) == 31
    assert sum(day["machines_usd"] for day in spent["days"]) == pytest.approx(0.01, abs=1e-6)
    assert spent["usd_per_document"] == pytest.approx(0.06, abs=1e-6)
    assert spent["usd_per_page"] == pytest.approx(0.03, abs=1e-6)
    assert spent["caps"]["max_machines"] == desk.settings.max_machines
    [job] = desk.get("/api/jobs").json["jobs"]
    assert job["cost_usd"] == pytest.approx(0.06, abs=1e-6)


def test_events_are_read_on_from_an_id(desk: Desk):
    desk.upload(PDF)
    first = desk.get("/api/events").json
    assert [event["kind"] for event in first["events"]] == ["job_queued"]
    assert first["events"][0]["detail"]["source"] == "upload"
    desk.upload(PDF, "again.pdf")
    later = desk.get("/api/events", after=first["next"]).json
    assert [event["kind"] for event in later["events"]] == ["document_duplicate"]
    assert desk.get("/api/events", after=later["next"]).json == {"events": [], "next": later["next"]}
