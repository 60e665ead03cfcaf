"""Every number of findings and differences, on every page, report and route, is of those that count, and says which."""

import re
import threading
from datetime import UTC, datetime
from html import unescape

import httpx
import pypdfium2
import pytest
from werkzeug.serving import make_server

from control_plane.telegram.answers import result_message
from dashboard import report_pdf, reports, tables
from dashboard.api_client import ApiClient
from tests.control_plane.desk import PDF, Desk
from tests.dashboard.case_room.conftest import open_room
from tests.dashboard.pages import open_page, shown
from tests.queue.claims import new_analysis, new_claim

TEXT = "He came at six. He came at nine. He was not there. Case FL-2024-1."
SIX, NINE, WRONG, UNPROVEN = "He came at six.", "He came at nine.", "He was not there.", "He flew to Mars."
PAIRS = """
with side as (select quote, jsonb_build_object('page', 1, 'start', start, 'quote', quote, 'voice', 'sworn',
    'speaker_id', null, 'starts', null, 'ends', null, 'precision', null) as said
  from (values ('He came at six.', 0), ('He came at nine.', 16)) v(quote, start))
insert into pairs (id, kind, proposed_by, score, a_document, a_key, a_side, b_document, b_key, b_side, proposer, stands,
  rule_kind, verdict, verdict_by, state, decided_by)
select gen_random_uuid(), p.kind, 'same_time', 20, a.id, 'a' || p.n, six.said, b.id, 'b' || p.n, nine.said, a.id,
  p.stands, p.kind, p.verdict, case when p.verdict is not null then 'rules' end, p.state, 'Dana'
from (values (1, 'contradiction', true, 'conflict', 'open'), (2, 'order_violation', true, 'conflict', 'later'),
    (3, 'contradiction', true, 'cannot_tell', 'accepted'), (4, 'contradiction', true, 'conflict', 'dismissed'),
    (5, 'contradiction', false, 'conflict', 'accepted'), (6, 'corroboration', true, 'no_conflict', 'accepted'),
    (7, 'contradiction', true, 'conflict', 'explained'), (8, 'contradiction', true, null, 'open'))
  p(n, kind, stands, verdict, state),
  (select id from master_document_registry order by seq limit 1) a,
  (select id from master_document_registry order by seq desc limit 1) b,
  (select said from side where quote like '%%six%%') six, (select said from side where quote like '%%nine%%') nine
"""
WITHIN, BETWEEN = 2, 3
"""Of four findings one is unproven and one marked as wrong; of eight pairs one is accepted and two are open."""


@pytest.fixture
def document_id(desk: Desk) -> str:
    """The paper with the findings; another one is beside it, with a pair of every kind between them."""
    made = [
        new_claim("finding", role="contradiction", quote=quote, number=60, stated_by="claude", state=state, reason="R")
        | ({"start": TEXT.index(quote)} if state == "exact" else {})
        for quote, state in ((SIX, "exact"), (NINE, "exact"), (WRONG, "exact"), (UNPROVEN, "none"))
    ]
    number = {"value": "FL-2024-1", "quote": "FL-2024-1", "stated_by": "claude", "start": TEXT.index("FL-2024-1")}
    worker = desk.add_machine("aseagi-local-00000001")
    for content, claims in ((PDF, [*made, new_claim("case_number", **number)]), (PDF + b"2", [])):
        desk.upload(content, f"paper {len(claims)}.pdf")
        job = desk.claim(worker)
        analysis = new_analysis(TEXT, analyst="claude", document_type="letter", claims=claims)
        result = {
            "sha256": job["sha256"], "mime_type": "application/pdf", "pages_total": 1, "seconds": 1.0, "chunks": [],
            "pages": [{"page": 1, "outcome": "ocr", "engine": "onnx", "words": 9}], "text": TEXT, "analysis": analysis,
            "artifacts": {"ocr.txt": {"key": f"{job['artifact_prefix']}ocr.txt", "bytes": 9, "sha256": "0" * 64}},
        }  # fmt: skip
        desk.clients.database.complete_job("aseagi-local-00000001", job["job_id"], job["lease_token"], result)
    desk.sql(PAIRS)
    ((told,),) = desk.sql("select distinct document_id::text from document_findings")
    findings = desk.get(f"/api/documents/{told}").json["findings"]
    (wrong,) = (row["id"] for row in findings if row["quote"] == WRONG)
    path = f"/api/documents/{told}/findings/{wrong}"
    assert desk.http.put(path, headers=desk.auth, json={"is_wrong": True}).status_code == 200
    return told


