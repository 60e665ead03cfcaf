"""One soak: a house opens, papers come in, the storm goes over it, and what is left is counted (story)."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from local_cloud.cloud import Cloud
from local_cloud.desk import Desk, open_desk
from local_cloud.processes import Service, stop_all, wait_until_ready
from local_cloud.programs import programs
from local_cloud.returning import return_machines
from local_cloud.watch import Watch
from scripts.soak.account import Facts
from scripts.soak.blows import Storm
from scripts.soak.evidence import gather, sweep_strays
from scripts.soak.front import make_front
from scripts.soak.papers import make_papers
from scripts.soak.plan import Blow
from scripts.soak.senders import Sender, Sent

# Seconds instead of minutes: what the programs do is the same.
QUICK = {
    "IDLE_SECONDS": "30", "FLEET_TICK_SECONDS": "3", "FLEET_LEADER_SECONDS": "15", "FLEET_DOUBT_SECONDS": "5",
    "FLEET_GRACE_SECONDS": "10", "FLEET_CHECK_SHARE": "0",
}  # fmt: skip
LEASE_SECONDS = 30
PROGRAMS = ("control_plane", "scaler", "importer", "analyst")
STALL_SECONDS = 600.0
TICK_SECONDS = 0.1


@dataclass
class Soak:
    """What is going on."""

    cloud: Cloud
    storm: Storm
    desk: Desk
    sent: Sent = field(default_factory=Sent)


def run_soak(
    cloud: Cloud, folder: Path, blows: list[Blow], seconds: float, seed: int, senders: int, pause_seconds: float
) -> tuple[Facts, dict[str, Any]]:
    """The facts of the end, and what was done; the cloud runs and is as the migrations left it."""
    with open_soaked_house(cloud, folder, blows, seed) as (soak, url, trusts):
        papers, lock, stop = make_papers(seed), threading.Lock(), threading.Event()
        people = [Sender(url, cloud.control_plane_token, trusts, cloud, soak.sent, stop) for _ in range(senders)]
        what = (papers, lock, pause_seconds)
        threads = [threading.Thread(target=each.run, args=what, daemon=True) for each in people]
        for thread in threads:
            thread.start()
        while time.monotonic() < soak.storm.began + seconds:
            soak.storm.tend()
            time.sleep(TICK_SECONDS)
        stop.set()
        soak.storm.end()
        stormed = time.monotonic() - soak.storm.began
        is_drained = drain(soak, threads)
        strays = sweep_strays(cloud)  # known bytes once more, of a document that failed, have it read again
        is_drained = drain(soak, []) and is_drained
        return_machines(soak.desk, cloud)
        facts = gather(cloud, soak.desk, soak.sent, folder, strays)
    calm = time.monotonic() - soak.storm.began - stormed
    about = {
        "seed": seed, "storm_seconds": round(stormed), "calm_seconds": round(calm),
        "is_drained": is_drained, "blows": dict(sorted(soak.storm.struck.items())),
        "away_seconds": dict(sorted(soak.storm.away_seconds.items())), "answers": dict(sorted(soak.sent.tries.items())),
    }  # fmt: skip
    return facts, about


@contextlib.contextmanager
def open_soaked_house(cloud: Cloud, folder: Path, blows: list[Blow], seed: int) -> Iterator[tuple[Soak, str, Any]]:
    """Programs and nginx on a cloud that runs; machines go back and programs end, whatever happened."""
    everything = programs(cloud, QUICK)
    nginx, url, trusts = make_front(cloud, folder / "nginx")
    made = {name: everything[name] for name in PROGRAMS} | {"nginx": nginx}
    services: dict[str, Service] = {**cloud.services, **made}
    console = Console(file=io.StringIO())
    watch = Watch(list(services.values()), say=lambda text: console.print(text))
    with leases_of(cloud, LEASE_SECONDS):
        storm = Storm(services, watch, blows, seed)
        try:
            for service in made.values():
                service.start()
            wait_until_ready(made.values())
            storm.began = time.monotonic()
            desk = open_desk(cloud.control_plane_url, cloud.control_plane_token, storm.tend)
            yield Soak(cloud, storm, desk), url, trusts
        finally:
            storm.end()
            stop_all(made.values())
            mend(cloud)


def mend(cloud: Cloud) -> None:
    """What a storm that broke off has left down runs again."""
    for service in cloud.services.values():
        if not service.is_running():
            service.clean_up()
            service.start()
    wait_until_ready(cloud.services.values())


def drain(soak: Soak, threads: list[threading.Thread]) -> bool:
    """Wait until what was begun is sent and all that was sent has its outcome; False where nothing moves any more."""
    before, moved_at = None, time.monotonic()
    while True:
        # In the order in which a paper goes: sent, found by a scan, read.
        at_work = sum(thread.is_alive() for thread in threads)
        running = [each for each in soak.desk.get("/batch/status")["batches"] if each["status"] == "running"]
        totals = soak.desk.get("/api/totals")
        if not (totals["open"] or totals["waiting_for_analysis"] or running or at_work):
            return True
        now = (totals, at_work)
        if now != before:
            before, moved_at = now, time.monotonic()
        elif time.monotonic() - moved_at > STALL_SECONDS:
            return False
        soak.storm.tend()
        time.sleep(1)


@contextlib.contextmanager
def leases_of(cloud: Cloud, seconds: int) -> Iterator[None]:
    """The market's machines run workers whose leases last so long, instead of three minutes."""
    service = cloud.services["vast"]
    usual = service.command
    short = {"LEASE_SECONDS": seconds, "HEARTBEAT_SECONDS": seconds / 5}
    worker = ["env", *(f"{name}={value}" for name, value in short.items()), sys.executable, "-m", "gpu_worker"]
    service.command = [*usual, "--worker-command", json.dumps(worker)]
    service.restart()
    try:
        yield
    finally:
        service.command = usual
        service.restart()
