"""What the end-to-end tests share: a house on the test cloud, tiny documents, and questions to database and market."""

import contextlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console

from local_cloud import Cloud
from local_cloud.desk import open_desk
from local_cloud.folder import File
from local_cloud.house import House
from local_cloud.outcomes import Outcome
from local_cloud.processes import stop_all, wait_until_ready
from local_cloud.programs import programs
from local_cloud.returning import return_machines
from local_cloud.watch import Watch
from local_cloud.work import process
from tests.connections import lend

# Seconds instead of minutes: what the programs do is the same. A tick calls `vastai`, which costs half a second of
# processor time each: at shorter ticks the scaler takes a core from the worker it waits for.
QUICK = {
    "IDLE_SECONDS": "30",
    "FLEET_TICK_SECONDS": "1.5",
    "FLEET_LEADER_SECONDS": "15",
    "FLEET_DOUBT_SECONDS": "5",
    "FLEET_GRACE_SECONDS": "10",
    "FLEET_CHECK_SHARE": "0",  # tests/security draws all of them
}


@dataclass
class TestWatch(Watch):
    """The watch of `make run`, which also does what a test asks for in passing."""

    __test__ = False
    also: list[Callable[[], None]] = field(default_factory=list)

    def tend(self) -> None:
        super().tend()
        for deed in self.also:
            deed()


@contextlib.contextmanager
def open_test_house(cloud: Cloud, environ: dict[str, str] | None = None, also: Sequence[str] = ()) -> Iterator[House]:
    """Control plane, scaler and the programs of `also` on a cloud that runs; at the end all machines go back."""
    everything = programs(cloud, QUICK | (environ or {}))
    made = {name: everything[name] for name in ("control_plane", "scaler", *also)}
    console = Console(file=io.StringIO())
    watch = TestWatch([*cloud.services.values(), *made.values()], say=lambda text: console.print(text))
    desk = open_desk(cloud.control_plane_url, cloud.control_plane_token, watch.tend)
    try:
        for service in made.values():
            service.start()
        wait_until_ready(made.values())
        yield House(cloud, made, watch, desk, console)
    finally:
        try:
            return_machines(desk, cloud)
        finally:
            stop_all(made.values())


def write_texts(folder: Path, count: int) -> list[File]:
    """So many distinct one-page documents."""
    folder.mkdir(exist_ok=True)
    files = []
    for number in range(count):
        path = folder / f"letter {number:03}.txt"
        path.write_text(f"SUPERIOR COURT\nCase No. FL-2024-{number:06}\nLetter number {number}, May 1, 2024.\n" * 3)
        files.append(File(path, path.name))
    return files


def run_files(house: House, files: list[File]) -> list[Outcome]:
    """Send files and wait until each has its outcome, as `make run` does."""
    return process(house, files, house.console)


def rows(cloud: Cloud, query: str, *values: Any) -> list[tuple]:
    """Rows of a query, asked past every program."""
    with lend(cloud.postgres_url) as connection:
        return connection.execute(query, values).fetchall()


def market(cloud: Cloud) -> dict[str, Any]:
    """The emulator's own books."""
    return httpx.get(f"{cloud.vast_url}/admin/state", timeout=30).json()


def worker_processes(cloud: Cloud) -> list[psutil.Process]:
    """The living processes of rented machines."""
    return [psutil.Process(pid) for pid in market(cloud)["processes"].values() if psutil.pid_exists(pid)]
