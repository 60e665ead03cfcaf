"""Documents to be judged: one job each, in order, within caps, past one door; what was found is never overwritten."""

import uuid

import psycopg
import pytest

from tests.queue.claims import new_analysis
from tests.queue.queue_calls import Queue, new_file, new_result, new_sha256

PROMPT = "2026-11-26"
CAPS = {"day": 1.0, "batch": None, "document": 2.0}


class Analyst:
    """The analysis worker's side."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue

    def call(self, function: str, **arguments) -> list[dict]:
        return self.queue.as_role("analysis_worker", function, {"worker": "droplet"}, **arguments)

    def claim(self, max_jobs: int = 100, prompt_version: str = PROMPT) -> list[dict]:
        return self.call("claim_analyses", max_jobs=max_jobs, lease_seconds=60, prompt_version=prompt_version)

    def complete(self, job: dict, found: dict | None = None, artifacts: dict | None = None) -> str:
        found = found or by_claude()
        if found["analyst"] == "claude":
            found = found | {"calls": self.queue.answered_calls(job["job_id"], "quick")}
        result = {"analysis": found, "artifacts": artifacts or {}, "seconds": 2.0}
        (row,) = self.call("complete_analysis", **lease(job), result=result)
        return row["status"]

    def postpone(self, job: dict, reason: str, seconds: int = 60) -> dict:
        (row,) = self.call("postpone_analysis", **lease(job), reason=reason, seconds=seconds)
        return row


def lease(job: dict) -> dict:
    return {"job_id": job["job_id"], "lease_token": job["lease_token"]}


def lease_row(job: dict) -> dict:
    return {name: str(value) for name, value in lease(job).items()}


def by_claude(**changes) -> dict:
    about = {"analyst": "claude", "model": "claude-sonnet-5-5", "document_type": "order", "summary": "Judged."}
    asked = {"prompt_version": changes.pop("prompt_version", PROMPT), "inputs_sha256": "a" * 64}
    return new_analysis(**{**about, "relevancy_score": 700, **changes}) | asked


def by_rules(**changes) -> dict:
    return new_analysis(**{"relevancy_score": 500, **changes})


@pytest.fixture
def analyst(queue) -> Analyst:
    queue.service("announce_claude", has_key=True, caps=CAPS)
    return Analyst(queue)


def read(queue, machine, found: dict | None = None, **file) -> dict:
    """One document enters and is read; its job as it was claimed."""
    queue.enqueue(new_file(**file))
    job = machine.claim_one()
    machine.complete(job, new_result(job, analysis=found or by_rules()))
    return job


def shown(queue, document_id) -> dict:
    return queue.row("select * from document_list where id = %s", document_id)


def counts(queue, **arguments) -> dict:
    return queue.service("get_totals", **arguments)[0]


def runs(queue, document_id) -> list[dict]:
    return queue.rows("select * from analysis_run_list where document_id = %s order by seq", document_id)


# Making the jobs


def test_what_was_read_without_claude_waits_to_be_judged_and_no_gpu_is_wanted_for_it(queue, machine, analyst):
    job = read(queue, machine)
    assert (shown(queue, job["document_id"])["status"], shown(queue, job["document_id"])["analyst"]) == (
        "completed", "rules",
    )  # fmt: skip
    assert (shown(queue, job["document_id"])["analysis_status"], counts(queue)["waiting_for"]) == (
        "waiting", {"in_line": 1},
    )  # fmt: skip
    assert queue.service("get_queue_stats") == [] and machine.claim(10) == []
    assert counts(queue)["reconciled"] and counts(queue)["open"] == 0


@pytest.mark.parametrize("reason", ["claude_busy", "claude_away", "timeout", "claude_cap_reached", "claude_paused"])
def test_who_met_a_closed_door_waits_for_it(queue, machine, analyst, reason):
    job = read(queue, machine, by_rules(fallback_reason=reason), priority="high")
    (waiting,) = analyst.claim()
    assert (waiting["document_id"], waiting["priority"]) == (job["document_id"], "high")


@pytest.mark.parametrize("reason", ["refused", "blocked_by_filter", "nothing_to_judge", "malformed_answer"])
def test_what_claude_would_not_judge_does_not_wait(queue, machine, analyst, reason):
    job = read(queue, machine, by_rules(fallback_reason=reason))
    assert analyst.claim() == []
    document = shown(queue, job["document_id"])
    assert (document["analysis_status"], document["analysis_reason"]) == ("sorted", reason)


def test_what_claude_judged_or_may_not_see_does_not_wait(queue, machine, analyst):
    judged = read(queue, machine, by_claude())
    unseen = read(queue, machine, allow_claude=False)
    assert analyst.claim() == []
    assert shown(queue, judged["document_id"])["analysis_status"] == "judged"
    assert shown(queue, unseen["document_id"])["analysis_status"] == "sorted"


def test_without_a_key_nothing_waits_and_the_run_says_why(queue, machine):
    job = read(queue, machine)
    assert Analyst(queue).claim() == []
    assert [(run["outcome"], run["reason"]) for run in runs(queue, job["document_id"])] == [("sorted", "claude_off")]
    assert counts(queue)["sorted"] == 1 and counts(queue)["waiting_for_analysis"] == 0


# The claim


def test_the_most_relevant_come_first_then_the_oldest(queue, machine, analyst):
    ids = [read(queue, machine, by_rules(relevancy_score=n))["document_id"] for n in (310, 350, 900, None)]
    urgent = read(queue, machine, by_rules(relevancy_score=0, fallback_reason="claude_busy"), priority="high")
    assert [job["document_id"] for job in analyst.claim()] == [urgent["document_id"], ids[2], ids[0], ids[1], ids[3]]


def test_two_claims_never_share_a_document(queue, machine, analyst):
    for _ in range(3):
        read(queue, machine)
    first, second = analyst.claim(2), analyst.claim(2)
    assert (len(first), len(second)) == (2, 1)
    assert len({job["job_id"] for job in first + second}) == 3


def test_a_paused_batch_waits_and_a_stopped_one_is_let_go(queue, machine, analyst):
    (batch,) = queue.service("start_batch", batch={"name": "inbox"})
    job = read(queue, machine, batch_id=str(batch["id"]))
    queue.service("set_batch_status", batch_id=batch["id"], status="paused")
    assert analyst.claim() == [] and counts(queue)["waiting_for"] == {"batch_paused": 1}
    queue.service("set_batch_status", batch_id=batch["id"], status="stopped")
    queue.service("release_expired_jobs")
    assert shown(queue, job["document_id"])["analysis_status"] == "sorted"
    assert shown(queue, job["document_id"])["status"] == "completed"


def test_a_batch_ends_once_everything_is_judged(queue, machine, analyst):
    (batch,) = queue.service("start_batch", batch={"name": "inbox", "status": "running", "limits": {"prefix": "in/"}})
    step = {"place": "", "scanned": 0, "finished": True}
    queue.service("enqueue_objects", batch_id=batch["id"], after="", files=[new_file(source="bucket")], step=step)
    job = machine.claim_one()
    machine.complete(job)
    assert queue.service("complete_batches") == []
    (told,) = queue.service("get_batches", batch_id=batch["id"])
    assert (told["get_batches"]["jobs"]["open"], told["get_batches"]["analysis"]["waiting"]) == (0, 1)
    analyst.complete(analyst.claim()[0])
    assert len(queue.service("complete_batches")) == 1


# What was found


def test_a_judgement_is_a_run_of_its_own_and_is_shown_with_its_file_in_the_chain(queue, machine, analyst):
    job = read(queue, machine)
    (waiting,) = analyst.claim()
    file = {"key": waiting["artifact_prefix"] + "analysis.json", "bytes": 9, "sha256": new_sha256()}
    assert analyst.complete(waiting, artifacts={"analysis.json": file}) == "completed"
    document = shown(queue, job["document_id"])
    assert (document["analyst"], document["summary"], document["analysis_status"]) == ("claude", "Judged.", "judged")
    assert document["artifacts"]["analysis.json"] == file["key"] and "ocr.txt" in document["artifacts"]
    (custody,) = queue.service("verify_custody", document_id=job["document_id"])
    assert custody["intact"] and set(custody["artifacts"]) == {"ocr.txt", "analysis.json"}
    assert [(run["analyst"], run["is_shown"]) for run in runs(queue, job["document_id"])] == [
        ("rules", False), ("claude", True),
    ]  # fmt: skip


def test_rules_never_hide_what_claude_said(queue, machine, analyst):
    job = read(queue, machine, by_claude())
    queue.service("judge_again", filter={"document_id": str(job["document_id"]), "force": True}, max_documents=1)
    analyst.complete(analyst.claim()[0], by_rules(fallback_reason="refused"))
    assert shown(queue, job["document_id"])["analyst"] == "claude"
    assert [(run["accepted"], run["reason"]) for run in runs(queue, job["document_id"])] == [
        (True, None), (False, "refused"),
    ]  # fmt: skip


def test_a_lost_lease_publishes_nothing(queue, machine, analyst):
    job = read(queue, machine)
    (waiting,) = analyst.claim()
    queue.expire(waiting["job_id"])
    queue.service("release_expired_jobs")
    with pytest.raises(psycopg.DatabaseError, match="lease"):
        analyst.complete(waiting)
    (again,) = analyst.claim()
    assert analyst.complete(again) == "completed" and len(runs(queue, job["document_id"])) == 2


@pytest.mark.parametrize(
    "result",
    [
        {"analysis": by_claude(truth_score=900)},
        {"analysis": by_claude(document_date="soon")},
        {"analysis": by_claude(findings=[{"role": "perjury", "number": 70, "quote": "Not in the text."}])},
        {"analysis": {"analyst": "claude", "summary": "Judged."}},
        {"analysis": by_claude(), "artifacts": {"ocr.txt": {"key": "x", "bytes": 1, "sha256": "a" * 64}}},
    ],
)
def test_a_malformed_analysis_is_refused_whole(queue, machine, analyst, result):
    job = read(queue, machine)
    (waiting,) = analyst.claim()
    asked = {"calls": queue.answered_calls(waiting["job_id"], "quick")}
    with pytest.raises(psycopg.DatabaseError) as refused:
        analyst.call("complete_analysis", **lease(waiting), result=result | {"analysis": result["analysis"] | asked})
    assert refused.value.sqlstate == "AS006" and len(runs(queue, job["document_id"])) == 1


def test_a_worker_that_dies_ten_times_over_one_document_loses_it_visibly(queue, machine, analyst):
    job = read(queue, machine)
    for _ in range(10):
        (waiting,) = analyst.claim()
        queue.expire(waiting["job_id"])
        queue.service("release_expired_jobs")
    assert analyst.claim() == []
    document = shown(queue, job["document_id"])
    assert (document["status"], document["analysis_status"], document["analysis_reason"]) == (
        "completed", "failed", "worker_died",
    )  # fmt: skip
    assert counts(queue)["reconciled"]


def test_failing_tries_again_later_and_ends_at_the_last_attempt(queue, machine, analyst):
    read(queue, machine)
    for attempt in (1, 2, 3):
        (waiting,) = analyst.claim()
        (row,) = analyst.call(
            "fail_analysis", **lease(waiting), code="claude_away", message="Nobody answered.", retry=True
        )
        assert row["status"] == ("queued" if attempt < 3 else "failed")
        queue.make_due()
    assert analyst.claim() == [] and counts(queue)["sorted"] == 1


def test_a_heartbeat_keeps_a_lease_and_tells_of_a_cancelled_job(queue, machine, analyst):
    read(queue, machine)
    (waiting,) = analyst.claim()
    (told,) = analyst.call("heartbeat_analyses", leases=[lease_row(waiting)], lease_seconds=300)
    assert told["held"]
    queue.service("cancel_job", job_id=waiting["job_id"])
    (told,) = analyst.call("heartbeat_analyses", leases=[lease_row(waiting)], lease_seconds=300)
    assert (told["held"], told["cancelled"]) == (False, True)


def test_released_jobs_keep_their_attempt(queue, machine, analyst):
    read(queue, machine)
    (waiting,) = analyst.claim()
    assert len(analyst.call("release_analyses", leases=[lease_row(waiting)])) == 1
    assert analyst.claim()[0]["attempt"] == 1


# Caps


def test_a_day_at_its_cap_waits_for_the_next_or_for_a_higher_cap(queue, machine, analyst):
    for _ in range(3):
        read(queue, machine)
    (waiting,) = analyst.claim(1)
    assert analyst.postpone(waiting, "day_cap")["status"] == "queued"
    assert analyst.claim() == [] and counts(queue)["waiting_for"] == {"day_cap": 3}
    queue.rows("update claude_caps_reached set id = ((now() at time zone 'utc')::date - 1)::text")
    assert len(analyst.claim(1)) == 1
    queue.rows("update claude_caps_reached set id = ((now() at time zone 'utc')::date)::text")
    assert analyst.claim() == []
    queue.service("announce_claude", has_key=True, caps={**CAPS, "day": 2.0})
    assert len(analyst.claim()) == 2


def test_a_batch_at_its_cap_holds_back_no_other(queue, machine, analyst):
    queue.service("announce_claude", has_key=True, caps={**CAPS, "batch": 0.5})
    (batch,) = queue.service("start_batch", batch={"name": "inbox"})
    read(queue, machine, batch_id=str(batch["id"]))
    (waiting,) = analyst.claim()
    analyst.postpone(waiting, "batch_cap")
    other = read(queue, machine)
    assert [job["document_id"] for job in analyst.claim()] == [other["document_id"]]
    assert counts(queue)["waiting_for"] == {"batch_cap": 1}


def test_a_document_at_its_cap_holds_back_no_other(queue, machine, analyst):
    read(queue, machine)
    (waiting,) = analyst.claim()
    analyst.postpone(waiting, "document_cap")
    other = read(queue, machine)
    assert [job["document_id"] for job in analyst.claim()] == [other["document_id"]]
    assert counts(queue)["waiting_for"] == {"document_cap": 1}


def test_a_busy_claude_is_asked_again_later(queue, machine, analyst):
    read(queue, machine)
    (waiting,) = analyst.claim()
    assert analyst.postpone(waiting, "claude_busy", 30)["run_after"] is not None
    assert analyst.claim() == [] and counts(queue)["waiting_for"] == {"claude_busy": 1}
    queue.make_due()
    assert analyst.claim()[0]["attempt"] == 1


# The door


def test_a_refused_account_is_one_alarm_and_a_pause(queue, machine, analyst):
    for _ in range(3):
        read(queue, machine)
    refused = {"name": "claude", "code": "no_credit", "message": "Your credit balance is too low."}
    assert len(queue.service("pause_door", **refused)) == 1 and queue.service("pause_door", **refused) == []
    assert len(queue.rows("select id from events where kind = 'door_paused'")) == 1
    (alarm,) = queue.rows("select name, message from alarms where cleared_at is null")
    assert alarm["name"] == "claude_paused" and "Your credit balance is too low." in alarm["message"]
    assert analyst.claim() == [] and counts(queue)["waiting_for"] == {"claude_paused": 3}
    assert queue.service("resume_door", name="claude", by_hand=True)[0]["status"] == "open"
    assert queue.rows("select id from alarms where cleared_at is null") == []
    assert len(analyst.claim()) == 3


def test_a_silent_worker_is_one_alarm_while_documents_wait_that_it_could_take(queue, machine, analyst):
    def told() -> list[str]:
        queue.service("report_silent_analyst")
        alarms = "select message as said from alarms where cleared_at is null order by id"
        return [row["said"] for row in queue.rows(alarms)]

    minutes_ago = "now() - interval '6 minutes'"
    for _ in range(2):
        read(queue, machine)
    assert told() == [], "they have waited for a moment only"
    queue.rows(f"update processing_jobs set created_at = {minutes_ago} where kind = 'analyse'")
    queue.rows("insert into leaders (name, holder, expires_at) values ('scaler', 'x', now())")
    assert told() == [], "nobody listened until now"
    queue.rows(f"update leaders set since = {minutes_ago}")
    queue.service("pause_door", name="claude", code="by_hand", message="")
    assert told() == [], "they wait for a person"
    queue.service("resume_door", name="claude", by_hand=True)
    (never,) = told()
    assert never.startswith("2 documents wait for Claude") and "never been heard of" in never
    assert told() == [never], "once"

    (held,) = analyst.claim(1)
    assert told() == [], "it was heard of"
    queue.rows("update alarms set settled_at = now()")
    queue.rows(f"update claude_desk set claimed_at = {minutes_ago}")
    assert told() == [], "it works on as many as it can hold"
    expired = "update processing_jobs set lease_expires_at = now() - interval '1 second' where id = %s"
    queue.rows(expired, held["job_id"])
    queue.service("release_expired_jobs")
    (said,) = told()
    assert "was last heard of at 20" in said


def test_a_probe_is_one_document_at_a_time_and_opens_the_door(queue, machine, analyst):
    for _ in range(3):
        read(queue, machine)
    queue.service("pause_door", name="claude", code="key_refused", message="Anthropic refuses our key.")
    queue.rows("update doors set next_try_at = now() where name = 'claude'")
    (probe,) = analyst.claim()
    assert probe["is_probe"] and analyst.claim() == []
    admits = "select private.claude_admits(%s) as why"
    assert queue.row(admits, probe["job_id"])["why"] is None and queue.row(admits, uuid.uuid4())["why"] == "paused"
    queue.service("resume_door", name="claude")
    assert len(analyst.claim()) == 2


def test_what_is_said_of_our_house_costs_an_analysis_no_attempt(queue, machine, analyst):
    read(queue, machine)
    failure = {"code": "storage_unavailable", "message": "It is away.", "retry": True}
    for _ in range(5):
        (job,) = analyst.claim()
        assert job["attempt"] == 1 and analyst.call("fail_analysis", **lease(job), **failure)[0]["status"] == "queued"
        queue.make_due()
    queue.service("pause_door", name="storage", code="storage_full", message="It is full.")
    assert analyst.claim() == []
    queue.service("resume_door", name="storage")
    (job,) = analyst.claim()
    analyst.call("fail_analysis", **lease(job), **failure)
    queue.make_due()
    assert analyst.claim()[0]["attempt"] == 2, "the storage was just seen sound"


def test_a_person_s_pause_is_not_probed(queue, machine, analyst):
    read(queue, machine)
    queue.service("pause_door", name="claude", code="by_hand", message=None)
    queue.rows("update doors set since = now() - interval '1 day'")
    assert analyst.claim() == []


# Judging again


def test_what_was_sorted_without_a_key_is_judged_once_when_a_person_asks(queue, machine):
    jobs = [read(queue, machine) for _ in range(3)]
    queue.service("announce_claude", has_key=True, caps=CAPS)
    analyst, wanted = Analyst(queue), {"reason": "no_key"}
    assert queue.service("find_judgeable", filter=wanted)[0]["documents"] == 3
    assert queue.service("judge_again", filter=wanted, max_documents=2) == [{"judge_again": 2}]
    assert queue.service("judge_again", filter=wanted, max_documents=100) == [{"judge_again": 1}]
    assert queue.service("judge_again", filter=wanted, max_documents=100) == [{"judge_again": 0}]
    assert queue.service("find_judgeable", filter=wanted)[0]["waiting"] == 3
    for job in analyst.claim():
        analyst.complete(job)
    assert queue.service("judge_again", filter=wanted, max_documents=100) == [{"judge_again": 0}]
    assert all(len(runs(queue, job["document_id"])) == 2 for job in jobs) and counts(queue)["judged"] == 3


def test_a_newer_prompt_makes_what_it_judged_before_judgeable(queue, machine, analyst):
    job = read(queue, machine, by_claude())
    assert queue.service("find_judgeable", filter={"reason": "older_prompt"})[0]["documents"] == 0
    analyst.claim(prompt_version="2027-01-01")
    assert queue.service("find_judgeable", filter={"reason": "older_prompt"})[0]["documents"] == 1
    queue.service("judge_again", filter={"reason": "older_prompt"}, max_documents=10)
    (waiting,) = analyst.claim(prompt_version="2027-01-01")
    analyst.complete(waiting, by_claude(prompt_version="2027-01-01"))
    assert queue.service("find_judgeable", filter={})[0]["judged"] == 1
    assert [run["prompt_version"] for run in runs(queue, job["document_id"])] == [PROMPT, "2027-01-01"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, 2), ({"document_type": "order"}, 1), ({"document_type": "decree"}, 0), ({"case_number": "FL-1"}, 1),
        ({"date_from": "2025-01-01"}, 1), ({"date_to": "2024-12-31"}, 1), ({"analyst": "rules"}, 2),
        ({"analyst": "claude"}, 0), ({"reason": "cap"}, 0), ({"reason": "refused"}, 2), ({"reason": "sorted"}, 2),
    ],
)  # fmt: skip
def test_a_filter_means_what_it_says(queue, machine, analyst, wanted, expected):
    declined = {"fallback_reason": "refused"}
    read(queue, machine, by_rules(document_type="order", case_number="FL-1", document_date="2025-03-01", **declined))
    read(queue, machine, by_rules(document_date="2024-03-01", **declined))
    assert queue.service("find_judgeable", filter=wanted)[0]["documents"] == expected


def test_an_unknown_filter_is_refused(queue, analyst):
    with pytest.raises(psycopg.DatabaseError, match="field"):
        queue.service("find_judgeable", filter={"colour": "red"})


def test_what_may_not_go_to_claude_never_does(queue, machine, analyst):
    job = read(queue, machine, allow_claude=False)
    wanted = {"document_id": str(job["document_id"]), "force": True}
    assert queue.service("find_judgeable", filter=wanted)[0]["not_allowed"] == 1
    assert queue.service("judge_again", filter=wanted, max_documents=1) == [{"judge_again": 0}]


def test_waiting_documents_can_be_taken_out_of_the_line(queue, machine, analyst):
    job = read(queue, machine)
    assert queue.service("cancel_analyses", filter={}, max_documents=100) == [{"cancel_analyses": 1}]
    assert analyst.claim() == [] and shown(queue, job["document_id"])["analysis_status"] == "sorted"
    assert queue.row("select processing_status as s from document_journal")["s"] == "completed"


def test_the_same_bytes_again_are_still_a_document_that_was_read(queue, machine, analyst):
    sha256 = new_sha256()
    read(queue, machine, sha256=sha256)
    (again,) = queue.enqueue(new_file(sha256=sha256))
    assert (again["duplicate"], again["status"], again["job_id"]) == (True, "completed", None)
