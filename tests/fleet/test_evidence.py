"""One sensor is never believed against a better one, and no document pays for what its machine went through."""

from dataclasses import replace
from typing import Any

import pytest

from control_plane.database.enums import LogWord, MachineStatus
from control_plane.database.fleet_rows import Ledger, Machine, Renting
from control_plane.fleet.actions import Alarm, End, Miss, ReadLog
from control_plane.fleet.evidence import DOUBTED_AFTER, look_at
from control_plane.fleet.upkeep import keep_up
from control_plane.fleet.verdict import news, weigh
from control_plane.settings.fleet_policy import Policy

NOW = 1_800_000_000.0
POLICY = Policy()
LOST = POLICY.heartbeat_lost_seconds
READY = Machine(
    "aseagi-test-00000001", MachineStatus.READY, contract_id=7001, machine_id=21, host_id=31, usd_per_hour=0.2,
    reserved_until=NOW + 3600, intent_at=NOW - 900, contract_at=NOW - 890, running_at=NOW - 800, ready_at=NOW - 700,
    last_heartbeat_at=NOW - 5, result_at=NOW - 690, vast_status="running", vast_message="success",
)  # fmt: skip


def ready(number: int, **changes: Any) -> Machine:
    ids = {"label": f"aseagi-test-{number:08d}", "contract_id": 7000 + number, "machine_id": 20 + number}
    return replace(READY, **(ids | changes))


def booting(number: int, **changes: Any) -> Machine:
    unheard = {"status": MachineStatus.BOOTING, "running_at": None, "ready_at": None, "last_heartbeat_at": None}
    unheard["result_at"] = None
    return ready(number, **(unheard | {"intent_at": NOW - 200, "contract_at": NOW - 190} | changes))


def ledger(*machines: Machine, **changes: Any) -> Ledger:
    return Ledger(now=NOW, renting=Renting(), machines=machines, **changes)


def decide(known: Ledger, rows: Any) -> list[Any]:
    sight = look_at(rows, known, POLICY)
    return keep_up(known, sight, weigh(known, sight, POLICY), "aseagi-test-", POLICY)


def ends(actions: list[Any]) -> dict[str, End]:
    return {each.label: each for each in actions if isinstance(each, End)}


def alarms(actions: list[Any]) -> list[str]:
    return [each.name for each in actions if isinstance(each, Alarm)]


@pytest.mark.parametrize("absences", [0, 2, 500])
def test_no_number_of_empty_lists_ends_a_machine_that_reports(absences):
    healthy = [ready(number, absences=absences) for number in range(1, 4)]
    known = ledger(*healthy)
    assert ends(decide(known, [])) == {}
    assert ("list_doubted" in alarms(decide(known, []))) == (absences >= 2), "one odd list alarms nobody"
    assert look_at([], known, POLICY).can_see is False, "and nothing is rented by such a list"


def test_one_machine_that_reports_outweighs_the_lists_that_lack_it_and_people_are_told(listed_row):
    known = ledger(ready(1), ready(2, absences=DOUBTED_AFTER))
    actions = decide(known, [listed_row()])
    assert ends(actions) == {} and alarms(actions) == ["not_listed"]
    assert Miss("aseagi-test-00000002", DOUBTED_AFTER) in actions
    assert look_at([listed_row()], known, POLICY).can_see, "the others are on it, so it is no blindness"


def test_a_contract_that_never_said_a_word_and_is_missing_from_three_lists_is_gone(listed_row):
    for absences, is_gone in ((0, False), (1, False), (2, True)):
        gone = ends(decide(ledger(ready(1), booting(2, absences=absences)), [listed_row()]))
        assert bool(gone) == is_gone
    assert gone["aseagi-test-00000002"].worker_died is False
    new = booting(2, absences=9, contract_at=NOW - POLICY.grace_seconds + 1)
    assert ends(decide(ledger(ready(1), new), [listed_row()])) == {}, "lists lag"


def test_boots_that_are_missing_all_at_once_are_doubted_for_longer_but_not_for_ever():
    both = [booting(number, absences=5) for number in (1, 2)]
    assert ends(decide(ledger(*both), [])) == {}
    assert [type(each) for each in decide(ledger(*both), [])].count(Miss) == 2
    long_missing = [replace(each, absences=DOUBTED_AFTER - 1) for each in both]
    assert len(ends(decide(ledger(*long_missing), []))) == 2


