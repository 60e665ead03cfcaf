"""Whatever is lost, database or bucket or the newer part of one: no document comes back looser than somebody said."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import pytest

from control_plane.batches.importer import Importer, tick
from control_plane.batches.strays import StraysSweep, queue_page, queue_strays
from control_plane.intake.store import KEPT
from control_plane.record.choices import PREFIX, ChoicesLook, read_object
from tests.control_plane.desk import PDF, Desk

SAID = """select placement, allow_claude, choices_unsaid from job_list where original_filename = %s
    order by seq desc limit 1"""
LOST = "truncate batches, master_document_registry, kept_choices, decisions, lanes, events cascade"
HELD = "update doors set status = 'paused', code = 'choices_unread', next_try_at = now() where name = 'storage'"


@pytest.fixture
def importer(desk: Desk) -> Iterator[Importer]:
    with ThreadPoolExecutor(4) as pool:
        yield new_importer(desk, pool)


def new_importer(desk: Desk, pool: ThreadPoolExecutor) -> Importer:
    made = Importer(desk.settings, desk.clients.database, desk.clients.storage, pool, pool, strays_due=float("inf"))
    made.record.sign_due = made.record.sweep_due = made.originals.due = made.strays.due = float("inf")
    return made


def finish(importer: Importer) -> None:
    while tick(importer):
        pass


def find_strays(desk: Desk) -> None:
    queue_strays(desk.clients.database, desk.clients.storage, datetime.now(UTC), timedelta(0))


def said(desk: Desk, name: str) -> tuple:
    [row] = desk.sql(SAID, name)
    return row


def put(desk: Desk, key: str, content: bytes) -> None:
    desk.clients.storage._client.put_object(Bucket=desk.settings.spaces_bucket, Key=key, Body=content)


def tighten(desk: Desk, how: str) -> None:
    """A person or a second door says of a stored document that fewer may read it."""
    content, name = PDF + how.encode(), f"{how}.pdf"
    taken = desk.upload(content, name, placement="any_host").json
    for status in ("completed", "failed"):
        if status in how:
            desk.sql("update processing_jobs set status = %s where id = %s", status, taken["job_id"])
    if "choices" in how:
        desk.post(f"/api/jobs/{taken['job_id']}/choices", placement="local_only", allow_claude=False)
    elif "sealed" in how:
        desk.post("/api/decisions", documents=[taken["document_id"]], sensitivity="sealed")
    else:
        desk.upload(content, name, placement="local_only")


WAYS = ("choices", "sealed", "sealed when completed", "second door", "second door when failed",
        "second door when completed")  # fmt: skip


def test_a_bucket_without_its_database_tells_what_was_said_later(desk: Desk, importer: Importer):
    for how in WAYS:
        tighten(desk, how)
    tick(importer)
    desk.sql(LOST)
    new = new_importer(desk, importer.pool)
    tick(new)
    find_strays(desk)
    assert {how: said(desk, f"{how}.pdf") for how in WAYS} == dict.fromkeys(WAYS, ("local_only", False, False))
    assert desk.sql("select bool_and(arrival ? 'received_at') from document_journal") == [(True,)]
    [(job,)] = desk.sql("select id from job_list where original_filename = 'choices.pdf'")
    desk.post(f"/api/jobs/{job}/choices", placement="any_host", allow_claude=True)
    assert said(desk, "choices.pdf") == ("any_host", True, False), "a person may say otherwise"
    tick(new)
    desk.sql(LOST)
    tick(new_importer(desk, importer.pool))
    find_strays(desk)
    assert said(desk, "choices.pdf") == ("any_host", True, False), "and that is kept too"
    assert said(desk, "sealed.pdf") == ("local_only", False, False)


def test_a_folder_of_others_keeps_the_choices_of_its_batch(desk: Desk, importer: Importer):
    put(desk, "inbox/a.pdf", PDF)
    put(desk, "raw/2026/notes.txt", b"of nobody")
    desk.post("/batch/start", prefix="inbox/", placement="local_only")
    finish(importer)
    assert said(desk, "a.pdf") == ("local_only", False, False)
    desk.sql(LOST)
    desk.post("/batch/start", prefix="inbox/", placement="any_host")
    finish(new_importer(desk, importer.pool))
    assert said(desk, "a.pdf") == ("local_only", False, False)
    desk.upload(PDF + b"elsewhere", "open.pdf", placement="any_host")
    assert said(desk, "open.pdf") == ("any_host", True, False), "it speaks of its folder only"


def test_after_the_restore_of_an_older_backup_machines_wait_until_the_bucket_was_heard(desk: Desk, importer: Importer):
    tighten(desk, "choices")
    tick(importer)
    # As the backup of the night before has it, and as after_restore.sql leaves it.
    desk.sql("update processing_jobs set placement = 'any_host', allow_claude = true, lane_id = (select id from lanes "
             "where placement = 'any_host' limit 1)")  # fmt: skip
    desk.sql("delete from kept_choices")
    desk.sql(HELD)
    machine = desk.add_machine("aseagi-local-00000001")
    with pytest.raises(IndexError):
        desk.claim(machine)
    tick(importer)  # it has run all the while, and heard the bucket long ago
    assert desk.doors() == {}
    assert said(desk, "choices.pdf") == ("local_only", False, False)
    with pytest.raises(IndexError):
        desk.claim(machine)
    open_document = desk.upload(PDF + b"open", "open.pdf", placement="any_host").json["document_id"]
    assert desk.claim(machine)["document_id"] == open_document


def test_a_bucket_that_was_lost_is_told_again(desk: Desk, importer: Importer):
    tighten(desk, "choices")
    tick(importer)
    key = f"{PREFIX}{sha256(PDF + b'choices').hexdigest()}.json"
    desk.clients.storage.delete(key)
    new = new_importer(desk, importer.pool)
    tick(new)
    tick(new)
    assert b"pdf" not in b"".join(desk.clients.storage.read_chunks(key))
    assert desk.sql("select is_found, object_etag is not null from kept_choices") == [(False, True)]


def test_originals_of_years_ago_and_copies_of_our_own_are_found_again(desk: Desk):
    put(desk, f"raw/2019/05/01/{uuid4()}.pdf", PDF)
    put(desk, KEPT + sha256(PDF + b"kept").hexdigest(), PDF + b"kept")
    desk.upload(PDF + b"known", "known.pdf")
    desk.sql("update master_document_registry set kept_key = %s || sha256", KEPT)
    put(desk, KEPT + sha256(PDF + b"known").hexdigest(), PDF + b"known")
    before = desk.keys()
    database, storage = desk.clients.database, desk.clients.storage
    sweep = StraysSweep()
    while not sweep.due:
        sweep.tick(database, storage, datetime.now(UTC) + timedelta(hours=2))
    names = desk.sql("select original_filename, placement, choices_unsaid from job_list order by seq")
    strictest = ("unnamed", "local_only", True)
    assert names == [("known.pdf", "any_host", False), strictest, strictest]
    assert queue_page(database, storage, storage.list_page("raw/"), datetime.now(UTC) + timedelta(hours=2)) == 0
    assert desk.keys() == before, "and none was taken for a double"


def test_what_cannot_be_read_is_the_strictest():
    now = datetime(2026, 11, 27, tzinfo=UTC)
    strictest = {"priority": "low", "placement": "local_only", "allow_claude": False, "said_at": now.isoformat()}
    name = "ab" * 32
    for content in (b"", b"{", b"[]", b'{"placement": "anywhere", "allow_claude": "yes", "said_at": 7}', b"\xff"):
        assert read_object(name, content, now) == strictest | {"name": name, "prefix": None}
    assert read_object(f"batch-{uuid4()}", b"{}", now) is None, "of no folder"
    assert not ChoicesLook().is_heard
