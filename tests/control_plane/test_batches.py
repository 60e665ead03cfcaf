"""Whole prefixes of the bucket: estimated, scanned, steered, and scanned on after a kill."""

import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from control_plane.batches.estimates import PageSizes, estimate_run
from control_plane.batches.importer import Importer, tick
from control_plane.batches.strays import queue_strays
from control_plane.clients import build_supabase
from control_plane.database import Database
from control_plane.database.batch_rows import NewBatch, PageStatistic
from control_plane.database.enums import Hosting
from control_plane.database.fleet_rows import Caps, Intent
from control_plane.errors import Conflict
from control_plane.intake.origin import Choices, Origin, read_name, read_origin
from control_plane.settings.fleet_policy import Policy
from inspector.kinds import TAKEN, explain_refusal
from tests.control_plane.desk import PDF, REPOSITORY, Desk, wait_until
from tests.inspector_cases import files_of_every_kind


@pytest.fixture
def importer(desk: Desk):
    with ThreadPoolExecutor(4) as pool:
        yield Importer(desk.settings, desk.clients.database, desk.clients.storage, pool, pool, strays_due=float("inf"))


def put(desk: Desk, **objects: bytes) -> None:
    for name, content in objects.items():
        desk.clients.storage._client.put_object(Bucket=desk.settings.spaces_bucket, Key=name, Body=content)


def finish(importer: Importer) -> None:
    while tick(importer):
        pass


def batch_of(desk: Desk, batch_id: str) -> dict:
    return desk.get("/batch/status", batch_id=batch_id).json["batches"][0]


MIXED = {
    "inbox/a.pdf": PDF + b"a", "inbox/deep/b.PDF": PDF + b"b", "inbox/letter.txt": b"Dear Sir",
    "inbox/no_extension": PDF + b"c", "inbox/odd.xyz": b"\0\1\2", "inbox/setup.exe": b"MZ\x90\0",
    "inbox/empty.pdf": b"", "inbox/folder/": b"", "outside/d.pdf": PDF + b"d", "processed/2026/x/ocr.txt": b"ours",
    "raw/2026/x.pdf": PDF + b"ours", "zebra.pdf": PDF + b"z",
}  # fmt: skip


def test_an_estimate_counts_and_changes_nothing(desk: Desk):
    put(desk, **MIXED)
    desk.post("/api/jobs/create", object_key="inbox/a.pdf")
    found = desk.get("/batch/estimate", prefix="inbox/").json
    assert (found["documents"], found["known"], found["new"]) == (4, 1, 3)
    assert (found["unsupported"], found["empty"], found["complete"]) == (2, 1, True)
    assert found["pages"] == 3 and found["bytes"] == 2 * (len(PDF) + 1) + 8
    assert found["machine_usd"] > 0 and found["hours"] > 0 and found["machines"] == 1
    assert len(desk.sql("select 1 from document_journal")) == 1
    assert desk.get("/batch/estimate", prefix="inbox/", mime_types="text/plain").json["documents"] == 1
    assert desk.get("/batch/estimate", prefix="inbox/", max_documents=2).json["new"] == 2
    nothing = desk.get("/batch/estimate", prefix="nowhere/").json
    assert (nothing["documents"], nothing["total_usd"], nothing["machines"]) == (0, 0, 0)
    assert (found["claude_usd"], found["claude_basis"]) == (0, "off")
    assert found["total_usd"] == found["machine_usd"]


