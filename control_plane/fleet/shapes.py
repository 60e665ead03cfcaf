"""What the fleet knows and what it can do, as frozen values (pure). Times are epoch seconds, money is dollars."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from control_plane.database.rows import WaitingWork

Row = Mapping[str, Any]


class State(StrEnum):
    """States of a rented machine, spelled as in SQL."""

    INTENT = "intent"  # the row is written, Vast.ai may or may not have been asked
    BOOTING = "booting"  # rented; pulls its image and starts its worker
    READY = "ready"  # its worker has reported
    DESTROYING = "destroying"  # its end is decided; billed until two good lists lack it
    DESTROYED = "destroyed"  # gone; seen again, it goes back to destroying


LIVE = (State.INTENT, State.BOOTING, State.READY)


@dataclass(frozen=True)
class Machine:
    """One row of the ledger: a machine we rented or are about to rent."""

    label: str
    state: State
    contract_id: int | None = None
    ask_id: int | None = None
    machine_id: int | None = None
    host_id: int | None = None
    hosting: str = "community"
    gpu_name: str = ""
    is_bid: bool = False
    batch_id: str | None = None
    dollars_per_hour: float = 0.0
    traffic_dollars_per_hour: float = 0.0
    pull_dollars: float = 0.0
    inet_down_mbps: float | None = None
    reserved_until: float = 0.0
    boot_deadline_at: float = 0.0
    vast_status: str | None = None
    vast_message: str | None = None
    intent_at: float = 0.0
    contract_at: float | None = None
    running_at: float | None = None
    ready_at: float | None = None
    last_heartbeat_at: float | None = None
    destroying_at: float | None = None
    destroy_reason: str | None = None
    blame: str | None = None
    refused: bool = False  # Vast.ai said no, so no contract is expected
    destroy_calls: int = 0
    destroy_called_at: float | None = None
    absences: int = 0
    destroyed_at: float | None = None
    pages_done: int = 0
    pages_per_second: float | None = None  # its own word
    # What the queue knows of it, whatever it says itself:
    jobs_held: int = 0
    pages_held: float = 0.0  # of those jobs; the larger of our estimate and what the worker counted
    held_since: float | None = None  # the claim of the job it has held longest
    left_at: float | None = None  # when it last let go of a job
    result_at: float | None = None  # when it last handed back an outcome

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Read a row of `instances`; timestamps are ISO 8601 strings."""
        return cls(
            label=row["label"],
            state=State(row["state"]),
            contract_id=row.get("contract_id"),
            ask_id=row.get("ask_id"),
            machine_id=row.get("machine_id"),
            host_id=row.get("host_id"),
            hosting=row.get("hosting") or "community",
            gpu_name=row.get("gpu_name") or "",
            is_bid=bool(row.get("is_bid")),
            batch_id=row.get("batch_id"),
            dollars_per_hour=float(row.get("dph_total") or 0.0),
            traffic_dollars_per_hour=float(row.get("traffic_dollars_per_hour") or 0.0),
            pull_dollars=float(row.get("pull_dollars") or 0.0),
            inet_down_mbps=row.get("inet_down_mbps"),
            reserved_until=_time(row, "reserved_until") or 0.0,
            boot_deadline_at=_time(row, "boot_deadline_at") or 0.0,
            vast_status=row.get("vast_status"),
            vast_message=row.get("vast_message"),
            intent_at=_time(row, "intent_at") or 0.0,
            contract_at=_time(row, "contract_at"),
            running_at=_time(row, "running_at"),
            ready_at=_time(row, "first_heartbeat_at"),
            last_heartbeat_at=_time(row, "last_heartbeat_at"),
            destroying_at=_time(row, "destroying_at"),
            destroy_reason=row.get("destroy_reason"),
            blame=row.get("blame"),
            refused=bool(row.get("refused")),
            destroy_calls=int(row.get("destroy_calls") or 0),
            destroy_called_at=_time(row, "destroy_called_at"),
            absences=int(row.get("absences") or 0),
            destroyed_at=_time(row, "destroyed_at"),
            pages_done=int(row.get("pages_done") or 0),
            pages_per_second=(row.get("report") or {}).get("pages_per_second"),
            jobs_held=int(row.get("jobs_held") or 0),
            pages_held=float(row.get("pages_held") or 0.0),
            held_since=_time(row, "held_since"),
            left_at=_time(row, "left_at"),
            result_at=_time(row, "result_at"),
        )

    @property
    def is_live(self) -> bool:
        """True until its end is decided."""
        return self.state in LIVE

    @property
    def is_own(self) -> bool:
        """One of our own computers: never rented, paid for or destroyed."""
        return self.hosting == "local"

    def idle_seconds(self, now: float) -> float:
        """How long a ready machine has held no lease."""
        return 0.0 if self.jobs_held or not self.ready_at else now - max(self.ready_at, self.left_at or 0.0)


