"""Passwords of people's own files: sealed in the database, never told again but to the machine that needs them."""

import pytest

from control_plane.settings import Settings, SettingsError
from local_cloud import Cloud
from tests.control_plane.desk import PDF, Desk, make_desk

KEY = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTMyYnk="
PASSWORD = "Dana 1984 is secret"


@pytest.fixture
def desk(clean_cloud: Cloud) -> Desk:
    return make_desk(clean_cloud, PASSWORDS_KEY=KEY)


def ask(desk: Desk, worker: dict[str, str], job: dict):
    lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
    return desk.http.post("/api/worker/passwords", headers=worker, json=lease)


def test_the_machine_that_holds_the_file_gets_them_newest_first(desk: Desk):
    document_id = desk.upload(PDF).json["document_id"]
    worker = desk.add_machine("aseagi-local-00000001")
    job = desk.claim(worker)
    assert ask(desk, worker, job).json == {"passwords": []}
    for password in ("first", PASSWORD):
        assert desk.post("/api/passwords", password=password, note="the bank").status_code == 201
    assert ask(desk, worker, job).json == {"passwords": [PASSWORD, "first"]}
    told = desk.sql("select kind, machine from events where document_id = %s order by id", document_id)
    assert told[-1] == ("passwords_given", "aseagi-local-00000001")
    assert [kind for kind, _ in told].count("passwords_given") == 1  # with none to give, nothing was given
    assert desk.get(f"/api/documents/{document_id}/custody").json["custody"]["intact"]


def test_nobody_else_gets_them(desk: Desk):
    desk.post("/api/passwords", password=PASSWORD)
    desk.upload(PDF)
    job = desk.claim(desk.add_machine("aseagi-local-00000001"))
    stranger = desk.add_machine("aseagi-local-00000002")
    assert ask(desk, stranger, job).json["code"] == "lease_lost"
    assert desk.http.post("/api/worker/passwords", headers=desk.auth, json={}).status_code == 401


def test_they_are_sealed_and_never_told_again(desk: Desk):
    made = desk.post("/api/passwords", password=PASSWORD, note="the bank").json
    kept = desk.sql("select document_passwords::text from document_passwords")[0][0]
    assert PASSWORD not in kept and "the bank" in kept
    listed = desk.get("/api/passwords")
    assert PASSWORD not in listed.text and listed.json["passwords"][0]["note"] == "the bank"
    assert desk.http.delete(f"/api/passwords/{made['id']}", headers=desk.auth).json == {"passwords": []}
    assert desk.sql("select sealed from document_passwords") == [("",)]
    assert desk.http.delete(f"/api/passwords/{made['id']}", headers=desk.auth).json["code"] == "not_found"


def test_without_a_key_none_are_kept_and_another_key_opens_none(clean_cloud: Cloud, desk: Desk):
    assert make_desk(clean_cloud, PASSWORDS_KEY="").post("/api/passwords", password="x").json["code"] == "passwords_off"
    desk.post("/api/passwords", password=PASSWORD)
    desk.upload(PDF)
    worker = desk.add_machine("aseagi-local-00000001")
    job = desk.claim(worker)
    other = make_desk(clean_cloud, PASSWORDS_KEY=KEY.replace("c2", "d2"))
    assert ask(other, worker, job).json == {"passwords": []}


def test_a_new_key_in_front_of_the_old_one_loses_nothing(clean_cloud: Cloud, desk: Desk):
    desk.post("/api/passwords", password=PASSWORD)
    desk.upload(PDF)
    worker = desk.add_machine("aseagi-local-00000001")
    job, new = desk.claim(worker), KEY.replace("c2", "d2")
    changed = make_desk(clean_cloud, PASSWORDS_KEY=f"{new},{KEY}")
    changed.post("/api/passwords", password="the newer one")
    assert ask(changed, worker, job).json == {"passwords": ["the newer one", PASSWORD]}
    alone = make_desk(clean_cloud, PASSWORDS_KEY=new)
    assert ask(alone, worker, job).json == {"passwords": ["the newer one"]}, "the new key sealed it"
    with pytest.raises(SettingsError, match="PASSWORDS_KEY"):
        Settings.from_env(desk.environ | {"PASSWORDS_KEY": f"{new},short"})
