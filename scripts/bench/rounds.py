"""What each program of the house asks in its rounds, whether anything happened or not, in blocks a call.

python -m scripts.bench.rounds [--documents 100000] [--batches 1000] [--refused 100000] [--alarms 10000] [--calls 24]
    [--json FILE]

Starts the house of scripts.bench.viewers, puts the outboxes and the log behind it, as programs that live have, and asks
by the programs' own clients. A call's blocks of 8 KiB are the least of some: others' statistics come in between.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from control_plane.clients import build_supabase
from control_plane.database import Database
from control_plane.database.enums import DoorName
from control_plane.fleet.ledger import FleetLedger
from control_plane.record.heads import append_all
from control_plane.settings import Settings
from local_cloud import Cloud
from scripts.bench.metered import count_blocks, counting
from scripts.bench.viewers import open_house

CONSUMERS = ("telegram", "mail", "webhook:bench")
LEASE_SECONDS = 60


@dataclass(frozen=True)
class Asked:
    """One call of a program's round, every so many seconds (0: when a person asks), by the client that it has."""

    program: str
    seconds: float
    name: str
    ask: Callable[[Any], object]


ROUNDS = (
    Asked("scale", 10, "take_leadership", lambda db: db.lead("bench", LEASE_SECONDS)),
    Asked("scale", 10, "release_expired_jobs", lambda db: db.release_expired_jobs()),
    Asked("scale", 10, "report_silent_analyst", lambda db: db.report_silent_analyst()),
    Asked("scale", 10, "sweep_checks", lambda db: db.sweep_checks(0.01, "local_only")),
    Asked("scale", 10, "pause_dear_batches", lambda db: db.pause_dear_batches(50.0)),
    Asked("scale", 10, "get_fleet", lambda db: db.get_fleet()),
    Asked("scale", 10, "get_queue_stats", lambda db: db.get_queue_stats()),
    Asked("scale", 10, "clear_unseen_alarms", lambda db: db.clear_unseen_alarms(("standstill", "all_silent"), 1e9)),
    Asked("scale", 10, "raise_alarm", lambda db: db.raise_alarm("standstill", "Nothing moves.", "7")),
    Asked("import", 2, "index_texts", lambda db: db.index_texts()),
    Asked("import", 2, "take_due_doors", lambda db: db.take_due_doors(list(DoorName))),
    Asked("import", 2, "doors", lambda db: db.list_paused_doors()),
    Asked("import", 2, "get_scans", lambda db: db.get_scans()),
    Asked("import", 2, "complete_batches", lambda db: db.complete_batches()),
    Asked("import", 2, "settle_estimates", lambda db: db.settle_estimates()),
    Asked("import", 2, "list_unwritten_choices", lambda db: db.list_unwritten_choices(100)),
    Asked("import", 2, "append_record", lambda db: db.append_record()),
    Asked("import", 600, "get_record", lambda db: db.get_record()),
    Asked("import", 2, "get_page_statistics (while it scans)", lambda db: db.get_page_statistics()),
    Asked("notify", 1, "take_events (telegram)", lambda db: db.take_events("telegram", 20)),
    Asked("notify", 2, "take_events (mail)", lambda db: db.take_events("mail", 100)),
    Asked("notify", 1, "take_events (webhook)", lambda db: db.take_events("webhook:bench", 20)),
    Asked("notify", 1, "webhooks", lambda db: db.list_webhooks()),
    Asked("notify", 30, "announce_alarms", lambda db: db.announce_alarms()),
    Asked("all", 15, "note_program", lambda db: db.note_program("bench", 300, "0.1.0")),
    Asked("serve", 60, "get_programs", lambda db: db.get_programs()),
    Asked("serve", 60, "get_backups", lambda db: db.get_backups()),
    Asked("serve", 60, "get_batches (for /health)", lambda db: db.get_batches(None, 20, None)),
    Asked("serve", 5, "ping (for /ready)", lambda db: db.ping()),
    Asked("serve", 15, "get_metrics (for /metrics)", lambda db: db.get_metrics()),
    Asked("bot", 0, "/status", lambda db: db.get_totals()),
    Asked("bot", 0, "/queue", lambda db: (db.get_queue_stats(), db.list_running_jobs(5))),
    Asked("bot", 0, "/cost", lambda db: db.get_costs()),
)


@dataclass
class Measured:
    """A row of the table."""

    program: str
    seconds: float
    name: str
    blocks: int


def catch_up(database: Database) -> None:
    """All that happened is told and in the log."""
    for consumer in CONSUMERS:
        while events := database.take_events(consumer, 500):
            database.ack_events(consumer, [event.id for event in events])
    append_all(database)


def measure(cloud: Cloud, calls: int) -> list[Measured]:
    """Each call of ROUNDS over a cloud that is furnished."""
    with counting(cloud) as owner:
        client = build_supabase(Settings.from_env(cloud.control_plane_environ()))
        ledger, database = FleetLedger(client), Database(client)
        catch_up(database)
        for _ in range(3):  # what one sweep has seen a later one folds
            ledger.release_expired_jobs()
        owner.execute("vacuum analyze")  # as autovacuum does within a minute
        found = []
        for each in ROUNDS:
            its = ledger if each.program == "scale" else database
            blocks = min(_blocks(owner, partial(each.ask, its)) for _ in range(calls))
            found.append(Measured(each.program, each.seconds, each.name, blocks))
        return found


def _blocks(owner: psycopg.Connection, ask: Callable[[], object]) -> int:
    before = count_blocks(owner)
    ask()
    return count_blocks(owner) - before


def show(found: list[Measured]) -> None:
    table = Table(*Measured.__dataclass_fields__, title="What is asked in each round")
    for row in found:
        table.add_row(*(f"{value:,}" if isinstance(value, (int, float)) else value for value in asdict(row).values()))
    Console(width=100).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, value in (("documents", 100_000), ("batches", 1000), ("refused", 100_000), ("alarms", 10_000)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--calls", type=int, default=24, help="of each: the least counts, for connections plan first")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.workers = 8
    with tempfile.TemporaryDirectory(prefix="aseagi-bench-") as folder, open_house(Path(folder), options) as house:
        found = measure(house.cloud, options.calls)
    show(found)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in found], indent=2) + "\n")


if __name__ == "__main__":
    main()
