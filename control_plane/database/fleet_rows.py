"""The fleet's ledger, as frozen values (pure): what the database answers and takes. Times are epoch seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import AliasPath, BeforeValidator, Field

from control_plane.database import stored
from control_plane.database.door_rows import Door
from control_plane.database.enums import (
    Blame,
    Decision,
    DoorName,
    HardwareKind,
    Hosting,
    LogWord,
    MachineStatus,
    Placement,
    Priority,
    RentingStatus,
)


def epoch(value: str | float | None) -> float | None:
    """ISO 8601 text (as PostgREST writes it) or epoch seconds → epoch seconds; None for what has not come."""
    return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else value


# A column that is null for some machines, our own computers for instance, has its type's zero for them.
Epoch = Annotated[float, BeforeValidator(lambda value: epoch(value) or 0.0)]
OptionalEpoch = Annotated[float | None, BeforeValidator(epoch)]
Amount = Annotated[float, BeforeValidator(lambda value: value or 0.0)]
Number = Annotated[int, BeforeValidator(lambda value: value or 0)]
Text = Annotated[str, BeforeValidator(lambda value: value or "")]
# A machine's own word: none where it is no number.
ReportedSpeed = Annotated[
    float | None, BeforeValidator(stored.number), Field(validation_alias=AliasPath("report", "pages_per_second"))
]


@dataclass(frozen=True)
class Increase:
    """What a host asks for a machine from `applies_at` on: (old, new) dollars per what changes, old None if unknown."""

    contract_id: int
    pending_id: int
    applies_at: OptionalEpoch
    changes: Mapping[str, tuple[float | None, float]]


@dataclass(frozen=True)
class Machine:
    """One row of the ledger: a machine we rented or are about to rent."""

    label: str
    status: MachineStatus
    contract_id: int | None = None
    ask_id: int | None = None
    machine_id: int | None = None
    host_id: int | None = None
    hosting: Hosting = Hosting.COMMUNITY
    gpu_name: Text = ""
    geolocation: str | None = None
    is_bid: bool = False
    batch_id: str | None = None
    reason: str | None = None  # why it was rented
    usd_per_hour: Amount = 0.0
    traffic_usd_per_hour: float = 0.0  # at most
    traffic_usd_per_page: float = 0.0  # expected
    pull_usd: float = 0.0
    inet_down_mbps: float | None = None
    reserved_until: Epoch = 0.0
    boot_deadline_at: Epoch = 0.0
    vast_status: str | None = None
    vast_message: str | None = None
    intent_at: Epoch = 0.0
    contract_at: OptionalEpoch = None
    running_at: OptionalEpoch = None
    ready_at: OptionalEpoch = None
    last_heartbeat_at: OptionalEpoch = None
    destroying_at: OptionalEpoch = None
    destroy_reason: str | None = None
    blame: Blame | None = None
    refused: bool = False  # Vast.ai said no, so no contract is expected
    destroy_calls: int = 0
    destroy_called_at: OptionalEpoch = None
    absences: int = 0
    destroyed_at: OptionalEpoch = None
    bill_read_at: OptionalEpoch = None  # when Vast.ai's charges of it were last read
    pages_done: int = 0
    pages_per_second: ReportedSpeed = None
    # What the queue knows of it, whatever it says itself:
    jobs_held: int = 0
    pages_held: Amount = 0.0  # of those jobs; the larger of our estimate and what the worker counted
    held_since: OptionalEpoch = None  # the claim of the job it has held longest
    left_at: OptionalEpoch = None  # when it last let go of a job
    result_at: OptionalEpoch = None  # when it last handed back an outcome
    machine_usd: float = 0.0  # what it has cost; of the whole fleet's answer only
    increase: Increase | None = None  # what its host asks, likewise
    # What becomes of it, as the scaler last decided, and what its log ended with when it was last read:
    verdict: Decision | None = None
    verdict_reason: str | None = None
    verdict_at: OptionalEpoch = None
    log_word: LogWord | None = None
    log_read_at: OptionalEpoch = None

    @property
    def is_live(self) -> bool:
        """True until its end is decided."""
        return self.status.is_live

    @property
    def is_own(self) -> bool:
        """One of our own computers: never rented, paid for or destroyed."""
        return self.hosting == Hosting.LOCAL

    @property
    def heard_at(self) -> float | None:
        """When its worker last said or did anything: a report, or an outcome handed back."""
        return max((each for each in (self.last_heartbeat_at, self.result_at) if each is not None), default=None)

    def idle_seconds(self, now: float) -> float:
        """How long a ready machine has held no lease."""
        return 0.0 if self.jobs_held or not self.ready_at else now - max(self.ready_at, self.left_at or 0.0)


@dataclass(frozen=True)
class Backlog:
    """Open work of one priority, placement and batch."""

    priority: Priority = Priority.NORMAL
    placement: Placement = Placement.ANY_HOST
    batch_id: str | None = None
    queued: int = 0
    processing: int = 0
    pages_waiting: float = 0.0
    oldest_at: Annotated[Epoch, Field(validation_alias="oldest_created_at")] = 0.0


@dataclass(frozen=True)
class Renting:
    """The switch people hold."""

    status: RentingStatus = RentingStatus.ON
    reason: str | None = None
    hand_launches: int = 0
    since: Epoch = 0.0
    hand_asks: tuple[int, ...] = ()  # offers chosen by hand, among the launches

    @property
    def is_on(self) -> bool:
        """True while new machines may be rented."""
        return self.status is RentingStatus.ON


@dataclass(frozen=True)
class Block:
    """Hardware we do not rent: a `machine` or a whole `host`, by Vast.ai's number."""

    kind: HardwareKind
    id: int
    reason: str
    blocked_until: Epoch


