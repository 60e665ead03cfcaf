"""What `get_metrics` answers (pure)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class QueueMetric:
    """Documents of one priority that wait for a machine or are being read; `oldest_seconds` null: none waits."""

    priority: str
    waiting: int
    processing: int
    pages: int
    oldest_seconds: float | None


@dataclass(frozen=True)
class MachineMetric:
    """Machines of one status, and what they say of their speed."""

    status: str
    machines: int
    usd_per_hour: float
    pages_per_second: float


@dataclass(frozen=True)
class ClaudeMetric:
    """Today's calls of one outcome (or, while they run, status)."""

    outcome: str
    calls: int
    usd: float


@dataclass(frozen=True)
class ConsumerMetric:
    """How old the oldest event is that a consumer has not read; null: it has read all."""

    consumer: str
    lag_seconds: float | None


@dataclass(frozen=True)
class ProgramMetric:
    """How long a program was silent."""

    name: str
    silent_seconds: float
    is_late: bool


@dataclass(frozen=True)
class BackupMetric:
    """How long ago the newest backup, trial or restore of one outcome ended."""

    kind: str
    outcome: str
    seconds_ago: float


@dataclass(frozen=True)
class AlarmMetric:
    """Open alarms of one name."""

    name: str
    open: int


@dataclass(frozen=True)
class DoorMetric:
    """Whether a vendor may be asked."""

    name: str
    status: str


@dataclass(frozen=True)
class Metrics:
    """The house in numbers. Money is in US dollars, and of the UTC day."""

    queue: list[QueueMetric]
    to_judge: int
    machines: list[MachineMetric]
    machine_usd_today: float
    claude: list[ClaudeMetric]
    consumers: list[ConsumerMetric]
    parked_events: int
    programs: list[ProgramMetric]
    backups: list[BackupMetric]
    alarms: list[AlarmMetric]
    doors: list[DoorMetric]
