"""Alarms in SQL: one until it is cleared, told again each day, told when it is over."""

import threading

import psycopg
import pytest

from tests.patience import wait_until


def told(queue) -> list[str]:
    return [row["kind"] for row in queue.rows("select kind from events where kind like 'alarm%' order by id")]


def test_an_alarm_is_one_until_it_is_cleared_with_the_newest_message(queue):
    assert len(queue.service("raise_alarm", name="standstill", message="5 documents wait")) == 1
    assert queue.service("raise_alarm", name="standstill", message="6 documents wait") == []
    queue.rows("update alarms set last_seen_at = now() - interval '2 minutes'")
    queue.service("raise_alarm", name="standstill", message="7 documents wait")
    (alarm,) = queue.rows("select message, last_seen_at > now() - interval '1 minute' as fresh from alarms")
    assert alarm == {"message": "7 documents wait", "fresh": True}
    assert told(queue) == ["alarm_raised"]


def test_several_of_one_name_are_apart_by_what_they_are_about(queue):
    for about in ("aseagi-a", "aseagi-b", "aseagi-a"):
        queue.service("raise_alarm", name="not_listed", message="see what is billed", about=about)
    assert queue.service("clear_alarm", name="not_listed", about="aseagi-a") != []
    (left,) = queue.rows("select about from alarms where cleared_at is null")
    assert left["about"] == "aseagi-b"
    queue.service("clear_alarm", name="not_listed")
    assert queue.rows("select about from alarms where cleared_at is null") == []


def test_what_comes_back_before_its_end_was_told_was_never_gone(queue):
    queue.service("raise_alarm", name="vast_auth", message="refused")
    queue.service("clear_alarm", name="vast_auth")
    assert queue.service("announce_alarms") == []
    queue.service("raise_alarm", name="vast_auth", message="refused")
    (alarm,) = queue.rows("select cleared_at from alarms")
    assert alarm["cleared_at"] is None and told(queue) == ["alarm_raised"]


def test_its_end_is_told_once_and_after_that_it_is_raised_anew(queue):
    queue.service("raise_alarm", name="vast_auth", message="refused")
    queue.service("clear_alarm", name="vast_auth")
    queue.rows("update alarms set cleared_at = cleared_at - interval '11 minutes'")
    assert len(queue.service("announce_alarms")) == 1 and queue.service("announce_alarms") == []
    queue.service("raise_alarm", name="vast_auth", message="refused again")
    assert told(queue) == ["alarm_raised", "alarm_cleared", "alarm_raised"]


def test_an_open_one_is_told_again_after_a_day_and_what_was_dealt_with_is_not(queue):
    queue.service("raise_alarm", name="standstill", message="5 documents wait")
    queue.service("raise_alarm", name="stray", message="destroyed", about="aseagi-a")
    assert queue.service("announce_alarms") == []
    queue.rows("update alarms set announced_at = announced_at - interval '25 hours', last_seen_at = last_seen_at"
               " - interval '25 hours'")  # fmt: skip
    assert len(queue.service("announce_alarms")) == 1 and queue.service("announce_alarms") == []
    assert [row["name"] for row in queue.rows("select name from alarms where cleared_at is null")] == ["standstill"]
    assert told(queue) == ["alarm_raised", "alarm_raised", "alarm_stands"]


def test_who_looks_again_and_again_clears_what_was_not_seen_any_more(queue):
    for name in ("standstill", "cap_reached", "record_faults"):
        queue.service("raise_alarm", name=name, message="x")
    queue.rows("update alarms set last_seen_at = now() - interval '10 minutes' where name <> 'cap_reached'")
    queue.service("clear_unseen_alarms", names=["standstill", "cap_reached"], seconds=300)
    open_ones = queue.rows("select name from alarms where cleared_at is null order by name")
    assert [row["name"] for row in open_ones] == ["cap_reached", "record_faults"]


@pytest.mark.parametrize(("resumed", "left"), [("paused", 1), ("on", 0)])
def test_renting_that_goes_on_clears_its_pause(queue, resumed, left):
    queue.service("set_renting", status="paused", reason="boots fail")
    queue.service("raise_alarm", name="renting_paused", message="boots fail")
    queue.service("set_renting", status=resumed, reason=None)
    assert len(queue.rows("select id from alarms where cleared_at is null")) == left


def test_two_that_raise_it_at_once_make_one(queue):
    again = {"name": "standstill", "message": "y"}
    second = threading.Thread(target=queue.service, args=("raise_alarm",), kwargs=again)
    with psycopg.connect(queue.owner.info.dsn, password=queue.owner.info.password) as first:
        first.execute("select raise_alarm('standstill', 'x')")
        second.start()
        wait_until(lambda: queue.rows("select pid from pg_locks where not granted"), "the second waits for the first")
        first.commit()
    second.join(30)
    assert told(queue) == ["alarm_raised"]
