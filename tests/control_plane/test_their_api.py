"""The user's own API, word for word: each curl line of their documents, and the fields they wrote beneath it."""

import io
import math
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from control_plane.batches.importer import Importer, tick
from local_cloud import Cloud
from tests.control_plane.desk import PDF, Desk, make_desk, wait_until
from tests.fakes.drive import FakeDrive

SESSION = {
    "session_id", "status", "total_documents", "total_batches", "completed_batches", "failed_batches",
    "progress_percentage", "started_at", "estimated_completion", "vastai_instance_id", "total_cost",
}  # fmt: skip


def curl(desk: Desk, method: str, line: str, body: str | None = None):
    """What the line would get, with the token that every route but /health wants."""
    headers = desk.auth | ({"Content-Type": "application/json"} if body else {})
    return desk.http.open(line, method=method, headers=headers, data=body)


@pytest.fixture
def desk(clean_cloud: Cloud, drive_settings: dict[str, str]) -> Desk:
    return make_desk(clean_cloud, **drive_settings)


@pytest.fixture
def importer(desk: Desk):
    with ThreadPoolExecutor(4) as pool:
        yield Importer(desk.settings, desk.clients.database, desk.clients.storage, pool, pool, strays_due=math.inf)


@pytest.fixture
def papers(drive: FakeDrive) -> list[str]:
    """Twelve papers in two folders of Drive, one of them beneath the other."""
    drive.add_folder("folder-sub", "Letters", "folder-root")
    names = [f"case_document_{number:03}.pdf" for number in range(12)]
    for number, name in enumerate(names):
        drive.add_file(f"file-{number}", name, "folder-sub" if number % 2 else "folder-root", PDF + b"%%%d" % number)
    drive.add_file("note", "note.txt", "folder-root", b"a note", "text/plain")
    return names


def take_in(importer: Importer) -> None:
    while tick(importer):
        pass


def test_health(desk: Desk, importer: Importer, papers: list[str]):
    before = desk.http.get("/health").json
    assert before["status"] == "healthy" and before["batch_manager_initialized"] is True
    assert datetime.fromisoformat(before["timestamp"]) and before["current_session"] is None


def test_health_tells_the_session_that_runs(desk: Desk, importer: Importer, papers: list[str]):
    started = curl(desk, "POST", "/batch/start", '{"max_documents": 10, "batch_size": 10}').json
    wait_until(lambda: desk.http.get("/health").json["current_session"] == started["session_id"], 20)


def test_health_waits_for_no_database(clean_cloud: Cloud):
    away = make_desk(clean_cloud, SUPABASE_URL="http://127.0.0.1:9")
    reply = away.http.get("/health")
    assert (reply.status_code, reply.json["current_session"]) == (200, None)


def test_a_session_over_all_of_drive(desk: Desk, importer: Importer, papers: list[str]):
    body = """{
    "folder_id": null,
    "mime_types": ["application/pdf"],
    "max_documents": null,
    "batch_size": 5,
    "max_cost_per_hour": 1.0
  }"""
    started = curl(desk, "POST", "/batch/start", body)
    assert started.status_code == 201 and set(started.json) >= SESSION
    take_in(importer)
    names = desk.sql("select original_filename from document_journal order by 1")
    assert [name for (name,) in names] == papers  # of every folder, and the note is no PDF
    status = curl(desk, "GET", "/batch/status").json
    assert set(status) >= SESSION | {"current_batch"}
    assert status["session_id"] == started.json["session_id"] and status["status"] == "running"
    assert (status["total_documents"], status["total_batches"]) == (12, 3)
    assert (status["completed_batches"], status["failed_batches"], status["progress_percentage"]) == (0, 0, 0.0)
    assert status["current_batch"] == {
        "batch_id": "batch_0001", "batch_number": 1, "document_count": 5, "processed_count": 0, "status": "processing",
    }  # fmt: skip