def test_a_batch_takes_in_what_is_new_and_nothing_of_ours(desk: Desk, importer: Importer):
    put(desk, **MIXED)
    desk.post("/api/jobs/create", object_key="inbox/a.pdf")
    started = desk.post("/batch/start", prefix="", name="everything", batch_size=2)
    assert started.status_code == 201 and started.json["status"] == "scanning"
    finish(importer)
    batch = batch_of(desk, started.json["id"])
    assert (batch["status"], batch["documents"], batch["open"]) == ("running", 5, 5)
    assert (batch["known"], batch["unsupported"], batch["empty"]) == (1, 2, 1)
    skipped = desk.get("/batch/skipped", batch_id=batch["id"], limit=2).json
    rest = desk.get("/batch/skipped", batch_id=batch["id"], limit=2, cursor=skipped["next"]).json
    codes = sorted(file["code"] for page in (skipped, rest) for file in page["skipped"])
    assert codes == ["empty_file", "unsupported_type", "unsupported_type"] and rest["next"] is None
    keys = {job["object_key"] for job in desk.get("/api/jobs", batch_id=batch["id"]).json["jobs"]}
    assert keys == {"inbox/deep/b.PDF", "inbox/letter.txt", "inbox/no_extension", "outside/d.pdf", "zebra.pdf"}
    [checkpoint] = desk.get("/checkpoints").json["checkpoints"]
    assert checkpoint["queued"] == 5 and checkpoint["finished_at"]

    again = desk.post("/batch/start", prefix="inbox/").json["id"]
    finish(importer)
    batch = batch_of(desk, again)
    assert (batch["status"], batch["documents"], batch["known"]) == ("completed", 0, 4)


class Counted(Database):
    """It counts how often the pages of files are measured."""

    measured = 0

    def get_page_statistics(self) -> list[PageStatistic]:
        self.measured += 1
        return super().get_page_statistics()


def test_what_pages_take_is_not_measured_anew_at_each_step(desk: Desk, importer: Importer):
    put(desk, **{f"inbox/{number}.txt": b"Dear Sir %d" % number for number in range(3)})
    batch_id = desk.post("/batch/start", prefix="inbox/", batch_size=1).json["id"]
    importer.database = database = Counted(build_supabase(desk.settings))
    finish(importer)
    assert (batch_of(desk, batch_id)["documents"], database.measured) == (3, 1)


def test_each_kind_is_taken_or_refused_by_its_bytes_and_told_what_to_do(desk: Desk, importer: Importer):
    files = files_of_every_kind()
    put(desk, **{f"inbox/{name}": content for name, (content, _) in files.items()})
    batch_id = desk.post("/batch/start", prefix="inbox/").json["id"]
    finish(importer)
    taken = desk.sql("select original_filename, mime_type from master_document_registry")
    assert dict(taken) == {name: kind.mime_type for name, (_, kind) in files.items() if kind in TAKEN}
    skipped = desk.get("/batch/skipped", batch_id=batch_id, limit=200).json["skipped"]
    told = {file["name"].removeprefix("inbox/"): (file["code"], file["message"]) for file in skipped}
    refused = {name: kind for name, (_, kind) in files.items() if kind not in TAKEN}
    assert told == {name: ("unsupported_type", explain_refusal(kind)) for name, kind in refused.items()}


def test_a_changed_object_enters_again(desk: Desk, importer: Importer):
    put(desk, **{"inbox/a.pdf": PDF})
    for expected in (1, 0):
        desk.post("/batch/start", prefix="inbox/")
        finish(importer)
        assert desk.sql("select queued from batch_checkpoints order by updated_at desc limit 1") == [(expected,)]
    put(desk, **{"inbox/a.pdf": PDF + b"changed"})
    desk.post("/batch/start", prefix="inbox/")
    finish(importer)
    assert desk.sql("select count(*) from master_document_registry") == [(2,)]


def test_limits_hold(desk: Desk, importer: Importer):
    put(desk, **{f"inbox/{number}.txt": b"%d" % number for number in range(7)})
    put(desk, **{"inbox/0.pdf": PDF})
    limits = {"max_documents": 5, "mime_types": ["text/plain"], "batch_size": 3}
    batch_id = desk.post("/batch/start", prefix="inbox/", priority="high", placement="local_only", **limits).json["id"]
    finish(importer)
    batch = batch_of(desk, batch_id)
    assert (batch["documents"], batch["status"]) == (5, "running")
    rows = desk.sql("select distinct priority, placement, mime_type from job_list")
    assert rows == [("high", "local_only", "text/plain")]


