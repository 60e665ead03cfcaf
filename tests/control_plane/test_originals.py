"""Originals outlive the hand that deletes or overwrites them, and where they do not, people hear of it."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import httpx
import pytest

from control_plane.batches.importer import Importer, tick
from control_plane.errors import StorageUnavailable
from control_plane.record.originals import OriginalsSweep, list_named
from control_plane.storage.bucket import Storage
from local_cloud import Cloud
from tests.cleaning import empty_versions
from tests.control_plane.desk import PDF, REPOSITORY, Desk, make_desk

SECOND = PDF + b"another letter"


@pytest.fixture
def plain(clean_cloud: Cloud) -> Desk:
    """A desk over the embedded bucket, which keeps no versions."""
    return make_desk(clean_cloud)


@pytest.fixture
def versions(clean_cloud: Cloud) -> Iterator[Desk]:
    """A desk over a bucket that keeps versions."""
    bucket = f"versions-{uuid.uuid4().hex[:8]}"
    desk = make_desk(clean_cloud, SPACES_BUCKET=bucket)
    s3(desk).create_bucket(Bucket=bucket)
    s3(desk).put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    yield desk
    empty_versions(s3(desk), bucket)
    s3(desk).delete_bucket(Bucket=bucket)


def s3(desk: Desk):
    return desk.clients.storage._client


def put(desk: Desk, key: str, content: bytes) -> None:
    s3(desk).put_object(Bucket=desk.settings.spaces_bucket, Key=key, Body=content)


def delete(desk: Desk, key: str, **version: str) -> None:
    s3(desk).delete_object(Bucket=desk.settings.spaces_bucket, Key=key, **version)


def delete_for_good(desk: Desk, key: str) -> None:
    for each in desk.clients.storage.list_versions(key):
        delete(desk, key, VersionId=each.version_id)


def key_of(desk: Desk, document_id: str) -> str:
    where = "from master_document_registry where id = %s"
    [(key,)] = desk.sql(f"select coalesce(kept_key, object_key) {where}", document_id)
    return key


def original(desk: Desk, document_id: str) -> bytes:
    return httpx.get(desk.get(f"/api/documents/{document_id}").json["original"]).content


def sweep(desk: Desk) -> None:
    """One whole look."""
    looked = OriginalsSweep()
    while not looked.due:
        looked.tick(desk.clients.database, desk.clients.storage)


def scan(desk: Desk) -> dict[str, str]:
    """A batch over inbox/, to its end; the documents by their hash."""
    desk.post("/batch/start", prefix="inbox/")
    with ThreadPoolExecutor(4) as pool:
        importer = Importer(desk.settings, desk.clients.database, desk.clients.storage, pool, pool, float("inf"))
        importer.record.sign_due = importer.record.sweep_due = importer.originals.due = float("inf")
        while tick(importer):
            pass
    return dict(desk.sql("select sha256, id::text from master_document_registry"))


def told(desk: Desk) -> list[tuple]:
    return desk.sql(
        "select kind, payload ->> 'fault' from events where kind in ('original_lost', 'original_kept') order by id"
    )


def alarms(desk: Desk) -> list[str]:
    rows = desk.sql("select message from alarms where name = 'originals_lost' and cleared_at is null")
    return [message for (message,) in rows]


def test_an_original_that_somebody_deletes_is_kept_from_its_version(versions: Desk):
    desk = versions
    document_id = desk.upload(PDF).json["document_id"]
    sweep(desk)
    assert told(desk) == [], "what is as it came is no news"
    delete(desk, key_of(desk, document_id))
    assert original(desk, document_id) == PDF, "read by its version, before anybody has looked"
    sweep(desk)
    assert (key_of(desk, document_id), original(desk, document_id)) == (f"raw/kept/{sha256(PDF).hexdigest()}", PDF)
    assert (told(desk), alarms(desk)) == ([("original_kept", None)], [])
    assert desk.get(f"/api/documents/{document_id}/custody").json["unchanged"] is True
    sweep(desk)
    assert len(told(desk)) == 1


def test_one_that_the_store_does_not_copy_stops_no_look(versions: Desk):
    class Stubborn(Storage):
        def copy(self, about, key):
            raise StorageUnavailable("The object storage refused the request.")

    document_id = versions.upload(PDF).json["document_id"]
    delete(versions, key_of(versions, document_id))
    looked = OriginalsSweep()
    while not looked.due:
        looked.tick(versions.clients.database, Stubborn(s3(versions), versions.settings.spaces_bucket))
    assert (original(versions, document_id), told(versions), alarms(versions)) == (PDF, [], [])


@pytest.mark.parametrize("kind", ["versions", "plain"])
def test_an_object_that_was_given_to_other_bytes_leaves_both_originals(kind: str, request):
    desk = request.getfixturevalue(kind)
    put(desk, "inbox/letter.pdf", PDF)
    scan(desk)
    put(desk, "inbox/letter.pdf", SECOND)
    documents = scan(desk)
    for content in (PDF, SECOND):
        document_id = documents[sha256(content).hexdigest()]
        assert original(desk, document_id) == content
        checked = desk.get(f"/api/documents/{document_id}/custody").json
        assert (checked["unchanged"], checked["files"][0]["status"]) == (True, "unchanged")
    sweep(desk)
    delete_for_good(desk, "inbox/letter.pdf")
    assert original(desk, documents[sha256(PDF).hexdigest()]) == PDF, "it lies under a name of ours by now"
    assert alarms(desk) == []


def test_an_original_that_is_gone_for_good_is_told_and_comes_back_by_being_sent_again(plain: Desk):
    document_id = plain.upload(PDF).json["document_id"]
    other_id = plain.upload(SECOND).json["document_id"]
    delete(plain, key_of(plain, document_id))
    put(plain, key_of(plain, other_id), SECOND[:-1] + b"!")
    sweep(plain)
    assert told(plain) == [("original_lost", "missing"), ("original_lost", "changed")] or told(plain) == [
        ("original_lost", "changed"), ("original_lost", "missing")
    ]  # fmt: skip
    assert "2 originals are not in the bucket as they came: 1 missing, 1 with other bytes" in alarms(plain)[0]
    faults = plain.get(f"/api/documents/{document_id}/custody").json["faults"]
    assert [each["fault"] for each in faults] == ["the bucket has it no more: missing"]
    again = plain.upload(PDF).json
    assert (again["document_id"], again["duplicate"]) == (document_id, True)
    assert original(plain, document_id) == PDF
    assert plain.get(f"/api/documents/{document_id}/custody").json["faults"] == []
    assert told(plain)[-1] == ("original_kept", None)


def test_the_command_names_what_is_lost_and_ends_with_1(plain: Desk):
    document_id = plain.upload(PDF).json["document_id"]
    assert check(plain)[:2] == (0, "every original is there\n")
    delete(plain, key_of(plain, document_id))
    status, out, err = check(plain)
    assert (status, out.splitlines()[-1]) == (1, "1 originals are lost, 0 were found again"), err
    assert out.startswith(f"missing\t{document_id}\t{sha256(PDF).hexdigest()}\traw/")
    assert check(plain, SPACES_SECRET="wrong")[0] == 2


def check(desk: Desk, **more: str) -> tuple[int, str, str]:
    environ = {**desk.environ, "PATH": os.environ["PATH"], **more}
    ran = subprocess.run(
        [sys.executable, "-m", "scripts.check_originals"], cwd=REPOSITORY, env=environ, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout, ran.stderr


def test_keys_are_found_among_others_and_a_store_s_own_order_is_no_loss(versions: Desk):
    """SeaweedFS then lists é before y; what a listing does not show is asked for by itself."""
    desk = versions
    keys = ["a/z.pdf", "a/é.pdf", "inbox/1.pdf", "inbox/1.pdf.bak", "raw/😀.pdf"]
    for key in [*keys, "a/y.pdf", "inbox/0.pdf", "processed/x"]:
        put(desk, key, b"x")
    found = list_named(desk.clients.storage, [*keys, "inbox/2.pdf", "zzz"])
    assert {*keys[:1], *keys[2:4]} <= {*found} <= {*keys}
    for key in keys:
        desk.sql(
            "insert into master_document_registry (id, sha256, object_key, original_filename, source) values (%s, %s,"
            " %s, 'x', 'bucket')", uuid.uuid4(), sha256(key.encode()).hexdigest(), key,
        )  # fmt: skip
    database, after, listed = desk.clients.database, None, []
    while page := database.list_originals(after, 2):
        after = page[-1]
        listed += [each.object_key for each in page]
    assert listed == keys
    sweep(desk)
    assert alarms(desk) == []
