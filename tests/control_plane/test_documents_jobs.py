"""Jobs, documents and machines over HTTP."""

import uuid

import httpx
import pytest

from tests.control_plane.desk import PDF, Desk, complete_a_document


def test_jobs_are_listed_newest_first_and_page_by_page(desk: Desk):
    for number in range(5):
        desk.upload(PDF + bytes([65 + number]), f"{number}.pdf")
    first = desk.get("/api/jobs", limit=2).json
    second = desk.get("/api/jobs", limit=2, cursor=first["next"]).json
    desk.upload(PDF, "arrives meanwhile.pdf")
    third = desk.get("/api/jobs", limit=2, cursor=second["next"]).json
    names = [job["original_filename"] for page in (first, second, third) for job in page["jobs"]]
    assert names == ["4.pdf", "3.pdf", "2.pdf", "1.pdf", "0.pdf"]
    assert third["next"] is None
    assert desk.get("/api/jobs/latest").json["original_filename"] == "arrives meanwhile.pdf"


def test_jobs_are_filtered_by_status_and_batch(desk: Desk):
    batch = desk.upload_many(("a.txt", b"a"), ("b.txt", b"b")).json
    alone = desk.upload(PDF).json
    desk.post(f"/api/jobs/{batch['files'][0]['job_id']}/cancel")
    names = [job["original_filename"] for job in desk.get("/api/jobs", status="cancelled").json["jobs"]]
    assert names == ["a.txt"]
    assert len(desk.get("/api/jobs", batch_id=batch["batch_id"]).json["jobs"]) == 2
    assert desk.get("/api/jobs", status="queued", batch_id=batch["batch_id"]).json["jobs"][0]["id"] != alone["job_id"]


