"""A rented machine gets URLs for its own leases, a fresh token while it lives, and nothing else."""

import uuid

import httpx
import jwt
import pytest

from control_plane.settings.signing_keys import read_key
from tests.control_plane.desk import PDF, Desk, declare, wait_until


@pytest.fixture
def held(desk: Desk) -> tuple[dict, dict]:
    """A worker's headers, and the job it holds."""
    desk.upload(PDF)
    worker = desk.add_machine("aseagi-local-00000001")
    return worker, desk.claim(worker)


def ask(desk: Desk, worker: dict, job: dict, **changes):
    put = declare({"ocr.txt": b"text"})
    body = {"job_id": job["job_id"], "lease_token": job["lease_token"], "put": put} | changes
    return desk.http.post("/api/worker/urls", headers=worker, json=body)


def test_a_lease_opens_its_own_document_and_its_own_artifacts(desk: Desk, held):
    worker, job = held
    reply = ask(desk, worker, job).json
    assert httpx.get(reply["get"]).content == PDF
    put = reply["put"]["ocr.txt"]
    assert put["key"] == job["artifact_prefix"] + "ocr.txt"
    assert httpx.put(put["url"], content=b"text", headers=put["headers"]).status_code == 200
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
        desk.sql("update machines set status = 'destroying'")
    reply = ask(desk, worker, job)
    assert (reply.status_code, reply.json["code"]) == (409, "lease_lost")


@pytest.mark.parametrize("attack", ["other bytes", "other MD5", "no MD5", "a longer body", "another type"])
def test_a_url_takes_only_the_bytes_it_was_made_for(desk: Desk, held, attack: str):
    worker, job = held
    put = ask(desk, worker, job).json["put"]["ocr.txt"]
    headers, content = dict(put["headers"]), b"lies"
    if attack == "other MD5":
        headers["Content-MD5"] = declare({"ocr.txt": content})[0]["md5"]
    elif attack == "no MD5":
        del headers["Content-MD5"]
    elif attack == "a longer body":
        headers["Content-Length"], content = "9", b"text lies"
    elif attack == "another type":
        headers["Content-Type"], content = "text/html", b"text"
    assert httpx.put(put["url"], content=content, headers=headers).status_code in (400, 403)
    assert set(desk.keys()) == {job["object_key"]}
    assert httpx.put(put["url"], content=b"text", headers=put["headers"]).status_code == 200


def test_what_is_stored_stays_whatever_its_machine_sends_later(desk: Desk, held):
    """Two files with one MD5 can be made in a minute, so the hash alone would not hold a host off."""
    worker, job = held
    put = ask(desk, worker, job).json["put"]["ocr.txt"]
    assert httpx.put(put["url"], content=b"text", headers=put["headers"]).status_code == 200
    again = ask(desk, worker, job, put=declare({"ocr.txt": b"lies"})).json["put"]["ocr.txt"]
    for target, content in ((put, b"text"), (put, b"lies"), (again, b"lies")):
        assert httpx.put(target["url"], content=content, headers=target["headers"]).status_code == 412
    bare = {name: value for name, value in again["headers"].items() if name != "If-None-Match"}
    assert httpx.put(again["url"], content=b"lies", headers=bare).status_code == 403
    assert b"".join(desk.clients.storage.read_chunks(put["key"])) == b"text"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../raw/x"}, {"name": "page.html"}, {"name": ""}, {"name": 7}, {"bytes": -1}, {"bytes": "4"},
        {"bytes": True}, {"bytes": None}, {"md5": None}, {"md5": "x" * 24}, {"md5": "é" * 24}, {"md5": "eA=="},
    ],
    ids=str,
)  # fmt: skip
def test_an_artifact_is_declared_in_full(desk: Desk, held, change: dict):
    worker, job = held
    [declared] = declare({"ocr.txt": b"text"})
    reply = ask(desk, worker, job, put=[declared | change])
    assert (reply.status_code, reply.json["code"]) == (400, "bad_argument")


def test_no_artifact_is_larger_than_a_sound_one(desk: Desk, held):
    worker, job = held
    [declared] = declare({"thumbnail.jpg": b"jpeg"})
    assert ask(desk, worker, job, put=[declared | {"bytes": 4 * 1024**2}]).status_code == 200
    reply = ask(desk, worker, job, put=[declared | {"bytes": 4 * 1024**2 + 1}])
    assert (reply.status_code, reply.json["code"]) == (413, "artifact_too_large")


def test_a_request_without_sense_is_refused(desk: Desk, held):
    worker, job = held
    assert ask(desk, worker, job, job_id="7").json["code"] == "bad_argument"
    assert ask(desk, worker, job, put="ocr.txt").json["code"] == "bad_argument"
    assert ask(desk, worker, job, put=declare({"ocr.txt": b"text"}) * 2).json["code"] == "bad_argument"
    reply = desk.http.post("/api/worker/urls", headers=worker, data=b"x")
    assert (reply.status_code, reply.json["code"]) == (400, "not_json")


def test_a_token_is_renewed_while_the_machine_lives(desk: Desk):
    worker = desk.add_machine("aseagi-local-00000001", "booting")
    reply = desk.http.post("/api/worker/token", headers=worker)
    assert reply.status_code == 200
    claims = jwt.decode(reply.json["token"], read_key(desk.settings.supabase_jwt_secret), algorithms=["ES256"])
    assert (claims["role"], claims["machine"]) == ("gpu_worker", "aseagi-local-00000001")
    desk.claim_headers = {"Authorization": f"Bearer {reply.json['token']}"}
    assert desk.http.post("/api/worker/token", headers=desk.claim_headers).status_code == 200


@pytest.mark.parametrize("status", ["destroying", "destroyed", None])
def test_a_token_dies_with_its_machine(desk: Desk, status):
    label = "aseagi-local-00000001"
    worker = desk.add_machine(label, status) if status else desk.worker(label)
    reply = desk.http.post("/api/worker/token", headers=worker)
    assert (reply.status_code, reply.json["code"]) == (401, "token_dead")


def test_expired_and_foreign_tokens_are_refused_everywhere(desk: Desk):
    label = "aseagi-local-00000001"
    desk.add_machine(label)
    key = read_key(desk.settings.supabase_jwt_secret).key
    other_role = jwt.encode({"role": "service_role", "exp": 2**40}, key, algorithm="ES256")
    no_end = jwt.encode({"role": "gpu_worker", "machine": label}, key, algorithm="ES256")
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
    assert desk.sql("select status from machines") == [("destroying",)]


def test_a_worker_that_finds_its_machine_unfit_says_so_in_words_of_ours(desk: Desk):
    worker = desk.add_machine("aseagi-local-00000001")
    for wrong in ("<b>look</b>", ["gpu_unusable"], 1):
        reply = desk.http.post("/api/worker/goodbye", headers=worker, json={"fault": wrong})
        assert (reply.status_code, reply.json["code"]) == (400, "bad_argument")
    assert desk.http.post("/api/worker/goodbye", headers=worker, json={"fault": "gpu_unusable"}).status_code == 202
    ended = desk.sql("select status, blame, destroy_reason from machines")
    assert ended == [("destroying", "machine", "its worker cannot use the GPU")]


def test_a_link_opens_nothing_once_it_has_expired(desk: Desk, held):
    _, job = held
    link = desk.clients.storage.presign_get(job["object_key"], 1)
    wait_until(lambda: httpx.get(link).status_code == 403, 20)
    assert PDF not in httpx.get(link).content
