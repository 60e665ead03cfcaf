"""Judging again with its price beforehand, the door to Claude, and what the analysis worker may do with its token."""

import httpx
import pytest

from local_cloud import Cloud
from tests.control_plane.desk import PDF, Desk, complete_a_document, declare, make_desk
from tests.queue.claims import new_analysis

SECRET = "a secret of the analysis worker"


@pytest.fixture
def keyless(clean_cloud: Cloud) -> Desk:
    """One document, read and sorted by rules while no key was set."""
    desk = make_desk(clean_cloud)
    complete_a_document(desk)
    return desk


@pytest.fixture
def house(keyless: Desk, clean_cloud: Cloud) -> Desk:
    """The same house after a key was set and its programs were started again."""
    return make_desk(
        clean_cloud, ANTHROPIC_API_KEY="sk-ant-test", ANALYSIS_WORKER_SECRET=SECRET, MAX_CLAUDE_DOLLARS_PER_DAY="1"
    )


def token(desk: Desk) -> dict[str, str]:
    reply = desk.http.post("/api/analysis/token", headers={"Authorization": f"Bearer {SECRET}"})
    assert reply.status_code == 200, reply.text
    return {"Authorization": f"Bearer {reply.json['token']}"}


def rpc(desk: Desk, worker: dict[str, str], verb: str, **arguments) -> httpx.Response:
    headers = {"apikey": desk.settings.supabase_publishable_key, **worker}
    return httpx.post(f"{desk.settings.supabase_url}/rest/v1/rpc/{verb}", headers=headers, json=arguments, timeout=20)


def claim(desk: Desk, worker: dict[str, str]) -> list[dict]:
    return rpc(desk, worker, "claim_analyses", max_jobs=10, lease_seconds=60, prompt_version="1").json()


def test_without_a_key_nothing_waits_and_nothing_would_be_spent(keyless: Desk):
    state = keyless.get("/api/analysis").json
    assert (state["door"]["status"], state["waiting"], state["sorted"]) == ("no_key", 0, 1)
    assert (state["without_key"]["documents"], state["without_key"]["usd"]) == (1, 0)
    assert state["without_key"]["basis"] == "off"


def test_a_key_set_later_spends_nothing_by_itself_and_one_button_has_them_judged_once(house: Desk):
    state = house.get("/api/analysis").json
    assert (state["door"]["status"], state["waiting"], state["without_key"]["documents"]) == ("open", 0, 1)
    estimate = house.get("/api/analysis/estimate", reason="no_key").json
    assert (estimate["documents"], estimate["pages"], estimate["basis"], estimate["days"]) == (1, 2, "assumed", 0)
    assert 0 < estimate["usd"] < 0.05
    assert house.post("/api/analysis/again", reason="no_key").json == {"queued": 1, "left": 0}
    assert house.post("/api/analysis/again", reason="no_key").json == {"queued": 0, "left": 0}
    state = house.get("/api/analysis").json
    assert (state["waiting"], state["waiting_for"], state["sorted"]) == (1, {"in_line": 1}, 0)
    assert state["waiting_usd"] == estimate["usd"]
    [document] = house.get("/api/documents").json["documents"]
    assert (document["status"], document["analysis_status"], document["analysis_reason"]) == (
        "completed", "waiting", "in_line",
    )  # fmt: skip


def test_the_queue_of_gpus_and_the_totals_know_nothing_of_it_but_its_count(house: Desk):
    house.post("/api/analysis/again", reason="no_key")
    assert house.clients.database.get_queue_stats() == []
    totals = house.get("/api/totals").json
    assert (totals["open"], totals["reconciled"], totals["waiting_for_analysis"]) == (0, True, 1)
    assert [job["kind"] for job in house.get("/api/jobs").json["jobs"]] == ["read"]
    assert [job["kind"] for job in house.get("/api/jobs", kind="analyse").json["jobs"]] == ["analyse"]


def test_what_waits_can_be_taken_out_of_the_line(house: Desk):
    house.post("/api/analysis/again", reason="no_key")
    assert house.post("/api/analysis/cancel").json == {"cancelled": 1}
    assert house.get("/api/analysis").json["waiting"] == 0


def test_a_person_pauses_and_resumes_claude(house: Desk):
    assert house.post("/api/claude/pause", message="On holiday.").json["status"] == "paused"
    door = house.get("/api/analysis").json["door"]
    assert (door["code"], door["message"]) == ("by_hand", "On holiday.")
    assert house.post("/api/claude/resume").json["status"] == "open"
    kinds = [event["kind"] for event in house.get("/api/events").json["events"]]
    assert kinds[-2:] == ["door_paused", "door_resumed"]


