"""The storm itself: parts are killed and frozen as planned, and come back as docker would bring them (wire)."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from local_cloud.processes import Service
from local_cloud.watch import Watch
from scripts.soak.plan import Blow, Deed


@dataclass
class Storm:
    """Call `tend` as often as possible, from the thread that started the services."""

    services: Mapping[str, Service]
    watch: Watch
    blows: list[Blow]
    seed: int
    began: float = field(default_factory=time.monotonic)
    struck: Counter[str] = field(default_factory=Counter)
    away_seconds: Counter[str] = field(default_factory=Counter)
    _back: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    _dice: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._dice.seed(self.seed)

    def tend(self) -> None:
        """Strike what is due, bring back what has been away for long enough, start again what fell."""
        now = time.monotonic()
        due = [back for at, back in self._back if at <= now]
        self._back = [each for each in self._back if each[0] > now]
        for bring_back in due:
            bring_back()
        for blow in [blow for blow in self.blows if blow.at <= now - self.began]:
            bring_back_later = self._strike(blow)
            if bring_back_later is not None:  # else it is down already, or no machine is there: a little later
                self.blows.remove(blow)
                self.struck[f"{blow.part} {blow.deed}"] += 1
                self.away_seconds[blow.part] += round(blow.seconds)
                self._back.append((now + blow.seconds, bring_back_later))
        self.watch.tend()

    def end(self) -> None:
        """Bring back all at once, and strike nothing more."""
        self.blows.clear()
        for _, bring_back in self._back:
            bring_back()
        self._back.clear()

    def _strike(self, blow: Blow) -> Callable[[], None] | None:
        """How to undo it; None where there was nothing to strike."""
        victims = self._victims(blow.part)
        if not victims:
            return None
        if blow.deed is Deed.FREEZE:
            _signal(victims, signal.SIGSTOP)
            return lambda: _signal(victims, signal.SIGCONT)
        _signal(victims, signal.SIGKILL)
        service = self.services.get(blow.part)
        if service is None or service not in self.watch.services:  # a worker; or it is down already
            return lambda: None
        self.watch.services.remove(service)
        return lambda: self.watch.services.append(service)

    def _victims(self, part: str) -> list[psutil.Process]:
        """The processes of a part; of the market the emulator alone, of the workers one machine."""
        with suppress(psutil.NoSuchProcess):
            if part == "worker":
                machines = _processes(self.services["vast"])[:1]
                workers = [each for machine in machines for each in machine.children()]
                return _tree(self._dice.choice(workers)) if workers else []
            leaders = _processes(self.services[part])
            return leaders if part == "vast" else [each for leader in leaders for each in _tree(leader)]
        return []


def _processes(service: Service) -> list[psutil.Process]:
    if service.process is None or not service.is_running():
        return []
    return [psutil.Process(service.process.pid)]


def _tree(leader: psutil.Process) -> list[psutil.Process]:
    """The leader first: frozen, it starts no further child; killed, it is not told of its children's end."""
    return [leader, *leader.children(recursive=True)]


def _signal(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