@dataclass(frozen=True)
class Record:
    """How boots on one machine went here, with images of about one size."""

    machine_id: int
    host_id: Number
    boots: int
    failures: int
    gpu_name: Text = ""
    image_gb: Amount = 0.0


@dataclass(frozen=True)
class Boot:
    """One machine that came up: seconds from create to `running`, and from there to its worker's first report."""

    machine_id: int
    host_id: Number
    gpu_name: Text
    inet_down_mbps: float
    image_gb: Amount
    boot_seconds: float
    start_seconds: float


@dataclass(frozen=True)
class Ended:
    """A contract that is over by the lists, or that only the bill knows, and whose bill is not proved to stand still.

    `ended_at`: two good lists lacked it; of one without a row, when the bill first showed it. `grew_since`: the
    reading before the one that showed the last growth.
    """

    contract_id: int
    label: str
    ended_at: Epoch
    has_row: bool = True
    ran: bool = True
    usd: Amount = 0.0
    read_at: OptionalEpoch = None
    grew_at: OptionalEpoch = None
    grew_since: OptionalEpoch = None


@dataclass(frozen=True)
class Pace:
    """How fast one machine read our pages, with images of one size."""

    machine_id: int
    host_id: Number
    gpu_name: Text
    image_gb: Amount
    pages_per_second: float


@dataclass(frozen=True)
class Ledger:
    """One moment of the ledger, read in one statement."""

    now: Epoch
    renting: Renting
    # All not destroyed, and those destroyed in the last 6 hours:
    machines: tuple[Machine, ...] = ()
    blocks: tuple[Block, ...] = ()
    records: Annotated[tuple[Record, ...], Field(validation_alias="history")] = ()
    boots: tuple[Boot, ...] = ()
    paces: tuple[Pace, ...] = ()  # what our workers measured in the last weeks
    usd_today: float = 0.0
    doors: tuple[Door, ...] = ()  # those of Vast.ai and the storage, while paused
    unproved: tuple[Ended, ...] = ()  # contracts over by the lists and not yet by the bill
    hearing_since: Epoch = 0.0  # a scaler has led without a gap: silences before that prove nothing

    @property
    def live(self) -> tuple[Machine, ...]:
        """Machines whose end is not decided."""
        return tuple(each for each in self.machines if each.is_live)

    def paused(self, name: DoorName) -> Door | None:
        """Why nothing goes through this door; None while it is open."""
        return next((each for each in self.doors if each.name is name), None)

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
    hosting: Hosting
    gpu_name: str
    geolocation: str
    is_bid: bool
    batch_id: str | None
    reason: str
    usd_per_hour: float
    traffic_usd_per_hour: float
    traffic_usd_per_page: float
    pull_usd: float
    inet_down_mbps: float
    image_gb: float
    reserve_seconds: float
    boot_seconds: float
    by_hand: bool = False
    bid_usd_per_hour: float | None = None  # for the GPU alone; None rents on demand


@dataclass(frozen=True)
class Caps:
    """What may never be passed; `credit` is what Vast.ai last said is left, None when not asked."""

    machines: int
    usd_per_hour: float
    usd_per_day: float
    credit_floor: float
    usd_per_batch: float | None = None
    credit: float | None = None


@dataclass(frozen=True)
class DayCharge:
    """What a contract was charged for one kind of use on one day (UTC, ISO 8601)."""

    contract_id: int
    label: str
    day: str
    kind: str
    usd: float
