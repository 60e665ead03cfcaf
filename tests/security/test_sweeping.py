"""A host who sweeps the queue, lies about pages, or says that he cannot read: paced, checked, caught, and read anew."""

from typing import Any

import pytest

from tests.queue.conftest import queue  # noqa: F401
from tests.queue.queue_calls import Machine, Queue, new_file, new_result

TRUE = "The child lives with her mother in Reno and has school there since August."
FALSE = "Nothing of any importance is written here at all, and nobody said so."
OTHER = "A third thing altogether that has no words in common with those two texts."


@pytest.fixture
def house(queue: Queue) -> Queue:  # noqa: F811
    """Every document of a stranger is checked."""
    queue.service("sweep_checks", share=1.0)
    return queue


def rent(house: Queue, host: int, hosting: str = "community") -> Machine:
    machine = house.machine(hosting)
    house.rows("update machines set host_id = %s where label = %s", host, machine.label)
    return machine


def read(machine: Machine, text: str = TRUE, **changes: Any) -> dict:
    job = machine.claim_one()
    machine.complete(job, new_result(job, 1, text=text, analysis={"analyst": "rules", "claims": []}, **changes))
    return job


def caught(house: Queue) -> list[str]:
    return [row["label"] for row in house.rows("select label from machines where caught_at is not null order by 1")]


def shown(house: Queue) -> list[str]:
    return [row["text"] for row in house.rows("select text from document_repository order by document_id")]


def kinds(house: Queue, status: str = "queued") -> list[str]:
    return [row["kind"] for row in house.rows("select kind from processing_jobs where status = %s", status)]


def test_a_second_reading_that_agrees_changes_nothing(house: Queue):
    house.enqueue(new_file())
    first, second = rent(house, 1), rent(house, 2)
    job = read(first)
    before = house.rows("select * from document_journal"), house.rows("select * from master_document_registry")
    assert first.claim() == [], "nobody checks himself"
    assert rent(house, 1).claim() == [], "nor does another machine of the same host"
    check = read(second, TRUE.replace("August", "Augusf"))
    assert (check["document_id"], check["attempt"]) == (job["document_id"], 1)
    assert set(check) == set(job), "who checks is not told so"
    rows = house.rows("select agrees, text from reading_checks")
    assert rows == [{"agrees": True, "text": None}] and caught(house) == []
    assert house.rows("select * from document_journal") == before[0] and shown(house) == [TRUE]
    assert house.service("get_totals")[0]["reconciled"]
    assert house.service("verify_custody", document_id=job["document_id"])[0]["intact"]


@pytest.mark.parametrize("liar_first", [True, False])
def test_of_three_strangers_the_one_who_lies_is_caught_and_all_he_read_is_read_anew(house: Queue, liar_first: bool):
    house.enqueue(new_file())
    liar, honest, third = rent(house, 1), rent(house, 2), rent(house, 3)
    if liar_first:
        house.enqueue(new_file())
        read(liar, FALSE)
        read(liar, FALSE)
        read(honest)
    else:
        read(honest)
        read(liar, FALSE)
    assert caught(house) == [] and len(house.rows("select id from events where kind = 'reading_disputed'")) == 1
    disputed = house.row("select document_id from events where kind = 'reading_disputed'")["document_id"]
    house.rows("delete from processing_jobs where kind = 'check' and status = 'queued' and document_id <> %s", disputed)
    read(third)
    assert caught(house) == [liar.label]
    (ended,) = house.rows("select status, blame, destroy_reason from machines where label = %s", liar.label)
    assert (ended["status"], ended["blame"]) == ("destroying", "machine") and "caught" in ended["destroy_reason"]
    again = house.service("sweep_checks", share=0.0)
    assert again == ([{"label": liar.label, "documents": 2}] if liar_first else [])
    assert house.service("sweep_checks", share=0.0) == [], "once"
    while house.rows("select id from processing_jobs where kind = 'read' and status = 'queued'"):
        read(third)
    assert set(shown(house)) == {TRUE}
    kept = house.row("select text from reading_checks where not agrees order by id limit 1")["text"]
    assert kept == (TRUE if liar_first else FALSE), "both readings are kept"
    assert house.service("get_totals")[0]["reconciled"]


