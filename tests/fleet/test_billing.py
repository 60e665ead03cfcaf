"""What the day's cap counts and what the page shows, held against the emulator's own bill of one contract."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from control_plane.clients import build_supabase
from control_plane.database import Database
from control_plane.database.enums import MachineStatus
from control_plane.database.fleet_rows import Ledger, Machine, Renting
from control_plane.fleet.billing import bill_is_due
from control_plane.fleet.reaper import sum_by_day
from control_plane.settings import Settings
from control_plane.vast.rows import Charge
from local_cloud.vast import life_cycle
from local_cloud.vast.contracts import Contract, Terms, accrue
from local_cloud.vast.life_cycle import Pace, advance
from local_cloud.vast.rows import charge_rows

LABEL, LIFE_SECONDS, PAGES = "aseagi-test-00000001", 780, 600
PACE = Pace(schedule_seconds=10, boot_seconds=50, restart_seconds=5, image_gb=4)
# Two pages a second are half a megabyte in and a third of one out each: 1.5 and 0.9 GB an hour of these 12 minutes.
TERMS = Terms(
    gpu_dollars_per_hour=0.36, storage_dollars_per_gb_month=0.72, inet_down_dollars_per_gb=0.02,
    inet_up_dollars_per_gb=0.01, disk_gb=20.0, down_gb_per_hour=1.5, up_gb_per_hour=0.9,
)  # fmt: skip
BEGAN = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
ENDED = BEGAN + timedelta(seconds=LIFE_SECONDS)


@pytest.fixture
def database(clean_cloud) -> Iterator[psycopg.Connection]:
    """One contract of yesterday noon: 13 minutes, 600 pages, its worst case by the planner's rule (12 pages/s, × 2)."""
    with psycopg.connect(clean_cloud.postgres_url, autocommit=True) as connection:
        connection.execute(
            "insert into machines (label, status, contract_id, usd_per_hour, traffic_usd_per_hour,"
            " traffic_usd_per_page, pull_usd, intent_at, contract_at, running_at, ready_at, reserved_until,"
            " destroyed_at, pages_worked)"
            " values (%s, 'destroyed', 7001, 0.38, 1.12, 0.000013, 0.08, %s, %s, %s, %s, %s, %s, %s)",
            (LABEL, BEGAN, BEGAN, BEGAN, BEGAN, BEGAN + timedelta(hours=1), ENDED, PAGES),
        )
        yield connection


@pytest.fixture
def queue(clean_cloud) -> Database:
    return Database(build_supabase(Settings.from_env(clean_cloud.control_plane_environ())))


def sums(database: psycopg.Connection) -> tuple[float, float]:
    """What is known of that day, and the most that its cap counts."""
    known, most = "private.machines_usd_on(%s)::float8", "private.most_machines_usd_on(%s)"
    return database.execute(f"select {known}, {most}", (BEGAN.date(), BEGAN.date())).fetchone()


def bill_at(moment: datetime) -> list[Charge]:
    """The emulator's charges of that contract, as the CLI would give them at a moment."""
    began = BEGAN.timestamp()
    contract = Contract(7001, 1, 2, 1, TERMS, began, began, began + 86_400, "k", label=LABEL)
    contract = advance(life_cycle.begin(contract, PACE), moment.timestamp(), PACE)
    contract = accrue(contract, min(moment, ENDED).timestamp())
    rows = charge_rows([contract], 0, float("inf"))
    return [charge for row in rows for charge in Charge.list_from_row(row)]


def read(database: psycopg.Connection, queue: Database, moment: datetime) -> float:
    """Read the bill as if at that moment; its sum."""
    charges = bill_at(moment)
    queue.record_charges(sum_by_day(charges))
    database.execute("update fleet_charges set charged_at = %s", (moment,))
    return sum(each.usd for each in charges)


def test_before_the_bill_the_page_is_near_it_and_the_cap_counts_the_worst_case(database, queue):
    known, most = sums(database)
    bill = sum(each.usd for each in bill_at(ENDED))
    assert known == pytest.approx(bill, rel=0.1), "its image and its pages' traffic are in the sum"
    assert most > 2 * bill


def test_with_its_complete_bill_a_closed_contract_counts_its_bill_and_nothing_else(database, queue):
    bill = read(database, queue, ENDED + timedelta(minutes=6))
    assert sums(database) == pytest.approx((bill, bill), abs=1e-6)


def test_a_bill_that_may_not_be_complete_lowers_no_cap(database, queue):
    worst = sums(database)[1]
    for moment in (BEGAN + timedelta(minutes=5), ENDED + timedelta(minutes=1)):
        read(database, queue, moment)
        assert sums(database)[1] == pytest.approx(worst)


def test_a_contract_that_is_listed_again_counts_its_worst_case_again(database, queue):
    read(database, queue, ENDED + timedelta(minutes=6))
    queue.record_boot(LABEL, "running", "")  # seen in a list: it was billed all along
    assert sums(database)[1] > 1.0, "by the hour until the day's end"


def test_what_an_ended_contract_is_billed_on_a_later_day_counts_on_that_day(database, queue):
    later = BEGAN.date() + timedelta(days=1)
    database.execute("insert into fleet_charges (contract_id, day, kind, usd) values (7001, %s, 'disk', 0.5)", (later,))
    (most,) = database.execute("select private.most_machines_usd_on(%s)", (later,)).fetchone()
    assert most == pytest.approx(0.5)


def test_today_is_told_as_spent_and_at_most(database, queue):
    database.execute(
        "update machines set destroyed_at = null, status = 'ready', intent_at = now(), contract_at = now(),"
        " reserved_until = now()"
    )
    call = "insert into claude_calls (kind, model, reserved_usd, expires_at) values ('quick', 'm', 0.25, now())"
    database.execute(call)
    costs = queue.get_costs(1)
    assert costs.today.claude_usd == 0 and costs.today_at_most.claude_usd == 0.25
    assert costs.today_at_most.machine_usd >= 0.08, "the image's price may still come"
    assert costs.today_at_most.total_usd == pytest.approx(costs.today_at_most.machine_usd + 0.25)


NOW = 1_795_000_000.0
MACHINE = Machine(LABEL, MachineStatus.READY, contract_id=7001)
ENDED_MACHINE = replace(MACHINE, status=MachineStatus.DESTROYED, destroyed_at=NOW - 600, bill_read_at=NOW - 400)


@pytest.mark.parametrize(
    ("machines", "waited", "due"),
    [
        ((), None, True), ((), 3599, False), ((), 3600, True),
        ((MACHINE,), 599, False), ((MACHINE,), 600, True),
        ((replace(MACHINE, contract_id=None),), 3599, False),
        ((ENDED_MACHINE,), 299, False), ((ENDED_MACHINE,), 300, True),
        ((replace(ENDED_MACHINE, destroyed_at=NOW - 290),), 3599, False),
        ((replace(ENDED_MACHINE, bill_read_at=NOW - 299),), 3599, False),
    ],
)  # fmt: skip
def test_the_bill_is_read_when_it_can_tell_more(machines, waited, due):
    ledger = Ledger(NOW, Renting(), machines=machines)
    assert bill_is_due(ledger, None if waited is None else NOW - waited) is due
