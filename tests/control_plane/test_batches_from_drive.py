"""Folders of Google Drive as batches, through Google's own client library and a stand-in of its API."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from control_plane.batches.importer import Importer, tick
from control_plane.drive.client import TRIES
from control_plane.intake.origin import Choices, Origin, read_origin
from inspector.kinds import TAKEN, explain_refusal
from tests.control_plane.desk import PDF, REPOSITORY, Desk, make_desk
from tests.fakes.drive import GOOGLE, FakeDrive
from tests.inspector_cases import files_of_every_kind


@pytest.fixture
def desk(clean_cloud, drive_settings: dict[str, str]) -> Desk:
    return make_desk(clean_cloud, MAX_UPLOAD_BYTES="20000000", **drive_settings)


@pytest.fixture
def importer(desk: Desk):
    with ThreadPoolExecutor(4) as pool:
        yield Importer(desk.settings, desk.clients.database, desk.clients.storage, pool, pool, strays_due=float("inf"))


def take_in(desk: Desk, importer: Importer, **request) -> dict:
    reply = desk.post("/batch/start", folder_id="folder-root", **request)
    assert reply.status_code == 201, reply.text
    while tick(importer):
        pass
    return desk.get("/batch/status", batch_id=reply.json["id"]).json["batches"][0]


def skipped(desk: Desk, batch: dict) -> dict[str, str]:
    listed = desk.get("/batch/skipped", batch_id=batch["id"]).json["skipped"]
    return {file["name"]: file["code"] for file in listed}


def downloads(drive: FakeDrive) -> int:
    return sum("alt=media" in request for request in drive.requests)


def test_where_a_file_lay_and_whose_it_is_is_kept(desk: Desk, importer: Importer, drive: FakeDrive):
    drive.add_folder("folder-sub", "Letters", "folder-root")
    drive.add_folder("folder-deep", "2023", "folder-sub")
    drive.add_file("file-1", "letter.pdf", "folder-deep", PDF)
    take_in(desk, importer)
    [(arrival,)] = desk.sql("select arrival from document_journal")
    assert arrival["path"] == "Letters/2023" and arrival["owner"] == "Dana W. <dana@example.org>"
    assert arrival["modified_at"].startswith("2026-") and arrival["link"].startswith("https://")


def test_a_folder_is_taken_in_with_its_subfolders(desk: Desk, importer: Importer, drive: FakeDrive):
    drive.add_folder("folder-sub", "Letters", "folder-root")
    for number in range(5):
        drive.add_file(f"file-{number}", f"{number}.pdf", "folder-root", PDF + b"%d" % number)
    drive.add_file("file-deep", "tief 📄.pdf", "folder-sub", PDF + b"deep")
    drive.add_file("file-form", "Intake form", "folder-root", b"", GOOGLE + "form")
    drive.add_file("file-exe", "setup.exe", "folder-root", b"MZ\x90\0", "application/x-msdownload")
    drive.add_file("file-lie", "virus.pdf", "folder-root", b"MZ\x90\0", "application/pdf")
    drive.add_file("file-none", "none.pdf", "folder-root", b"")
    found = desk.get("/batch/estimate", folder_id="folder-root").json
    assert (found["documents"], found["new"], found["unsupported"], found["empty"]) == (7, 7, 2, 1)
    assert downloads(drive) == 0 and desk.keys() == []
    batch = take_in(desk, importer, batch_size=3)
    assert (batch["name"], batch["folder_id"], batch["source"]) == ("Case 7", "folder-root", "drive")
    assert (batch["documents"], batch["unsupported"], batch["empty"], batch["status"]) == (6, 3, 1, "running")
    assert skipped(desk, batch) == {
        "Intake form": "no_export", "setup.exe": "unsupported_type", "virus.pdf": "unsupported_type",
        "none.pdf": "empty_file",
    }  # fmt: skip
    rows = desk.sql("select google_drive_id, original_filename, source from document_journal order by google_drive_id")
    assert rows[5] == ("file-deep", "tief 📄.pdf", "drive") and len(rows) == 6
    for key, document_id in desk.sql("select object_key, id::text from master_document_registry"):
        assert document_id in key
        assert b"".join(desk.clients.storage.read_chunks(key)).startswith(PDF)
    assert len(desk.keys()) == 6


def test_each_kind_is_taken_or_refused_by_its_bytes_and_told_what_to_do(
    desk: Desk, importer: Importer, drive: FakeDrive
):
    files = files_of_every_kind()
    for number, (name, (content, _)) in enumerate(files.items()):
        drive.add_file(f"file-{number}", name, "folder-root", content, "application/octet-stream")
    batch = take_in(desk, importer)
    taken = desk.sql("select original_filename, mime_type from master_document_registry")
    assert dict(taken) == {name: kind.mime_type for name, (_, kind) in files.items() if kind in TAKEN}
    listed = desk.get("/batch/skipped", batch_id=batch["id"], limit=200).json["skipped"]
    refused = {name: kind for name, (_, kind) in files.items() if kind not in TAKEN}
    assert {file["name"]: file["message"] for file in listed} == {n: explain_refusal(k) for n, k in refused.items()}


def test_google_s_own_documents_are_taken_in_as_pdf_once_for_each_version(
    desk: Desk, importer: Importer, drive: FakeDrive
):
    for kind in ("document", "spreadsheet", "presentation"):
        drive.add_file(f"file-{kind}", f"The {kind}", "folder-root", PDF, GOOGLE + kind)
    found = desk.get("/batch/estimate", folder_id="folder-root").json
    assert (found["new"], found["pages"], found["unsupported"], drive.exports) == (3, 23, 0, 0)
    batch = take_in(desk, importer)
    assert (batch["documents"], batch["unsupported"], drive.exports) == (3, 0, 3)
    names = desk.sql("select original_filename, mime_type from master_document_registry order by 1")
    assert names[0] == ("The document.pdf", "application/pdf")

    again = take_in(desk, importer)
    assert (again["documents"], again["known"], drive.exports) == (0, 3, 3)
    assert desk.get("/batch/estimate", folder_id="folder-root").json["known"] == 3
    drive.add_file("file-document", "The document", "folder-root", PDF + b"edited", GOOGLE + "document")
    assert (take_in(desk, importer)["documents"], drive.exports) == (1, 4)
    assert take_in(desk, importer, mime_types=["image/png"])["documents"] == 0


def test_a_document_too_large_to_export_is_named_with_what_to_do(desk: Desk, importer: Importer, drive: FakeDrive):
    drive.add_file("file-big", "Ledger", "folder-root", PDF + b" " * 11_000_000, GOOGLE + "spreadsheet")
    drive.add_file("file-good", "Minutes", "folder-root", PDF, GOOGLE + "document")
    drive.faults = [("file-good/export", "cut_off"), ("file-good/export", "rate_limit")]
    batch = take_in(desk, importer)
    assert (batch["documents"], batch["unsupported"], batch["status"]) == (1, 1, "running")
    [listed] = desk.get("/batch/skipped", batch_id=batch["id"]).json["skipped"]
    assert (listed["source_id"], listed["name"], listed["code"]) == ("file-big", "Ledger", "export_too_large")
    assert "10 MB" in listed["message"]
    [(key,)] = desk.sql("select object_key from master_document_registry")
    assert b"".join(desk.clients.storage.read_chunks(key)).startswith(PDF)


def test_known_bytes_are_not_read_again(desk: Desk, importer: Importer, drive: FakeDrive):
    drive.add_file("file-1", "one.pdf", "folder-root", PDF + b"1")
    drive.add_file("file-2", "same as one.pdf", "folder-root", PDF + b"1")
    drive.add_file("file-3", "uploaded before.pdf", "folder-root", PDF + b"3")
    desk.upload(PDF + b"3", "letter.pdf")
    batch = take_in(desk, importer)
    # Drive's MD5 makes no two files one: each is read once, and what we have by our own hash is not kept again.
    assert (batch["documents"], batch["known"], downloads(drive)) == (1, 2, 3)
    assert len(desk.keys()) == 2
    found = desk.get("/batch/estimate", folder_id="folder-root").json
    assert (found["documents"], found["known"], found["total_usd"]) == (3, 3, 0)
    assert take_in(desk, importer)["known"] == 3 and downloads(drive) == 3
    drive.add_file("file-1", "one.pdf", "folder-root", PDF + b"changed")
    assert take_in(desk, importer)["documents"] == 1


def test_a_large_file_is_read_in_chunks_and_resumed(desk: Desk, importer: Importer, drive: FakeDrive):
    content = PDF + os.urandom(10_000_000)
    drive.add_file("file-big", "big.pdf", "folder-root", content)
    drive.faults = [("alt=media", "rate_limit"), ("alt=media", "server_error"), ("files?", "server_error")]
    assert take_in(desk, importer)["documents"] == 1
    [(key, md5)] = desk.sql("select object_key, md5 from master_document_registry")
    assert md5 == drive.files["file-big"]["md5Checksum"]
    assert b"".join(desk.clients.storage.read_chunks(key)) == content
    assert drive.faults == [] and downloads(drive) == 5


def test_a_cut_connection_is_taken_up_where_it_broke(desk: Desk, importer: Importer, drive: FakeDrive):
    drive.add_file("file-1", "one.pdf", "folder-root", PDF + os.urandom(9_000_000))
    drive.faults = [("alt=media", "cut_off")] * 2
    assert take_in(desk, importer)["documents"] == 1
    assert desk.sql("select md5 from master_document_registry") == [(drive.files["file-1"]["md5Checksum"],)]


def test_a_file_saved_anew_while_it_is_read_is_never_half_of_each(desk: Desk, importer: Importer, drive: FakeDrive):
    half = os.urandom(5_000_000)
    drive.add_file("file-1", "one.pdf", "folder-root", PDF + half + PDF[::-1])
    drive.faults = [("alt=media", "edited")]
    desk.post("/batch/start", folder_id="folder-root")
    while tick(importer):
        pass
    assert drive.faults == [] and desk.keys() == []
    while tick(importer):
        pass
    assert desk.sql("select md5 from master_document_registry") == [(drive.files["file-1"]["md5Checksum"],)]


def test_a_connection_that_is_always_cut_leaves_nothing_and_is_tried_again(
    desk: Desk, importer: Importer, drive: FakeDrive
):
    drive.add_file("file-1", "one.pdf", "folder-root", PDF + b"1")
    drive.add_file("file-2", "two.pdf", "folder-root", PDF + b"2")
    drive.faults = [("file-2", "cut_off")] * TRIES
    batch = take_in(desk, importer)
    assert batch["documents"] == 0 and "Drive" in batch["problem"]
    assert desk.keys() == [] and desk.doors() == {"drive": "drive_unavailable"}
    desk.make_doors_due()
    while tick(importer):
        pass
    batch = desk.get("/batch/status", batch_id=batch["id"]).json["batches"][0]
    assert (batch["documents"], batch["problem"]) == (2, None)


def test_a_file_that_may_not_be_downloaded_stops_nobody_else(desk: Desk, importer: Importer, drive: FakeDrive):
    drive.add_file("file-1", "locked.pdf", "folder-root", PDF + b"1")
    drive.add_file("file-2", "open.pdf", "folder-root", PDF + b"2")
    drive.faults = [("file-1", "forbidden")]
    batch = take_in(desk, importer)
    assert (batch["documents"], batch["unsupported"]) == (1, 1)
    assert skipped(desk, batch) == {"locked.pdf": "not_given_out"}


def test_a_limit_stores_nothing_beyond_it(desk: Desk, importer: Importer, drive: FakeDrive):
    for number in range(7):
        drive.add_file(f"file-{number}", f"{number}.pdf", "folder-root", PDF + b"%d" % number)
    batch = take_in(desk, importer, max_documents=4, batch_size=3)
    assert batch["documents"] == 4 and len(desk.keys()) == 4 and downloads(drive) == 4


def test_an_expired_page_begins_the_folder_anew(desk: Desk, importer: Importer, drive: FakeDrive):
    for number in range(4):
        drive.add_file(f"file-{number}", f"{number}.pdf", "folder-root", PDF + b"%d" % number)
    batch_id = desk.post("/batch/start", folder_id="folder-root", batch_size=2).json["id"]
    tick(importer)
    desk.sql("update batch_checkpoints set place = replace(place, '\"2\"', '\"expired\"')")
    while tick(importer):
        pass
    batch = desk.get("/batch/status", batch_id=batch_id).json["batches"][0]
    assert (batch["documents"], batch["known"], downloads(drive)) == (4, 2, 4)


def test_pausing_in_the_middle_of_a_step_leaves_no_object_behind(desk: Desk, importer: Importer, drive: FakeDrive):
    drive.add_file("file-1", "one.pdf", "folder-root", PDF)
    batch_id = desk.post("/batch/start", folder_id="folder-root").json["id"]
    store = importer.database

    class PausedMeanwhile(type(store)):
        def enqueue_objects(self, *arguments):
            desk.post("/batch/pause", batch_id=batch_id)
            return super().enqueue_objects(*arguments)

    importer.database = PausedMeanwhile(store._client)
    assert tick(importer) is False and downloads(drive) == 1
    assert desk.keys() == [] and desk.sql("select 1 from document_journal") == []
    importer.database = store
    desk.post("/batch/resume", batch_id=batch_id)
    while tick(importer):
        pass
    assert desk.sql("select count(*) from document_journal") == [(1,)]


def test_a_missing_folder_is_said_at_once(desk: Desk, drive: FakeDrive):
    drive.add_file("file-1", "one.pdf", "folder-root", PDF)
    for folder_id in ("folder-unknown", "file-1"):
        reply = desk.post("/batch/start", folder_id=folder_id)
        assert (reply.status_code, reply.json["code"]) == (404, "drive_folder_missing")
    assert desk.get("/batch/estimate", folder_id="folder-unknown").json["code"] == "drive_folder_missing"
    for folder_id in ("x' or '1'='1", "", 7):
        assert desk.post("/batch/start", folder_id=folder_id).json["code"] == "bad_argument"
    assert desk.post("/batch/start", folder_id="folder-root", prefix="inbox/").json["code"] == "bad_argument"
    assert desk.sql("select 1 from batches") == []


def test_a_revoked_token_is_said_and_the_batch_goes_on_after_it_is_renewed(
    desk: Desk, importer: Importer, drive: FakeDrive
):
    drive.add_file("file-1", "one.pdf", "folder-root", PDF)
    batch_id = desk.post("/batch/start", folder_id="folder-root").json["id"]
    drive.revoked = True
    refused = desk.post("/batch/start", folder_id="folder-root")
    assert (refused.status_code, refused.json["code"]) == (409, "drive_token_revoked")
    tick(importer)
    assert "revoked" in desk.get("/batch/status", batch_id=batch_id).json["batches"][0]["problem"]
    drive.revoked = False
    desk.make_doors_due()
    while tick(importer):
        pass
    batch = desk.get("/batch/status", batch_id=batch_id).json["batches"][0]
    assert (batch["documents"], batch["problem"]) == (1, None)


def test_without_credentials_drive_says_what_to_set(desk: Desk, tmp_path: Path):
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    for settings in (
        replace(desk.settings, google_drive_credentials_file=None),
        replace(desk.settings, google_drive_credentials_file=tmp_path / "none.json"),
        replace(desk.settings, google_drive_credentials_file=broken),
    ):
        desk.http.application.extensions["settings"] = settings
        reply = desk.post("/batch/start", folder_id="folder-root")
        assert (reply.status_code, reply.json["code"]) == (400, "drive_not_configured")


def test_a_person_connects_a_drive_once(desk: Desk, importer: Importer, drive: FakeDrive, tmp_path: Path):
    client = {
        "installed": {
            "client_id": "7", "client_secret": "shh", "redirect_uris": ["http://localhost"],
            "auth_uri": f"{drive.url}/auth", "token_uri": f"{drive.url}/token",
        }
    }  # fmt: skip
    client_file, token_file = tmp_path / "client.json", tmp_path / "token.json"
    client_file.write_text(json.dumps(client))
    changes = {"GOOGLE_DRIVE_CREDENTIALS_FILE": str(client_file), "GOOGLE_DRIVE_TOKEN_FILE": str(token_file)}
    # Google's library refuses plain http unless it is told that this is a test.
    environ = desk.environ | changes | {"PATH": os.environ["PATH"], "OAUTHLIB_INSECURE_TRANSPORT": "1"}
    login = subprocess.Popen(
        [sys.executable, "-u", "-m", "control_plane", "drive-login"],
        cwd=REPOSITORY, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        address = ""
        while not (found := re.search(r"http://\S+/auth\S+", address)):
            address = login.stdout.readline()
            assert address, "the login ended without an address"
        asked = parse_qs(urlsplit(found.group()).query)
        assert asked["scope"] == ["https://www.googleapis.com/auth/drive.readonly"]
        drive.faults = []
        answer = {"code": "yes", "state": asked["state"][0], "scope": asked["scope"][0]}
        page = httpx.get(asked["redirect_uri"][0], params=answer, timeout=20)
        assert page.status_code == 200
        assert login.wait(30) == 0, login.stdout.read()
    finally:
        login.kill()
        login.wait()
        login.stdout.close()
    assert token_file.stat().st_mode & 0o777 == 0o600

    drive.add_file("file-1", "one.pdf", "folder-root", PDF)
    settings = replace(
        desk.settings, google_drive_credentials_file=client_file, google_drive_token_file=token_file
    )
    desk.http.application.extensions["settings"] = importer.settings = settings
    assert take_in(desk, importer)["documents"] == 1


def test_an_api_that_is_not_enabled_is_named_and_takes_no_file_for_refused(
    desk: Desk, importer: Importer, drive: FakeDrive
):
    drive.add_file("one", "one.pdf", "folder-root", PDF)
    drive.faults = [("/drive/v3/files/folder-root", "not_enabled")]
    refused = desk.post("/batch/start", folder_id="folder-root")
    assert (refused.status_code, refused.json["code"]) == (500, "drive_api_off")
    batch_id = desk.post("/batch/start", folder_id="folder-root").json["id"]
    drive.faults = [("/drive/v3/files/one", "not_enabled")]
    tick(importer)
    waiting = desk.get("/batch/status", batch_id=batch_id).json["batches"][0]
    assert "enable it in the Google Cloud Console" in waiting["problem"] and waiting["unsupported"] == 0
    desk.make_doors_due()
    while tick(importer):
        pass
    assert desk.sql("select original_filename from document_journal") == [("one.pdf",)]


def test_what_drive_gave_is_kept_with_its_choices_and_not_fetched_again_after_a_stop(
    desk: Desk, importer: Importer, drive: FakeDrive
):
    drive.add_file("one", "one.pdf", "folder-root", PDF)
    drive.add_file("doc", "Statement", "folder-root", PDF + b"doc", f"{GOOGLE}document")
    batch = take_in(desk, importer, placement="local_only")
    stored = desk.keys()
    for key in stored:
        origin = read_origin(desk.clients.storage.head(key).metadata)
        assert origin == Origin("drive", Choices("low", "local_only", False), batch["id"])
    fetched = downloads(drive)
    desk.post("/batch/stop", batch_id=batch["id"])
    again = take_in(desk, importer)
    assert (again["documents"], again["open"], again["known"]) == (2, 2, 0)
    assert downloads(drive) == fetched, "the bytes are here"
    assert desk.sql("select distinct placement from processing_jobs") == [("local_only",)]
    assert desk.sql("select count(*) from master_document_registry") == [(2,)]


def test_of_a_sample_only_the_files_that_were_drawn_are_downloaded(desk: Desk, importer: Importer, drive: FakeDrive):
    for number in range(3):
        drive.add_file(f"file-{number}", f"letter-{number}.pdf", "folder-root", PDF + b"%d" % number)
    asked = desk.post("/api/estimates", folder_id="folder-root").json
    assert asked["listing"]["new"] == 3
    desk.sql("""update batches set limits = limits || '{"sample": ["drive:file-1"]}'""")
    while tick(importer):
        pass
    sample = desk.get("/batch/status", batch_id=asked["sample_batch_id"]).json["batches"][0]
    assert (sample["documents"], downloads(drive)) == (1, 1)
    assert desk.sql("select original_filename from master_document_registry") == [("letter-1.pdf",)]
    [(key,)] = desk.sql("select private.read_sample(%s) -> 0 ->> 'key'", asked["sample_batch_id"])
    assert key == "drive:file-1", "what reading made of it is found by the key that was drawn"
