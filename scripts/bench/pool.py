"""What PostgREST adds to bare SQL, by the size of its pool and the number of callers at once.

python -m scripts.bench.pool [--pools 5,10,20,40] [--callers 8,16,32] [--seconds 4] [--json FILE]

Starts an embedded cloud of its own and asks `get_queue_stats` and `get_batches` in turn: each caller goes on as soon as
it is answered, straight over connections of its own, then through PostgREST with each pool. Processor time is that of
PostgREST and the database; throughput is a ratio to bare SQL with as many callers, of the same run, and so is what the
servers' processors do for a call (`cpu_ratio`), which leaves out the callers' own share of the cores.
"""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import psycopg
from rich.console import Console
from rich.table import Table

import local_cloud
from local_cloud.keys import load_keys
from local_cloud.processes import wait_until_ready
from scripts.bench.viewers import furnish, worked_ns

FUNCTIONS = ("get_queue_stats", "get_batches")
Ask = Callable[[str], object]
Way = Callable[[local_cloud.Cloud], AbstractContextManager[Ask]]


@dataclass
class Measured:
    """A row of the table: milliseconds of the processor a call, calls a second, and both as parts of bare SQL's."""

    way: str
    pool: int | None
    callers: int
    calls: int
    postgres_ms: float
    postgrest_ms: float
    calls_per_second: float
    ratio: float
    cpu_ratio: float


@contextmanager
def by_sql(cloud: local_cloud.Cloud) -> Iterator[Ask]:
    """As PostgREST calls, without PostgREST: a transaction with the role and claims of the service."""
    password = load_keys(cloud.state_dir / "secrets.json").authenticator_password
    url = psycopg.conninfo.make_conninfo(cloud.postgres_url, user="authenticator", password=password)
    with psycopg.connect(url, prepare_threshold=2) as connection:

        def ask(function: str) -> object:
            with connection.transaction():
                connection.execute("select set_config('role', 'service_role', true)")
                query = f"select coalesce(json_agg(t), '[]')::text from {function}() t"
                return connection.execute(query).fetchone()

        yield ask


@contextmanager
def by_http(cloud: local_cloud.Cloud) -> Iterator[Ask]:
    """Straight to PostgREST: what stands before it on one's own machine is no part of production."""
    port = json.loads((cloud.state_dir / "ports.json").read_text())["postgrest"]
    token = load_keys(cloud.state_dir / "secrets.json").role_jwt("service_role")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/rpc", timeout=60) as client:
        client.headers["Authorization"] = f"Bearer {token}"

        def ask(function: str) -> object:
            answer = client.post(f"/{function}", json={})
            answer.raise_for_status()
            return answer.content

        yield ask


def restart(cloud: local_cloud.Cloud, pool: int) -> None:
    service = cloud.services["postgrest"]
    service.stop()
    service.environ = {**service.environ, "PGRST_DB_POOL": str(pool)}
    service.start()
    wait_until_ready([service])


def press(way: Way, cloud: local_cloud.Cloud, callers: int, seconds: float) -> tuple[int, int, int]:
    """Calls that so many callers make in so many seconds, and what they take of Postgres and of PostgREST, in ns."""
    done = [0] * callers
    begin, end = threading.Barrier(callers + 1), threading.Barrier(callers + 1)

    def call(number: int) -> None:
        with way(cloud) as ask:
            for function in FUNCTIONS * 4:
                ask(function)
            begin.wait()
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                ask(FUNCTIONS[done[number] % 2])
                done[number] += 1
            end.wait()  # a connection that is closed has taken its costs with it
            end.wait()

    threads = [threading.Thread(target=call, args=(n,), daemon=True) for n in range(callers)]
    for thread in threads:
        thread.start()
    pids = [cloud.services[name].process.pid for name in ("postgres", "postgrest")]
    begin.wait(60)
    before = [worked_ns(pid) for pid in pids]
    end.wait(60 + seconds)
    postgres, postgrest = (worked_ns(pid) - was for pid, was in zip(pids, before, strict=True))
    end.wait(60)
    for thread in threads:
        thread.join()
    return sum(done), postgres, postgrest


def measure(cloud: local_cloud.Cloud, options: argparse.Namespace) -> list[Measured]:
    found: list[Measured] = []

    def add(way: Way, name: str, pool: int | None, callers: int) -> None:
        calls, postgres, postgrest = press(way, cloud, callers, options.seconds)
        row = Measured(
            name, pool, callers, calls, round(postgres / calls / 1e6, 2), round(postgrest / calls / 1e6, 2),
            round(calls / options.seconds, 1), 1.0, 1.0,
        )  # fmt: skip
        bare = next((each for each in found if each.pool is None and each.callers == callers), row)
        row.ratio = round(calls / bare.calls, 2)
        row.cpu_ratio = round(bare.postgres_ms / (row.postgres_ms + row.postgrest_ms), 2)
        found.append(row)

    for callers in options.callers:
        add(by_sql, "sql", None, callers)
    for pool in options.pools:
        restart(cloud, pool)
        for callers in options.callers:
            add(by_http, "postgrest", pool, callers)
    return found


def show(found: list[Measured]) -> None:
    table = Table(*(name.replace("_", " ") for name in Measured.__dataclass_fields__), title="What PostgREST adds")
    for row in found:
        table.add_row(*("–" if value is None else f"{value}" for value in asdict(row).values()))
    Console(width=120).print(table)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pools", type=_numbers, default=[5, 10, 20, 40])
    parser.add_argument("--callers", type=_numbers, default=[8, 16, 32])
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    house = argparse.Namespace(documents=10_000, batches=20, refused=0, alarms=0, workers=8)
    with tempfile.TemporaryDirectory(prefix="aseagi-bench-") as folder, local_cloud.cloud(Path(folder)) as cloud:
        furnish(cloud, house)
        found = measure(cloud, options)
    show(found)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in found], indent=2) + "\n")


if __name__ == "__main__":
    main()
