"""Keeping up with the machines we have, from what Vast.ai lists, or does not."""

from dataclasses import replace
from typing import Any

import pytest

from control_plane.database.enums import Blame, Decision, MachineStatus
from control_plane.database.fleet_rows import Ledger, Machine, Renting
from control_plane.fleet.actions import Adopt, Destroy, End, Extend, Miss, Note, Sweep
from control_plane.fleet.evidence import DOUBTED, look_at
from control_plane.fleet.upkeep import keep_up
from control_plane.fleet.verdict import weigh
from control_plane.settings.fleet_policy import Policy

NOW = 1_800_000_000.0
POLICY = Policy()
PREFIX = "aseagi-test-"
LABEL = "aseagi-test-00000001"
BOOTING = Machine(
    LABEL, MachineStatus.BOOTING, contract_id=7001, machine_id=21, host_id=31, usd_per_hour=0.2,
    reserved_until=NOW + 3600,
    boot_deadline_at=NOW + 300, intent_at=NOW - 60, contract_at=NOW - 55, vast_status="loading", vast_message="Pulling",
)  # fmt: skip
READY = replace(
    BOOTING, status=MachineStatus.READY, running_at=NOW - 50, ready_at=NOW - 40, last_heartbeat_at=NOW - 5,
    vast_status="running", vast_message="success",
)  # fmt: skip
NOT_SEEN = {"contract_id": None, "contract_at": None, "vast_status": None, "vast_message": None}
INTENT = replace(BOOTING, status=MachineStatus.INTENT, **NOT_SEEN)
ASKED_AWAY = {"destroying_at": NOW - 30, "destroy_calls": 1, "destroy_called_at": NOW - 30}
DESTROYING = replace(READY, status=MachineStatus.DESTROYING, **ASKED_AWAY)


@pytest.fixture
def decide(listed_row):
    def actions(machine: Machine, *rows: Any, blind: bool = False) -> list[Any]:
        ledger = Ledger(now=NOW, renting=Renting(), machines=(machine,))
        sight = look_at(None if blind else rows, ledger, POLICY)
        return keep_up(ledger, sight, weigh(ledger, sight, POLICY), PREFIX, POLICY)

    return actions


@pytest.fixture
def loading(listed_row):
    return lambda **changes: listed_row(**({"actual_status": "loading", "status_msg": "Pulling"} | changes))


def doubted(machine: Machine, **changes: Any) -> Machine:
    """One that the list before this one spoke against already."""
    return replace(machine, verdict=Decision.WAIT, verdict_reason=DOUBTED, **changes)


# The intent


def test_a_contract_under_an_intents_label_is_adopted(decide, listed_row):
    assert decide(INTENT, listed_row(contract_id=7009)) == [Adopt(LABEL, 7009)]


def test_an_intent_waits_for_its_contract_and_then_ends(decide):
    assert decide(INTENT) == []
    doubtful = replace(INTENT, intent_at=NOW - POLICY.doubt_seconds - 1)
    assert decide(doubtful) == [End(LABEL, "no contract appeared after the create call")]
    assert decide(doubtful, blind=True) == []
    reporting = replace(doubtful, last_heartbeat_at=NOW - 5)  # it is there, whatever the list says
    assert decide(reporting) == []


def test_of_two_contracts_under_one_label_the_second_ends(decide, listed_row):
    rows = [listed_row(contract_id=7010), listed_row(contract_id=7009)]
    assert decide(INTENT, *rows) == [Adopt(LABEL, 7009), Sweep(LABEL, 7010, "running", "success")]
    kept = replace(READY, contract_id=7010)
    assert decide(kept, *rows) == [Sweep(LABEL, 7009, "running", "success")]


# Booting


def test_news_from_the_list_is_noted_once(decide, loading, listed_row):
    assert decide(BOOTING, loading()) == []
    assert decide(BOOTING, loading(status_msg="Extracting")) == [Note(LABEL, "loading", "Extracting")]
    assert decide(BOOTING, listed_row()) == [Note(LABEL, "running", "success")]
    assert decide(replace(BOOTING, absences=1), loading()) == [Note(LABEL, "loading", "Pulling")]


def end(actions: list[Any]) -> End:
    (only,) = actions
    assert isinstance(only, End)
    return only


def booting_for(seconds: float, **changes: Any) -> Machine:
    return replace(BOOTING, intent_at=NOW - seconds, contract_at=NOW - seconds, **changes)


def test_a_machine_that_does_not_run_in_time_ends_with_blame(decide, loading):
    assert decide(booting_for(POLICY.longest_boot_seconds - 1), loading()) == []
    ended = end(decide(booting_for(POLICY.longest_boot_seconds + 1), loading()))
    assert ended.blame is Blame.MACHINE and "boot deadline" in ended.reason


def test_a_blind_controller_gives_a_boot_both_terms(decide):
    assert decide(booting_for(310.0, inet_down_mbps=1000.0), blind=True) == []
    ended = end(decide(booting_for(310.0 + POLICY.first_heartbeat_seconds, inet_down_mbps=1000.0), blind=True))
    assert ended.blame is Blame.MACHINE


def test_a_machine_that_just_ran_as_its_deadline_passed_is_given_its_second_term(decide, listed_row):
    assert decide(booting_for(POLICY.longest_boot_seconds + 1), listed_row()) == [Note(LABEL, "running", "success")]


def test_running_without_a_word_ends(decide, listed_row):
    silent = replace(BOOTING, running_at=NOW - POLICY.first_heartbeat_seconds - 1)
    assert "never reported" in end(decide(silent, listed_row())).reason
    assert "never reported" in end(decide(silent, blind=True)).reason