@dataclass(frozen=True)
class Backlog:
    """Work of one priority, placement and batch."""

    priority: str = "normal"
    placement: str = "any_host"
    batch_id: str | None = None
    queued: int = 0
    processing: int = 0
    pages_waiting: float = 0.0
    oldest_at: float = 0.0
    due_at: float | None = None  # a batch's own deadline, where it has one

    @classmethod
    def of(cls, work: WaitingWork) -> Self:
        """The same in epoch seconds."""
        return cls(
            priority=work.priority,
            placement=work.placement,
            batch_id=work.batch_id,
            queued=work.queued,
            processing=work.processing,
            pages_waiting=float(work.pages_waiting),
            oldest_at=work.oldest_created_at.timestamp() if work.oldest_created_at else 0.0,
        )


@dataclass(frozen=True)
class Renting:
    """The switch people hold."""

    state: str = "on"
    reason: str | None = None
    hand_launches: int = 0
    since: float = 0.0
    hand_asks: tuple[int, ...] = ()  # offers chosen by hand, among the launches

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Read the row of `renting`."""
        asks = tuple(row["hand_asks"])
        return cls(row["state"], row.get("reason"), int(row["hand_launches"]), epoch(row["since"]), asks)

    @property
    def is_on(self) -> bool:
        """True while new machines may be rented."""
        return self.state == "on"


@dataclass(frozen=True)
class Block:
    """Hardware we do not rent: a `machine` or a whole `host`, by Vast.ai's number."""

    kind: str
    id: int
    reason: str
    blocked_until: float


@dataclass(frozen=True)
class Record:
    """How boots on one machine went here."""

    machine_id: int
    host_id: int
    boots: int
    failures: int


@dataclass(frozen=True)
class Boot:
    """One machine that came up: seconds from create to `running`, and from there to its worker's first report."""

    machine_id: int
    host_id: int
    gpu_name: str
    inet_down_mbps: float
    image_gb: float
    boot_seconds: float
    start_seconds: float

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Read one of the `boots` of `get_fleet`."""
        return cls(
            int(row["machine_id"]), int(row["host_id"] or 0), row["gpu_name"] or "", float(row["inet_down_mbps"]),
            float(row["image_gb"] or 0), float(row["boot_seconds"]), float(row["start_seconds"]),
        )  # fmt: skip


@dataclass(frozen=True)
class Ledger:
    """One moment of the ledger, read in one statement."""

    now: float
    renting: Renting
    machines: tuple[Machine, ...] = ()  # all not destroyed, and those destroyed in the last 6 hours
    blocks: tuple[Block, ...] = ()
    records: tuple[Record, ...] = ()
    boots: tuple[Boot, ...] = ()
    speeds: Mapping[str, float] = field(default_factory=dict)  # measured pages/s per GPU model
    dollars_today: float = 0.0
    hearing_since: float = 0.0  # a scaler has led without a gap: silences before that prove nothing

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Read what `get_fleet` answers."""
        renting = row["renting"]
        return cls(
            now=epoch(row["now"]),
            renting=Renting.from_row(renting),
            machines=tuple(Machine.from_row(each) for each in row["instances"]),
            blocks=tuple(
                Block(each["kind"], int(each["id"]), each["reason"], epoch(each["blocked_until"]))
                for each in row["blocks"]
            ),
            records=tuple(
                Record(int(each["machine_id"]), int(each["host_id"] or 0), int(each["boots"]), int(each["failures"]))
                for each in row["history"]
            ),
            boots=tuple(Boot.from_row(each) for each in row["boots"]),
            speeds={each["gpu_name"]: float(each["pages_per_second"]) for each in row["speeds"]},
            dollars_today=float(row["dollars_today"]),
            hearing_since=epoch(row["hearing_since"]) if row["hearing_since"] else 0.0,
        )

    @property
    def live(self) -> tuple[Machine, ...]:
        """Machines whose end is not decided."""
        return tuple(each for each in self.machines if each.is_live)

    @property
    def rented(self) -> tuple[Machine, ...]:
        """Machines that cost money, ended ones included."""
        return tuple(each for each in self.machines if not each.is_own)


@dataclass(frozen=True)
class Intent:
    """A machine about to be rented, with the worst it may cost until its reservation is extended."""

    label: str
    deployment: str
    ask_id: int
    machine_id: int
    host_id: int
    hosting: str
    gpu_name: str
    geolocation: str
    is_bid: bool
    batch_id: str | None
    reason: str
    dollars_per_hour: float
    traffic_dollars_per_hour: float
    pull_dollars: float
    inet_down_mbps: float
    image_gb: float
    reserve_seconds: float
    boot_seconds: float
    by_hand: bool = False
    bid_dollars_per_hour: float | None = None  # for the GPU alone; None rents on demand


@dataclass(frozen=True)
class Caps:
    """What may never be passed; `credit` is what Vast.ai last said is left, None when not asked."""

    machines: int
    dollars_per_hour: float
    dollars_per_day: float
    credit_floor: float
    dollars_per_batch: float | None = None
    credit: float | None = None


def epoch(value: str | float) -> float:
    """ISO 8601 text (as PostgREST writes it) or epoch seconds → epoch seconds."""
    return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else float(value)


def _time(row: Row, name: str) -> float | None:
    """A moment of a row, or None where it has not come."""
    value = row.get(name)
    return None if value is None else epoch(value)