def test_a_batch_is_paused_resumed_and_stopped(desk: Desk, importer: Importer):
    put(desk, **{f"inbox/{number}.txt": b"%d" % number for number in range(4)})
    batch_id = desk.post("/batch/start", prefix="inbox/", batch_size=1).json["id"]
    tick(importer)
    assert desk.post("/batch/pause", batch_id=batch_id).json["status"] == "paused"
    finish(importer)
    assert batch_of(desk, batch_id)["documents"] == 1
    assert desk.post("/batch/resume", batch_id=batch_id).json["status"] == "scanning"
    finish(importer)
    assert batch_of(desk, batch_id)["documents"] == 4
    assert desk.post("/batch/stop", batch_id=batch_id).json["status"] == "stopped"
    desk.clients.database.release_expired_jobs()
    assert batch_of(desk, batch_id)["cancelled"] == 4
    refused = desk.post("/batch/resume", batch_id=batch_id)
    assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")


def test_a_finished_batch_tells_failures_and_cost(desk: Desk, importer: Importer):
    put(desk, **{"inbox/a.txt": b"a"})
    batch_id = desk.post("/batch/start", prefix="inbox/").json["id"]
    finish(importer)
    desk.sql("update processing_jobs set status = 'failed', error_code = 'corrupt', error_message = 'It is broken.'")
    tick(importer)
    batch = batch_of(desk, batch_id)
    assert (batch["status"], batch["failed"]) == ("completed", 1)
    assert batch["failures"] == [{"code": "corrupt", "message": "It is broken.", "documents": 1}]


@pytest.mark.parametrize(
    "body",
    [
        {"prefix": "x", "folder_id": "folder-7"}, {"prefix": 7}, {"prefix": "raw/"},
        {"prefix": "x", "mime_types": ["application/x-msdownload"]},
        {"prefix": "x", "max_documents": 0}, {"prefix": "x", "batch_size": 5000},
        {"prefix": "x", "max_cost_per_hour": "cheap"}, {"prefix": "x", "priority": "now"},
    ],
)  # fmt: skip
def test_a_malformed_batch_is_refused(desk: Desk, body: dict):
    reply = desk.post("/batch/start", **body)
    assert (reply.status_code, reply.json["code"]) == (400, "bad_argument")
    assert desk.sql("select 1 from batches") == []


def test_steering_an_unknown_batch_is_refused(desk: Desk):
    unknown = desk.post("/batch/pause", batch_id="6f1c2a9e-0000-4000-8000-000000000000")
    assert (unknown.status_code, unknown.json["code"]) == (404, "not_found")
    assert desk.post("/batch/stop", batch_id="7").json["code"] == "bad_argument"


def test_a_scan_says_why_it_waits_and_goes_on(desk: Desk, importer: Importer):
    put(desk, **{"inbox/a.txt": b"a"})
    batch_id = desk.post("/batch/start", prefix="inbox/").json["id"]
    storage = importer.storage
    importer.storage = type(storage)(storage._client, "no-such-bucket")
    assert tick(importer) is False
    assert "storage" in batch_of(desk, batch_id)["problem"]
    importer.storage = storage
    desk.make_doors_due()
    finish(importer)
    batch = batch_of(desk, batch_id)
    assert (batch["problem"], batch["documents"]) == (None, 1)


def test_two_importers_repeat_nothing(desk: Desk, importer: Importer):
    put(desk, **{f"inbox/{number:03}.txt": b"%d" % number for number in range(40)})
    desk.post("/batch/start", prefix="inbox/", batch_size=4)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(finish, importer) for _ in range(2)]:
            done.result()
        finish(importer)
    assert desk.sql("select count(*), count(distinct object_key) from document_journal") == [(40, 40)]


def test_an_import_killed_in_the_middle_neither_loses_nor_repeats(desk: Desk):
    put(desk, **{f"inbox/{number:03}.txt": b"%d" % number for number in range(60)})
    desk.post("/batch/start", prefix="inbox/", batch_size=2)
    environ = desk.environ | {"PATH": os.environ["PATH"]}

    def queued() -> int:
        return desk.sql("select count(*) from document_journal")[0][0]

    for enough in (20, 60):
        process = subprocess.Popen(
            [sys.executable, "-m", "control_plane", "import"], cwd=REPOSITORY, env=environ, stderr=subprocess.DEVNULL
        )
        try:
            wait_until(lambda enough=enough: queued() >= enough, 30)
        finally:
            process.kill()
            process.wait()
    assert desk.sql("select count(*), count(distinct object_key) from document_journal") == [(60, 60)]


