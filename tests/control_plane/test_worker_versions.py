"""Two versions side by side: a worker of before at today's house, and today's worker at a house of after."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from gpu_worker.clients.control_plane import FRESH_TOKEN, PASSWORDS, TAKEN, URLS
from gpu_worker.clients.job_queue import EXTENDED, JOBS
from tests.control_plane.desk import PDF, Desk, declare

VERSIONS = sorted((Path(__file__).parents[1] / "golden").glob("worker_*.json"))
TEXT = b"MOTION text"
READERS = {
    "claim_jobs": JOBS, "heartbeat_jobs": EXTENDED, "urls": URLS, "passwords": PASSWORDS, "token": FRESH_TOKEN,
    "complete": TAKEN,
}  # fmt: skip


class OldWorker:
    """Says what a worker of that version said, word for word; the blanks are what the house gave it."""

    def __init__(self, desk: Desk, version: Path) -> None:
        self.desk, self.calls = desk, json.loads(version.read_text())
        self.headers = desk.add_machine("aseagi-local-00000001")
        self.known: dict[str, Any] = {"$put": declare({"ocr.txt": TEXT}), "$ocr": {
            "bytes": len(TEXT), "sha256": sha256(TEXT).hexdigest()}}  # fmt: skip

    def call(self, name: str) -> Any:
        """Make the recorded call; its answer has all that the worker of then read, in the form of then."""
        call = self.calls[name]
        body, headers = self._fill(call["body"]), self.headers | self._fill(call.get("headers", {}))
        if call["path"].startswith("/rest/"):
            settings = self.desk.settings
            reply = httpx.post(settings.supabase_url + call["path"], json=body,
                               headers={"apikey": settings.supabase_publishable_key, **headers})  # fmt: skip
            status, answer = reply.status_code, reply.json()
        else:
            sent = self.desk.http.post(call["path"], json=body, headers=headers)
            status, answer = sent.status_code, sent.json
        assert status == call["status"], answer
        _same_form(call["answer"], answer, name)
        return answer

    def _fill(self, value: Any) -> Any:
        match value:
            case str():
                return self.known.get(value, value)
            case dict():
                return {name: self._fill(each) for name, each in value.items()}
            case list():
                return [self._fill(each) for each in value]
        return value


def _same_form(then: Any, now: Any, where: str) -> None:
    if isinstance(then, dict):
        assert then.keys() <= now.keys(), where
        for name, value in then.items():
            _same_form(value, now[name], f"{where}.{name}")
    elif isinstance(then, list):
        assert isinstance(now, list) and len(now) >= len(then), where
        for index, value in enumerate(then):
            _same_form(value, now[index], where)
    else:
        assert isinstance(now, type(then)), where


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.stem)
def test_a_worker_of_before_reads_documents_at_todays_house(desk: Desk, version: Path):
    for name in ("one.pdf", "two.pdf", "three.pdf"):
        desk.upload(PDF + name.encode(), name)
    worker = OldWorker(desk, version)
    for ending in ("complete", "fail_job", "release_jobs"):
        (job,) = worker.call("claim_jobs")
        worker.known |= {"$job_id": job["job_id"], "$lease_token": job["lease_token"], "$sha256": job["sha256"]}
        worker.call("heartbeat_jobs")
        worker.call("passwords")
        target = worker.call("urls")["put"]["ocr.txt"]
        httpx.put(target["url"], content=TEXT, headers=target["headers"]).raise_for_status()
        worker.call(ending)
        desk.sql("update processing_jobs set run_after = now() + interval '1 hour' where status = 'queued' and id = %s",
                 job["job_id"])  # fmt: skip
    worker.headers = {"Authorization": f"Bearer {worker.call('token')['token']}"}
    worker.call("goodbye")
    assert sorted(desk.sql("select status, count(*) from processing_jobs group by 1")) == [
        ("completed", 1), ("failed", 1), ("queued", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_todays_worker_passes_over_what_a_newer_house_says_more(name: str):
    answer = json.loads(VERSIONS[-1].read_text())[name]["answer"]
    assert READERS[name].validate_python(_with_more(answer)) == READERS[name].validate_python(answer)


def _with_more(value: Any) -> Any:
    if isinstance(value, dict):
        more = {} if "ocr.txt" in value or "Content-MD5" in value else {"of_a_newer_version": {"any": [1]}}
        return {name: _with_more(each) for name, each in value.items()} | more
    return [_with_more(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.stem)
def test_what_a_newer_worker_says_more_of_a_document_is_refused_and_the_job_waits(desk: Desk, version: Path):
    """Its host is a stranger: no field passes unread. So the house is upgraded first (docs/operations.md)."""
    desk.upload(PDF)
    worker = OldWorker(desk, version)
    (job,) = worker.call("claim_jobs")
    worker.known |= {"$job_id": job["job_id"], "$lease_token": job["lease_token"], "$sha256": job["sha256"]}
    target = worker.call("urls")["put"]["ocr.txt"]
    httpx.put(target["url"], content=TEXT, headers=target["headers"]).raise_for_status()
    complete = worker.calls["complete"]
    complete["body"]["of_a_newer_version"] = 1
    with pytest.raises(AssertionError, match="bad_argument|bad_request"):
        worker.call("complete")
    del complete["body"]["of_a_newer_version"]
    worker.call("complete")
