"""A folder is priced by a sample of it that was read, and begun by the confirmation of exactly that price."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from control_plane.batches.importer import Importer
from tests.control_plane.desk import Desk, make_desk
from tests.control_plane.test_batches import batch_of, finish, put

DOCUMENTS, SAMPLE = 60, 40


@pytest.fixture
def importer(desk: Desk):
    with ThreadPoolExecutor(4) as pool:
        yield Importer(desk.settings, desk.clients.database, desk.clients.storage, pool, pool, strays_due=float("inf"))


def fill(desk: Desk, count: int = DOCUMENTS, first: int = 0) -> None:
    put(desk, **{f"inbox/{number:03}.txt": b"%d" % number for number in range(first, first + count)})


def read_all(desk: Desk, batch_id: str, pages: int = 3) -> None:
    """All jobs of a batch are read by a machine that costs $1, `pages` pages each."""
    desk.sql(
        "insert into machines (label, status, usd_per_hour, contract_id, contract_at, destroyed_at) values"
        " (%s, 'destroyed', 1.0, %s, now() - interval '1 hour', now())",
        batch_id, int(batch_id[:6], 16),
    )  # fmt: skip
    desk.sql(
        "update processing_jobs set status = 'completed', pages_total = %s, pages_accounted = %s, machine = %s,"
        " finished_at = now() where batch_id = %s", pages, pages, batch_id, batch_id,
    )  # fmt: skip
    desk.sql("update machines set pages_worked = (select count(*) * %s from processing_jobs where batch_id = %s) where"
             " label = %s", pages, batch_id, batch_id)  # fmt: skip


def show(desk: Desk, asked: dict) -> dict:
    return desk.get(f"/api/estimates/{asked['id']}").json


def refusal(desk: Desk, estimate_id: str) -> tuple[int, str]:
    reply = desk.post(f"/api/estimates/{estimate_id}/confirm")
    return reply.status_code, reply.json["code"]


@pytest.fixture
def ready(desk: Desk, importer: Importer) -> dict:
    """An estimate whose sample is read."""
    fill(desk)
    asked = desk.post("/api/estimates", prefix="inbox/", priority="high", name="Smith").json
    finish(importer)
    read_all(desk, asked["sample_batch_id"])
    return show(desk, asked)


def test_a_sample_is_read_and_nothing_else_before_the_confirmation(desk: Desk, importer: Importer):
    fill(desk)
    reply = desk.post("/api/estimates", prefix="inbox/", name="Smith")
    asked = reply.json
    assert (reply.status_code, asked["status"], asked["price"]) == (201, "sampling", None)
    assert (asked["listing"]["new"], asked["sample_documents"]) == (DOCUMENTS, SAMPLE)
    finish(importer)
    sample = batch_of(desk, asked["sample_batch_id"])
    assert (sample["name"], sample["documents"]) == ("Sample of Smith", SAMPLE)
    assert refusal(desk, asked["id"]) == (409, "estimate_not_ready")
    assert desk.sql("select count(*) from master_document_registry") == [(SAMPLE,)]


def test_the_price_has_an_interval_and_its_confirmation_begins_the_batch_once(desk: Desk, importer: Importer, ready):
    price = ready["price"]
    assert ready["status"] == "ready" and ready["sample_read"] == SAMPLE
    assert (price["documents"], price["pages"]) == (20, 60), "three pages each, where one had been guessed"
    assert 0 < price["low_usd"] < price["usd"] < price["high_usd"]
    reply = desk.post(f"/api/estimates/{ready['id']}/confirm")
    assert reply.status_code == 201 and reply.json["name"] == "Smith"
    assert desk.post(f"/api/estimates/{ready['id']}/confirm").json["id"] == reply.json["id"]
    finish(importer)
    batch = batch_of(desk, reply.json["id"])
    assert (batch["documents"], batch["known"]) == (20, SAMPLE)
    assert desk.sql("select distinct priority from job_list where batch_id = %s", batch["id"]) == [("high",)]
    told = show(desk, ready)
    assert (told["status"], told["batch_id"], told["decided_by"]) == ("confirmed", batch["id"], "owner")


def test_estimate_and_actual_stand_side_by_side_and_it_is_counted_whether_it_held(
    desk: Desk, importer: Importer, ready
):
    batch_id = desk.post(f"/api/estimates/{ready['id']}/confirm").json["id"]
    finish(importer)
    read_all(desk, batch_id)
    finish(importer)
    assert show(desk, ready)["spent_usd"] == pytest.approx(1.0) and show(desk, ready)["actual_usd"] is None
    desk.sql("update batches set finished_at = finished_at - interval '2 hours'")
    finish(importer)
    page = desk.get("/api/estimates").json
    assert (page["ended"], page["held"], page["above"]) == (1, 0, 1)
    [told] = page["estimates"]
    assert told["actual_usd"] == pytest.approx(1.0) and told["held"] is False
    assert desk.get("/api/costs").status_code == 200


def test_an_unknown_an_expired_and_a_changed_one_are_refused_by_their_codes(desk: Desk, ready):
    assert refusal(desk, str(uuid.uuid4())) == refusal(desk, "nonsense") == (404, "estimate_unknown")
    fill(desk, 10, 900)
    assert refusal(desk, ready["id"]) == (409, "estimate_changed")
    desk.sql("update estimates set expires_at = now()")
    assert refusal(desk, ready["id"]) == (409, "estimate_expired") and show(desk, ready)["status"] == "expired"
    assert desk.sql("select count(*) from batches") == [(1,)], "nothing was begun but the sample"


def test_a_price_that_the_market_has_left_is_refused(desk: Desk, ready):
    desk.sql("""update estimates set price = price || '{"low_usd": 50, "usd": 60, "high_usd": 70}'""")
    assert refusal(desk, ready["id"]) == (409, "estimate_changed")


def test_nothing_new_is_no_estimate(desk: Desk):
    assert desk.post("/api/estimates", prefix="inbox/").json["code"] == "nothing_new"


def test_a_folder_that_nobody_priced_is_read_up_to_the_threshold_and_says_so(clean_cloud):
    desk = make_desk(clean_cloud, ESTIMATE_ABOVE_DOCUMENTS="25")
    fill(desk, 30)
    with ThreadPoolExecutor(4) as pool:
        importer = Importer(
            desk.settings, desk.clients.database, desk.clients.storage, pool, pool, strays_due=float("inf")
        )
        batch_id = desk.post("/batch/start", prefix="inbox/").json["id"]
        finish(importer)
        few = desk.post("/batch/start", prefix="inbox/", max_documents=3).json["id"]
        finish(importer)
    assert (batch_of(desk, batch_id)["documents"], batch_of(desk, few)["documents"]) == (25, 3)
    assert "price quote" in batch_of(desk, batch_id)["problem"] and batch_of(desk, few)["problem"] is None
    assert desk.sql("select error_code from batch_checkpoints where batch_id = %s", batch_id) == [("estimate_needed",)]
