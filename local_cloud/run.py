"""`make run`: the whole house on one machine (story). Start everything, process a folder, show it, stay, clean up."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from . import screen
from .choices import Choices, choose
from .cloud import REPOSITORY
from .desk import DeskAway
from .errors import LocalCloudError
from .house import House, open_house
from .outcomes import sum_up
from .work import POLL_SECONDS, File, drain, find_files, process

SAMPLES = REPOSITORY / "tests" / "documents"
NOTES_ABOUT_SAMPLES = frozenset({"README.md"})


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done and reconciled, or stopped by hand; 1 not; 2 could not start; 130 interrupted before."""
    options = _options(arguments)
    console = screen.make_console()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        files = find_files(options.docs.expanduser()) if options.docs else find_files(SAMPLES, but=NOTES_ABOUT_SAMPLES)
        choices = choose(os.environ)
        with open_house(options.state, choices, console) as house:
            _show_house(house, choices, console)
            return _run_once(house, files, console) if options.once else _run_and_stay(house, files, console)
    except LocalCloudError as error:
        console.print(f"{error.code}: {error}", markup=False, style="red")
        return 2
    except DeskAway as error:
        console.print(f"gave up: {error}", markup=False, style="red")
        return 1
    except KeyboardInterrupt:
        return 130


def _run_once(house: House, files: list[File], console: Console) -> int:
    outcomes = process(house, files, console)
    totals = drain(house)
    screen.show_outcomes(console, outcomes)
    sums = sum_up(outcomes, totals)
    is_clean = house.close()
    print(sums.line(), flush=True)
    return 0 if sums.is_reconciled and is_clean else 1


def _run_and_stay(house: House, files: list[File], console: Console) -> int:
    outcomes = process(house, files, console)
    screen.show_outcomes(console, outcomes)
    console.print(sum_up(outcomes, house.desk.get("/api/totals")).line())
    try:  # from the first moment at which a person may press it
        console.print("Ready for more: upload in the dashboard or through the API. Ctrl-C stops everything.")
        while True:
            house.watch.tend()
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        return 0


def _show_house(house: House, choices: Choices, console: Console) -> None:
    cloud = house.cloud
    screen.show_banner(console, choices)
    screen.show_places(console, cloud.dashboard_url, cloud.control_plane_url, str(cloud.state_dir / "secrets.json"))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local_cloud.run", description=__doc__)
    parser.add_argument("--docs", type=Path, help="folder of documents (default: the samples of tests/documents)")
    parser.add_argument("--once", action="store_true", help="end when the queue is drained")
    parser.add_argument("--state", type=Path, default=REPOSITORY / ".local", help="where data, keys and logs live")
    return parser.parse_args(arguments)


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
