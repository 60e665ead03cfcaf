"""Keeps services alive: a crashed one is started again after a growing pause, as `docker compose` would."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .processes import Service

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_SECONDS = 60.0


@dataclass
class Restarts:
    """How often one service fell, and when it may try again."""

    pause_seconds: float = FIRST_PAUSE_SECONDS
    start_at: float | None = None
    started_at: float = 0.0


@dataclass
class Watch:
    """Call `tend` often, from the thread that started the services; `say` hears of each crash."""

    services: list[Service]
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    restarts: dict[str, Restarts] = field(default_factory=dict)

    def tend(self) -> None:
        """Start again what has crashed and waited long enough."""
        now = self.clock()
        for service in self.services:
            record = self.restarts.setdefault(service.name, Restarts(started_at=now))
            if service.is_running():
                if now - record.started_at > HEALTHY_SECONDS:
                    record.pause_seconds = FIRST_PAUSE_SECONDS
            elif record.start_at is None:
                record.start_at = now + record.pause_seconds
                status = service.process.returncode if service.process else None
                self.say(
                    f"{service.name} ended (exit status {status}); it starts again in {record.pause_seconds:g} s. "
                    f"Log: {service.log}"
                )
            elif now >= record.start_at:
                service.clean_up()
                service.start()
                record.started_at, record.start_at = now, None
                record.pause_seconds = min(record.pause_seconds * 2, LONGEST_PAUSE_SECONDS)
