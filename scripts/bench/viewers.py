"""What viewers cost: people with the dashboard open, machines at work, a hundred thousand documents.

python -m scripts.bench.viewers [--documents 100000] [--batches 20] [--refused 0] [--alarms 0] [--viewers 20]
    [--workers 8] [--seconds 60] [--calls 40] [--json FILE]

Starts an embedded cloud and a control plane of its own. First each poll of the dashboard is asked alone: its idle cost,
in milliseconds, in processor time of the whole house, and in blocks of 8 KiB that Postgres looks at. Then the viewers
ask what the dashboard asks at the dashboard's pace, spread over its pages, while each worker claims, reports and
completes a document a second and the scaler's sweep runs. What counts is the ratio of the two medians of one run.
"""

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psycopg
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

import local_cloud
from local_cloud.postgres import SUPERUSER
from local_cloud.processes import stop_all, wait_until_ready
from local_cloud.programs import programs
from scripts.bench.job_queue import fill, http_caller, result_of, seeded
from scripts.bench.metered import count_blocks, counting

SWEEP_SECONDS = 2.0  # the scaler's tick on one's own machine
LEASE_SECONDS = 600
SHARES_STEP = 5_000
Answers = dict[str, list[float]]


@dataclass(frozen=True)
class Poll:
    """What a page of the dashboard asks again every few seconds."""

    page: str
    seconds: float
    path: str


# A view draws its page when it is imported: tests/queue/test_viewers_bench.py holds these against what they say.
POLLS = (
    Poll("upload", 2, "/api/jobs?choices_unsaid=yes&status=queued&limit=50"),
    Poll("upload", 2, "/api/jobs?limit=12"),
    Poll("upload", 2, "/api/refused-files?limit=10"),
    Poll("upload", 2, "/api/totals"),
    Poll("batches", 4, "/api/estimates?limit=10&only_open=true"),
    Poll("batches", 4, "/batch/status?limit=20"),
    Poll("judging", 5, "/api/analysis"),
    Poll("machines", 5, "/api/instances/status"),
)
ON_OPENING = (Poll("first page", 0, "/api/alarms"), Poll("findings", 0, "/api/analytics"))
"""Asked when a page is opened, and not again: their idle cost is told."""
PAGES = tuple(dict.fromkeys(poll.page for poll in POLLS))


@dataclass
class Measured:
    """A row of the table; `busy_ms` and `ratio` are null for what is not asked again."""

    path: str
    calls: int
    blocks: int
    bytes: int
    idle_cpu_ms: float
    idle_ms: float
    busy_ms: float | None
    ratio: float | None


@dataclass
class House:
    """The cloud and the control plane that are measured."""

    cloud: local_cloud.Cloud
    url: str
    front_desk: int  # the control plane's process

    def desk(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.cloud.control_plane_token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=120)

    def cpu_ns(self) -> dict[str, int]:
        """Nanoseconds that the processor has worked, by program."""
        pids = {name: self.cloud.services[name].process.pid for name in ("postgrest", "gateway", "postgres")}
        return {name: worked_ns(pid) for name, pid in (pids | {"control plane": self.front_desk}).items()}


def worked_ns(pid: int) -> int:
    """Nanoseconds that the processor has worked for a process and all that descend from it, to 10 ms of each."""
    return sum(map(_worked_ns, _family(pid)))


def _family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            with suppress(OSError):  # that thread has just ended
                found += map(int, children.read_text().split())
    return found


