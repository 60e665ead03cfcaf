"""A host who wants a document gone: by another's hash, by a replaced object, by a part that he calls known."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from control_plane.batches.importer import Importer, tick
from tests.control_plane.desk import PDF, Desk
from tests.security.host import Host

PART = 5 * 1024 * 1024


@pytest.fixture
def importer(desk: Desk):
    with ThreadPoolExecutor(4) as pool:
        yield Importer(desk.settings, desk.clients.database, desk.clients.storage, pool, pool, strays_due=float("inf"))


def scan(desk: Desk, importer: Importer) -> dict:
    batch_id = desk.post("/batch/start", prefix="inbox/").json["id"]
    while tick(importer):
        pass
    return desk.get("/batch/status", batch_id=batch_id).json["batches"][0]


def put(desk: Desk, key: str, content: bytes) -> None:
    desk.clients.storage._client.put_object(Bucket=desk.settings.spaces_bucket, Key=key, Body=content)


def put_in_pieces(desk: Desk, key: str, first: bytes, last: bytes) -> None:
    """As large files come: the ETag is then no hash of the bytes."""
    client, target = desk.clients.storage._client, {"Bucket": desk.settings.spaces_bucket, "Key": key}
    upload = client.create_multipart_upload(**target)["UploadId"]
    pieces = [
        {"PartNumber": n, "ETag": client.upload_part(**target, UploadId=upload, PartNumber=n, Body=body)["ETag"]}
        for n, body in enumerate((first, last), 1)
    ]
    client.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": pieces})


def test_a_bucket_s_document_is_hashed_by_us_and_ends_as_no_other_s_duplicate(desk: Desk, importer: Importer):
    known = desk.upload(PDF, "known.pdf").json["document_id"]
    put(desk, "inbox/damning.pdf", PDF + b"the letter that nobody shall read")
    host = Host.rent(desk)
    host.read(host.claim())
    scan(desk, importer)
    job = host.claim()
    [(sha256,)] = desk.sql("select sha256 from master_document_registry where id = %s", known)
    assert host.sql("link_duplicate_job", job_id=job["job_id"], lease_token=job["lease_token"], sha256=sha256).is_error
    for claimed in (sha256, "0" * 64):
        assert host.read(job, sha256=claimed).json["code"] == "bad_argument"
    rows = desk.sql("select d.sha256, j.duplicate from master_document_registry d join document_journal j"
                    " on j.document_id = d.id where d.id = %s", job["document_id"])  # fmt: skip
    assert rows == [(hashlib.sha256(PDF + b"the letter that nobody shall read").hexdigest(), False)]


def test_an_object_replaced_at_its_size_is_read_again_and_both_versions_stay(desk: Desk, importer: Importer):
    first = PDF + b"a" * PART
    put_in_pieces(desk, "inbox/big.pdf", first, b"he was there")
    assert scan(desk, importer)["documents"] == 1
    put_in_pieces(desk, "inbox/big.pdf", first, b"he wasn't it")
    assert scan(desk, importer)["documents"] == 1
    assert desk.sql("select count(*), count(distinct sha256), count(distinct bytes) from master_document_registry") == [
        (2, 2, 1)
    ]
    again = scan(desk, importer)
    assert (again["documents"], again["known"]) == (0, 1), "what is unchanged is not read again"


def test_the_same_bytes_written_anew_are_looked_at_and_known(desk: Desk, importer: Importer):
    put_in_pieces(desk, "inbox/big.pdf", PDF + b"a" * PART, b"end")
    scan(desk, importer)
    put(desk, "inbox/copy.pdf", PDF + b"a" * PART + b"end")
    batch = scan(desk, importer)
    assert (batch["documents"], batch["known"]) == (0, 2)
    assert desk.sql("select count(*) from master_document_registry") == [(1,)]


def test_a_part_is_what_lies_in_the_store_and_not_what_the_host_calls_it(desk: Desk):
    known = desk.upload(PDF, "known.pdf").json["document_id"]
    host = Host.rent(desk)
    host.read(host.claim())
    desk.upload(b"From: a\nTo: b\nMessage-ID: <1@a>\n\nSee what I attach.\n", "mail.eml")
    job = host.claim()
    part = {"position": 1, "role": "attachment", "name": "threat.pdf"}
    hidden = hashlib.sha256(PDF).hexdigest()
    assert host.hand_in(job, {"parts": [part | {"sha256": hidden}]}, "parts").json["code"] == "artifact_missing"
    host.put(job, {"part-000001": PDF + b"I will take her and you will never see her"})
    reply = host.hand_in(job, {"parts": [part | {"sha256": hidden, "mime_type": "text/plain"}]}, "parts")
    assert reply.status_code == 200, reply.text
    [(child, mime_type)] = desk.sql("select child_id::text, mime_type from document_parts")
    assert child != known and mime_type == "application/pdf"
    lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
    assert host.sql("add_parts", **lease, parts=[part | {"sha256": hidden, "bytes": 1}]).is_error