def test_an_upload_that_was_stored_but_not_queued_is_queued_later(desk: Desk, away):
    for name, content in (("lost.pdf", PDF), ("known.pdf", PDF + b"known")):
        away("database").post("/api/upload", headers=desk.auth, data={"file": (io.BytesIO(content), name)})
    desk.upload(PDF + b"known", "sent again.pdf")
    assert len(desk.keys()) == 3
    now = datetime.now(UTC)
    assert queue_strays(desk.clients.database, desk.clients.storage, now) == 0, "it may still be on its way"
    assert queue_strays(desk.clients.database, desk.clients.storage, now, grace=timedelta(0)) == 2
    assert queue_strays(desk.clients.database, desk.clients.storage, now, grace=timedelta(0)) == 0
    names = desk.sql("select original_filename, duplicate from document_journal order by original_filename")
    assert names == [("known.pdf", True), ("lost.pdf", False), ("sent again.pdf", False)]
    assert len(desk.keys()) == 2


SAID = {"priority": "low", "placement": "local_only"}
STRICTEST = ("low", "local_only", False, True)


def lose_row(desk: Desk, away, path: str = "/api/upload", **form) -> None:
    """An upload whose bytes are stored while the database is away."""
    assert away("database").post(path, headers=desk.auth, data=form).status_code == 503


def in_order(*parts: tuple[str, bytes]) -> dict:
    """A form with its parts in this order, which no client library keeps; a part with a dot in its name is a file."""
    body = b""
    for name, content in parts:
        what = f'name="file"; filename="{name}"' if "." in name else f'name="{name}"'
        body += f"--cut\r\nContent-Disposition: form-data; {what}\r\n\r\n".encode() + content + b"\r\n"
    return {"data": body + b"--cut--\r\n", "content_type": "multipart/form-data; boundary=cut"}


def choices_of(desk: Desk, name: str) -> tuple:
    [row] = desk.sql(
        "select priority, placement, allow_claude, choices_unsaid from job_list where original_filename = %s", name
    )
    return row


def find_strays(desk: Desk) -> None:
    queue_strays(desk.clients.database, desk.clients.storage, datetime.now(UTC), grace=timedelta(0))


def test_a_lost_row_comes_back_with_the_choices_of_its_upload(desk: Desk, away):
    lose_row(desk, away, **SAID, file=(io.BytesIO(PDF), "private.pdf"))
    lose_row(desk, away, placement="any_host", allow_claude="no", file=(io.BytesIO(PDF + b"1"), "no claude.pdf"))
    lose_row(desk, away, placement="any_host", file=(io.BytesIO(PDF + b"2"), "open.pdf"))
    lose_row(desk, away, "/api/batch-upload", **SAID, files=[(io.BytesIO(PDF + b"3"), "in a batch.pdf")])
    find_strays(desk)
    assert choices_of(desk, "private.pdf") == ("low", "local_only", False, False)
    assert choices_of(desk, "no claude.pdf") == ("normal", "any_host", False, False)
    assert choices_of(desk, "open.pdf") == ("normal", "any_host", True, False)
    assert choices_of(desk, "in a batch.pdf") == ("low", "local_only", False, False)


def test_choices_said_after_the_file_are_not_guessed(desk: Desk, away):
    """The bytes were stored before anybody could know: strict until a person says otherwise, here or in the list."""
    form = in_order(("late.pdf", PDF), ("placement", b"any_host"), ("priority", b"high"))
    assert away("database").post("/api/upload", headers=desk.auth, **form).status_code == 503
    lose_row(desk, away, file=(io.BytesIO(PDF + b"1"), "never.pdf"))
    find_strays(desk)
    assert choices_of(desk, "late.pdf") == choices_of(desk, "never.pdf") == STRICTEST
    waiting = desk.get("/api/jobs", choices_unsaid="yes").json["jobs"]
    by_name = {job["original_filename"]: job["id"] for job in waiting}
    assert sorted(by_name) == ["late.pdf", "never.pdf"]
    said = desk.post(f"/api/jobs/{by_name['never.pdf']}/choices", placement="datacenter_only", allow_claude=True)
    assert (said.status_code, said.json["placement"], said.json["choices_unsaid"]) == (200, "datacenter_only", False)
    assert len(desk.get("/api/jobs", choices_unsaid="yes").json["jobs"]) == 1
    desk.upload(PDF, "late.pdf", placement="any_host")
    assert desk.get("/api/jobs", choices_unsaid="yes").json["jobs"] == [], "sent again, with a choice"


