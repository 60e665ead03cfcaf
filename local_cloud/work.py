"""A folder of documents through the front desk: send each, follow each to its outcome (story)."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx
from rich.console import Console

from . import screen
from .desk import Desk, UploadFailed
from .folder import SETTLED_SECONDS, File, FileChanging, NotTaken, SteadyFile, is_young, state_of
from .house import House
from .outcomes import Outcome, refusal

POLL_SECONDS = 0.5
STALL_SECONDS = 900.0
SOON = ("in_line", "claude_busy", "claude_away")


def process(house: House, entries: Sequence[File | NotTaken], console: Console) -> list[Outcome]:
    """Send every file and wait for every outcome; gives up, saying so, when nothing moves for 15 minutes."""
    with screen.progress_bar(console) as bar:
        task = bar.add_task("uploading", total=len(entries), pages=0)
        outcomes = send_all(house.desk, entries, meanwhile=lambda: bar.update(task, advance=1))
        bar.reset(task, description="processing")
        progress, moved_at = None, time.monotonic()
        while True:
            outcomes, jobs = _refresh(house.desk, outcomes)
            done, pages = _count(outcomes, jobs)
            bar.update(task, completed=done, pages=pages)
            if done == len(entries):
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
    """Wait until nothing is open or waits to be judged, not even what an earlier run left; the queue's totals."""
    deadline = time.monotonic() + STALL_SECONDS
    totals = house.desk.get("/api/totals")
    while _moves(totals) and time.monotonic() < deadline:
        house.watch.tend()
        time.sleep(POLL_SECONDS)
        totals = house.desk.get("/api/totals")
    return totals


def _moves(totals: dict[str, Any]) -> bool:
    """Whether something is read or judged soon; what waits for another day, a key or a person is not waited for."""
    later = sum(count for reason, count in totals["waiting_for"].items() if reason not in SOON)
    return bool(totals["open"] or totals["waiting_for_analysis"] > later)


def send_all(
    desk: Desk, entries: Sequence[File | NotTaken], meanwhile: Callable[[], None] = lambda: None
) -> list[Outcome]:
    """One outcome per entry, in their order: what is wrong with one file costs that file only.

    A file that may still be written waits until all the others are sent; one that then still changes is refused.
    Raises DeskAway when the front desk is away for all of them.
    """
    outcomes: dict[int, Outcome] = {}
    young: list[tuple[int, File]] = []
    for number, entry in enumerate(entries):
        desk.meanwhile()
        if isinstance(entry, NotTaken):
            outcomes[number] = refusal(entry.name, entry.code, entry.message)
        elif _is_young(entry):
            young.append((number, entry))
            continue
        else:
            outcomes[number] = _send(desk, entry)
        meanwhile()
    outcomes |= _send_young(desk, young, meanwhile)
    return [outcomes[number] for number in range(len(entries))]


def _send_young(desk: Desk, young: list[tuple[int, File]], meanwhile: Callable[[], None]) -> dict[int, Outcome]:
    before = {number: _state_or_none(file) for number, file in young}
    if young:
        time.sleep(SETTLED_SECONDS)
    outcomes = {}
    for number, file in young:
        desk.meanwhile()
        state = _state_or_none(file)
        outcomes[number] = _changing(file) if state and state != before[number] else _send(desk, file)
        meanwhile()
    return outcomes


def _is_young(file: File) -> bool:
    try:
        return is_young(file.path)
    except OSError:
        return False  # sending it says why


def _state_or_none(file: File) -> tuple[int, int] | None:
    try:
        return state_of(file.path)
    except OSError:
        return None


def _changing(file: File) -> Outcome:
    return refusal(file.name, "file_changing", "it is still being written; run again when it is finished")


def _send(desk: Desk, file: File) -> Outcome:
    try:
        with SteadyFile(file.path) as steady:
            answer = desk.send(steady, file.name)
        return _read_answer(desk, file, answer)
    except FileChanging:
        return _changing(file)
    except UploadFailed as error:
        return refusal(file.name, "upload_failed", str(error))
    except OSError as error:
        return refusal(file.name, "unreadable_file", f"this machine cannot read it ({error.strerror or error})")
    except (httpx.HTTPStatusError, ValueError, KeyError) as error:
        return refusal(file.name, "unknown_answer", f"the front desk's answer was not understood ({error})")


def _read_answer(desk: Desk, file: File, answer: httpx.Response) -> Outcome:
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