@pytest.mark.parametrize(
    "body", [{"reason": "bored"}, {"document_id": "x"}, {"force": True}, {"date_from": "soon"}, {"priority": "now"}]
)
def test_a_malformed_wish_is_refused_with_a_sentence(house: Desk, body: dict):
    reply = house.post("/api/analysis/again", **body)
    assert (reply.status_code, reply.json["code"]) == (400, "bad_argument")


def test_a_document_tells_its_runs(house: Desk):
    [document] = house.get("/api/documents").json["documents"]
    [run] = house.get(f"/api/documents/{document['id']}/runs").json["runs"]
    assert (run["analyst"], run["outcome"], run["reason"], run["is_shown"], run["claude_usd"]) == (
        "rules", "sorted", "claude_off", True, 0,
    )  # fmt: skip
    assert house.get("/api/documents/6f1c2a9e-0000-4000-8000-000000000000/runs").status_code == 404


# The analysis worker


@pytest.mark.parametrize("sent", ["", "wrong"])
def test_only_its_secret_gets_a_token(house: Desk, keyless: Desk, sent: str):
    for desk in (house, keyless):  # the second has none set: an empty secret must not open it
        reply = desk.http.post("/api/analysis/token", headers={"Authorization": f"Bearer {sent}"})
        assert (reply.status_code, reply.json["code"]) == (401, "unauthorized")


def test_its_token_is_good_for_its_own_verbs_and_nothing_else(house: Desk):
    worker = token(house)
    assert claim(house, worker) == []
    assert rpc(house, worker, "claim_jobs", max_jobs=1, lease_seconds=60).status_code == 403
    assert rpc(house, worker, "get_totals").status_code == 403
    headers = {"apikey": house.settings.supabase_publishable_key, **worker}
    assert httpx.get(f"{house.settings.supabase_url}/rest/v1/processing_jobs", headers=headers).status_code == 403
    assert house.http.get("/api/analysis", headers=worker).status_code == 401
    assert house.http.post("/api/worker/token", headers=worker).status_code == 401


def test_a_rented_machine_s_token_opens_none_of_its_doors(house: Desk):
    machine = house.worker("aseagi-local-00000001")
    assert rpc(house, machine, "claim_analyses", max_jobs=1, lease_seconds=60, prompt_version="1").status_code == 403
    reply = house.http.post("/api/analysis/urls", headers=machine, json={"job_id": "x", "lease_token": "x"})
    assert (reply.status_code, reply.json["code"]) == (401, "token_invalid")


def test_it_reads_what_the_reading_left_and_leaves_its_analysis_in_the_chain(house: Desk):
    house.post("/api/analysis/again", reason="no_key")
    worker = token(house)
    [job] = claim(house, worker)
    lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
    content = {"analysis.json": b'{"analyst": "claude"}'}
    urls = house.http.post("/api/analysis/urls", headers=worker, json={**lease, "put": declare(content)}).json
    assert set(urls["get"]) == {"ocr.txt", "metadata.json", "thumbnail.jpg", "analysis.json"}
    assert httpx.get(urls["get"]["ocr.txt"]).content == b"MOTION text"
    assert all(httpx.get(url).content != PDF for url in urls["get"].values())
    target = urls["put"]["analysis.json"]
    httpx.put(target["url"], content=content["analysis.json"], headers=target["headers"]).raise_for_status()
    file = {"key": target["key"], "bytes": 21, "sha256": "b6" * 32}
    [(call,)] = house.sql(
        "insert into claude_calls (job_id, document_id, kind, model, status, outcome, reserved_usd, expires_at) values"
        " (%s, %s, 'quick', 'm', 'settled', 'answered', 0.01, now()) returning id::text",
        job["job_id"], job["document_id"],
    )  # fmt: skip
    found = new_analysis(analyst="claude", summary="Judged.") | {"calls": [call]}
    result = {"analysis": found, "artifacts": {"analysis.json": file}}
    assert rpc(house, worker, "complete_analysis", **lease, result=result).json() == [{"status": "completed"}]
    document = house.get(f"/api/documents/{job['document_id']}").json
    assert (document["summary"], document["judged"], document["custody"]["intact"]) == ("Judged.", "all", True)
    assert document["artifact_files"]["analysis.json"] == {"bytes": 21, "sha256": "b6" * 32}
    reply = house.http.post("/api/analysis/urls", headers=worker, json=lease)
    assert (reply.status_code, reply.json["code"]) == (409, "lease_lost")


def test_it_may_leave_no_other_file(house: Desk):
    worker = token(house)
    body = {"job_id": "6f1c2a9e-0000-4000-8000-000000000000", "lease_token": "6f1c2a9e-0000-4000-8000-000000000000"}
    reply = house.http.post(
        "/api/analysis/urls", headers=worker, json={**body, "put": declare({"ocr.txt": b"forged"})}
    )
    assert (reply.status_code, reply.json["code"]) == (400, "bad_argument")
