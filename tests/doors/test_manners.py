"""The main job under each vendor's manners: what waits, what is told, and that it goes on by itself.

docs/vendors.md names these tests, one for each manner.
"""

from __future__ import annotations

import pytest

from tests.control_plane.desk import PDF
from tests.doors.conftest import House, WorkerClients


def alarms(house: House) -> list[str]:
    return [name for (name,) in house.desk.sql("select name from alarms where cleared_at is null order by id")]


# The object storage


@pytest.mark.parametrize(
    ("manner", "code"),
    [("full", "storage_full"), ("disk_full", "storage_full"), ("key_gone", "storage_key_refused"),
     ("no_bucket", "storage_bucket_missing")],
)
def test_a_storage_that_refuses_everything_costs_no_document_an_attempt(house: House, tmp_path, manner: str, code: str):
    for number in range(3):
        assert house.desk.upload(PDF + b"%d" % number).status_code == 201
    house.s3.manners = {manner}
    assert house.read(tmp_path) == "storage_unavailable"
    house.turn()
    assert house.desk.doors() == {"storage": code} and alarms(house) == ["storage_paused"]
    assert house.read_all(tmp_path) == [], "nothing is given out while nothing could be read or written"
    assert house.jobs() == [("queued", 0)] * 3
    assert house.desk.upload(PDF + b"later").status_code in (500, 503)

    house.desk.make_doors_due()
    house.turn()
    assert house.desk.doors() == {"storage": code}, "the careful call was refused, too"
    house.s3.manners = set()
    house.desk.make_doors_due()
    house.turn()
    assert house.desk.doors() == {} and house.read_all(tmp_path) == ["completed"] * 3 and alarms(house) == []


def test_a_region_that_is_away_for_an_hour_costs_nothing_but_the_hour(house: House, tmp_path):
    """What a person sees: 503 with a code to whoever sends, one alarm after ten minutes, and that all goes on."""
    house.put(inbox__one=PDF + b"one", inbox__two=PDF + b"two")
    for number in range(3):
        assert house.desk.upload(PDF + b"%d" % number).status_code == 201
    batch = house.start(prefix="inbox/")
    held = WorkerClients.of(house).queue.claim_jobs(1, 60)
    house.s3.manners = {"away"}
    assert house.read(tmp_path) == "storage_unavailable"
    for minutes in range(0, 60, 5):
        house.turn()
        assert house.desk.doors() == {"storage": "storage_unavailable"}
        assert alarms(house) == (["storage_paused"] if minutes >= 10 else [])
        assert house.read(tmp_path) is None, "nothing is given out"
        sent = house.desk.upload(PDF + b"later")
        assert (sent.status_code, sent.json["code"]) == (503, "storage_unavailable")
        house.desk.sql("update doors set since = since - interval '5 minutes' where name = 'storage'")
        house.desk.make_doors_due()
    house.desk.sql("update processing_jobs set lease_expires_at = now() where id = %s", held[0].job_id)
    house.desk.clients.database.release_expired_jobs()
    assert house.desk.sql("select count(*) from processing_jobs where status = 'failed'") == [(0,)]
    house.s3.manners = set()
    house.desk.make_doors_due()
    house.turn()
    assert house.desk.doors() == {} and alarms(house) == []
    assert house.desk.upload(PDF + b"later").status_code == 201
    assert house.read_all(tmp_path) == ["completed"] * 6
    house.turn()
    assert house.batch(batch)["status"] == "completed"
    assert house.desk.sql("select count(*) from master_document_registry") == [(6,)]


def test_what_a_sound_storage_refuses_counts_against_the_document(house: House):
    house.desk.upload(PDF)
    house.desk.sql("update doors set sound_at = now() where name = 'storage'")
    for attempt in (1, 2, 3):
        house.desk.sql("update processing_jobs set run_after = null")
        job = house.host.claim()
        body = {"code": "storage_unavailable", "message": "It broke off.", "retry": True, "pages": []}
        lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
        assert house.host.sql("fail_job", **lease, **body).json()[0]["status"] == (
            "failed" if attempt == 3 else "queued"
        )


def test_a_page_of_a_listing_without_anything_is_not_its_end(house: House, tmp_path):
    house.put(inbox__a_pdf=PDF + b"a", inbox__b_pdf=PDF + b"b")
    house.s3.manners = {"pauses_lists"}
    batch_id = house.start(prefix="inbox/")
    house.turn()
    assert house.s3.paused_lists and house.batch(batch_id)["documents"] == 2
    assert house.read_all(tmp_path) == ["completed"] * 2
    house.turn()
    assert house.batch(batch_id)["status"] == "completed"


def test_one_object_that_its_owner_keeps_costs_that_object(house: House, tmp_path):
    house.put(inbox__a_pdf=PDF + b"a", inbox__secret_pdf=PDF + b"b")
    house.s3.manners = {"keeps_one"}
    batch_id = house.start(prefix="inbox/")
    house.turn()
    assert house.desk.doors() == {} and house.batch(batch_id)["documents"] == 1
    assert house.skipped(batch_id) == {"inbox/secret_pdf": "object_not_given_out"}
    assert house.read_all(tmp_path) == ["completed"]