@pytest.mark.parametrize(
    ("message", "blame"),
    [
        ("Error response from daemon: OCI runtime create failed", "machine"),
        ("no space left on device", "machine"),
        ("unexpected EOF", "machine"),
        ("toomanyrequests: pull rate limit", "machine"),
        ("Error response from daemon: manifest unknown", "ours"),
        ("Error response from daemon: Head https://ghcr.io: unauthorized", "ours"),
    ],
)
def test_what_the_daemon_says_tells_whose_fault_it_is(decide, loading, message, blame):
    ended = end(decide(doubted(BOOTING), loading(status_msg=message)))
    assert ended.blame == blame


# Working


def test_a_healthy_machine_needs_nothing(decide, listed_row):
    assert decide(READY, listed_row()) == []
    assert decide(READY, blind=True) == []


def test_a_silent_worker_ends_and_its_jobs_count_a_death(decide, listed_row):
    silent = replace(READY, last_heartbeat_at=NOW - POLICY.heartbeat_lost_seconds - 1)
    unlogged = replace(silent, log_read_at=NOW - 1)
    for actions in (decide(unlogged, listed_row()), decide(silent, blind=True)):
        assert (end(actions).worker_died, end(actions).blame) == (True, "machine")
        assert "fell silent" in end(actions).reason


def test_an_old_docker_message_of_a_working_machine_is_no_fault(decide, listed_row):
    row = listed_row(status_msg="Error response from daemon: something long past")
    assert decide(READY, row) == [Note(LABEL, "running", row.status_msg)]


@pytest.mark.parametrize("changes", [{"actual_status": "exited"}, {"intended_status": "stopped"}])
def test_a_stopped_machine_is_billed_all_the_same_and_ends(decide, listed_row, changes):
    unheard = doubted(READY, last_heartbeat_at=NOW - POLICY.heartbeat_lost_seconds / 3 - 1)
    assert "stopped by itself" in end(decide(unheard, listed_row(**changes))).reason
    bid = replace(unheard, is_bid=True)
    assert end(decide(bid, listed_row(is_bid=True, **changes))) == End(LABEL, "outbid")


def test_a_machine_that_just_reported_has_not_stopped_whatever_the_list_says(decide, listed_row):
    assert decide(READY, listed_row(actual_status="exited")) == [Note(LABEL, "exited", "success")]


def test_a_contract_that_is_not_what_was_agreed_ends(decide, listed_row):
    assert "price agreed" in end(decide(doubted(READY), listed_row(total_usd_per_hour=0.3))).reason
    assert "price agreed" in end(decide(doubted(READY, is_bid=True), listed_row(is_bid=False))).reason
    assert decide(READY, listed_row(total_usd_per_hour=0.21)) == []


def test_a_reservation_is_extended_before_its_margin_is_used_up(decide, listed_row):
    ending = replace(READY, reserved_until=NOW + POLICY.reserve_margin_seconds - 1)
    assert decide(ending, listed_row()) == [Extend(LABEL)]
    assert decide(ending, blind=True) == [Extend(LABEL)]


# Ending


def test_a_destroy_is_repeated_with_growing_pauses_until_the_list_lacks_it(decide, listed_row):
    assert decide(DESTROYING, listed_row()) == [Destroy(LABEL, 7001)]
    just_asked = replace(DESTROYING, destroy_calls=6, destroy_called_at=NOW - 59)
    assert decide(just_asked, listed_row()) == []
    assert decide(replace(just_asked, destroy_called_at=NOW - 61), listed_row()) == [Destroy(LABEL, 7001)]
    assert decide(DESTROYING, blind=True) == [Destroy(LABEL, 7001)]
    assert decide(DESTROYING) == [Destroy(LABEL, 7001)]  # its contract is a minute old: lists lag
    old = replace(DESTROYING, contract_at=NOW - POLICY.grace_seconds - 1)
    assert decide(old) == [Miss(LABEL)]
    assert decide(replace(old, destroy_calls=0)) == [Destroy(LABEL, 7001, requeue=True)]  # never asked to end


def test_the_first_destroy_gives_the_jobs_back(decide, listed_row):
    by_hand = replace(DESTROYING, destroy_calls=0, destroy_called_at=None)
    assert decide(by_hand, listed_row()) == [Destroy(LABEL, 7001, requeue=True)]


def test_a_machine_seen_again_starts_its_count_of_lists_anew(decide, listed_row):
    seen = replace(DESTROYING, absences=1, destroy_called_at=NOW)
    assert decide(seen, listed_row()) == [Note(LABEL, "running", "success")]


def test_an_intent_that_ended_in_doubt_is_watched_until_the_doubt_is_over(decide, listed_row):
    ended = replace(INTENT, status=MachineStatus.DESTROYING, destroying_at=NOW)
    assert decide(ended) == []
    assert decide(replace(ended, refused=True)) == [Miss(LABEL)]
    assert decide(replace(ended, intent_at=NOW - POLICY.doubt_seconds - 1)) == [Miss(LABEL)]
    assert decide(ended, listed_row(contract_id=7009)) == [Adopt(LABEL, 7009), Destroy(LABEL, 7009, requeue=True)]


def test_what_carries_our_label_without_a_row_is_swept_and_nothing_else(decide, listed_row):
    gone = replace(READY, status=MachineStatus.DESTROYED, destroyed_at=NOW - 60)
    assert decide(gone, listed_row()) == [Sweep(LABEL, 7001, "running", "success")]
    unknown = listed_row(label="aseagi-test-0000dead", contract_id=7009)
    assert decide(READY, listed_row(), unknown) == [Sweep("aseagi-test-0000dead", 7009, "running", "success")]
    for label in ("", "somebody", "aseagi-tests-00000001", "aseagi-other-00000001"):
        assert decide(READY, listed_row(), listed_row(label=label, contract_id=7009)) == []