def test_an_old_object_without_a_word_is_strict(desk: Desk):
    put(desk, **{f"raw/{datetime.now(UTC):%Y/%m/%d}/6f1c2a9e-0000-4000-8000-000000000000.pdf": PDF})
    find_strays(desk)
    assert choices_of(desk, "unnamed") == STRICTEST


def test_after_a_restore_the_documents_of_the_lost_week_are_as_private_as_before(desk: Desk):
    desk.upload_many(("diary.pdf", PDF), **SAID)
    desk.sql("truncate batches, master_document_registry, events cascade")
    find_strays(desk)
    assert choices_of(desk, "diary.pdf") == ("low", "local_only", False, False)


def test_a_choice_said_twice_is_refused_and_leaves_nothing(desk: Desk):
    form = in_order(("placement", b"any_host"), ("a.pdf", PDF), ("allow_claude", b"no"))
    reply = desk.http.post("/api/upload", headers=desk.auth, **form)
    assert (reply.status_code, reply.json["code"]) == (400, "bad_argument")
    assert desk.keys() == []


def test_what_is_said_of_an_object_fits_into_its_metadata(desk: Desk):
    for number, name in enumerate(("訴" * 250 + ".pdf", "half a pair \ud83d.pdf", "é" * 900 + ".pdf")):
        origin = Origin("telegram", Choices.of("high", "datacenter_only", None), "6f1c2a9e-0000-4000-8000-000000000000")
        metadata = origin.as_metadata(name, datetime.now(UTC))
        assert sum(len(key) + len(value) for key, value in metadata.items()) < 2048
        assert all(value.isascii() for value in metadata.values())
        writer = desk.clients.storage.open_writer(f"raw/{number}.pdf", "application/pdf", metadata)
        writer.write(PDF)
        writer.finish()
        stored = desk.clients.storage.head(f"raw/{number}.pdf").metadata
        assert read_origin(stored) == origin
        assert (read_name(stored) or "")[:100].replace("?", "\ud83d") == name[:100]


def test_stopped_files_are_read_by_the_next_batch_over_the_same_folder(desk: Desk, importer: Importer):
    put(desk, **{f"inbox/{number:02}.txt": b"%d" % number for number in range(14)})
    batch_id = desk.post("/batch/start", prefix="inbox/", placement="local_only").json["id"]
    finish(importer)
    stopped = desk.post("/batch/stop", batch_id=batch_id).json
    told = ("status", "documents", "completed", "cancelled", "open", "unread", "pages_done")
    assert [stopped[name] for name in told] == ["stopped", 14, 0, 14, 0, 14, 0], "at once, before any sweep"
    assert desk.get("/batch/estimate", prefix="inbox/").json["new"] == 14

    again = desk.post("/batch/start", prefix="inbox/").json["id"]  # before and after the sweep, one object changed
    desk.clients.database.release_expired_jobs()
    put(desk, **{"inbox/00.txt": b"changed"})
    finish(importer)
    batch = batch_of(desk, again)
    assert (batch["documents"], batch["open"], batch["known"], batch["status"]) == (14, 14, 0, "running")
    assert desk.sql("select count(*) from master_document_registry") == [(15,)], "the same file is the same document"
    assert desk.sql("select count(*) from job_list where status = 'queued' and placement = 'local_only'") == [(13,)]
    assert batch_of(desk, batch_id)["unread"] == 1
    find_strays(desk)
    assert desk.sql("select count(*) from master_document_registry") == [(15,)]


