"""The fleet's ledger in memory, by the rules of the migration `create_fleet`.

One suite of tests runs over this and over the SQL (tests/fleet/test_ledger.py), so that the two cannot drift.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Protocol

from control_plane.database.door_rows import Door
from control_plane.database.enums import (
    Blame,
    Decision,
    DoorName,
    DoorStatus,
    HardwareKind,
    LogWord,
    MachineStatus,
    RentingStatus,
)
from control_plane.database.fleet_rows import (
    Backlog,
    Block,
    Boot,
    Caps,
    DayCharge,
    Increase,
    Intent,
    Ledger,
    Machine,
    Pace,
    Record,
    Renting,
)
from control_plane.fleet.errors import CapReached, IntentRefused, NotLive

DAY_SECONDS = 86400.0
KEPT_SECONDS = 6 * 3600.0
RETRY_SECONDS = 600  # what a person must mend is looked at every ten minutes


class Queue(Protocol):
    """The part of the queue that the scaler sees."""

    def read_backlog(self) -> list[Backlog]: ...
    def release_expired_jobs(self) -> int: ...
    def requeue_machine_jobs(self, label: str, worker_died: bool) -> int: ...
    def facts(self, label: str) -> dict[str, Any]: ...
    def pages_done(self, label: str) -> int: ...


class MemoryLedger:
    """`control_plane.fleet.ledger.FleetLedger` without a database; `now` is the database's clock."""

    def __init__(self, now: Callable[[], float], queue: Queue) -> None:
        self._now = now
        self._queue = queue
        self.machines: dict[str, Machine] = {}
        self._image_gb: dict[str, float] = {}
        self.renting = Renting()
        self.alarms: list[tuple[str, str, str]] = []
        self._leader: tuple[str, float] | None = None
        self._hearing_since = 0.0
        self._blocks: dict[tuple[str, int], Block] = {}
        self._charges: dict[tuple[int, str, str], float] = {}
        self._doors: dict[DoorName, Door] = {}

    # The lease

    def lead(self, holder: str, seconds: int) -> bool:
        lapsed = self._leader is None or self._leader[1] <= self._now()
        if lapsed or self._leader[0] == holder:
            self._hearing_since = self._now() if lapsed else self._hearing_since
            self._leader = (holder, self._now() + seconds)
        return self._leader[0] == holder

    def step_down(self, holder: str) -> None:
        if self._leader is not None and self._leader[0] == holder:
            self._leader = None

    # Reading

    def get_fleet(self) -> Ledger:
        now = self._now()
        recent = [m for m in self.machines.values() if not m.destroyed_at or m.destroyed_at > now - KEPT_SECONDS]
        known = [self._with_facts(m) for m in recent]
        return Ledger(
            now=now,
            renting=self.renting,
            machines=tuple(sorted(known, key=lambda m: (m.intent_at, m.label))),
            blocks=tuple(block for block in self._blocks.values() if block.blocked_until > now),
            records=tuple(self._records()),
            boots=tuple(self._boots()),
            paces=tuple(self._paces()),
            usd_today=self.usd_on(int(now // DAY_SECONDS)),
            hearing_since=self._hearing_since,
            doors=tuple(self._doors.values()),
        )

    # The door to Vast.ai

    def pause_door(
        self, name: DoorName, code: str, message: str | None, retry_seconds: int | None = None
    ) -> Door | None:
        """Paused until a careful call succeeds; None when it was so already."""
        was = self._doors.get(name)
        now = datetime.fromtimestamp(self._now(), UTC)
        due = now + timedelta(seconds=retry_seconds or RETRY_SECONDS)
        since, tries = (was.since, was.tries + 1) if was else (now, 0)
        self._doors[name] = Door(name, DoorStatus.PAUSED, code, message, since, due, tries)
        return None if was else self._doors[name]

    def resume_door(self, name: DoorName, by_hand: bool = False) -> Door | None:
        """Open again; None when it was not paused."""
        return self._doors.pop(name, None)

    def _with_facts(self, machine: Machine) -> Machine:
        """The machine with what the queue knows of it; kept, because most of them change no more."""
        facts = self._queue.facts(machine.label)
        is_news = any(getattr(machine, name) != value for name, value in facts.items())
        return self._put(machine.label, **facts) if is_news else machine

    def _records(self) -> list[Record]:
        rows: dict[tuple[int, int, str, float], list[Machine]] = defaultdict(list)
        for machine in self.machines.values():
            if machine.machine_id is not None:
                about = machine.gpu_name, self._image_gb[machine.label]
                rows[machine.machine_id, machine.host_id or 0, *about].append(machine)
        return [
            Record(machine_id, host_id, sum(m.ready_at is not None for m in row), sum(map(_is_bad, row)), gpu, image_gb)
            for (machine_id, host_id, gpu, image_gb), row in sorted(rows.items())
        ]

    def _boots(self) -> list[Boot]:
        came_up = [m for m in self.machines.values() if m.running_at and m.ready_at and m.inet_down_mbps]
        return [
            Boot(
                m.machine_id or 0, m.host_id or 0, m.gpu_name, m.inet_down_mbps, self._image_gb[m.label],
                m.running_at - m.intent_at, max(0.0, m.ready_at - m.running_at),
            )
            for m in sorted(came_up, key=lambda m: m.intent_at)[-200:]
        ]  # fmt: skip

    def _paces(self) -> list[Pace]:
        rows: dict[tuple[int, int, str, float], list[Machine]] = defaultdict(list)
        for label, machine in self.machines.items():
            if (machine.pages_per_second or 0) > 0 and self._queue.pages_done(label) >= 20:
                about = machine.machine_id or 0, machine.host_id or 0, machine.gpu_name, self._image_gb[label]
                rows[about].append(machine)
        newest_first = sorted(rows.items(), key=lambda row: (-max(m.intent_at for m in row[1]), row[0][0]))
        return [Pace(*about, median(m.pages_per_second or 0.0 for m in row)) for about, row in newest_first]

    def get_queue_stats(self) -> list[Backlog]:
        return self._queue.read_backlog()

    def usd_on(self, day: int) -> float:
        """What a UTC day costs at most: ended machines as they were, live ones to the end of their reservation."""
        start = day * DAY_SECONDS
        return sum(self._usd_between(m, start, start + DAY_SECONDS) for m in self.machines.values())

    def _usd_between(self, machine: Machine, start: float, end: float) -> float:
        if machine.status is MachineStatus.DESTROYED and machine.contract_id is None and machine.ready_at is None:
            return 0.0
        until = machine.destroyed_at or max(self._now(), machine.reserved_until)
        seconds = max(0.0, min(end, until) - max(start, machine.intent_at))
        return _rate(machine) * seconds / 3600 + (machine.pull_usd if start <= machine.intent_at < end else 0.0)

    # Renting

    def create_intent(self, holder: str, intent: Intent, caps: Caps) -> Machine:
        now = self._now()
        if self._leader is None or self._leader[0] != holder or self._leader[1] <= now:
            raise IntentRefused("not the leader")
        if not self.renting.is_on:
            raise IntentRefused("renting is paused")
        open_rows = [m for m in self.machines.values() if m.status is not MachineStatus.DESTROYED]
        if any(m.ask_id == intent.ask_id or m.machine_id == intent.machine_id for m in open_rows):
            raise IntentRefused(f"machine {intent.machine_id} is already rented")
        machine = Machine(
            label=intent.label, status=MachineStatus.INTENT, ask_id=intent.ask_id, machine_id=intent.machine_id,
            host_id=intent.host_id, hosting=intent.hosting, gpu_name=intent.gpu_name, is_bid=intent.is_bid,
            batch_id=intent.batch_id, usd_per_hour=intent.usd_per_hour,
            traffic_usd_per_hour=intent.traffic_usd_per_hour, traffic_usd_per_page=intent.traffic_usd_per_page,
            pull_usd=intent.pull_usd,
            inet_down_mbps=intent.inet_down_mbps,
            reserved_until=now + intent.reserve_seconds, boot_deadline_at=now + intent.boot_seconds, intent_at=now,
        )  # fmt: skip
        self.machines[intent.label] = machine
        self._image_gb[intent.label] = intent.image_gb
        try:
            self._check_caps(caps, intent.batch_id)
        except CapReached:
            del self.machines[intent.label]
            raise
        if intent.by_hand:
            left = tuple(each for each in self.renting.hand_asks if each != intent.ask_id)
            launches = max(0, self.renting.hand_launches - 1)
            self.renting = replace(self.renting, hand_launches=launches, hand_asks=left)
        return machine

    def extend_reservation(self, label: str, seconds: float, caps: Caps) -> Machine:
        before = self.machines.get(label)
        if before is None or not before.is_live:
            raise NotLive(f"no live machine {label}")
        self._put(label, reserved_until=max(before.reserved_until, self._now() + seconds))
        try:
            self._check_caps(caps, before.batch_id)
        except CapReached:
            self.machines[label] = before
            raise
        return self.machines[label]

    def _check_caps(self, caps: Caps, batch_id: str | None) -> None:
        now = self._now()
        rows = [m for m in self.machines.values() if m.status is not MachineStatus.DESTROYED and not m.is_own]
        last_day = int(max((m.reserved_until for m in rows), default=now) // DAY_SECONDS)
        batch = [m for m in self.machines.values() if batch_id is not None and m.batch_id == batch_id]
        reserved = sum(
            _rate(m) * max(0.0, m.reserved_until - now) / 3600 + (0 if m.running_at else m.pull_usd) for m in rows
        )
        checks = (
            ("machines", len(rows), caps.machines),
            ("dollars per hour", sum(_rate(m) for m in rows), caps.usd_per_hour),
            ("dollars per day", max(self.usd_on(int(now // DAY_SECONDS)), self.usd_on(last_day)),
             caps.usd_per_day),
            ("dollars per batch", sum(self._usd_between(m, 0.0, float("inf")) for m in batch),
             caps.usd_per_batch),
            ("credit", caps.credit_floor + reserved, caps.credit),
        )  # fmt: skip
        for name, value, cap in checks:
            if cap is not None and value > cap + 1e-9:
                raise CapReached(f"cap reached: {name} {value:.4f} of {cap:.4f}")

    # A machine's life

    def record_contract(self, label: str, contract_id: int) -> Machine | None:
        machine = self.machines.get(label)
        if machine is None or machine.contract_id not in (None, contract_id):
            return None
        status = machine.status
        if status is MachineStatus.INTENT:
            status = MachineStatus.READY if machine.last_heartbeat_at else MachineStatus.BOOTING
        return self._put(label, contract_id=contract_id, contract_at=machine.contract_at or self._now(), status=status)

    def record_boot(self, label: str, status: str | None, message: str) -> Machine | None:
        machine = self.machines.get(label)
        if machine is None:
            return None
        running_at = machine.running_at or (self._now() if status == "running" else None)
        now_is = MachineStatus.DESTROYING if machine.status is MachineStatus.DESTROYED else machine.status
        return self._put(
            label, vast_status=status, vast_message=message[:500], absences=0, running_at=running_at,
            destroyed_at=None, status=now_is,
        )  # fmt: skip

    def mark_destroying(self, label: str, reason: str, blame: Blame | None = None) -> Machine | None:
        machine = self.machines.get(label)
        if machine is None or not machine.is_live:
            return None
        return self._put(
            label,
            status=MachineStatus.DESTROYING,
            destroying_at=self._now(),
            destroy_reason=reason,
            blame=blame,
            absences=0,
        )

    def record_refusal(self, label: str, reason: str) -> Machine | None:
        machine = self.machines.get(label)
        if machine is None or machine.status is not MachineStatus.INTENT or machine.contract_id is not None:
            return None
        return self._put(
            label,
            status=MachineStatus.DESTROYING,
            destroying_at=self._now(),
            destroy_reason=reason,
            refused=True,
            absences=0,
        )

    def record_destroy_call(self, label: str) -> None:
        machine = self.machines.get(label)
        if machine is not None:
            self._put(label, destroy_calls=machine.destroy_calls + 1, destroy_called_at=self._now())

    def record_verdict(self, label: str, decision: Decision, reason: str) -> None:
        machine = self.machines.get(label)
        if machine is not None and machine.status is not MachineStatus.DESTROYED:
            self._put(label, verdict=decision, verdict_reason=reason, verdict_at=self._now())

    def record_log(self, label: str, word: LogWord | None) -> None:
        if label in self.machines:
            self._put(label, log_word=word, log_read_at=self._now())

    def record_absence(self, label: str, known: int | None = None) -> Machine | None:
        machine = self.machines.get(label)
        if machine is None or machine.status is MachineStatus.DESTROYED or known not in (None, machine.absences):
            return None
        if machine.status is MachineStatus.DESTROYING and machine.absences >= 1:
            return self._put(
                label, absences=machine.absences + 1, status=MachineStatus.DESTROYED, destroyed_at=self._now()
            )
        return self._put(label, absences=machine.absences + 1)

    def block_hardware(self, kind: HardwareKind, id: int, reason: str, seconds: float) -> None:
        until = self._now() + seconds
        known = self._blocks.get((kind, id))
        self._blocks[kind, id] = Block(kind, id, reason, max(until, known.blocked_until if known else until))

    # The switch, alarms, charges

    def set_renting(self, status: RentingStatus, reason: str | None) -> Renting:
        launches, asks = self.renting.hand_launches, self.renting.hand_asks
        if status is RentingStatus.PAUSED:
            launches, asks = 0, ()
        since = self.renting.since if status == self.renting.status else self._now()
        self.renting = Renting(status, reason, launches, since, asks)
        return self.renting

    def request_launch(self, ask_id: int | None = None) -> bool:
        asks = self.renting.hand_asks
        if self.renting.is_on and (ask_id is None or ask_id not in asks):
            asks += () if ask_id is None else (ask_id,)
            self.renting = replace(self.renting, hand_launches=self.renting.hand_launches + 1, hand_asks=asks)
        return self.renting.is_on

    def drop_launch(self, ask_id: int) -> None:
        if ask_id in self.renting.hand_asks:
            asks = tuple(each for each in self.renting.hand_asks if each != ask_id)
            launches = max(0, self.renting.hand_launches - 1)
            self.renting = replace(self.renting, hand_launches=launches, hand_asks=asks)

    def raise_alarm(self, name: str, message: str, about: str = "") -> None:
        self.alarms.append((name, about, message))

    def clear_alarm(self, name: str, about: str | None = None) -> None:
        """The simulation counts what was raised."""

    def clear_unseen_alarms(self, names: Sequence[str], seconds: float) -> None:
        """The simulation counts what was raised."""

    def record_charges(self, charges: Sequence[DayCharge]) -> None:
        for each in charges:
            self._charges[each.contract_id, each.day, each.kind] = each.usd

    def record_bill_reading(self, seen: Sequence[int], since: str) -> None:
        """The simulation's bill is its market's own; nothing is proved by it."""

    def prove_bill(self, contract_id: int) -> None:
        """As above."""

    def record_price_increases(self, increases: Sequence[Increase], forget_others: bool) -> None:
        """Simulated hosts ask for nothing more."""

    # The queue's side

    def release_expired_jobs(self) -> int:
        return self._queue.release_expired_jobs()

    def report_silent_analyst(self) -> int:
        """Nobody is judged by Claude in a simulation."""
        return 0

    def sweep_checks(self, share: float, sensitive_placement: str) -> int:
        """No machine lies here: see `scripts.bench.lying_hosts`."""
        return 0

    def pause_dear_batches(self, max_usd: float) -> int:
        return 0  # the simulated work comes without batches

    def requeue_machine_jobs(self, label: str, worker_died: bool) -> int:
        return self._queue.requeue_machine_jobs(label, worker_died)

    def heartbeat(self, label: str, pages_per_second: float) -> bool:
        """What the worker's `heartbeat_jobs` does to its machine; False when the token is dead."""
        machine = self.machines.get(label)
        if machine is None or not machine.is_live:
            return False
        self._put(
            label, last_heartbeat_at=self._now(), ready_at=machine.ready_at or self._now(),
            pages_per_second=pages_per_second,
            status=MachineStatus.READY if machine.status is MachineStatus.BOOTING else machine.status,
        )  # fmt: skip
        return True

    def admits(self, label: str) -> bool:
        """Whether a machine's token is good: until its end is decided."""
        machine = self.machines.get(label)
        return machine is not None and machine.is_live

    def _put(self, label: str, **changes: Any) -> Machine:
        self.machines[label] = replace(self.machines[label], **changes)
        return self.machines[label]


def _rate(machine: Machine) -> float:
    return machine.usd_per_hour + machine.traffic_usd_per_hour


def _is_bad(machine: Machine) -> bool:
    return machine.blame is Blame.MACHINE
