"""Whether a document is what it was: its stored bytes, its row, and the hashes in its chain of events."""

from hashlib import sha256

import httpx
import pytest

from tests.control_plane.desk import PDF, Desk, complete_a_document

NAMES = {"original", "analysis.json", "metadata.json", "ocr.txt", "thumbnail.jpg"}


def key_of(desk: Desk, name: str) -> str:
    column = "object_key" if name == "original" else f"artifacts ->> '{name}'"
    return desk.sql(f"select {column} from master_document_registry")[0][0]


def put(desk: Desk, key: str, content: bytes) -> None:
    writer = desk.clients.storage.open_writer(key, "text/plain", {})
    writer.write(content)
    writer.finish()


def test_a_document_shows_what_its_machine_handed_in(desk: Desk):
    document_id = complete_a_document(desk)
    document = desk.get(f"/api/documents/{document_id}").json
    assert document["artifact_files"]["ocr.txt"] == {"bytes": 11, "sha256": sha256(b"MOTION text").hexdigest()}
    assert set(document["artifact_files"]) == set(document["artifacts"])
    assert document["custody"] == {"events": 3, "intact": True, "broken_at": None}
    assert httpx.get(document["artifacts"]["thumbnail.jpg"]).headers["content-type"] == "image/jpeg"

    checked = desk.get(f"/api/documents/{document_id}/custody").json
    assert checked["unchanged"] is True
    assert {file["name"]: file["status"] for file in checked["files"]} == dict.fromkeys(NAMES, "unchanged")
    assert checked["files"][0]["sha256"] == sha256(PDF).hexdigest()


@pytest.mark.parametrize("name", ["original", "ocr.txt"])
def test_a_changed_or_missing_object_is_found(desk: Desk, name: str):
    document_id = complete_a_document(desk)
    put(desk, key_of(desk, name), b"MOTION lies")
    checked = desk.get(f"/api/documents/{document_id}/custody").json
    assert checked["unchanged"] is False and checked["custody"]["intact"] is True
    assert [file["name"] for file in checked["files"] if file["status"] == "changed"] == [name]
    desk.clients.storage.delete(key_of(desk, name))
    checked = desk.get(f"/api/documents/{document_id}/custody").json
    assert [file["name"] for file in checked["files"] if file["status"] == "missing"] == [name]


@pytest.mark.parametrize(
    ("change", "broken_at"),
    [
        ("update master_document_registry set sha256 = repeat('0', 64)", 1),
        ("update master_document_registry set artifacts = artifacts || '{\"ocr.txt\": \"processed/else/ocr.txt\"}'", 3),
        ("update master_document_registry set artifacts = artifacts - 'ocr.txt'", 3),
        (
            "update events set payload = jsonb_set(payload, '{artifacts,ocr.txt,sha256}', to_jsonb(repeat('0', 64)))"
            " where kind = 'job_completed'",
            3,
        ),
    ],
)
def test_a_changed_record_is_found(desk: Desk, change: str, broken_at: int):
    document_id = complete_a_document(desk)
    desk.sql(change)
    document = desk.get(f"/api/documents/{document_id}").json
    assert (document["custody"]["intact"], document["custody"]["broken_at"]) == (False, broken_at)
    assert desk.get(f"/api/documents/{document_id}/custody").json["unchanged"] is False


def test_a_document_nobody_has_read_has_only_its_original(desk: Desk):
    document_id = desk.upload(PDF).json["document_id"]
    checked = desk.get(f"/api/documents/{document_id}/custody").json
    assert [(file["name"], file["status"]) for file in checked["files"]] == [("original", "unchanged")]
    desk.sql("update master_document_registry set sha256 = null")  # as for an object of the bucket until it is read
    checked = desk.get(f"/api/documents/{document_id}/custody").json
    assert [file["status"] for file in checked["files"]] == ["not_recorded"]