def test_one_button_reads_what_was_stopped_and_goes_on_with_the_scan(desk: Desk, importer: Importer):
    put(desk, **{f"inbox/{number:02}.txt": b"%d" % number for number in range(7)})
    batch_id = desk.post("/batch/start", prefix="inbox/", batch_size=4, placement="datacenter_only").json["id"]
    tick(importer)
    desk.post("/batch/stop", batch_id=batch_id)
    started = desk.post("/batch/again", batch_id=batch_id)
    assert (started.status_code, started.json["again_of"], started.json["status"]) == (201, batch_id, "scanning")
    importer.most = 3  # killed and started in between is the same: each step is a transaction
    finish(importer)
    batch = batch_of(desk, started.json["id"])
    assert (batch["documents"], batch["open"], batch["status"]) == (7, 7, "running")
    queued = "select count(*), count(distinct document_id) from processing_jobs where status = 'queued'"
    assert desk.sql(queued) == [(7, 7)]
    assert batch_of(desk, batch_id)["unread"] == 0
    nothing = desk.post("/batch/again", batch_id=batch_id)
    assert (nothing.status_code, nothing.json["code"]) == (409, "wrong_state")
    running = desk.post("/batch/again", batch_id=started.json["id"])
    assert running.status_code == 409


def test_the_stopped_files_of_a_web_upload_are_read_again(desk: Desk, importer: Importer):
    sent = desk.upload_many(("a.pdf", PDF), ("b.pdf", PDF + b"b"), placement="local_only").json
    desk.post("/batch/stop", batch_id=sent["batch_id"])
    again = desk.post("/batch/again", batch_id=sent["batch_id"]).json["id"]
    finish(importer)
    jobs = desk.get("/api/jobs", batch_id=again).json["jobs"]
    assert [(job["original_filename"], job["status"], job["placement"]) for job in jobs] == [
        ("b.pdf", "queued", "local_only"), ("a.pdf", "queued", "local_only"),
    ]  # fmt: skip
    for job in jobs:
        desk.post(f"/api/jobs/{job['id']}/cancel")
    tick(importer)
    ended = batch_of(desk, again)
    assert (ended["status"], ended["unread"]) == ("completed", 2), "cancelled one by one they are offered, too"
    assert desk.post("/batch/again", batch_id=again).status_code == 201


def walk(desk: Desk, path: str, noun: str, **query) -> list[dict]:
    """Every row of a list, page by page, as its cursors lead."""
    rows, cursor = [], {}
    while True:
        page = desk.get(path, **query, **cursor).json
        rows += page[noun]
        if page["next"] is None:
            return rows
        cursor = {"cursor": page["next"]}


def test_lists_longer_than_a_page_lead_to_their_end(desk: Desk):
    start = desk.clients.database.start_batch
    batches = [start(NewBatch(str(number), limits={"prefix": "x/"})) for number in range(60)]
    desk.sql("insert into batch_checkpoints (batch_id) select id from batches")
    desk.sql(
        "insert into skipped_files (batch_id, source_id, name, code) select %s, n::text, 'a file', 'empty_file'"
        " from generate_series(1, 1203) as n", batches[0],
    )  # fmt: skip
    assert [batch["id"] for batch in walk(desk, "/batch/status", "batches")] == batches[::-1]
    assert [batch["id"] for batch in walk(desk, "/batch/status", "batches", limit=7)] == batches[::-1]
    assert [point["batch_id"] for point in walk(desk, "/checkpoints", "checkpoints", limit=25)] == batches[::-1]
    skipped = walk(desk, "/batch/skipped", "skipped", batch_id=batches[0], limit=200)
    assert sorted(int(file["source_id"]) for file in skipped) == list(range(1, 1204))
    desk.sql(
        "insert into master_document_registry (id, object_key, original_filename, source)"
        " select gen_random_uuid(), n::text, 'a file', 'upload' from generate_series(1, 1203) as n"
    )
    desk.sql("insert into lanes (name, priority, placement) values ('many', 'low', 'any_host')")
    desk.sql(
        "insert into processing_jobs (document_id, batch_id, lane_id, priority, placement) select id, %s,"
        " (select id from lanes where name = 'many'), 'low', 'any_host' from master_document_registry", batches[1],
    )  # fmt: skip
    assert len({job["id"] for job in walk(desk, "/api/jobs", "jobs", batch_id=batches[1], limit=200)}) == 1203


