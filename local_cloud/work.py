"""A folder of documents through the front desk: send each, follow each to its outcome (story)."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from . import screen
from .desk import Desk
from .errors import LocalCloudError
from .house import House
from .outcomes import Outcome, refusal

POLL_SECONDS = 0.5
STALL_SECONDS = 900.0


@dataclass(frozen=True)
class File:
    """A file of the folder, and its name relative to it."""

    path: Path
    name: str


def find_files(folder: Path, but: frozenset[str] = frozenset()) -> list[File]:
    """Every file under the folder whatever it is, hidden ones and those named in `but` aside.

    Raises LocalCloudError when there is no such folder.
    """
    if not folder.is_dir():
        raise LocalCloudError(f"there is no folder {folder}: give one with `make run DOCS=folder`.")
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    shown = [name for name in names if name not in but and not any(part.startswith(".") for part in Path(name).parts)]
    return [File(folder / name, name) for name in shown]


def process(house: House, files: list[File], console: Console) -> list[Outcome]:
    """Send every file and wait for every outcome; gives up, saying so, when nothing moves for 15 minutes."""
    with screen.progress_bar(console) as bar:
        task = bar.add_task("uploading", total=len(files), pages=0)
        outcomes = []
        for file in files:
            house.watch.tend()
            outcomes.append(_send(house.desk, file))
            bar.update(task, advance=1)
        bar.reset(task, description="processing")
        progress, moved_at = None, time.monotonic()
        while True:
            outcomes, jobs = _refresh(house.desk, outcomes)
            done, pages = _count(outcomes, jobs)
            bar.update(task, completed=done, pages=pages)
            if done == len(files):
                bar.update(task, description="done")
                return outcomes
            if (done, pages) != progress:
                progress, moved_at = (done, pages), time.monotonic()
            elif time.monotonic() - moved_at > STALL_SECONDS:
                console.print(f"Nothing moved for {STALL_SECONDS / 60:.0f} minutes; see {house.cloud.state_dir}/logs.")
                return outcomes
            house.watch.tend()
            time.sleep(POLL_SECONDS)


def drain(house: House) -> dict[str, Any]:
    """Wait until nothing is open, not even what an earlier run left; returns the queue's totals."""
    deadline = time.monotonic() + STALL_SECONDS
    totals = house.desk.get("/api/totals")
    while totals["open"] and time.monotonic() < deadline:
        house.watch.tend()
        time.sleep(POLL_SECONDS)
        totals = house.desk.get("/api/totals")
    return totals


def _send(desk: Desk, file: File) -> Outcome:
    try:
        answer = desk.send(file.path, file.name)
    except OSError as error:
        return refusal(file.name, "unreadable_file", f"this machine cannot read it ({error.strerror or error})")
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    body = answer.json() if is_json else {}
    if answer.is_error:
        code = body.get("code", f"http_{answer.status_code}")
        return refusal(file.name, code, body.get("message", "the front desk refused it"))
    job_id = body["job_id"] or desk.get(f"/api/documents/{body['document_id']}").get("job_id")
    return Outcome(file.name, "queued", body["document_id"], job_id, is_duplicate=body["duplicate"])


def _refresh(desk: Desk, outcomes: list[Outcome]) -> tuple[list[Outcome], dict[str, dict[str, Any]]]:
    """Each open outcome with what its job says now; a duplicate follows the job of the document it repeats."""
    jobs = desk.jobs({outcome.job_id for outcome in outcomes if not outcome.is_final and outcome.job_id})
    return [_follow(outcome, jobs) for outcome in outcomes], jobs


def _follow(outcome: Outcome, jobs: dict[str, dict[str, Any]]) -> Outcome:
    return outcome.with_job(jobs[outcome.job_id]) if outcome.job_id in jobs else outcome


def _count(outcomes: list[Outcome], jobs: dict[str, dict[str, Any]]) -> tuple[int, int]:
    """Files done, and pages of distinct documents done so far."""
    pages = {outcome.document_id: outcome.pages for outcome in outcomes if outcome.is_final}
    in_work = sum(job.get("pages_done") or 0 for job in jobs.values() if job["status"] == "processing")
    return sum(outcome.is_final for outcome in outcomes), sum(pages.values()) + in_work
