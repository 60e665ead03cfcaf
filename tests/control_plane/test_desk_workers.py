"""A rented machine gets URLs for its own leases, a fresh token while it lives, and nothing else."""

import uuid

import httpx
import jwt
import pytest

from tests.control_plane.desk import PDF, Desk, wait_until


@pytest.fixture
def held(desk: Desk) -> tuple[dict, dict]:
    """A worker's headers, and the job it holds."""
    desk.upload(PDF)
    worker = desk.add_machine("aseagi-local-00000001")
    return worker, desk.claim(worker)


def ask(desk: Desk, worker: dict, job: dict, **changes):
    body = {"job_id": job["job_id"], "lease_token": job["lease_token"], "put": ["ocr.txt"]} | changes
    return desk.http.post("/api/worker/urls", headers=worker, json=body)


def test_a_lease_opens_its_own_document_and_its_own_artifacts(desk: Desk, held):
    worker, job = held
    reply = ask(desk, worker, job).json
    assert httpx.get(reply["get"]).content == PDF
    put = reply["put"]["ocr.txt"]
    assert put["key"] == job["artifact_prefix"] + "ocr.txt"
    assert httpx.put(put["url"], content=b"text").status_code == 200
    assert b"".join(desk.clients.storage.read_chunks(put["key"])) == b"text"
    assert httpx.put(reply["get"], content=b"other").status_code == 403
    assert httpx.get(put["url"]).status_code == 403


def test_another_machine_gets_nothing_of_it(desk: Desk, held):
    _, job = held
    reply = ask(desk, desk.add_machine("aseagi-local-00000002"), job)
    assert (reply.status_code, reply.json["code"]) == (409, "lease_lost")


@pytest.mark.parametrize("change", ["lease_token", "job_id"])
def test_a_guessed_lease_opens_nothing(desk: Desk, held, change: str):
    worker, job = held
    reply = ask(desk, worker, job, **{change: str(uuid.uuid4())})
    assert (reply.status_code, reply.json["code"]) == (409, "lease_lost")


@pytest.mark.parametrize("ending", ["expired", "cancelled", "machine destroyed"])
def test_a_lease_that_ended_opens_nothing(desk: Desk, held, ending: str):
    worker, job = held
    if ending == "expired":
        desk.sql("update processing_jobs set lease_expires_at = now() - interval '1 second'")
    elif ending == "cancelled":
        desk.post(f"/api/jobs/{job['job_id']}/cancel")
    else:
        desk.sql("update instances set state = 'destroying'")
    reply = ask(desk, worker, job)
    assert (reply.status_code, reply.json["code"]) == (409, "lease_lost")


@pytest.mark.parametrize("name", ["../raw/x", "a/b", "", ".hidden", "x" * 81, 7, "a..b"])
def test_an_artifact_name_stays_in_its_folder(desk: Desk, held, name):
    worker, job = held
    reply = ask(desk, worker, job, put=[name])
    assert (reply.status_code, reply.json["code"]) == (400, "bad_argument")


def test_a_request_without_sense_is_refused(desk: Desk, held):
    worker, job = held
    assert ask(desk, worker, job, job_id="7").json["code"] == "bad_argument"
    assert ask(desk, worker, job, put="ocr.txt").json["code"] == "bad_argument"
    reply = desk.http.post("/api/worker/urls", headers=worker, data=b"x")
    assert (reply.status_code, reply.json["code"]) == (400, "not_json")


def test_a_token_is_renewed_while_the_machine_lives(desk: Desk):
    worker = desk.add_machine("aseagi-local-00000001", "booting")
    reply = desk.http.post("/api/worker/token", headers=worker)
    assert reply.status_code == 200
    claims = jwt.decode(reply.json["token"], desk.settings.supabase_jwt_secret, algorithms=["HS256"])
    assert (claims["role"], claims["instance"]) == ("gpu_worker", "aseagi-local-00000001")
    desk.claim_headers = {"Authorization": f"Bearer {reply.json['token']}"}
    assert desk.http.post("/api/worker/token", headers=desk.claim_headers).status_code == 200


@pytest.mark.parametrize("state", ["destroying", "destroyed", None])
def test_a_token_dies_with_its_machine(desk: Desk, state):
    label = "aseagi-local-00000001"
    worker = desk.add_machine(label, state) if state else desk.worker(label)
    reply = desk.http.post("/api/worker/token", headers=worker)
    assert (reply.status_code, reply.json["code"]) == (401, "token_dead")


def test_expired_and_foreign_tokens_are_refused_everywhere(desk: Desk):
    label = "aseagi-local-00000001"
    desk.add_machine(label)
    other_role = jwt.encode({"role": "service_role", "exp": 2**40}, desk.settings.supabase_jwt_secret)
    no_end = jwt.encode({"role": "gpu_worker", "instance": label}, desk.settings.supabase_jwt_secret)
    cases = [
        (desk.worker(label, seconds=-1), "token_expired"),
        (desk.worker(label, secret="x" * 40), "token_invalid"),
        ({"Authorization": f"Bearer {other_role}"}, "token_invalid"),
        ({"Authorization": f"Bearer {no_end}"}, "token_invalid"),
        ({"Authorization": f"Bearer {desk.settings.control_plane_token}"}, "token_invalid"),
        ({}, "token_invalid"),
    ]
    for path in ("/api/worker/urls", "/api/worker/token", "/api/worker/goodbye"):
        for headers, code in cases:
            reply = desk.http.post(path, headers=headers, json={})
            assert (reply.status_code, reply.json["code"]) == (401, code), (path, headers)


def test_goodbye_marks_the_machine_and_may_be_said_twice(desk: Desk):
    worker = desk.add_machine("aseagi-local-00000001")
    for _ in range(2):
        reply = desk.http.post("/api/worker/goodbye", headers=worker)
        assert (reply.status_code, reply.json) == (202, {"label": "aseagi-local-00000001"})
    assert desk.sql("select state from instances") == [("destroying",)]


def test_a_link_opens_nothing_once_it_has_expired(desk: Desk, held):
    _, job = held
    link = desk.clients.storage.presign_get(job["object_key"], 1)
    wait_until(lambda: httpx.get(link).status_code == 403, 20)
    assert PDF not in httpx.get(link).content
