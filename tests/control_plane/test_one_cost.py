"""A document's dollars are the same on every route, page and message that shows money."""

from datetime import UTC, datetime

import pytest

from control_plane.database.fleet_rows import DayCharge
from control_plane.telegram import texts
from tests.control_plane.desk import Desk, complete_a_document

ALL = ("machine_usd", "claude_usd", "total_usd")
BY_TIME, CLAUDE = 0.01, 0.05


@pytest.fixture
def spent(desk: Desk) -> Desk:
    """One document in one batch, read on one machine that ran for a second today, with one call to Claude."""
    document_id = complete_a_document(desk)
    [(batch_id,)] = desk.sql("insert into batches (name) values ('one') returning id")
    desk.sql("update processing_jobs set batch_id = %s", batch_id)
    # Not `destroyed`: the status leaves out what has been gone for six hours, and midnight may be longer ago.
    desk.sql(
        "update machines set usd_per_hour = 36, contract_id = 7, intent_at = today, contract_at = today, status ="
        " 'destroying', destroyed_at = today + interval '1 second'"
        " from (select date_trunc('day', now() at time zone 'utc') at time zone 'utc' as today) t"
    )
    desk.sql(
        "insert into claude_calls (job_id, document_id, batch_id, machine, kind, model, status, outcome, reserved_usd,"
        " cost_usd, expires_at) select id, document_id, batch_id, machine, 'quick', 'm', 'settled', 'answered', 1,"
        " %s, now() from processing_jobs",
        CLAUDE,
    )
    assert [row["id"] for row in desk.get("/api/documents").json["documents"]] == [document_id]
    return desk


def shown(desk: Desk) -> dict[str, dict]:
    """What each route that shows money says of this one document."""
    jobs, documents = desk.get("/api/jobs").json["jobs"], desk.get("/api/documents").json["documents"]
    costs = desk.get("/api/costs").json
    return {
        "jobs": jobs[0],
        "job": desk.get(f"/api/jobs/{jobs[0]['id']}").json,
        "latest job": desk.get("/api/jobs/latest").json,
        "documents": documents[0],
        "document": desk.get(f"/api/documents/{documents[0]['id']}").json,
        "batch": desk.get("/batch/status").json["batches"][0],
        "today": costs["today"],
        "month": costs["month"],
        "day": costs["days"][-1],
    }


def say_the_same(desk: Desk, machine_usd: float) -> None:
    wanted = dict(zip(ALL, (machine_usd, CLAUDE, round(machine_usd + CLAUDE, 6)), strict=True))
    said = {place: {name: row[name] for name in ALL} for place, row in shown(desk).items()}
    assert said == dict.fromkeys(said, wanted)
    [machine] = desk.get("/api/instances/status").json["instances"]
    assert machine["machine_usd"] == machine_usd
    costs = desk.get("/api/costs").json
    assert (costs["usd_per_document"], costs["usd_per_page"]) == (wanted["total_usd"], wanted["total_usd"] / 2)
    assert desk.sql("select machine_usd::float8, usd_per_page::float8 from fleet_contracts") == [
        (machine_usd, machine_usd / 2)
    ]
    message = texts.cost(desk.clients.database.get_costs(), 5, 5)
    assert f"Today ${wanted['total_usd']:.4f} (computers ${machine_usd:.4f} of" in message
    assert f"Claude ${CLAUDE:.4f} of" in message and f"This month ${wanted['total_usd']:.4f}." in message


def bill(desk: Desk, **dollars: float) -> None:
    day = datetime.now(UTC).date().isoformat()
    desk.clients.database.record_charges([
        DayCharge(7, "aseagi-local-00000001", day, kind, amount) for kind, amount in dollars.items()
    ])  # fmt: skip


def test_every_place_says_what_one_document_cost(spent: Desk):
    say_the_same(spent, BY_TIME)


@pytest.mark.parametrize(("gpu", "disk"), [(0.03, 0.002), (0.003, 0.001)])
def test_and_so_they_do_once_the_bill_came_in_be_it_more_or_less(spent: Desk, gpu: float, disk: float):
    bill(spent, gpu=gpu, disk=disk)
    say_the_same(spent, round(gpu + disk, 6))


def test_a_bill_that_was_read_too_early_lowers_nothing(spent: Desk):
    spent.sql("update machines set status = 'ready', destroyed_at = null, contract_at = now() - interval '1 second'")
    bill(spent, gpu=0.000001)
    [machine] = spent.get("/api/instances/status").json["instances"]
    assert machine["machine_usd"] >= BY_TIME


def test_a_job_that_has_not_ended_has_no_total_yet(desk: Desk):
    desk.upload(b"%PDF-1.4\nwaiting\n%%EOF\n")
    [job], [document] = desk.get("/api/jobs").json["jobs"], desk.get("/api/documents").json["documents"]
    for row in (job, document):
        assert [row[name] for name in ALL] == [None, 0, None]


def test_a_machine_s_cost_is_shared_out_whole_also_to_what_failed(spent: Desk):
    """A failed job of a machine takes its share by the pages it tried; those it never came to weigh nothing."""
    spent.upload(b"%PDF-1.4\nother\n%%EOF\n", "other.pdf")
    worker = spent.worker("aseagi-local-00000001")
    spent.sql("update machines set status = 'ready', destroyed_at = null")
    job = spent.claim(worker)
    spent.sql("update processing_jobs set pages_total = 50 where id = %s", job["job_id"])
    pages = '[{"page": 1, "outcome": "ocr"}, {"page": 2, "outcome": "unreadable"}]'
    with_claims = """select set_config('request.jwt.claims', '{"machine": "aseagi-local-00000001"}', false)"""
    fail = f"select * from fail_job('{job['job_id']}', '{job['lease_token']}', 'x', 'x', false, '{pages}')"
    spent.sql(f"{with_claims}; {fail}")
    spent.sql("update machines set status = 'destroyed', destroyed_at = contract_at + interval '1 second'")
    rows = spent.get("/api/jobs").json["jobs"]
    assert {row["status"]: row["machine_usd"] for row in rows} == {"completed": BY_TIME / 2, "failed": BY_TIME / 2}
    assert spent.get("/api/costs").json["today"]["machine_usd"] == BY_TIME
