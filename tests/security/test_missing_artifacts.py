"""A host who declares what he did not store, or other bytes than he stored: nothing of it is published."""

import hashlib

import pytest

from tests.control_plane.desk import PDF, Desk
from tests.security.host import TEXT, Host, new_result


@pytest.fixture
def host(desk: Desk) -> Host:
    desk.upload(PDF)
    return Host.rent(desk)


def declared(content: bytes) -> dict:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_only_what_lies_there_as_declared_is_published(desk: Desk, host: Host):
    job, text = host.claim(), TEXT.encode()
    result = new_result(job)
    assert host.hand_in(job, result).json["code"] == "artifact_missing"
    host.put(job, {"ocr.txt": text})
    for lie in (
        {"ocr.txt": declared(text) | {"bytes": len(text) + 1}}, {"ocr.txt": declared(b"other")},
        {"ocr.txt": declared(text), "searchable.pdf": declared(b"never stored")},
    ):  # fmt: skip
        reply = host.hand_in(job, result | {"artifacts": lie})
        assert reply.json["code"] in ("artifact_missing", "artifact_differs"), lie
    assert desk.sql("select status, artifacts::text from processing_jobs join master_document_registry d"
                    " on d.job_id = processing_jobs.id") == [("processing", "{}")]  # fmt: skip
    assert host.hand_in(job, result).status_code == 200
    [(files,)] = desk.sql("select payload -> 'artifacts' from events where kind = 'job_completed'")
    assert files == {"ocr.txt": declared(text) | {"key": job["artifact_prefix"] + "ocr.txt"}}


@pytest.mark.parametrize("name", ["../../raw/x.pdf", "ocr.txt/../x", "OCR.TXT", "a b", ""])
def test_a_name_that_we_did_not_give_is_refused(host: Host, name: str):
    job = host.claim()
    reply = host.read(job, artifacts={name: declared(b"")})
    assert reply.status_code == 400, name


def test_the_text_that_people_read_is_that_of_the_stored_file(desk: Desk, host: Host):
    job = host.claim()
    assert host.read(job, text="What the page says.").status_code == 200
    assert desk.sql("select text from document_repository") == [("What the page says.",)]


def test_a_result_without_a_lease_is_not_even_read(desk: Desk, host: Host):
    job = host.claim()
    thief = Host.rent(desk, "aseagi-local-0000000f")
    assert thief.hand_in(job, b"{" * 10_000).json["code"] == "lease_lost"
    desk.sql("update machines set status = 'destroying' where label = %s", host.label)
    assert host.hand_in(job, new_result(job)).json["code"] == "lease_lost"
