"""Documents in: what is stored, what is queued, and how bad input ends."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from control_plane.intake.origin import read_name
from tests.control_plane.desk import PDF, Desk

MULTIPART = "multipart/form-data; boundary=b"


def image(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(buffer, kind)
    return buffer.getvalue()


def test_an_upload_is_stored_hashed_and_queued(desk: Desk):
    reply = desk.upload(PDF, "Motion to Dismiss.pdf", priority="high", placement="local_only")
    assert reply.status_code == 201
    body = reply.json
    assert (body["duplicate"], body["status"]) == (False, "queued")
    [(key, sha256, md5, count, name, source, priority, placement)] = desk.sql(
        "select d.object_key, sha256, md5, bytes, original_filename, source, priority, placement"
        " from master_document_registry d join processing_jobs j on j.document_id = d.id"
        " where d.id = %s and j.id = %s",
        body["document_id"], body["job_id"],
    )  # fmt: skip
    assert (sha256, md5) == (hashlib.sha256(PDF).hexdigest(), hashlib.md5(PDF).hexdigest())
    assert (count, name, source) == (len(PDF), "Motion to Dismiss.pdf", "upload")
    assert (priority, placement) == ("high", "local_only")
    assert key.startswith("raw/20") and key.endswith(f"/{body['document_id']}.pdf")
    assert b"".join(desk.clients.storage.read_chunks(key)) == PDF


@pytest.mark.parametrize(
    ("content", "mime_type"),
    [
        (PDF, "application/pdf"),
        (image("JPEG"), "image/jpeg"),
        (image("PNG"), "image/png"),
        (image("WEBP"), "image/webp"),
        (image("GIF"), "image/gif"),
        (image("BMP"), "image/bmp"),
        (image("TIFF"), "image/tiff"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic"),
        ("Größe, naïve — ok\n".encode(), "text/plain"),
    ],
)
def test_the_type_is_what_the_bytes_say_and_not_the_name(desk: Desk, content: bytes, mime_type: str):
    document_id = desk.upload(content, "wrong.exe").json["document_id"]
    assert desk.sql("select mime_type from master_document_registry where id = %s", document_id) == [(mime_type,)]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "empty_file"),
        (b"MZ\x90\x00\x03\x00\x00\x00program", 415, "unsupported_type"),
        (b"!BDN a mailbox of Outlook", 415, "unsupported_type"),
        (b"%PDF-1.4\n" + b"x" * 5_000_000, 413, "file_too_large"),
    ],
)
def test_a_bad_file_is_refused_and_leaves_nothing(desk: Desk, content: bytes, status: int, code: str):
    reply = desk.upload(content, "file.pdf")
    assert (reply.status_code, reply.json["code"]) == (status, code)
    assert len(reply.json["message"]) > 15 and reply.json["request_id"] == reply.headers["X-Request-ID"]
    assert desk.keys() == [] and desk.sql("select 1 from document_journal") == []


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("/srv/cases/scan.pdf", "scan.pdf"),
        ("📄 Beweis №1.pdf", "📄 Beweis №1.pdf"),
        ("..", "unnamed"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_made_safe_and_the_given_one_is_recorded(desk: Desk, given: str, shown: str):
    job_id = desk.upload(PDF, given).json["job_id"]
    job = desk.get(f"/api/jobs/{job_id}").json
    assert job["original_filename"] == shown
    assert ".." not in job["object_key"]
    assert read_name(desk.clients.storage.head(job["object_key"]).metadata) == given


def test_known_bytes_cost_nothing(desk: Desk):
    first = desk.upload(PDF, "a.pdf").json
    reply = desk.upload(PDF, "b.pdf")
    assert reply.status_code == 200
    assert reply.json["duplicate"] and reply.json["job_id"] is None
    assert reply.json["document_id"] == first["document_id"]
    assert len(desk.keys()) == 1
    assert desk.sql("select original_filename from document_journal order by seq") == [("a.pdf",), ("b.pdf",)]


def test_the_same_bytes_at_the_same_time_are_one_document(desk: Desk):
    def send(number: int):
        app = desk.http.application
        form = {"file": (io.BytesIO(PDF), f"{number}.pdf")}
        return app.test_client().post("/api/upload", headers=desk.auth, data=form)

    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(send, range(6)))
    assert sorted(reply.status_code for reply in replies) == [200] * 5 + [201]
    assert len({reply.json["document_id"] for reply in replies}) == 1
    assert len(desk.keys()) == 1
    assert desk.sql("select count(*) from document_journal") == [(6,)]
    assert desk.sql("select count(*) from processing_jobs") == [(1,)]


def test_a_wrong_choice_is_refused_after_the_file_and_leaves_nothing(desk: Desk):
    reply = desk.upload(PDF, "a.pdf", priority="urgent")
    assert (reply.status_code, reply.json["code"]) == (400, "bad_argument")
    assert desk.keys() == [] and desk.sql("select 1 from document_journal") == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"data": b"%PDF", "content_type": "application/pdf"}, "not_multipart"),
        ({"data": {"priority": "x" * 5000}, "content_type": "multipart/form-data"}, "bad_multipart"),
        ({"data": b"--b\r\nX: y\r\n\r\nz\r\n--b--\r\n", "content_type": MULTIPART}, "bad_multipart"),
        ({"data": {"file": [(io.BytesIO(PDF), "a"), (io.BytesIO(PDF), "b")]}}, "too_many_files"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(desk: Desk, arguments: dict, code: str):
    reply = desk.http.post("/api/upload", headers=desk.auth, **arguments)
    assert (reply.status_code, reply.json["code"]) == (400, code)
    assert desk.keys() == []


def test_a_form_without_a_file_says_so(desk: Desk):
    for path in ("/api/upload", "/api/batch-upload"):
        reply = desk.http.post(path, headers=desk.auth, data={"priority": "low"}, content_type="multipart/form-data")
        assert (reply.status_code, reply.json["code"]) == (400, "file_missing")


def test_a_batch_tells_the_fate_of_each_file(desk: Desk):
    desk.upload(image("PNG"), "known.png")
    reply = desk.upload_many(
        ("a.pdf", PDF), ("empty.pdf", b""), ("known again.png", image("PNG")), ("prog.pdf", b"MZ\0"), ("b.txt", b"hi"),
        name="Smith v. Jones", priority="low",
    )  # fmt: skip
    assert reply.status_code == 201
    files = reply.json["files"]
    assert [each["filename"] for each in files] == ["a.pdf", "empty.pdf", "known again.png", "prog.pdf", "b.txt"]
    assert [each.get("code") for each in files] == [None, "empty_file", None, "unsupported_type", None]
    assert [each["duplicate"] for each in files] == [False, False, True, False, False]
    batch_id = reply.json["batch_id"]
    assert desk.sql("select id::text, name, priority from batches") == [(batch_id, "Smith v. Jones", "low")]
    jobs = desk.get("/api/jobs", batch_id=batch_id).json["jobs"]
    assert sorted(job["original_filename"] for job in jobs) == ["a.pdf", "b.txt"]
    assert len(desk.keys()) == 3


def test_a_batch_of_nothing_but_bad_files_makes_no_batch(desk: Desk):
    reply = desk.upload_many(("empty.pdf", b""))
    assert reply.status_code == 201 and reply.json["batch_id"] is None
    assert desk.sql("select 1 from batches") == []


def test_an_object_in_the_bucket_can_be_queued(desk: Desk):
    put(desk, "inbox/Brief 7.pdf", PDF)
    reply = desk.post("/api/jobs/create", object_key="inbox/Brief 7.pdf", priority="low")
    assert reply.status_code == 201
    job = desk.get(f"/api/jobs/{reply.json['job_id']}").json
    assert (job["object_key"], job["original_filename"]) == ("inbox/Brief 7.pdf", "Brief 7.pdf")
    assert (job["source"], job["mime_type"]) == ("bucket", "application/pdf")
    assert (job["bytes"], job["priority"]) == (len(PDF), "low")
    again = desk.post("/api/jobs/create", object_key="inbox/Brief 7.pdf")
    assert again.status_code == 200 and again.json["duplicate"]
    assert desk.upload(PDF, "the same by upload.pdf").json["duplicate"]
    assert desk.keys() == ["inbox/Brief 7.pdf", f"raw/kept/{hashlib.sha256(PDF).hexdigest()}"], "and our own copy of it"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"object_key": "inbox/none.pdf"}, 404, "object_missing"),
        ({"object_key": "inbox/empty.pdf"}, 400, "empty_file"),
        ({"object_key": "inbox/program.pdf"}, 415, "unsupported_type"),
        ({"object_key": "inbox/good.pdf", "priority": "now"}, 400, "bad_argument"),
        ({"object_key": "processed/x/ocr.txt"}, 400, "bad_argument"),
        ({"object_key": ""}, 400, "bad_argument"),
        ({}, 400, "bad_argument"),
    ],
)
def test_an_object_that_cannot_be_queued_is_refused(desk: Desk, body: dict, status: int, code: str):
    for name, content in (("empty", b""), ("program", b"MZ\0"), ("good", PDF)):
        put(desk, f"inbox/{name}.pdf", content)
    reply = desk.post("/api/jobs/create", **body)
    assert (reply.status_code, reply.json["code"]) == (status, code)
    assert desk.sql("select 1 from document_journal") == []


def test_when_the_storage_is_away_nothing_is_queued(desk: Desk, away):
    reply = away("storage").post("/api/upload", headers=desk.auth, data={"file": (io.BytesIO(PDF), "a.pdf")})
    assert (reply.status_code, reply.json["code"]) == (503, "storage_unavailable")
    assert int(reply.headers["Retry-After"]) > 0
    assert desk.sql("select 1 from document_journal") == []


def test_when_the_queue_is_away_the_object_is_kept_and_a_retry_works(desk: Desk, away):
    reply = away("database").post("/api/upload", headers=desk.auth, data={"file": (io.BytesIO(PDF), "a.pdf")})
    assert (reply.status_code, reply.json["code"]) == (503, "queue_unavailable")
    assert len(desk.keys()) == 1
    assert desk.upload(PDF, "a.pdf").status_code == 201


def put(desk: Desk, key: str, content: bytes) -> None:
    writer = desk.clients.storage.open_writer(key, "application/octet-stream", {})
    writer.write(content)
    writer.finish()


def test_a_name_in_an_old_encoding_costs_nobody_the_form(desk: Desk):
    """As curl and old mail programs send it: the bytes that the disk has."""
    disposition = b'Content-Disposition: form-data; name="files"; filename="'
    names = (b"1_first.txt", b"2_caf\xe9.txt", b"3_third.txt")
    body = b"".join(b"--b\r\n" + disposition + name + b'"\r\n\r\nwords of ' + name + b"\r\n" for name in names)
    reply = desk.http.post("/api/batch-upload", headers=desk.auth, data=body + b"--b--\r\n", content_type=MULTIPART)
    assert reply.status_code == 201
    assert [each["filename"] for each in reply.json["files"]] == ["1_first.txt", "2_café.txt", "3_third.txt"]
    assert [each["status"] for each in reply.json["files"]] == ["queued"] * 3


def test_an_object_of_ours_is_queued_as_it_was_meant(desk: Desk, away):
    """Queued by its key, without a word about where it may be read."""
    form = {"placement": "local_only", "file": (io.BytesIO(PDF), "private.pdf")}
    away("database").post("/api/upload", headers=desk.auth, data=form)
    stored = desk.keys()
    put(desk, "raw/2026/11/22/mute.pdf", PDF + b"mute")
    for key in (*stored, "raw/2026/11/22/mute.pdf"):
        assert desk.post("/api/jobs/create", object_key=key).status_code == 201
    rows = desk.sql("select original_filename, placement, allow_claude, choices_unsaid from job_list order by 1")
    assert rows == [("mute.pdf", "local_only", False, True), ("private.pdf", "local_only", False, False)]


def test_a_refused_file_leaves_a_trace_until_it_comes_in(desk: Desk):
    for _ in range(2):
        assert desk.upload(b"MZ\x00\x01" * 50, "order.exe").status_code == 415
    desk.upload_many(("empty.pdf", b""), ("order.pdf", PDF))
    first = desk.get("/api/refused-files", limit=1).json
    assert [(row["original_filename"], row["code"]) for row in first["refused"]] == [("empty.pdf", "empty_file")]
    assert first["total"] == 2
    [row] = desk.get("/api/refused-files", cursor=first["next"]).json["refused"]
    assert (row["original_filename"], row["code"], row["source"]) == ("order.exe", "unsupported_type", "upload")
    desk.upload(PDF + b"mended", "order.exe")
    assert [row["original_filename"] for row in desk.get("/api/refused-files").json["refused"]] == ["empty.pdf"]

