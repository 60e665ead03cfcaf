"""Folders of a mailbox as batches, through Python's IMAP client and a stand-in of a mail server."""

import logging
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from control_plane.batches.importer import Importer, tick
from control_plane.intake.origin import Choices, Origin, read_origin
from control_plane.mailbox import client
from control_plane.mailbox.answers import decode_folder, encode_folder, read_fetched, read_message
from tests.control_plane.desk import Desk, make_desk
from tests.fakes.imap import PASSWORD, USER, FakeMailbox, serve_mailbox


@pytest.fixture
def box():
    box = FakeMailbox()
    server = serve_mailbox(box)
    yield box
    server.shutdown()
    server.server_close()


@pytest.fixture
def desk(clean_cloud, box: FakeMailbox) -> Desk:
    return make_desk(clean_cloud, IMAP_URL=box.url, IMAP_PASSWORD=PASSWORD, MAX_UPLOAD_BYTES="20000000")


@pytest.fixture
def importer(desk: Desk):
    with ThreadPoolExecutor(1) as pool:
        yield Importer(desk.settings, desk.clients.database, desk.clients.storage, pool, pool, strays_due=math.inf)


def mail(number: int, body: str = "See you at court.") -> bytes:
    return (
        f"Message-ID: <{number}@example.org>\r\nFrom: Pat <pat@example.org>\r\nTo: {USER}\r\n"
        f"Date: Thu, 07 Mar 2024 09:14:00 -0500\r\nSubject: =?utf-8?q?Visit_=E2=84=96_{number}?=\r\n\r\n{body}\r\n"
    ).encode()


def finish(importer: Importer) -> None:
    while tick(importer):
        pass


def start(desk: Desk, **request) -> str:
    reply = desk.post("/batch/start", mail_folder="INBOX", **request)
    assert reply.status_code == 201, reply.text
    return reply.json["id"]


def shown(desk: Desk, batch_id: str) -> dict:
    return desk.get("/batch/status", batch_id=batch_id).json["batches"][0]


def fetched(box: FakeMailbox) -> int:
    return sum("BODY.PEEK" in command for command in box.commands)


def test_a_folder_is_taken_in_as_it_is_and_nothing_there_is_changed(desk: Desk, importer: Importer, box: FakeMailbox):
    for number in range(1, 4):
        box.add(mail(number), uid=10 * number)
    found = desk.get("/batch/estimate", mail_folder="INBOX").json
    assert (found["new"], found["prefix"], found["complete"], fetched(box)) == (3, None, True, 0)
    batch_id = start(desk, batch_size=2, placement="local_only")
    finish(importer)
    batch = shown(desk, batch_id)
    assert (batch["source"], batch["name"], batch["documents"], batch["problem"]) == ("mail", "INBOX", 3, None)
    rows = desk.sql(
        "select d.object_key, d.mime_type, j.original_filename, j.arrival from master_document_registry d "
        "join document_journal j on j.document_id = d.id order by j.original_filename"
    )
    key, mime_type, name, arrival = rows[0]
    assert (mime_type, name) == ("message/rfc822", "Visit № 1.eml")
    assert arrival == {
        "path": "INBOX", "labels": "\\Important, Court 7, Ämter", "subject": "Visit № 1",
        "received_at": "2024-03-07T09:15:00-05:00",
    }  # fmt: skip
    assert b"".join(desk.clients.storage.read_chunks(key)) == mail(1)
    origin = read_origin(desk.clients.storage.head(key).metadata)
    assert origin == Origin("mail", Choices("low", "local_only", False), batch_id)
    assert box.writes == [] and 'EXAMINE "INBOX"' in box.commands


def test_known_mails_cost_nothing_also_where_the_server_numbers_them_anew(
    desk: Desk, importer: Importer, box: FakeMailbox
):
    for number in range(4):
        box.add(mail(number))
    box.add(mail(0))
    desk.upload(mail(3), "forwarded.eml")
    batch_id = start(desk, batch_size=2)
    tick(importer)
    box.validity = 8
    finish(importer)
    batch = shown(desk, batch_id)
    assert (batch["documents"], batch["known"]) == (3, 4)  # the first two once more, the upload, and number 0 again
    assert len(desk.keys()) == 4
    start(desk)
    finish(importer)
    assert len(desk.keys()) == 4 and desk.sql("select count(*) from processing_jobs where kind = 'read'") == [(4,)]