@pytest.fixture
def api(desk: Desk) -> ApiClient:
    return ApiClient("http://desk", desk.settings.control_plane_token, httpx.WSGITransport(app=desk.http.application))


def test_every_route_counts_what_counts(desk: Desk, api: ApiClient, document_id: str):
    every = api.analytics()
    assert (sum(every.findings_by_kind.values()), every.unproven_findings) == (WITHIN, 1)
    assert sum(map(sum, every.finding_strengths.values())) == WITHIN
    found = desk.get("/api/findings").json
    assert [row["quote"] for row in found["findings"]] == [NINE, SIX] and found["total"] == WITHIN
    assert [(row.findings, row.unproven_findings) for row in api.cases()] == [(WITHIN, 1)]
    listed = {row.id: row.findings_count for row in api.every_document()}
    assert listed[document_id] == WITHIN == sum(listed.values()) == api.document(document_id).findings_count
    counts = api.pair_counts()
    assert (counts.conflicts, counts.conflicts_accepted, sum(counts.by_kind.values())) == (BETWEEN, 1, BETWEEN)
    counted = desk.get("/api/case/pairs", counted="true").json
    assert sorted(pair["state"] for pair in counted["pairs"]) == ["accepted", "later", "open"]
    assert counted["total"] == BETWEEN


def test_every_page_of_the_case_room_says_which_and_its_number_opens_as_many(desk: Desk, document_id: str):
    room = open_room(desk)
    for page, says in (
        ("/", "2 findings within one document"), ("/", "3 differences between two (1 accepted, 2 open)"),
        ("/differences", "3 counted (1 accepted, 2 open)"), ("/papers", "2 findings within it"),
        (f"/reader/{document_id}", "Findings within this paper (2)"), ("/findings", "1–2 of 2 findings"),
    ):  # fmt: skip
        source = room.open(page)
        assert says in text_of(source), (page, says)
    for page, says, lists in (("/", "findings within", "1–2 of 2"), ("/", "differences between", "1–3 of 3"),
                              ("/differences", "counted", "1–3 of 3")):  # fmt: skip
        (address,) = re.findall(r'<a class="number" href="/case([^"]+)"><b>\d+</b> ' + says, room.open(page))
        assert lists in text_of(room.open(address)), (page, says, address)
    assert WRONG not in room.open("/findings") and UNPROVEN not in room.open("/findings")


def test_every_page_of_the_engine_room_says_which(desk: Desk, document_id: str, monkeypatch, tmp_path):
    server = make_server("127.0.0.1", 0, desk.http.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        for view, says in (
            ("analytics", ("Findings within one document", "Differences between two", "1 accepted, 2 open")),
            ("findings", ("findings within one document", SIX, NINE)), ("documents", ("2 findings within it",)),
            ("global_analysis", ("Differences (3: 1 accepted, 2 open)",)), ("document", ("Findings within it (2)",)),
        ):  # fmt: skip
            url, query = f"http://127.0.0.1:{server.server_port}", {"id": document_id} if view == "document" else {}
            page = shown(open_page(monkeypatch, url, desk.settings.control_plane_token, tmp_path,
                                   f"views/{view}.py", **query))  # fmt: skip
            assert all(each in page for each in says), (view, page[:3000])
            assert view == "document" or WRONG not in page and UNPROVEN not in page, view
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_every_report_table_and_message_says_which(desk: Desk, api: ApiClient, document_id: str):
    now = datetime.now(UTC)
    for number in (None, "FL-2024-1"):
        report = reports.case(api, now, number)
        within = 0 if number else BETWEEN  # the other paper is of no case
        assert report.figures[2:] == [
            ("findings within one document", str(WITHIN)),
            (f"differences ({'0 accepted, 0' if number else '1 accepted, 2'} open)", str(within)),
        ]
        pdf = pypdfium2.PdfDocument(report_pdf.render(report))
        said = " ".join(page.get_textpage().get_text_range() for page in pdf)
        assert WRONG not in said and UNPROVEN not in said and ("Contradiction" in said) and len(report.pairs) == within
    assert ("findings within one document", str(WITHIN)) in reports.weekly(api, now).figures
    table = tables.findings_csv(api.every_finding(), 100)
    assert SIX in table and WRONG not in table and UNPROVEN not in table
    document = desk.clients.database.get_document(document_id)
    assert document
    message = result_message(desk.clients, document)[0]
    assert SIX in message and WRONG not in message and UNPROVEN not in message


def text_of(source: str) -> str:
    """What a page says, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", source)).split())
