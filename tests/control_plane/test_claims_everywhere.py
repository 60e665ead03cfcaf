"""What does not stand is nowhere: every view, route, report and message is walked for the words of such claims."""

import json
from datetime import UTC, datetime

import httpx
import pypdfium2
import pytest

from control_plane.telegram.answers import result_message
from dashboard import report_pdf, reports
from dashboard.api_client import ApiClient
from tests.control_plane.desk import PDF, Desk
from tests.queue.claims import new_analysis, new_claim

TEXT = "In the matter of custody. Dated: May 1, 2024."
FORGED = "Zzforged"
ON_THE_PAGE = "matter of custody"
"""Words that do stand, but not where they were said to: the value is forged all the same."""
SCORES = ("truth_score", "justice_score", "fraud_score", "perjury_score", "legal_credit_score", "relevancy_score")


def forged(state: str) -> list[dict]:
    """One claim of every kind, whose words are those of no page, or of another one."""
    where = {"state": state, "stated_by": "claude", "reason": FORGED}
    where["quote"] = FORGED if state in ("none", "picture") else ON_THE_PAGE
    values = {"party": FORGED, "amount": FORGED, "case_number": f"FL-{FORGED}", "court": FORGED, "fact": FORGED}
    made = [new_claim(kind, value=value, role=FORGED, **where) for kind, value in values.items()]
    made.append(new_claim("date", value="1999-12-31", role="hearing", is_own=True, **where))
    made += [new_claim("finding", role=kind, number=99, **where) for kind in ("perjury", "contradiction")]
    return made + accusing(state)


def accusing(state: str) -> list[dict]:
    where = {"state": state, "stated_by": "claude", "quote": FORGED if state != "elsewhere" else ON_THE_PAGE}
    return [
        new_claim("score", role=name, number=799 if name == "legal_credit_score" else 77, reason=FORGED, **where)
        for name in SCORES
    ]


def seen() -> list[dict]:
    """Findings and scores that were only seen in a picture."""
    where = {"state": "picture", "stated_by": "claude", "quote": FORGED, "reason": FORGED}
    return [new_claim("finding", role="perjury", number=99, **where), *accusing("picture")]


@pytest.fixture
def document_id(desk: Desk, request) -> str:
    """A document of one page about which claims were made that do not stand, of every kind, before those that do."""
    made = {"none": forged, "elsewhere": forged, "picture": lambda _: seen()}[request.param](request.param)
    document_id = desk.upload(PDF, "paper.pdf").json["document_id"]
    worker = desk.add_machine("aseagi-local-00000001")
    job = desk.claim(worker)
    analysis = new_analysis(TEXT[:24], analyst="claude", document_type="letter", summary="A letter.", claims=made)
    result = {
        "sha256": job["sha256"], "mime_type": "application/pdf", "pages_total": 1, "seconds": 1.0, "chunks": [],
        "pages": [{"page": 1, "outcome": "ocr", "engine": "onnx", "words": 9}], "text": TEXT, "analysis": analysis,
        "artifacts": {"ocr.txt": {"key": f"{job['artifact_prefix']}ocr.txt", "bytes": 9, "sha256": "0" * 64}},
    }  # fmt: skip
    desk.clients.database.complete_job("aseagi-local-00000001", job["job_id"], job["lease_token"], result)
    desk.clients.database.index_texts()  # as the importer does
    return document_id


@pytest.mark.parametrize("document_id", ["none", "elsewhere", "picture"], indirect=True)
def test_what_does_not_stand_is_nowhere(desk: Desk, document_id: str):
    for view in ("document_list", "job_list", "finding_list", "timeline_list", "case_list"):
        row = desk.sql(f"select coalesce(json_agg(v)::text, '') from {view} v")[0][0]
        assert_clean(view, row if view != "document_list" else without_evidence(row))
    assert_clean("passages", str(desk.sql("select search from document_passages")))
    for route in ("documents", "findings", "timeline", "cases", "analytics", "jobs", "totals", "search?q=zzforged"):
        path, _, query = route.partition("?")
        assert_clean(route, json.dumps(desk.get(f"/api/{path}", **dict([query.split("=")] if query else [])).json))
    document = desk.clients.database.get_document(document_id)
    assert_clean("telegram", result_message(desk.clients, document)[0])
    api = ApiClient("http://desk", desk.settings.control_plane_token, httpx.WSGITransport(app=desk.http.application))
    for report in (reports.case(api, datetime.now(UTC), None), reports.weekly(api, datetime.now(UTC))):
        pdf = pypdfium2.PdfDocument(report_pdf.render(report))
        assert_clean("report", " ".join(page.get_textpage().get_text_range() for page in pdf))
        assert report.figures[0][1] == "1" and ("findings within one document", "0") in report.figures
    assert list(api.every_finding()) == []  # which the CSV is made of
    analytics = api.analytics()
    assert sum(bar.documents for bars in analytics.scores.values() for bar in bars) == 0
    assert (analytics.findings_by_kind, analytics.parties, analytics.dated) == ({}, [], 0)


@pytest.mark.parametrize("document_id", ["none", "elsewhere"], indirect=True)
def test_its_own_page_says_what_does_not_count(desk: Desk, document_id: str):
    claims = desk.get(f"/api/documents/{document_id}").json["claims"]
    assert {claim["kind"] for claim in claims} >= {"party", "date", "amount", "case_number", "court", "fact", "score"}
    assert not any(claim["accepted"] for claim in claims)


def assert_clean(where: str, said: str) -> None:
    for word in (FORGED.lower(), "1999-12", '"score": 99', ": 77", ": 799"):
        assert word not in said.lower(), (where, word, said[:3000])


def without_evidence(rows: str) -> str:
    """The documents without what their own page shows of scores that do not count."""
    return json.dumps([{**row, "score_evidence": []} for row in json.loads(rows)])
