"""Old months of events leave the outbox once everybody has dealt with them, and every document stays provable."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from local_cloud import Cloud
from local_cloud.keys import load_keys
from local_cloud.postgres import migrate
from tests.queue.queue_calls import Queue
from tests.queue.test_schema import fresh_database

__all__ = ["fresh_database"]

THIS = "create or replace function private.this_event_month() returns int language sql stable return {}"


@pytest.fixture
def queue(cloud: Cloud, fresh_database: str) -> Iterator[Queue]:
    """A database of its own, since what leaves its tables cannot be cleaned away."""
    migrate(fresh_database)
    password = load_keys(cloud.state_dir / "secrets.json").authenticator_password
    caller_url = make_conninfo(fresh_database, user="authenticator", password=password)
    with (
        psycopg.connect(fresh_database, autocommit=True, row_factory=dict_row) as owner,
        psycopg.connect(caller_url, autocommit=True, row_factory=dict_row) as caller,
    ):
        yield Queue(fresh_database, caller_url, owner, caller)


@pytest.fixture
def past(queue: Queue) -> int:
    """The month before this one, into which events go until append_record turns to this one."""
    month: int = queue.row("select private.month_of(now()) - 1 as month")["month"]
    queue.rows(f"select private.add_event_month({month})")
    queue.rows(THIS.replace("this_", "first_").format(month))
    queue.rows(THIS.format(month))
    queue.rows(THIS.replace("this_", "last_").format(month + 3))
    return month


def archive(queue: Queue, month: int) -> str | None:
    return queue.row("select private.archive_month(%s) as why", month)["why"]


def sign(queue: Queue) -> None:
    queue.service("append_record")
    head = queue.service("get_record")[0]
    queue.service("keep_head", head={"seq": head["seq"], "hash": head["hash"], "statement": "s", "signature": "x",
                                     "public_key": "k"})  # fmt: skip


def test_a_month_leaves_once_everybody_has_dealt_with_it_and_what_left_is_still_proved(queue, past):
    machine = queue.machine()
    queue.enqueue_many(1)
    job = machine.claim_one()
    machine.complete(job)
    document_id = job["document_id"]
    assert archive(queue, past) == "only the earliest month leaves, and never the present one"
    queue.rows(THIS.format(past + 1))
    assert archive(queue, past) == "some are not in the log over all documents"
    queue.service("append_record")
    assert archive(queue, past) == "no signed head covers them"
    sign(queue)
    told = queue.service("take_events", consumer="telegram", max_events=100)
    assert archive(queue, past) == "a consumer has not acknowledged some, or put them aside"
    queue.service("ack_events", consumer="telegram", event_ids=[event["id"] for event in told])
    before = queue.service("export_log", after=0, most=100)
    assert archive(queue, past) is None
    assert queue.rows("select id from events where document_id = %s", document_id) == []
    assert queue.service("export_log", after=0, most=100) == before
    assert None not in [row["event"] for row in before]
    # Its chain goes on, and the log too.
    queue.service("judge_again", filter={"document_id": str(document_id), "force": True}, max_documents=1)
    queue.service("append_record")
    (custody,) = queue.service("verify_custody", document_id=str(document_id))
    assert custody["intact"] and custody["events"] == 4, custody
    assert queue.service("verify_record")[0]["faults"] == []
    (name,) = queue.rows("select relname from pg_class where relname like 'archived_events_%' and relkind = 'r'")
    queue.rows(f"update private.{name['relname']} set machine = 'another' where kind = 'job_completed'")
    assert not queue.service("verify_custody", document_id=str(document_id))[0]["intact"]


def test_events_lie_in_their_month_and_there_is_room_for_two_to_come(queue):
    ahead = queue.row("select private.last_event_month() - private.month_of(now()) as months")
    assert ahead["months"] == 2
    new = queue.row("insert into events (kind) values ('alarm_raised') returning id, tableoid::regclass::text as part")
    assert new["part"] == queue.row("select to_char(now() at time zone 'utc', '\"private.events_\"YYYY_MM') as n")["n"]
    # Time goes on: first the month is turned, then room is made for another.
    queue.rows(THIS.format("private.month_of(now()) - 1"))
    queue.rows(THIS.replace("this_", "last_").format("private.month_of(now()) + 1"))
    for _ in range(2):
        queue.service("append_record")
    turned = queue.row("select private.last_event_month() - private.this_event_month() as months")
    assert turned["months"] == 2
