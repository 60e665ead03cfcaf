"""The whole house as one context: embedded cloud, control plane, scaler, dashboard (story)."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console

from .choices import Choices
from .cloud import Cloud, start_cloud
from .desk import Desk, DeskAway, open_desk
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
FIXED_PORTS = {"control_plane": "CONTROL_PLANE_PORT", "dashboard": "DASHBOARD_PORT"}


@dataclass
class House:
    """Everything that runs: the cloud, the programs, the watch over both, and the way to talk to the front desk."""

    cloud: Cloud
    programs: Mapping[str, Service]
    watch: Watch
    desk: Desk
    console: Console = field(repr=False)
    is_closed: bool = False

    def close(self) -> bool:
        """Return every machine, then stop every process; True when no contract was left open."""
        if self.is_closed:
            return True
        self.is_closed = True
        with self.console.status("returning the machines"):
            is_clean = self._return_machines()
        with self.console.status("stopping"):
            stop_all(self.programs.values())
            self.cloud.stop()
        return is_clean

    def _return_machines(self) -> bool:
        try:
            is_clean = return_machines(self.desk, self.cloud)
        except (httpx.HTTPError, DeskAway) as error:
            self.console.print(f"Returning the machines failed: {error}", markup=False)
            return False
        if not is_clean:
            self.console.print("A machine did not go in time; the next start returns it.")
        return is_clean


@contextmanager
def open_house(state_dir: Path, choices: Choices, console: Console) -> Iterator[House]:
    """Start everything, wait until it answers; at the end close it, deaf to further Ctrl-C."""
    ports = {name: int(os.environ[variable]) for name, variable in FIXED_PORTS.items() if os.environ.get(variable)}
    with console.status("starting the embedded cloud"):
        cloud = start_cloud(state_dir, ports)
    made = programs(cloud, LOCAL_PACE | dict(choices.environ))
    watch = Watch([*cloud.services.values(), *made.values()], say=lambda text: console.print(text, markup=False))
    desk = open_desk(cloud.control_plane_url, cloud.control_plane_token, watch.tend)
    house = House(cloud, made, watch, desk, console)
    try:
        with console.status("starting control plane, scaler and dashboard"):
            for service in made.values():
                service.start()
            wait_until_ready(made.values())
        resume_renting(desk)
        yield house
    finally:
        with suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        house.close()
