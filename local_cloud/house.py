"""The whole house as one context: embedded cloud, control plane, scaler, both windows (story)."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from rich.console import Console

from .choices import Choices
from .cloud import Cloud, start_cloud
from .desk import Desk, DeskAway, open_desk
from .errors import SettingsIncomplete
from .processes import Service, stop_all, wait_until_ready
from .programs import programs
from .returning import resume_renting, return_machines
from .watch import Watch

# Quick on one's own machine, where an idle machine costs nothing; the environment may say otherwise.
LOCAL_PACE = {
    "IDLE_SECONDS": "60",
    "FLEET_TICK_SECONDS": "2",
    "FLEET_LEADER_SECONDS": "15",
    "FLEET_GRACE_SECONDS": "20",
}
CLOSING_PATIENCE_SECONDS = 30.0
FIXED_PORTS = {
    "control_plane": "CONTROL_PLANE_PORT", "dashboard": "DASHBOARD_PORT", "case_room": "CASE_ROOM_PORT",
}  # fmt: skip


@dataclass
class House:
    """Everything that runs: the cloud, the programs, the watch over both, and the way to talk to the front desk."""

    cloud: Cloud
    programs: Mapping[str, Service]
    watch: Watch
    desk: Desk
    console: Console = field(repr=False)
    is_open: bool = False  # everything answers, so that machines may have been rented
    is_closed: bool = False

    def close(self) -> bool:
        """Return every machine, then stop every process, deaf to further Ctrl-C; True when no contract stays open."""
        _ignore_signals()
        if self.is_closed:
            return True
        self.is_closed = True
        with self.console.status("returning the machines"):
            is_clean = not self.is_open or self._return_machines()
        with self.console.status("stopping"):
            stop_all(self.programs.values())
            self.cloud.stop()
        return is_clean

    def _return_machines(self) -> bool:
        try:
            is_clean = return_machines(replace(self.desk, patience_seconds=CLOSING_PATIENCE_SECONDS), self.cloud)
        except (httpx.HTTPError, DeskAway) as error:
            self.console.print(f"Returning the machines failed: {error}", markup=False)
            return False
        if not is_clean:
            self.console.print("A machine did not go in time; the next start returns it.")
        return is_clean


@contextmanager
def open_house(state_dir: Path, choices: Choices, console: Console, has_samples: bool) -> Iterator[House]:
    """Start everything and wait until it answers; at the end close it."""
    ports = _fixed_ports(os.environ)
    with console.status("starting the embedded cloud"):
        cloud = start_cloud(state_dir, ports)
    made = programs(cloud, LOCAL_PACE | dict(choices.environ), has_samples)
    watch = Watch([*cloud.services.values(), *made.values()], say=lambda text: console.print(text, markup=False))
    desk = open_desk(cloud.control_plane_url, cloud.control_plane_token, watch.tend)
    house = House(cloud, made, watch, desk, console)
    try:
        with console.status("starting control plane, scaler and both windows"):
            for service in made.values():
                service.start()
            wait_until_ready(made.values())
        house.is_open = True
        resume_renting(desk)
        yield house
    finally:
        house.close()


def _fixed_ports(environ: Mapping[str, str]) -> dict[str, int]:
    """Ports by name that the user has set."""
    words = {name: environ[variable] for name, variable in FIXED_PORTS.items() if environ.get(variable)}
    for name, word in words.items():
        if not word.isdecimal() or not 0 < int(word) < 65_536:
            raise SettingsIncomplete(f"{FIXED_PORTS[name]} must be a port number, 1 to 65535.")
    return {name: int(word) for name, word in words.items()}


def _ignore_signals() -> None:
    """A second Ctrl-C must not leave a machine rented."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