def test_a_session_counts_the_batches_its_documents_fill(desk: Desk, importer: Importer, papers: list[str]):
    curl(desk, "POST", "/batch/start", '{"mime_types": ["application/pdf"], "batch_size": 5}')
    take_in(importer)
    desk.sql("insert into machines (label, status, contract_id) values ('aseagi-local-00000001', 'ready', 123456)")
    desk.sql("update processing_jobs set status = 'failed' where seq in (select seq from processing_jobs limit 7)")
    status = curl(desk, "GET", "/batch/status").json
    assert (status["completed_batches"], status["failed_batches"]) == (1, 2)
    assert status["progress_percentage"] == round(100 * 7 / 12, 2) and status["vastai_instance_id"] == 123456
    assert status["current_batch"]["batch_number"] == 2 and status["current_batch"]["processed_count"] == 2
    desk.sql("update processing_jobs set status = 'cancelled' where status = 'queued'")
    ended = curl(desk, "GET", "/batch/status").json
    assert (ended["completed_batches"], ended["progress_percentage"], ended["current_batch"]) == (3, 100.0, None)


def test_before_the_first_session(desk: Desk):
    status = curl(desk, "GET", "/batch/status").json
    assert set(status) >= SESSION and status["session_id"] is None and status["total_batches"] == 0
    assert curl(desk, "POST", "/batch/stop").json["code"] == "not_found"
    assert curl(desk, "POST", "/batch/resume/checkpoint_100.json").json["code"] == "not_found"


def test_without_drive_a_session_says_what_to_set(clean_cloud: Cloud):
    reply = curl(make_desk(clean_cloud), "POST", "/batch/start", '{"max_documents": 10, "batch_size": 10}')
    assert (reply.status_code, reply.json["code"]) == (400, "drive_not_configured")


def test_stop_and_resume_from_a_checkpoint(desk: Desk, importer: Importer, papers: list[str]):
    session = curl(desk, "POST", "/batch/start", '{"batch_size": 5}').json["session_id"]
    take_in(importer)
    stopped = curl(desk, "POST", "/batch/stop")
    assert (stopped.status_code, stopped.json["message"]) == (200, "Session stopped successfully")
    assert curl(desk, "GET", "/batch/status").json["status"] == "stopped"
    resumed = curl(desk, "POST", "/batch/resume/checkpoint_100.json")
    assert resumed.status_code == 200 and resumed.json["message"] == "Session resumed successfully"
    assert set(resumed.json) >= {"session_id", "completed_batches", "total_batches"}
    take_in(importer)
    status = curl(desk, "GET", "/batch/status").json
    assert status["session_id"] == resumed.json["session_id"] != session
    assert (status["status"], status["total_documents"]) == ("running", 13)


def test_a_listed_checkpoint_is_its_own_batch(desk: Desk, importer: Importer, papers: list[str]):
    for folder in ("folder-root", "folder-sub"):
        desk.post("/batch/start", folder_id=folder)
        take_in(importer)
    for batch in desk.get("/batch/status").json["batches"]:
        desk.post("/batch/pause", batch_id=batch["id"])
    older = curl(desk, "GET", "/checkpoints").json["checkpoints"][-1]
    assert re.fullmatch(r"checkpoint_\d+\.json", older["file"])
    resumed = curl(desk, "POST", f"/batch/resume/{older['file']}").json
    assert resumed["session_id"] == older["batch_id"]
    assert curl(desk, "POST", "/batch/resume/batch.json").status_code == 404


@pytest.mark.parametrize("query", ["total_documents=70000&batch_size=100&cost_per_hour=0.50", "total_documents=70000"])
def test_an_estimate_of_a_number(desk: Desk, query: str):
    told = curl(desk, "GET", f"/batch/estimate?{query}").json
    assert (told["total_documents"], told["batch_size"], told["total_batches"]) == (70000, 100, 700)
    assert told["total_hours"] > 0 and told["total_cost"] > 0
    assert math.isclose(told["seconds_per_document"] * 70000 / 3600, told["total_hours"], rel_tol=0.02)
    if "cost_per_hour" in query:
        assert told["cost_per_hour"] == 0.5
        assert math.isclose(told["machine_usd"], told["total_hours"] * 0.5, rel_tol=0.01)