def test_pages_are_guessed_from_sizes_and_learned():
    prior = PageSizes.measured([])
    assert prior.pages("application/pdf", 800_000) == 10
    assert prior.pages("image/jpeg", 9_000_000) == 1
    assert prior.pages("application/pdf", 1) == 1
    assert prior.pages("application/pdf", 10**12) == 5000
    row = PageStatistic("application/pdf", documents=2000, bytes=40_000_000, pages=2000)
    assert PageSizes.measured([row]).pages("application/pdf", 800_000) == 39


def test_a_run_is_priced_within_the_caps(desk: Desk):
    policy = Policy()
    ledger = desk.clients.database.get_fleet()
    offers = desk.clients.vast.search_offers(policy.query, policy.disk_gb)
    small, large = (estimate_run(pages, offers, ledger, policy, 3600.0, 4, 10.0) for pages in (100, 1_000_000))
    assert (small.machines, large.machines) == (1, 4)
    assert 0 < small.usd < large.usd and small.hours < large.hours
    assert estimate_run(1_000_000, offers, ledger, policy, 3600.0, 4, 0.0).machines == 1
    assert estimate_run(1_000_000, offers, ledger, policy, 1e6, 4, 10.0).machines == 1, "the scaler rents no more"
    assert estimate_run(100, [], ledger, policy, 3600.0, 4, 10.0).usd is None


def test_no_machine_is_rented_past_a_batch_s_usd_per_hour(desk: Desk):
    database = desk.clients.database
    batch_id = desk.post("/batch/start", prefix="inbox/", max_cost_per_hour=0.5).json["id"]
    database.take_leadership("scaler", "test", 60)
    caps = Caps(machines=9, usd_per_hour=9.0, usd_per_day=90.0, credit_floor=0.0)

    def rent(number: int, usd_per_hour: float, batch_id: str | None):
        intent = Intent(
            label=f"aseagi-test-{number:08x}", deployment="test", ask_id=number, machine_id=number, host_id=number,
            gpu_name="RTX 3090", hosting=Hosting.COMMUNITY, geolocation="DE", is_bid=False, batch_id=batch_id,
            reason="test", usd_per_hour=usd_per_hour, traffic_usd_per_hour=0.05, traffic_usd_per_page=0.0, pull_usd=0.0,
            inet_down_mbps=500.0, image_gb=8.0, reserve_seconds=3600.0, boot_seconds=600.0,
        )  # fmt: skip
        return database.create_intent("test", intent, caps)

    rent(1, 0.3, batch_id)
    with pytest.raises(Conflict) as caught:
        rent(2, 0.2, batch_id)
    assert caught.value.code == "cap_reached"
    rent(3, 0.05, batch_id)
    rent(4, 2.0, None)


def test_a_step_that_the_queue_does_not_manage_in_time_is_made_smaller(desk: Desk, importer: Importer):
    put(desk, **{f"inbox/{number:03}.txt": b"%d" % number for number in range(90)})
    batch_id = desk.post("/batch/start", prefix="inbox/").json["id"]
    desk.sql(
        "create function refuse_many() returns trigger language plpgsql as $$ begin"
        " if (select count(*) from document_journal where created_at = now()) > 40 then"
        " raise exception 'canceling statement due to statement timeout' using errcode = '57014'; end if;"
        " return new; end $$;"
        " create trigger refuse_many after insert on document_journal for each row execute function refuse_many()"
    )
    try:
        for _ in range(12):
            tick(importer)
    finally:
        desk.sql("drop function refuse_many cascade")
    assert batch_of(desk, batch_id)["documents"] == 90


def test_what_the_database_will_never_manage_is_no_absence_of_it(desk: Desk):
    """Its codes of three digits are the proxy's; 55000 begins like them, and was waited for without end."""
    desk.sql(
        "create function refuse() returns trigger language plpgsql as $$ begin"
        " raise exception 'not as needed' using errcode = '55000'; end $$;"
        " create trigger refuse before insert on batches for each row execute function refuse()"
    )
    try:
        reply = desk.post("/batch/start", prefix="inbox/")
    finally:
        desk.sql("drop function refuse cascade")
    assert (reply.status_code, reply.json["code"]) == (500, "internal_error")
