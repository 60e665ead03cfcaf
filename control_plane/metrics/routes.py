"""`GET /metrics` for Prometheus: asked at most every few seconds, however many scrape."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector

from control_plane.clients import Clients
from control_plane.database.metric_rows import Metrics
from control_plane.errors import ControlPlaneError
from control_plane.http.contract import describe
from control_plane.http.wiring import clients, settings
from control_plane.metrics.families import Disk, families
from control_plane.settings import Settings

blueprint = Blueprint("metrics", __name__)
FRESH_SECONDS = 10.0


@blueprint.get("/metrics")
@describe(
    "The house in numbers, for Prometheus", "Health", auth="metrics_token", answer=str, answer_type="text/plain",
    errors=(401,),
)  # fmt: skip
def show_metrics() -> Response:
    """Every number in Prometheus' text format, 10 seconds old at most; `aseagi_database_up` is 0 without a database."""
    remembered: RememberedMetrics = current_app.extensions["metrics"]
    return Response(remembered.read(settings(), clients()), content_type=CONTENT_TYPE_LATEST)


@dataclass
class RememberedMetrics:
    """The newest answer: the database is asked once in ten seconds, whoever asks us."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _until: float = 0.0
    _text: bytes = b""

    def read(self, settings: Settings, clients: Clients) -> bytes:
        """The text, made anew when it is too old."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._text, self._until = _write(settings, clients), time.monotonic() + FRESH_SECONDS
            return self._text


@dataclass(frozen=True, eq=False)
class _Once(Collector):
    """One answer, as prometheus_client wants to collect it."""

    found: list[Metric]

    def collect(self) -> list[Metric]:
        return self.found


def _write(settings: Settings, clients: Clients) -> bytes:
    metrics: Metrics | None
    try:
        metrics = clients.database.get_metrics()
    except ControlPlaneError:
        metrics = None
    caps = {
        "machines_per_hour": settings.max_dollars_per_hour, "machines_per_day": settings.max_dollars_per_day,
        "claude_per_day": settings.max_claude_dollars_per_day,
    }  # fmt: skip
    registry = CollectorRegistry()
    registry.register(_Once(list(families(metrics, caps, _disks(settings)))))
    return generate_latest(registry)


def _disks(settings: Settings) -> dict[str, Disk]:
    found = {"state": settings.vast_home, "tmp": Path(tempfile.gettempdir())}
    disks = {}
    for name, folder in found.items():
        try:
            usage = shutil.disk_usage(folder)
        except OSError:
            continue
        disks[name] = Disk(usage.free, usage.total)
    return disks
