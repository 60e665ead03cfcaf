"""A host who sends what is no result: each is refused, or harmless to everybody who reads the document afterwards."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from control_plane.telegram.answers import result_message
from dashboard import report_pdf, reports
from dashboard.api_client import ApiClient
from tests.control_plane.desk import PDF, Desk
from tests.security.host import TEXT, Host, new_result

CLAIM = {"kind": "fact", "state": "exact", "page": 1, "start": 0, "quote": "In the matter", "stated_by": "rules"}
DAY = {**CLAIM, "kind": "date", "value": "2024-05-01", "readings": ["2024-05-01"], "role": "signed"}
LONG, NUL, DEEP = "x" * 1_000_000, "a\0b", json.loads("[" * 200 + "]" * 200)
ODD: list[Any] = [None, True, -1, 1e400, "NaN", "x", [], {}, LONG, NUL, DEEP]


def about(**changes: Any) -> dict:
    return {"analysis": {"analyst": "rules", "document_type": "letter", "claims": []} | changes}


def page(**changes: Any) -> dict:
    return {"pages": [{"page": 1, "outcome": "ocr", "engine": "onnx", "words": 1} | changes]}


def chunk(**changes: Any) -> dict:
    return {"chunks": [{"page": 1, "text": "In the matter", "embedding": [0.1] * 384} | changes]}


MALFORMED: list[dict] = [
    *({name: value} for name in ("pages", "chunks", "artifacts", "analysis", "mail") for value in ("x", 7, DEEP)),
    *({"seconds": value} for value in (-1, 1e400, "1", None)),
    *({"parts_total": value} for value in (-1, 1.5, "0", 10**9, 3)),
    *({"mime_type": value} for value in (None, "application/x-msdownload", "<script>", LONG)),
    *(page(page=value) for value in (0, -1, 2, 1.5, "1", 10**12)),
    *(page(**{name: value}) for name in ("engine", "reason") for value in (LONG, NUL, 7, {})),
    *(page(confidence=value) for value in (2, -1, "x", 1e400)),
    page(outcome="verified"), page(words=-5), page(rotation=45), page(verified=True), {"pages": []},
    {"pages": page()["pages"] * 2}, {"unknown": 1}, {"text": "another text"}, {"md5": "0" * 32},
    *(about(analyst=value) for value in ("claude", "person", None, "")),
    *(about(document_type=value) for value in ("<b>perjury</b>", LONG, 7, NUL)),
    *(about(summary=value) for value in (LONG, 7, NUL, {})),
    *(about(**{name: value}) for name, value in (
        ("model", "claude-sonnet"), ("fallback_reason", LONG), ("verified", True), ("scores", {"perjury_score": 99}),
        ("disagreements", [{"about": "x", "rules": "y", "claude": "z"}]), ("disagreements", {}), ("shown", [LONG]),
        ("careful_reasons", ["x"]), ("inputs_sha256", "x"),
        ("transcriptions", [{"page": 1, "kind": "chat", "engine": "claude", "lines": [{"text": "I did it"}]}]),
    )),
    *(about(claims=[CLAIM | change]) for change in (
        {"kind": "finding", "role": "perjury", "number": 100}, {"kind": "score", "role": "perjury_score", "number": 99},
        {"kind": "score", "role": "truth_score", "number": 1}, {"stated_by": "claude"}, {"state": "picture"},
        {"state": "picture", "start": None, "box": [0, 0, 1, 1]}, {"box": [0, 0, 9, 9]}, {"page": 0}, {"page": 7},
        {"start": -1}, {"start": 2**40}, {"quote": "words that nobody wrote"}, {"quote": ""}, {"quote": NUL},
        {"quote": LONG}, {"value": LONG}, {"value": {"a": 1}}, {"number": 1e400}, {"number": 10**12}, {"role": LONG},
        {"differs": "x"}, {"differs": [LONG]}, {"accepted": True}, {"is_own": "yes"}, {"readings": ["yesterday"]},
    )),
    *(about(claims=[DAY | change]) for change in (
        {"value": "2024-13-45", "readings": ["2024-13-45"]}, {"value": "infinity", "readings": ["infinity"]},
        {"readings": ["2024-05-01", "2024-01-05"]}, {"readings": []}, {"value": "0000-00-00"},
    )),
    about(claims=[CLAIM] * 2001), about(claims=CLAIM), about(claims=None),
    *(chunk(**change) for change in (
        {"embedding": [0.1] * 383}, {"embedding": [1e400] * 384}, {"embedding": "x"}, {"embedding": None},
        {"text": "words that nobody wrote"}, {"text": NUL}, {"page": 9}, {"page": 0},
    )),
    {"chunks": chunk()["chunks"] * 501},
    *({"mail": {"message_id": "<1>", "thread_id": "<1>", "sent": None, "sender": "a", "recipients": [], "subject": "s"}
       | change} for change in ({"subject": LONG}, {"subject": NUL}, {"recipients": "x"}, {"recipients": [{}]},
                                {"recipients": ["x"] * 1000}, {"sent": "infinity" * 90}, {"sender": None})),
]  # fmt: skip


@pytest.fixture
def host(desk: Desk) -> Host:
    desk.upload(PDF)
    return Host.rent(desk)


def test_each_malformed_result_is_refused_and_nothing_of_it_is_kept(desk: Desk, host: Host):
    job = host.claim()
    host.put(job, {"ocr.txt": TEXT.encode()})
    for change in MALFORMED:
        reply = host.hand_in(job, new_result(job) | change)
        assert (reply.status_code, reply.json.get("code")) == (400, "bad_argument"), f"{change}"[:300]
    for body in [json.dumps(value).encode() for value in ODD] + [b"", b"{", b"\xff\xfe", b'{"sha256": "\\ud800"}']:
        assert host.hand_in(job, body).status_code == 400, body[:300]
    assert len(MALFORMED) > 100
    assert desk.sql("select status from processing_jobs") == [("processing",)]
    for table in ("document_pages", "document_claims", "document_repository", "analysis_runs", "document_embeddings"):
        assert desk.sql(f"select count(*) from {table}") == [(0,)], table
    assert host.hand_in(job, new_result(job)).status_code == 200, "an honest one is taken after all that"


HARMLESS = {
    "markup": "<script>alert(1)</script> & </b> *_`[x](javascript:x) \u202e",
    "pages": "a\n" * 2000,
    "controls": "".join(map(chr, range(1, 32))) + "\u2028\ufffe",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_taken_breaks_no_reader(desk: Desk, host: Host, name: str):
    """The longest and the oddest that the schema takes: every page, message, list and report can be made of it."""
    job, text = host.claim(), HARMLESS[name].replace("\f", "")
    quote = text.split("\n")[0][:100].strip() or "x"
    claim = CLAIM | {"kind": "party", "value": HARMLESS[name][:200], "role": "<b>", "quote": quote, "start": None,
                     "state": "none", "reason": HARMLESS[name][:500]}  # fmt: skip
    change = about(document_type="x" * 60, summary=HARMLESS[name][:20_000], claims=[claim] * 50)
    reply = host.read(job, text=text, **change, **page(reason=text[:900]))
    assert reply.status_code == 200, reply.text
    for path in ("documents", f"documents/{job['document_id']}", "jobs", "findings", "timeline", "cases", "analytics",
                 "totals", "search"):  # fmt: skip
        assert desk.get(f"/api/{path}", **({"q": "x"} if path == "search" else {})).status_code == 200, path
    document = desk.clients.database.get_document(job["document_id"])
    assert document is not None and result_message(desk.clients, document)[0]
    api = ApiClient("http://desk", desk.settings.control_plane_token, httpx.WSGITransport(app=desk.http.application))
    for report in (reports.case(api, datetime.now(UTC), None), reports.weekly(api, datetime.now(UTC))):
        assert report_pdf.render(report).startswith(b"%PDF")
    assert list(api.every_finding()) == []


def test_what_a_failure_tells_is_bounded(desk: Desk, host: Host):
    job = host.claim()
    pages = [{"page": 1, "outcome": "unreadable", "engine": LONG, "reason": LONG, "confidence": 7, "words": -9}]
    lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
    told = {"code": "corrupt_pdf", "message": LONG, "retry": False}
    assert host.sql("fail_job", **lease, **told, pages=pages).is_success
    rows = desk.sql("select length(engine), length(reason), confidence, words from document_pages")
    assert rows == [(200, 500, 0, 0)]
    assert desk.sql("select length(error_message) from processing_jobs") == [(500,)]
    assert desk.get("/api/jobs").status_code == 200
    for change in ({"code": "<b>"}, {"pages": "x"}, {"pages": [{"page": -1, "outcome": "ocr"}]}):
        assert host.sql("fail_job", **lease, **(told | change)).is_error
