"""The record over HTTP: its head goes outside once a day, and an older database than was sent is known for that."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from control_plane.record.heads import append_all, find_newer_outside, sign_when_due
from control_plane.record.sweep import RecordSweep
from control_plane.telegram import texts
from scripts import verify_custody
from tests.control_plane.desk import PDF, Desk, complete_a_document, make_desk


def sign(desk: Desk, days: int = 0):
    now = datetime.now(UTC) + timedelta(days=days)
    return sign_when_due(desk.settings, desk.clients.database, desk.clients.storage, now)


def test_a_head_is_signed_once_a_day_and_told_outside(desk: Desk):
    desk.upload(PDF)
    head = sign(desk)
    assert head is not None
    key = f"processed/record/{head.seq:012d}.json"
    assert json.loads(b"".join(desk.clients.storage.read_chunks(key)))["signature"] == head.signature
    [(payload,)] = desk.sql("select payload from events where kind = 'record_signed'")
    assert payload["hash"] == head.hash and head.hash in texts.record_signed(payload)
    desk.upload(PDF + b"\n")
    assert sign(desk) is None
    later = sign(desk, days=2)
    assert later is not None and later.seq > head.seq
    state = desk.get("/api/record").json
    assert (state["faults"], state["outside"], state["public_key"]) == ([], None, head.public_key)


def test_a_log_that_ends_before_a_head_that_was_sent_says_so(desk: Desk):
    """As after a restore of an older backup, and as after writing it anew."""
    desk.upload(PDF)
    desk.upload(PDF + b"\n")
    assert sign(desk)
    database, storage = desk.clients.database, desk.clients.storage
    assert find_newer_outside(database, storage) is None
    desk.sql("update record_entries set hash = repeat('0', 64)")
    assert "not the one whose head was sent" in (find_newer_outside(database, storage) or "")
    desk.sql("delete from record_entries where seq > 1")
    assert "restored from a backup" in (find_newer_outside(database, storage) or "")
    assert "went on from there" in desk.get("/api/record").json["outside"]
    RecordSweep().tick(desk.settings, database, storage)
    assert desk.sql("select payload ->> 'name' from events where kind = 'alarm_raised'") == [("record_older",)]


def test_the_sweep_looks_at_every_document_and_raises_an_alarm(desk: Desk):
    document_id = complete_a_document(desk)
    sweep, clients = RecordSweep(), desk.clients
    desk.sql("update document_repository set text = 'he was there' where document_id = %s", document_id)
    for _ in range(5):
        sweep.tick(desk.settings, clients.database, clients.storage)
    [(message,)] = desk.sql("select payload ->> 'message' from events where kind = 'alarm_raised'")
    assert f"document_repository/{document_id}: changed" in message
    assert "was not" not in message and "was there" not in message, "never a word of a document"


def test_what_the_page_says_of_a_document_is_what_was_checked(desk: Desk):
    document_id = complete_a_document(desk)
    desk.sql(
        "insert into document_findings (document_id, kind, page, quote, verified, score)"
        " values (%s, 'perjury', 1, 'I lied', true, 99)",
        document_id,
    )
    checked = desk.get(f"/api/documents/{document_id}/custody").json
    assert checked["unchanged"] is False
    assert [fault["subject"] for fault in checked["faults"]] == [f"document_findings/{document_id}"]


def test_an_export_of_one_case_holds_that_case_and_the_whole_log(desk: Desk):
    complete_a_document(desk)
    desk.upload(PDF + b"\n", "other.pdf")
    append_all(desk.clients.database)
    assert desk.get("/api/custody/export", case_number="1:24-cv-7").mimetype == "application/zip"
    missing = desk.get("/api/custody/export", case_number="9:99")
    assert (missing.status_code, missing.json["code"]) == (404, "not_found")


def test_a_new_signing_key_leaves_the_heads_of_the_old_one_good(desk: Desk, clean_cloud, tmp_path, capsys):
    complete_a_document(desk)
    old = sign(desk)
    changed = make_desk(clean_cloud, RECORD_SIGNING_KEY=base64.urlsafe_b64encode(bytes(32)).decode())
    changed.upload(PDF + b"\n", "other.pdf")
    export = tmp_path / "record.zip"
    export.write_bytes(changed.get("/api/custody/export").data)
    new = changed.get("/api/record").json["public_key"]
    assert old and new != old.public_key and changed.get("/api/record").json["faults"] == []
    assert verify_custody.main([str(export), "--key", new, "--key", old.public_key]) == 0
    assert verify_custody.main([str(export), "--key", new]) == 1, "who does not know the old key is told to give it"
    assert "give both" in capsys.readouterr().out
    assert verify_custody.main([str(export), "--key", old.public_key]) == 1, "it did not sign this export"


@pytest.mark.parametrize("path", ["/api/custody/export"])
def test_without_a_key_nothing_is_exported_unsigned(clean_cloud, path):
    desk = make_desk(clean_cloud, RECORD_SIGNING_KEY="")
    assert desk.get(path).json["code"] == "record_key_missing"
    assert sign(desk) is None