def test_a_document_is_suspected_only_when_its_machine_alone_fell_silent(listed_row):
    silent = ready(1, last_heartbeat_at=NOW - LOST - 1)
    silent = replace(silent, log_read_at=NOW - 30)  # and its log says nothing
    alone = ends(
        decide(ledger(silent, ready(2)), [listed_row(), listed_row(contract_id=7002, label="aseagi-test-00000002")])
    )
    assert [(each.worker_died, each.blame) for each in alone.values()] == [(True, "machine")]
    away = listed_row(actual_status="offline")
    gone = ends(decide(ledger(silent), [away]))
    assert [(each.worker_died, each.blame) for each in gone.values()] == [(False, "machine")]
    neighbour = ready(3, last_heartbeat_at=NOW - LOST + 30)  # three of its heartbeats are missing already
    together = ends(decide(ledger(silent, neighbour, ready(2)), None))
    assert [each.worker_died for each in together.values()] == [False]
    silence = {"last_heartbeat_at": NOW - LOST - 30, "destroy_reason": "its worker fell silent"}
    ended = ready(3, status=MachineStatus.DESTROYING, **silence)
    together = ends(decide(ledger(silent, ended, ready(2)), None))
    assert [each.worker_died for each in together.values()] == [False], "one of the two was ended a tick before"
    long_ago = replace(ended, last_heartbeat_at=NOW - 1000)
    assert [each.worker_died for each in ends(decide(ledger(silent, long_ago, ready(2)), None)).values()] == [True]


def look_twice(machine: Machine, row: Any) -> tuple[list[Any], list[Any]]:
    """The actions at one look, and at the next, when what was said at the first is written down."""
    known = ledger(machine, ready(2))
    sight = look_at([row, replace(row, contract_id=7002, label="aseagi-test-00000002", **SOUND)], known, POLICY)
    verdicts = weigh(known, sight, POLICY)
    first = keep_up(known, sight, verdicts, "aseagi-test-", POLICY)
    (said,) = [each for each in news(known, sight, verdicts, POLICY) if getattr(each, "label", "") == machine.label]
    again = replace(machine, verdict=said.decision, verdict_reason=said.reason)
    return first, decide(ledger(again, ready(2)), sight.rows)


SOUND = {"actual_status": "running", "intended_status": "running", "status_msg": "success", "total_usd_per_hour": 0.2}


@pytest.mark.parametrize(
    ("machine", "odd", "reason"),
    [
        (ready(1), {"total_usd_per_hour": 0.9}, "not the price agreed"),
        (ready(1, last_heartbeat_at=NOW - LOST / 2, result_at=None), {"actual_status": "exited"}, "stopped by itself"),
        (booting(1), {"actual_status": "loading", "status_msg": "Error response from daemon"}, "cannot start"),
    ],
)
def test_what_a_list_alone_says_ends_a_machine_only_when_the_next_says_it_too(listed_row, machine, odd, reason):
    first, second = look_twice(machine, listed_row(**odd))
    assert ends(first) == {} and reason in ends(second)[machine.label].reason
    between = replace(machine, verdict="keep", verdict_reason="it reports and holds no document")
    assert ends(decide(ledger(between), [listed_row(**odd)])) == {}, "two in a row, and not two in all"


def test_a_machine_that_hands_work_back_lives_though_its_heartbeats_are_lost(listed_row):
    works = ready(1, last_heartbeat_at=NOW - 2 * LOST, result_at=NOW - 20)
    for row in (listed_row(), listed_row(actual_status="exited")):
        assert ends(decide(ledger(works, ready(2)), [row])) == {}


