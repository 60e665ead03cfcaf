"""`make run`: the whole house on one machine (story). Start everything, process a folder, show it, stay, clean up."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from . import screen
from .choices import Choices, choose
from .cloud import REPOSITORY
from .desk import DeskAway
from .errors import LocalCloudError
from .folder import File, NotTaken, find_entries
from .house import House, open_house
from .outcomes import sum_up
from .work import POLL_SECONDS, drain, process

SAMPLES = REPOSITORY / "tests" / "documents"
NOTES_ABOUT_SAMPLES = frozenset({"README.md"})


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done and reconciled, or stopped by hand; 1 not; 2 could not start; 130 interrupted before."""
    options = _options(arguments)
    console = screen.make_console()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        docs = options.docs
        entries = find_entries(docs.expanduser()) if docs else find_entries(SAMPLES, NOTES_ABOUT_SAMPLES)
        choices = choose(os.environ)
        # Invented documents never meet a person's own: two houses, each with its database, storage and keys.
        options.state.mkdir(parents=True, exist_ok=True)
        options.state.chmod(0o700 if os.geteuid() else 0o701)  # root's Postgres, a user of its own, passes through
        state = options.state / ("own" if docs else "samples")
        with open_house(state, choices, console, has_samples=not docs) as house:
            _show_house(house, choices, console, has_samples=not docs)
            return _run_once(house, entries, console) if options.once else _run_and_stay(house, entries, console)
    except LocalCloudError as error:
        console.print(f"{error.code}: {error}", markup=False, style="red")
        return 2
    except (DeskAway, httpx.HTTPError) as error:
        console.print(f"gave up: {error}", markup=False, style="red")
        return 1
    except KeyboardInterrupt:
        return 130


def _run_once(house: House, entries: list[File | NotTaken], console: Console) -> int:
    outcomes = process(house, entries, console)
    totals = drain(house)
    screen.show_outcomes(console, outcomes)
    sums = sum_up(outcomes, totals)
    is_clean = house.close()
    print(sums.line(), flush=True)
    return 0 if sums.is_reconciled and is_clean else 1


def _run_and_stay(house: House, entries: list[File | NotTaken], console: Console) -> int:
    outcomes = process(house, entries, console)
    screen.show_outcomes(console, outcomes)
    totals = house.desk.get("/api/totals")
    if totals["parts"]:  # the files inside the folder's files are read after these
        totals = drain(house)
    console.print(sum_up(outcomes, totals).line())
    try:  # from the first moment at which a person may press it
        console.print("Ready for more: upload in the dashboard or through the API. Ctrl-C stops everything.")
        while True:
            house.watch.tend()
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        return 0


def _show_house(house: House, choices: Choices, console: Console, has_samples: bool) -> None:
    cloud = house.cloud
    if has_samples:
        console.print("These are the sample documents, in a house of their own; yours: `make run DOCS=folder`.")
    screen.show_banner(console, choices)
    secrets = str(cloud.state_dir / "secrets.json")
    screen.show_places(console, cloud.dashboard_url, cloud.case_room_url, cloud.control_plane_url, secrets)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local_cloud.run", description=__doc__)
    parser.add_argument("--docs", type=Path, help="folder of documents (default: the samples of tests/documents)")
    parser.add_argument("--once", action="store_true", help="end when the queue is drained")
    where = "data, keys and logs live in its own/ or samples/"
    parser.add_argument("--state", type=Path, default=REPOSITORY / ".local", help=where)
    return parser.parse_args(arguments)


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