def test_a_job_has_every_field_of_the_contract(desk: Desk):
    job = desk.get(f"/api/jobs/{desk.upload(PDF).json['job_id']}").json
    required = desk.documented()["paths"]["/api/jobs/{job_id}"]["get"]["responses"]["200"]["content"]
    assert set(required["application/json"]["schema"]["required"]) <= set(job)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/jobs?status=gone", 400, "bad_argument"),
        ("/api/jobs?limit=0", 400, "bad_argument"),
        ("/api/jobs?limit=many", 400, "bad_argument"),
        ("/api/jobs?cursor=x", 400, "bad_argument"),
        ("/api/jobs?batch_id=7", 400, "bad_argument"),
        ("/api/jobs/latest", 404, "not_found"),
        ("/api/jobs/7", 404, "not_found"),
        ("/api/jobs/00000000-0000-4000-8000-000000000000", 404, "not_found"),
        ("/api/documents/00000000-0000-4000-8000-000000000000", 404, "not_found"),
        ("/api/documents/../secrets", 404, "not_found"),
        ("/api/documents?min_relevancy=1000", 400, "bad_argument"),
        ("/api/instances/nobody/logs", 404, "not_found"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(desk: Desk, path: str, status: int, code: str):
    reply = desk.get(path)
    assert (reply.status_code, reply.json["code"]) == (status, code)


def test_a_job_can_be_cancelled_once_and_retried(desk: Desk):
    job_id = desk.upload(PDF).json["job_id"]
    assert desk.post(f"/api/jobs/{job_id}/retry").json["code"] == "wrong_state"
    assert desk.post(f"/api/jobs/{job_id}/cancel").json["status"] == "cancelled"
    again = desk.post(f"/api/jobs/{job_id}/cancel")
    assert (again.status_code, again.json["code"]) == (409, "wrong_state")
    assert desk.post(f"/api/jobs/{job_id}/retry").json["status"] == "queued"
    unknown = desk.post(f"/api/jobs/{uuid.uuid4()}/cancel")
    assert (unknown.status_code, unknown.json["code"]) == (404, "not_found")


def test_totals_reconcile_when_every_job_has_ended(desk: Desk):
    batch = desk.upload_many(("a.txt", b"a"), ("b.txt", b"b")).json
    desk.upload(PDF)
    totals = desk.get("/api/totals", batch_id=batch["batch_id"]).json
    assert (totals["documents"], totals["open"], totals["reconciled"]) == (2, 2, False)
    for each in batch["files"]:
        desk.post(f"/api/jobs/{each['job_id']}/cancel")
    totals = desk.get("/api/totals", batch_id=batch["batch_id"]).json
    assert (totals["cancelled"], totals["open"], totals["reconciled"]) == (2, 0, True)
    assert desk.get("/api/totals").json["documents"] == 3


def test_a_completed_document_shows_its_findings_and_working_links(desk: Desk):
    document_id = complete_a_document(desk)
    document = desk.get(f"/api/documents/{document_id}").json
    assert (document["document_type"], document["relevancy_score"], document["analyst"]) == ("motion", 700, "rules")
    assert document["truth_score"] is None
    assert [(page["page"], page["outcome"]) for page in document["pages"]] == [(1, "ocr"), (2, "blank")]
    assert [(each["quote"], each["state"]) for each in document["findings"]] == [("he was not there", "exact")]
    assert [claim["value"] for claim in document["claims"] if claim["kind"] == "case_number"] == ["1:24-cv-7"]
    assert document["text_excerpt"].startswith("MOTION")
    assert httpx.get(document["artifacts"]["ocr.txt"]).text == "MOTION text"
    original = httpx.get(document["original"])
    assert original.content == PDF
    assert original.headers["content-disposition"] == "attachment; filename*=UTF-8''B%C3%BCrgschaft.pdf"
    assert httpx.get(document["thumbnail"]).content == b"jpeg"
    shown = httpx.get(document["view"])
    assert (shown.content, shown.headers["content-type"]) == (PDF, "application/pdf")
    assert shown.headers["content-disposition"] == "inline"
    desk.sql("update master_document_registry set mime_type = 'image/tiff'")  # which no browser shows
    assert desk.get(f"/api/documents/{document_id}").json["view"] is None
    pages = "jsonb_build_object('searchable.pdf', artifacts ->> 'metadata.json')"
    desk.sql(f"update master_document_registry set artifacts = artifacts || {pages}")
    shown = httpx.get(desk.get(f"/api/documents/{document_id}").json["view"])
    assert (shown.content, shown.headers["content-type"]) == (b"{}", "application/pdf")
    assert "object_key" not in document

    [listed] = desk.get("/api/documents", q="motion", min_relevancy=700, type="motion").json["documents"]
    assert listed["id"] == document_id and listed["findings_count"] == 1
    for question in ({"q": "100%_\"*"}, {"type": "lease"}, {"min_relevancy": 701}):
        answer = desk.get("/api/documents", **question).json
        assert answer == {"documents": [], "next": None, "total": 0, "is_at_least": False}


def test_machines_can_be_watched_asked_for_and_destroyed(desk: Desk):
    desk.add_machine("aseagi-local-0000000a")
    desk.upload(PDF)
    desk.claim(desk.worker("aseagi-local-0000000a"))
    status = desk.get("/api/instances/status").json
    [machine] = status["instances"]
    assert (machine["label"], machine["status"], machine["jobs_held"]) == ("aseagi-local-0000000a", "ready", 1)
    assert status["renting"] == {"paused": False, "reason": None}

    assert desk.post("/api/instances/launch").json == {"label": None, "status": "requested"}
    assert desk.post("/api/renting/pause", reason="holiday").json == {"paused": True, "reason": "holiday"}
    refused = desk.post("/api/instances/launch")
    assert (refused.status_code, refused.json["code"]) == (409, "renting_paused")
    assert desk.http.post("/api/renting/resume", headers=desk.auth).json["paused"] is False

    reply = desk.post("/api/instances/aseagi-local-0000000a/destroy")
    assert (reply.status_code, reply.json["status"]) == (202, "destroying")
    assert desk.post("/api/instances/aseagi-local-0000000a/destroy").status_code == 202
    assert desk.post("/api/instances/nobody/destroy").json["code"] == "not_found"


def test_the_market_is_what_vast_answers(desk: Desk):
    offers = desk.get("/vastai/offers").json["offers"]
    prices = [offer["usd_per_page"] for offer in offers]  # in the scaler's order, and not by the hour
    assert prices and prices == sorted(prices) and offers[0]["hosting"] in ("community", "datacenter")
    assert desk.get("/vastai/contracts").json == {"contracts": []}