def test_a_connection_that_breaks_is_taken_up_behind_the_last_message(
    desk: Desk, importer: Importer, box: FakeMailbox
):
    for number in range(1, 4):
        box.add(mail(number))
    box.faults = [("FETCH 2 ", "cut_off"), ("FETCH 2 ", "cut_off")]
    batch_id = start(desk)
    finish(importer)
    batch = shown(desk, batch_id)
    assert batch["documents"] == 1 and "mail server" in batch["problem"]
    desk.make_doors_due()
    finish(importer)
    assert (shown(desk, batch_id)["documents"], shown(desk, batch_id)["problem"]) == (3, None)
    assert [command.split()[2] for command in box.commands if "PEEK" in command] == ["1", "2", "2", "2", "3"]
    assert len(desk.keys()) == 3


def test_a_long_message_comes_in_pieces_and_one_that_is_not_given_out_is_named(
    desk: Desk, importer: Importer, box: FakeMailbox
):
    long = mail(1, "0123456789abcde\n" * (client.CHUNK_BYTES // 16)) + b"end"
    box.add(long)
    box.add(mail(2))
    box.add(mail(3, "x" * 20_000_001))
    box.add(mail(4))
    box.faults = [("FETCH 2 (UID BODY", "refuse")]
    batch_id = start(desk)
    finish(importer)
    listed = desk.get("/batch/skipped", batch_id=batch_id).json["skipped"]
    assert {each["source_id"]: each["code"] for each in listed} == {
        "mail:INBOX;7;2": "message_not_given_out", "mail:INBOX;7;3": "file_too_large"
    }  # fmt: skip
    rows = desk.sql("select object_key from master_document_registry order by bytes desc")
    assert len(rows) == 2 and b"".join(desk.clients.storage.read_chunks(rows[0][0])) == long


def test_a_refused_login_a_missing_folder_and_a_busy_server_are_said_at_once(desk: Desk, box: FakeMailbox, caplog):
    assert desk.post("/batch/start", mail_folder="Nowhere").json["code"] == "mailbox_folder_missing"
    box.faults = [("EXAMINE", "busy")]
    reply = desk.post("/batch/start", mail_folder="INBOX")
    assert (reply.status_code, reply.json["code"]) == (503, "mailbox_unavailable")
    with caplog.at_level(logging.DEBUG):
        for plain in (True, False):
            box.takes_plain = plain
            desk.http.application.extensions["settings"] = replace(desk.settings, imap_password="letmein-7")
            reply = desk.post("/batch/start", mail_folder="INBOX")
            assert (reply.status_code, reply.json["code"]) == (409, "mailbox_refused")
            assert "letmein-7" not in reply.text + caplog.text
    desk.http.application.extensions["settings"] = replace(desk.settings, imap_password="plain")
    assert desk.post("/batch/start", mail_folder="INBOX").status_code == 201
    desk.http.application.extensions["settings"] = replace(desk.settings, imap_url=None)
    assert desk.get("/batch/estimate", mail_folder="INBOX").json["code"] == "mailbox_not_configured"
    wrongs = ({"prefix": "in/"}, {"folder_id": "folder"}, {"mime_types": ["text/plain"]}, {"mail_folder": "a\r\nb"})
    for wrong in wrongs:
        assert desk.post("/batch/start", **{"mail_folder": "INBOX"} | wrong).json["code"] == "bad_argument"


def test_a_refused_login_pauses_the_mailbox_and_goes_on_by_itself(
    desk: Desk, importer: Importer, box: FakeMailbox
):
    box.add(mail(1))
    batch_id, right = start(desk), importer.settings
    importer.settings = replace(right, imap_password="changed")
    finish(importer)
    assert desk.doors() == {"mailbox": "mailbox_refused"} and "refuses our login" in shown(desk, batch_id)["problem"]
    importer.settings = right
    desk.make_doors_due()
    finish(importer)
    assert desk.doors() == {} and shown(desk, batch_id)["documents"] == 1


def test_a_used_up_quota_is_waited_for_and_told_of_no_message(desk: Desk, importer: Importer, box: FakeMailbox):
    for number in range(3):
        box.add(mail(number))
    box.faults = [("FETCH 1 (UID BODY", "quota")]
    batch_id = start(desk)
    finish(importer)
    assert desk.doors() == {"mailbox": "mailbox_quota"} and desk.get("/batch/skipped", batch_id=batch_id).json[
        "skipped"
    ] == []
    desk.make_doors_due()
    finish(importer)
    assert shown(desk, batch_id)["documents"] == 3


def test_a_message_with_an_odd_line_is_read_all_the_same(desk: Desk, importer: Importer, box: FakeMailbox):
    for number in range(3):
        box.add(mail(number))
    box.odd_lines = {2}
    batch_id = start(desk)
    finish(importer)
    assert shown(desk, batch_id)["documents"] == 3


def test_forwarded_mail_is_taken_in_as_it_comes(desk: Desk, importer: Importer, box: FakeMailbox):
    box.add(mail(1), "Evidence")
    importer.settings = replace(desk.settings, imap_watch_folder="Evidence")
    finish(importer)
    [batch] = desk.get("/batch/status").json["batches"]
    assert (batch["name"], batch["documents"], batch["status"]) == ("Forwarded mail", 1, "running")
    box.add(mail(2), "Evidence")
    asked = len(box.commands)
    finish(importer)
    assert len(box.commands) == asked  # a few minutes lie between two looks
    importer.watch_due = 0.0
    finish(importer)
    importer.watch_due, importer.settings = 0.0, desk.settings
    box.add(mail(3), "Evidence")
    finish(importer)
    [batch] = desk.get("/batch/status").json["batches"]
    assert batch["documents"] == 2
    desk.sql("update processing_jobs set status = 'cancelled', finished_at = now()")
    assert shown(desk, batch["id"])["status"] != "scanning"


def test_answers_are_read_whatever_their_order_and_writing():
    lines = [
        b"1 (FLAGS ())", (b"2 (X-GM-LABELS (\"a\\\"b\" {3}", b"c)("), b") UID 5 RFC822.SIZE 9)",
        b"3 (RFC822.SIZE 1 INTERNALDATE \"never\" UID 6 X-GM-LABELS NIL)", None,
    ]  # fmt: skip
    messages = [message for values in read_fetched(lines) if (message := read_message(values))]
    assert [(each.uid, each.bytes, each.labels, each.received_at) for each in messages] == [
        (5, 9, ('a"b', "c)("), None), (6, 1, (), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "wire"), [("INBOX", "INBOX"), ("Ämter & Co", "&AMQ-mter &- Co"), ("日本", "&ZeVnLA-")]
)
def test_folder_names_are_written_as_imap_writes_them(name: str, wire: str):
    assert (encode_folder(name), decode_folder(wire.encode())) == (wire, name)


def test_a_label_that_is_no_utf_7_stays_as_it_is():
    assert decode_folder(b"A&B") == "A&B" and decode_folder(b"&A-") == "&A-"


def test_of_a_sample_only_the_messages_that_were_drawn_are_fetched(desk: Desk, importer: Importer, box: FakeMailbox):
    for number in range(1, 4):
        box.add(mail(number), uid=10 * number)
    asked = desk.post("/api/estimates", mail_folder="INBOX").json
    desk.sql("update batches set limits = jsonb_set(limits, '{sample}', limits -> 'sample' #- '{0}' #- '{0}')")
    finish(importer)
    sample = shown(desk, asked["sample_batch_id"])
    assert (sample["documents"], fetched(box), sample["problem"]) == (1, 1, None)
    assert desk.sql("select finished_at is not null from batch_checkpoints") == [(True,)]