def _worked_ns(pid: int) -> int:
    """Of all threads of a process and of its children that have ended, the threads that have ended among them."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has just ended: its parent tells it
        return 0
    return sum(map(int, words[11:15])) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


@contextmanager
def open_house(folder: Path, options: argparse.Namespace) -> Iterator[House]:
    """The cloud, furnished, and then the control plane; `THREADS` of the environment is its number of threads."""
    with local_cloud.cloud(folder) as cloud:
        furnish(cloud, options)
        desk = programs(cloud, {k: v for k, v in os.environ.items() if k == "THREADS"})["control_plane"]
        try:
            desk.start()
            wait_until_ready([desk])
            yield House(cloud, cloud.control_plane_url, desk.process.pid)
        finally:
            stop_all([desk])


def furnish(cloud: local_cloud.Cloud, options: argparse.Namespace) -> None:
    """Waiting documents in their batches, as many machines as workers, refused files, open alarms."""
    url = psycopg.conninfo.make_conninfo(cloud.postgres_url, user=SUPERUSER)
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as owner:
        wanted = argparse.Namespace(batches=options.batches, suspects=0)
        fill(owner, wanted, options.documents, {"machines", *seeded(owner)})
        owner.execute("insert into claude_desk default values on conflict do nothing")  # it names a job: truncated too
        owner.execute("delete from machines where label not in (select 'aseagi-bench-' || n from "
                      "generate_series(0, %s) n)", (options.workers - 1,))  # fmt: skip
        for first in range(1, options.documents + 1, SHARES_STEP):
            owner.execute("select private.write_shares(array(select id from master_document_registry where seq "
                          "between %s and %s))", (first, first + SHARES_STEP - 1))  # fmt: skip
        owner.execute("select record_refused_file(jsonb_build_object('original_filename', n || '.exe', 'source', "
                      "'upload', 'code', 'type', 'message', 'No.')) from generate_series(1, %s) n",
                      (options.refused,))  # fmt: skip
        owner.execute("select raise_alarm('standstill', 'Nothing moves.', n::text) from generate_series(1, %s) n",
                      (options.alarms,))  # fmt: skip
        owner.execute("insert into lane_heads select h.* from private.heads_of(array(select id from lanes)) h")
        for _ in range(3):  # what one sweep has seen a later one folds
            owner.execute("select * from release_expired_jobs()")
        owner.execute("vacuum analyze")


def ask_alone(house: House, calls: int) -> dict[str, Measured]:
    """Each poll with nobody else, on connections that have their plans."""
    found = {}
    with counting(house.cloud) as owner, house.desk() as desk:
        for poll in (*POLLS, *ON_OPENING):
            for _ in range(calls):
                answer = _get(desk, poll)
            worked = sum(house.cpu_ns().values())
            took = [_timed(desk, poll) for _ in range(calls)]
            worked = sum(house.cpu_ns().values()) - worked
            blocks = [_blocks(owner, desk, poll) for _ in range(calls)]
            found[poll.path] = Measured(
                poll.path, 0, round(median(blocks)), len(answer.content), round(worked / calls / 1e6, 2),
                round(median(took), 2), None, None,
            )  # fmt: skip
    return found


def _get(desk: httpx.Client, poll: Poll) -> httpx.Response:
    answer = desk.get(poll.path)
    answer.raise_for_status()
    return answer


def _timed(desk: httpx.Client, poll: Poll) -> float:
    """Milliseconds of a call."""
    begun = time.perf_counter()
    _get(desk, poll)
    return (time.perf_counter() - begun) * 1e3


def _blocks(owner: psycopg.Connection, desk: httpx.Client, poll: Poll) -> int:
    """Blocks of a call; the median of some leaves out autovacuum, and connections that are new to PostgREST."""
    before = count_blocks(owner)
    _get(desk, poll)
    return count_blocks(owner) - before


def view(house: House, number: int, deadline: float, took: Answers) -> None:
    """One viewer: a page of the dashboard left open, its lists asked for one after the other."""
    mine = [poll for poll in POLLS if poll.page == PAGES[number % len(PAGES)]]
    with house.desk() as desk:
        time.sleep(mine[0].seconds * (number // len(PAGES)) / 5)  # nobody opens it in the same moment
        while time.monotonic() < deadline:
            begun = time.monotonic()
            for poll in mine:
                took[poll.path].append(_timed(desk, poll))
            time.sleep(max(0.0, begun + mine[0].seconds - time.monotonic()))


def work(house: House, number: int, deadline: float, done: list[int]) -> None:
    """One worker: claims eight, reports, completes one a second."""
    label = f"aseagi-bench-{number}"
    with http_caller(house.cloud, {"role": "gpu_worker", "machine": label}) as call:
        while time.monotonic() < deadline:
            jobs = call("claim_jobs", max_jobs=8, lease_seconds=LEASE_SECONDS)
            for job in jobs:
                if (begun := time.monotonic()) > deadline:
                    return
                lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
                call("heartbeat_jobs", leases=[lease], lease_seconds=LEASE_SECONDS, report={})
                call("complete_job", machine=label, **lease, result=result_of(job))
                done.append(number)
                time.sleep(max(0.0, begun + 1 - time.monotonic()))
            if not jobs:
                return


def sweep(house: House, deadline: float) -> None:
    """What the scaler does at each tick, of which the polls are the cheaper."""
    key = house.cloud.service_key
    headers = {"apikey": key, "Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=f"{house.cloud.supabase_url}/rest/v1/rpc", headers=headers, timeout=120) as client:
        while time.monotonic() < deadline:
            for function in ("release_expired_jobs", "get_queue_stats"):
                client.post(f"/{function}", json={}).raise_for_status()
            time.sleep(SWEEP_SECONDS)


def ask_together(house: House, options: argparse.Namespace) -> tuple[Answers, int]:
    """All at once for so many seconds: the milliseconds of every call, and how many documents were completed."""
    took: Answers = {poll.path: [] for poll in POLLS}
    done: list[int] = []
    deadline = time.monotonic() + options.seconds
    troubles: list[BaseException] = []

    def run(what: Callable[..., None], *arguments: object) -> None:
        try:
            what(house, *arguments)
        except BaseException as error:  # a thread's fault is the measurement's
            troubles.append(error)

    threads = [threading.Thread(target=run, args=(view, n, deadline, took)) for n in range(options.viewers)]
    threads += [threading.Thread(target=run, args=(work, n, deadline, done)) for n in range(options.workers)]
    threads.append(threading.Thread(target=run, args=(sweep, deadline)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
    return took, len(done)


def measure(house: House, options: argparse.Namespace) -> dict[str, Any]:
    """All that is told of a house that is furnished."""
    found = ask_alone(house, options.calls)
    before = house.cpu_ns()
    took, done = ask_together(house, options)
    worked = {name: (ns - before[name]) / 1e9 / options.seconds for name, ns in house.cpu_ns().items()}
    for path, each in took.items():
        row = found[path]
        row.calls = len(each)
        if each:
            row.busy_ms = round(median(each), 2)
            row.ratio = round(row.busy_ms / row.idle_ms, 2)
    return {
        "polls": [asdict(row) for row in found.values()],
        "documents_completed": done,
        "cores": {name: round(share, 3) for name, share in worked.items()},
        "options": {name: value for name, value in vars(options).items() if name != "json"},
    }


def show(measured: dict) -> None:
    headings = [name.replace("_", " ") for name in Measured.__dataclass_fields__]
    table = Table(*headings, title="What viewers cost")
    for row in measured["polls"]:
        table.add_row(*(f"{value:,}" if isinstance(value, (int, float)) else value or "–" for value in row.values()))
    console = Console(width=140)
    console.print(table)
    cores = ", ".join(f"{name} {share}" for name, share in measured["cores"].items())
    console.print(f"{measured['documents_completed']} documents completed. Cores at work: {cores}.")


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=100_000, help="that wait")
    parser.add_argument("--batches", type=int, default=20, help="over which they are spread")
    parser.add_argument("--refused", type=int, default=0, help="files that were not taken in")
    parser.add_argument("--alarms", type=int, default=0, help="open alarms")
    parser.add_argument("--viewers", type=int, default=20)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--calls", type=int, default=40, help="of each poll with nobody else, thrice")
    parser.add_argument("--json", type=Path)
    return parser.parse_args(arguments)


def main() -> None:
    options = parse()
    with tempfile.TemporaryDirectory(prefix="aseagi-bench-") as folder, open_house(Path(folder), options) as house:
        measured = measure(house, options)
    show(measured)
    if options.json:
        options.json.write_text(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    main()
