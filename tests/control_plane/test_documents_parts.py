"""Files inside documents over HTTP: both ways, page by page, with the reason why one was not taken."""

import pytest

from tests.control_plane.desk import Desk

MAIL = {"message_id": "<1@a>", "thread_id": "<1@a>", "sent": "2024-03-05T18:03:00-08:00", "sender": "Marcus",
        "recipients": ["Dana"], "subject": "Visit"}  # fmt: skip


@pytest.fixture
def container(desk: Desk) -> dict:
    """An e-mail that was read, with 3 files inside: one taken, two not."""
    desk.upload(b"From: a\nTo: b\nMessage-ID: <1@a>\n\nNo.\n", "mail.eml")
    worker = desk.add_machine("aseagi-local-00000001")
    job = desk.claim(worker)
    rows = [
        {"position": 1, "role": "attachment", "name": "order.pdf", "sha256": "1" * 64, "bytes": 9, "code": None,
         "mime_type": "application/pdf", "key": job["artifact_prefix"] + "part-000001"},
        {"position": 2, "role": "attachment", "name": "old.doc", "sha256": "2" * 64, "bytes": 9,
         "code": "unsupported_type", "mime_type": "application/msword"},
        {"position": 3, "role": "inline", "name": "nothing.png", "code": "empty_file"},
    ]  # fmt: skip
    desk.clients.database.add_parts("aseagi-local-00000001", job["job_id"], job["lease_token"], rows)
    pages = [{"page": 1, "outcome": "text_layer", "words": 1}]
    result = {"sha256": job["sha256"], "mime_type": "message/rfc822", "pages_total": 1, "pages": pages, "text": "No.",
              "parts_total": 3, "mail": MAIL, "analysis": {"analyst": "rules", "claims": []}}  # fmt: skip
    desk.clients.database.complete_job("aseagi-local-00000001", job["job_id"], job["lease_token"], result)
    desk.clients.database.index_texts()  # as the importer does
    return job


def test_parent_and_child_name_each_other(desk: Desk, container: dict):
    parent = desk.get(f"/api/documents/{container['document_id']}").json
    assert [part["name"] for part in parent["parts"]] == ["order.pdf", "old.doc", "nothing.png"]
    assert parent["mail"]["sent"] == MAIL["sent"] and [mail["subject"] for mail in parent["thread"]] == ["Visit"]
    taken, refused, empty = parent["parts"]
    assert "old Word" in refused["reason"] and "PDF" in refused["reason"], "its kind, and what to do"
    assert (empty["reason"], taken["reason"], taken["status"]) == ("The file is empty.", None, "queued")
    child = desk.get(f"/api/documents/{taken['document_id']}").json
    assert child["original_filename"] == "order.pdf"
    names = {each["original_filename"]: each["lies_in"] for each in desk.get("/api/documents").json["documents"]}
    assert names == {"mail.eml": None, "order.pdf": "mail.eml"}
    (lies_in,) = child["part_of"]
    assert (lies_in["parent_filename"], lies_in["role"], lies_in["position"]) == ("mail.eml", "attachment", 1)


def test_parts_come_page_by_page_in_their_order(desk: Desk, container: dict):
    path = f"/api/documents/{container['document_id']}/parts"
    first = desk.get(path, limit=2).json
    assert [part["position"] for part in first["parts"]] == [1, 2]
    rest = desk.get(path, limit=2, cursor=first["next"]).json
    assert [part["position"] for part in rest["parts"]] == [3] and rest["next"] is None


def test_a_structure_that_is_not_there_is_not_found(desk: Desk, container: dict):
    for name in ("mail.json", "ocr.txt", "..%2Fkeys"):
        assert desk.get(f"/api/documents/{container['document_id']}/structure/{name}").status_code == 404