def test_our_own_computer_is_believed_against_a_stranger(house: Queue):
    house.enqueue(new_file())
    liar = rent(house, 1)
    read(liar, FALSE)
    read(rent(house, 0, "local"), TRUE)
    assert caught(house) == [liar.label]


def test_three_readings_in_three_ways_are_for_a_person(house: Queue):
    house.enqueue(new_file())
    for host, text in enumerate((TRUE, FALSE, OTHER)):
        read(rent(house, host), text)
    assert caught(house) == []
    assert house.row("select payload ->> 'name' as topic from events where kind = 'alarm_raised'")["topic"] == (
        "readings_differ"
    )


def test_a_page_left_blank_is_read_again_whatever_the_share(house: Queue):
    house.service("sweep_checks", share=1e-9)
    house.enqueue(new_file())
    machine = rent(house, 1)
    read(machine, "", pages=[{"page": 1, "outcome": "blank", "words": 0}])
    assert kinds(house) == ["check"]


def test_parts_that_were_hidden_are_missed(house: Queue):
    house.enqueue(new_file())
    liar, honest = rent(house, 1), rent(house, 2)
    read(liar)
    job = honest.claim_one()
    part = {"position": 1, "role": "attachment", "name": "threat.pdf", "bytes": 9, "sha256": "a" * 64,
            "key": job["artifact_prefix"] + "part-000001"}  # fmt: skip
    assert honest.hand_in("add_parts", job, parts=[part]) == []
    assert house.rows("select * from document_parts") == []
    result = new_result(job, 1, text=TRUE, parts_total=1, analysis={"analyst": "rules", "claims": []})
    honest.complete(job, result)
    assert house.row("select agrees from reading_checks")["agrees"] is False


def test_one_token_cannot_fail_its_way_through_the_queue(house: Queue):
    """It read 600 of 600 before. What it says it cannot read is read elsewhere, and it is caught by that."""
    house.enqueue_many(120)
    thief, honest = rent(house, 1), rent(house, 2)
    seen = 0
    while jobs := thief.claim(16):
        for job in jobs:
            seen += 1
            thief.fail(job, code="corrupt_pdf", retry=seen % 4 == 0)
        house.make_due()
    assert seen <= 40
    for _ in range(3):
        check = honest.claim_one()
        assert house.job(check["job_id"])["kind"] == "check"
        honest.complete(check)
    assert caught(house) == [thief.label]
    house.service("sweep_checks", share=0.0)
    assert house.rows("select id from processing_jobs where status = 'failed' and kind = 'read' and id in"
                      " (select job_id from master_document_registry)") == []  # fmt: skip


def test_nor_blank_its_way_nor_read_faster_than_anybody_can(house: Queue):
    house.service("sweep_checks", share=0.0)
    house.enqueue_many(60)
    blanker, racer, own = rent(house, 1), rent(house, 2), rent(house, 0, "local")
    seen = 0
    while jobs := blanker.claim(16):
        for job in jobs:
            seen += 1
            pages = [{"page": 1, "outcome": "blank", "words": 0}]
            blanker.complete(job, new_result(job, 1, pages=pages, analysis={"analyst": "rules", "claims": []}))
    assert seen <= 40
    house.rows("update machines set jobs_done = 300, ready_at = now() where label = any (%s)", [racer.label, own.label])
    assert racer.claim() == [], "300 documents within a second"
    assert own.claim(), "our own computer is not paced"
    house.rows("update machines set ready_at = now() - interval '1 minute' where label = %s", racer.label)
    assert racer.claim(), "in a minute they may be honest"


def test_a_check_that_fails_or_dies_ends_by_itself(house: Queue):
    house.enqueue(new_file())
    read(rent(house, 1))
    job = rent(house, 2).claim_one()
    for _ in range(3):
        house.expire(job["job_id"])
        house.service("release_expired_jobs")
        house.make_due()
        again = house.rows("select id, status from processing_jobs where kind = 'check'")
        if again[0]["status"] != "queued":
            break
        rent(house, 3).claim()
    assert shown(house) == [TRUE] and house.service("get_totals")[0]["reconciled"]
    assert house.row("select processing_status as s from document_journal")["s"] == "completed"
