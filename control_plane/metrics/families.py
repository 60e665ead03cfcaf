"""The metrics by name, from what the database and this machine say (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from control_plane.database.metric_rows import Metrics

Sample = tuple[tuple[str, ...], float]


@dataclass(frozen=True)
class Disk:
    """A folder's volume, as this machine sees it."""

    free_bytes: int
    total_bytes: int


def families(metrics: Metrics | None, caps: Mapping[str, float], disks: Mapping[str, Disk]) -> Iterator[Metric]:
    """Every metric; without an answer of the database only what this machine knows, and `aseagi_database_up` 0."""
    yield _gauge("database_up", "Whether the database answered.", (), [((), float(metrics is not None))])
    yield _gauge("cap_usd", "What may be spent, in dollars, per hour or day.", ("cap",), _pairs(caps.items()))
    free = [((name,), float(disk.free_bytes)) for name, disk in disks.items()]
    total = [((name,), float(disk.total_bytes)) for name, disk in disks.items()]
    yield _gauge("disk_free_bytes", "Free bytes of a volume of the control plane's.", ("volume",), free)
    yield _gauge("disk_total_bytes", "Bytes of a volume of the control plane's.", ("volume",), total)
    if metrics is not None:
        yield from _queue(metrics)
        yield from _machines(metrics)
        yield from _claude(metrics)
        yield from _house(metrics)


def _queue(metrics: Metrics) -> Iterator[Metric]:
    rows, label = metrics.queue, ("priority",)
    oldest = max((row.oldest_seconds or 0.0 for row in rows), default=0.0)
    yield _gauge("queue_oldest_seconds", "How long the oldest document waits for a machine.", (), [((), oldest)])
    waiting = [((row.priority,), float(row.waiting)) for row in rows]
    yield _gauge("queue_waiting", "Documents that wait for a machine.", label, waiting)
    reading = [((row.priority,), float(row.processing)) for row in rows]
    yield _gauge("queue_processing", "Documents that are being read.", label, reading)
    yield _gauge("queue_pages", "Pages that wait or are being read.", label, [((r.priority,), r.pages) for r in rows])
    yield _gauge("to_judge", "Documents that wait for Claude and may be taken.", (), [((), float(metrics.to_judge))])


def _machines(metrics: Metrics) -> Iterator[Metric]:
    rows = metrics.machines
    yield _gauge("machines", "Machines by state.", ("status",), [((row.status,), row.machines) for row in rows])
    hourly = sum(row.usd_per_hour for row in rows)
    yield _gauge("machine_usd_per_hour", "What all machines cost an hour.", (), [((), hourly)])
    speed = sum(row.pages_per_second for row in rows)
    yield _gauge("ocr_pages_per_second", "Pages a second, as machines that live say.", (), [((), speed)])
    spent = [(("machines",), metrics.machine_usd_today), (("claude",), sum(row.usd for row in metrics.claude))]
    yield _gauge("spent_usd_today", "Dollars spent since midnight UTC.", ("what",), spent)


def _claude(metrics: Metrics) -> Iterator[Metric]:
    rows, label = metrics.claude, ("outcome",)
    calls = [((row.outcome,), float(row.calls)) for row in rows]
    yield _gauge("claude_calls_today", "Calls to Claude since midnight UTC.", label, calls)
    yield _gauge("claude_usd_today", "What they cost.", label, [((row.outcome,), row.usd) for row in rows])


def _house(metrics: Metrics) -> Iterator[Metric]:
    lag = [((row.consumer,), row.lag_seconds or 0.0) for row in metrics.consumers]
    yield _gauge("event_lag_seconds", "Age of the oldest event a channel has not read.", ("consumer",), lag)
    yield _gauge("events_parked", "Events no channel could tell.", (), [((), float(metrics.parked_events))])
    silent = [((row.name,), row.silent_seconds) for row in metrics.programs]
    yield _gauge("program_silent_seconds", "How long a program gave no sign of life.", ("program",), silent)
    late = [((row.name,), float(row.is_late)) for row in metrics.programs]
    yield _gauge("program_late", "1 when that is longer than it ever is.", ("program",), late)
    saved = [((row.kind, row.outcome), row.seconds_ago) for row in metrics.backups]
    yield _gauge("backup_age_seconds", "Since the newest one of its kind ended.", ("kind", "outcome"), saved)
    yield _gauge("alarms_open", "Open alarms.", ("name",), [((row.name,), row.open) for row in metrics.alarms])
    opened = [((row.name,), float(row.status == "open")) for row in metrics.doors]
    yield _gauge("door_open", "Whether a vendor may be asked.", ("door",), opened)


def _pairs(values: Iterable[tuple[str, float]]) -> list[Sample]:
    return [((name,), value) for name, value in values]


def _gauge(name: str, help_text: str, labels: tuple[str, ...], samples: Sequence[Sample]) -> Metric:
    family = GaugeMetricFamily(f"aseagi_{name}", help_text, labels=labels)
    for values, number in samples:
        family.add_metric(values, number)
    return family