def test_a_batch_that_found_nothing_is_not_completed(house: House):
    batch_id = house.start(prefix="no-such-folder/")
    house.turn()
    batch = house.batch(batch_id)
    assert (batch["status"], batch["documents"]) == ("stopped", 0) and "There was no file" in batch["problem"]
    house.put(forms__a_exe=b"MZ\x90\0")
    batch_id = house.start(prefix="forms/")
    house.turn()
    assert house.batch(batch_id)["status"] == "stopped" and "1 files were seen" in house.batch(batch_id)["problem"]
    assert "batch_empty" in alarms(house)


# Google Drive

OF_ALL = [
    ("accessNotConfigured", "drive_api_off"), ("insufficientPermissions", "drive_scope_missing"),
    ("domainPolicy", "drive_access_refused"), ("dailyLimitExceeded", "drive_quota"),
    ("storageQuotaExceeded", "drive_access_refused"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "code"), OF_ALL)
def test_what_google_says_of_the_whole_login_pauses_drive_and_books_nothing(
    house: House, tmp_path, reason: str, code: str
):
    for number in range(3):
        house.drive.add_file(f"file-{number}", f"{number}.pdf", "folder-root", PDF + b"%d" % number)
    batch_id = house.start(folder_id="folder-root")
    house.drive.refusal = reason
    house.turn()
    assert house.desk.doors() == {"drive": code} and house.skipped(batch_id) == {}
    asked = len(house.drive.requests)
    house.turn()
    assert len(house.drive.requests) == asked, "nobody asks until it is due"
    house.drive.refusal = None
    house.desk.make_doors_due()
    house.turn()
    assert house.desk.doors() == {} and house.read_all(tmp_path) == ["completed"] * 3
    house.turn()
    assert (house.batch(batch_id)["status"], house.batch(batch_id)["documents"]) == ("completed", 3)


@pytest.mark.parametrize(
    ("reason", "code"), [("cannotDownloadAbusiveFile", "flagged_by_google"), ("cannotDownloadFile", "not_given_out")]
)
def test_what_google_says_of_one_file_costs_that_file(house: House, reason: str, code: str):
    house.drive.add_file("file-1", "bad.pdf", "folder-root", PDF + b"1")
    house.drive.add_file("file-2", "good.pdf", "folder-root", PDF + b"2")
    house.drive.file_refusals["file-1"] = reason
    batch_id = house.start(folder_id="folder-root")
    house.turn()
    assert house.desk.doors() == {} and house.batch(batch_id)["documents"] == 1
    assert house.skipped(batch_id) == {"bad.pdf": code}


def test_a_file_out_of_quota_is_asked_for_again_behind_all_others(house: House, tmp_path):
    house.drive.add_file("file-1", "often.pdf", "folder-root", PDF + b"1")
    house.drive.add_file("file-2", "seldom.pdf", "folder-root", PDF + b"2")
    house.drive.file_refusals["file-1"] = "downloadQuotaExceeded"
    batch_id = house.start(folder_id="folder-root")
    house.turn()
    assert house.batch(batch_id)["documents"] == 1 and house.batch(batch_id)["status"] == "scanning"
    assert house.desk.doors() == {"drive": "drive_quota"} and house.read_all(tmp_path) == ["completed"]
    house.drive.file_refusals = {}
    house.desk.make_doors_due()
    house.turn()
    assert house.read_all(tmp_path) == ["completed"]
    house.turn()
    assert (house.batch(batch_id)["status"], house.batch(batch_id)["documents"]) == ("completed", 2)


def test_refusals_without_a_reason_are_not_booked_on_every_file(house: House):
    for number in range(4):
        house.drive.add_file(f"file-{number}", f"{number}.pdf", "folder-root", PDF + b"%d" % number)
        house.drive.file_refusals[f"file-{number}"] = "somethingNew"
    batch_id = house.start(folder_id="folder-root")
    house.turn()
    assert house.desk.doors() == {"drive": "drive_access_refused"} and house.skipped(batch_id) == {}
    house.drive.file_refusals = {"file-3": "somethingNew"}
    house.desk.make_doors_due()
    house.turn()
    assert house.batch(batch_id)["documents"] == 3 and house.skipped(batch_id) == {"3.pdf": "not_given_out"}


def test_odd_rows_of_a_drive_listing_cost_those_rows(house: House):
    house.drive.add_file("file-1", "one.pdf", "folder-root", PDF + b"1")
    house.drive.odd_rows = [
        {"name": "no id.pdf"}, {"id": None}, "a string", None,
        {"id": "file-1", "name": None, "size": None, "owners": [None], "modifiedTime": 7},
    ]  # fmt: skip
    batch_id = house.start(folder_id="folder-root")
    house.turn()
    assert house.batch(batch_id)["documents"] == 1 and house.batch(batch_id)["problem"] is None