@pytest.mark.parametrize(
    ("word", "seconds", "expected"),
    [
        (None, LOST + 20, (True, "machine")),
        ("died", LOST + 20, (True, "machine")),
        ("unfit", LOST + 20, (False, "machine")),
        ("left", LOST + 20, (False, None)),
        ("works", LOST + 20, None),
        ("unreached", POLICY.outage_seconds - 1, None),
        ("works", POLICY.outage_seconds + 1, (False, None)),  # a log is a stranger's word: believed for minutes
    ],
)
def test_the_log_of_a_silent_machine_tells_a_dead_worker_from_one_that_is_not_heard(
    listed_row, word, seconds, expected
):
    silent = ready(1, last_heartbeat_at=NOW - seconds, result_at=None)
    rows = [listed_row(), listed_row(contract_id=7002, label="aseagi-test-00000002")]
    unread = ledger(replace(silent, last_heartbeat_at=NOW - LOST - 1), ready(2))
    sight = look_at(rows, unread, POLICY)
    asked = [each for each in news(unread, sight, weigh(unread, sight, POLICY), POLICY) if isinstance(each, ReadLog)]
    assert ends(decide(unread, rows)) == {} and asked == [ReadLog(silent.label, 7001)], "first its log is read"
    read = ledger(replace(silent, log_word=word and LogWord(word), log_read_at=NOW - 5), ready(2))
    ended = ends(decide(read, rows))
    assert [(each.worker_died, each.blame) for each in ended.values()] == ([expected] if expected else [])
    stale = ledger(replace(silent, log_word=word and LogWord(word), log_read_at=NOW - seconds - 1), ready(2))
    if seconds > LOST + 60:
        assert [each.worker_died for each in ends(decide(stale, rows)).values()] == [True], "no log came: not for ever"


@pytest.mark.parametrize(
    ("word", "blame"), [("ours", "ours"), ("died", "machine"), ("unfit", "machine"), ("unreached", None), (None, None)]
)
def test_a_machine_that_runs_and_never_reports_ends_as_soon_as_its_log_says_why(listed_row, word, blame):
    starts = booting(1, running_at=NOW - 90, log_word=word and LogWord(word), log_read_at=NOW - 5)
    assert [each.blame for each in ends(decide(ledger(starts), [listed_row()])).values()] == ([blame] if blame else [])
    waited = replace(starts, running_at=NOW - 500)
    for others, expected in (((), "ours"), ((ready(2),), "machine")):
        if word == "unreached":
            rows = [listed_row(), listed_row(contract_id=7002, label="aseagi-test-00000002")]
            assert [each.blame for each in ends(decide(ledger(waited, *others), rows)).values()] == [expected]


def test_a_list_that_goes_back_from_running_to_loading_is_a_boot_that_goes_on(listed_row):
    flaps = booting(1, running_at=NOW - 500)
    assert ends(decide(ledger(flaps), [listed_row(actual_status="loading")])) == {}
    assert len(ends(decide(ledger(flaps), [listed_row()]))) == 1


def test_every_machine_has_a_verdict_in_words(listed_row):
    late = booting(2, intent_at=NOW - 5000, contract_at=NOW - 4990)
    known = ledger(
        ready(1, jobs_held=2), booting(3), late, ready(4, status=MachineStatus.INTENT, contract_id=None),
        ready(5, status=MachineStatus.DESTROYING), ready(6, status=MachineStatus.DESTROYED), ready(7, hosting="local"),
        ready(8, last_heartbeat_at=NOW - LOST - 5, result_at=None),
    )  # fmt: skip
    rows = [listed_row(contract_id=7000 + n, label=f"aseagi-test-{n:08d}") for n in (1, 5, 8)]
    rows += [listed_row(contract_id=7003, label="aseagi-test-00000003", actual_status="loading")]
    said = weigh(known, look_at(rows, known, POLICY), POLICY)
    decisions = {int(label[-1]): verdict.decision for label, verdict in said.items()}
    assert decisions == {1: "keep", 2: "end", 3: "wait", 4: "wait", 5: "return", 7: "keep", 8: "wait"}
    assert all(verdict.reason and len(verdict.reason) < 300 for verdict in said.values())
    assert "hands work back" in said["aseagi-test-00000001"].reason
    assert "log is read" in said["aseagi-test-00000008"].reason


def test_all_machines_silent_at_once_is_an_outage_that_kills_nobody_at_once():
    silent = [ready(number, last_heartbeat_at=NOW - LOST - number) for number in (1, 2, 3)]
    actions = decide(ledger(*silent), None)
    assert ends(actions) == {} and "all_silent" in alarms(actions)
    long_silent = [replace(each, last_heartbeat_at=NOW - POLICY.outage_seconds - 1) for each in silent]
    over = ends(decide(ledger(*long_silent), None))
    assert len(over) == 3 and not any(each.worker_died or each.blame for each in over.values())


def test_silences_from_before_anybody_listened_prove_nothing():
    """The database was away for five minutes: every heartbeat is old at its return, the lone machine's too."""
    silent = ready(1, last_heartbeat_at=NOW - 300)
    assert ends(decide(ledger(silent, hearing_since=NOW - 10), None)) == {}
    assert len(ends(decide(ledger(silent, hearing_since=NOW - LOST - 1), None))) == 1