def test_the_market_and_the_account(desk: Desk):
    balance = curl(desk, "GET", "/vastai/balance").json
    assert balance["balance"] > 0 and balance["currency"] == "USD"
    found = curl(desk, "GET", "/vastai/instances?min_gpu_ram=24&max_cost_per_hour=1.0").json
    assert 0 < found["showing"] == len(found["instances"]) <= min(10, found["total_found"])
    for each in found["instances"]:
        assert set(each) == {"id", "gpu_name", "gpu_ram_gb", "cpu_cores", "ram_gb", "cost_per_hour", "disk_space_gb"}
        assert each["gpu_ram_gb"] >= 24 and each["cost_per_hour"] <= 1.0
        assert each["cpu_cores"] > 0 and each["ram_gb"] > 0 and each["disk_space_gb"] > 0
    prices = [each["cost_per_hour"] for each in found["instances"]]
    assert prices == sorted(prices)
    assert curl(desk, "GET", "/vastai/instances").json["total_found"] > found["total_found"]


def test_the_files_of_drive(desk: Desk, papers: list[str]):
    told = curl(desk, "GET", "/drive/documents?max_results=100").json
    assert told["total_documents"] == len(told["documents"]) == 13 and told["more"] is False
    [first] = [each for each in told["documents"] if each["name"] == "case_document_001.pdf"]
    assert set(first) >= {"id", "name", "size_mb", "modified_time", "web_view_link"}
    assert first["size_mb"] is not None and first["web_view_link"].startswith("https://")
    assert curl(desk, "GET", "/drive/documents?max_results=10").json["more"] is True


def test_sending_documents(desk: Desk):
    sent = desk.http.post("/api/upload", headers=desk.auth, data={"file": (io.BytesIO(PDF), "letter.pdf")}).json
    many = {"files": [(io.BytesIO(PDF + b"2"), "a.pdf"), (io.BytesIO(PDF + b"3"), "b.pdf")]}
    assert len(desk.http.post("/api/batch-upload", headers=desk.auth, data=many).json["files"]) == 2
    latest = curl(desk, "GET", "/api/jobs/latest").json
    assert latest["original_filename"] in ("a.pdf", "b.pdf") and latest["id"] != sent["job_id"]


def test_queueing_what_is_in_the_bucket(desk: Desk):
    writer = desk.clients.storage.open_writer("inbox/scan.pdf", "application/pdf", {})
    writer.write(PDF)
    writer.finish()
    reply = curl(desk, "POST", "/api/jobs/create", '{"file_path": "inbox/scan.pdf", "priority": "high"}')
    assert reply.status_code == 201
    assert desk.sql("select priority from processing_jobs where id = %s", reply.json["job_id"]) == [("high",)]
    status = curl(desk, "GET", "/api/instances/status").json
    assert (status["instances"], status["jobs_queued"], status["jobs_processing"]) == ([], 1, 0)


def test_their_questions_to_the_journal(desk: Desk, importer: Importer, papers: list[str]):
    curl(desk, "POST", "/batch/start", '{"mime_types": ["application/pdf"]}')
    take_in(importer)
    counted = desk.sql("""
        SELECT
            processing_status,
            COUNT(*) as count
        FROM document_journal
        WHERE google_drive_id IS NOT NULL
        GROUP BY processing_status;
    """)
    assert counted == [("queued", 12)]
    job = desk.sql("select id from processing_jobs limit 1")[0][0]
    desk.post(f"/api/jobs/{job}/cancel")
    failed = """
        SELECT
            id,
            original_filename,
            processing_status,
            error_message
        FROM document_journal
        WHERE processing_status = 'failed';
    """
    assert desk.sql(failed) == []
    desk.sql("update document_journal set processing_status = 'failed', error_message = 'x' where job_id = %s", job)
    [(_, name, status, message)] = desk.sql(failed)
    assert name in papers and (status, message) == ("failed", "x")


def test_the_docs_show_them(desk: Desk):
    page = desk.http.get("/docs").text
    for path in (
        "/batch/start", "/batch/status", "/batch/stop", "/batch/estimate", "/batch/resume/{checkpoint_file}",
        "/checkpoints", "/vastai/balance", "/vastai/instances", "/drive/documents", "/health", "/api/upload",
        "/api/batch-upload", "/api/jobs/latest", "/api/jobs/create", "/api/instances/status", "/telegram/webhook",
    ):  # fmt: skip
        assert path in page, path
