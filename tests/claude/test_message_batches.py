"""Judging in batches: half the price, each question paid once whatever dies, and what passes by is asked again once."""

import os
import subprocess
import sys

import pytest

from tests.claude.office import FILING, Office
from tests.patience import wait_for_end, wait_until


def test_documents_are_judged_in_one_batch_at_half_the_price(office, anthropic_api, tmp_path):
    documents = [office.read(FILING, f"Page two of number {n}. " * 30, "Signed. " * 70) for n in range(3)]
    anthropic_api.batches.seconds = None
    worker = office.worker(tmp_path)
    worker.step()
    assert office.sql("select status from claude_message_batches") == [("sent",)]
    assert office.jobs() == [("processing", None)] * 3
    worker.step(2)
    assert office.judged()[1:] == [("rules", None, None)] * 3
    anthropic_api.batches.finish()
    worker.step(2)
    assert [row[0] for row in office.judged()[1:]] == ["claude"] * 3
    assert office.jobs() == [("completed", None)] * 3
    assert office.sql("select status from claude_message_batches") == [("ended",)]
    # One truth: what the ledger says is what Anthropic bills, to the millionth of a dollar per call.
    assert office.ledger_usd() == pytest.approx(anthropic_api.account.bill.total_usd, abs=3e-6)
    stored = office.desk.get(f"/api/documents/{documents[0]}").json["artifacts"]
    assert "analysis.json" in str(stored)


def lose_leases(office) -> None:
    """What a SIGKILL leads to: nobody extends the leases, and they run out."""
    office.sql("update processing_jobs set lease_expires_at = now() - interval '1 second' where status = 'processing'")
    office.sql("select release_expired_jobs()")


def test_a_worker_that_was_killed_pays_nothing_twice(office, anthropic_api, tmp_path):
    for number in range(3):
        office.read(FILING, f"Number {number}.")
    anthropic_api.batches.seconds = None
    office.worker(tmp_path).step()  # and never again
    lose_leases(office)
    second = office.worker(tmp_path)
    second.step(2)
    assert office.sql("select count(*) from claude_message_batches") == [(1,)]
    anthropic_api.batches.finish()
    ((batch_id,),) = office.sql("select id::text from claude_message_batches")
    assert len(list(second.worker._desk.get_results(batch_id))) == 3
    lose_leases(office)  # killed once more, with the answers in its hands
    office.worker(tmp_path).step(3)
    assert office.jobs() == [("completed", None)] * 3
    assert len(anthropic_api.requests) == len(anthropic_api.account.bill.usd) == 3
    assert office.ledger_usd() == pytest.approx(anthropic_api.account.bill.total_usd, abs=3e-6)


@pytest.mark.parametrize("was_made", [True, False])
def test_a_batch_whose_sending_broke_off_is_looked_for_at_anthropic(office, anthropic_api, tmp_path, was_made):
    office.read(FILING)
    anthropic_api.server.lost_batches = [was_made]
    worker = office.worker(tmp_path)
    worker.step()
    assert office.sql("select status, vendor_id from claude_message_batches") == [("sending", None)]
    worker.step(2)
    assert office.jobs() == [("processing", None)], "its sender may still be waiting for the answer"
    office.sql("update claude_message_batches set created_at = created_at - interval '301 seconds'")
    worker.step(4)
    assert office.jobs() == [("completed", None)]
    assert len(anthropic_api.requests) == 1
    statuses = office.sql("select status from claude_message_batches order by created_at")
    assert statuses == ([("ended",)] if was_made else [("lost",), ("ended",)])
    assert office.ledger_usd() == pytest.approx(anthropic_api.account.bill.total_usd, abs=1e-6)


def test_another_s_batch_of_the_same_size_is_not_taken_for_ours(office, anthropic_api, tmp_path):
    office.read(FILING)
    params = {"model": "claude-haiku-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}
    anthropic_api.batches.seconds = None
    anthropic_api.batches.create([{"custom_id": "somebody-s", "params": params}], 100)
    anthropic_api.server.lost_batches = [False]
    worker = office.worker(tmp_path)
    worker.step()
    office.sql("update claude_message_batches set created_at = created_at - interval '301 seconds'")
    worker.step(2)
    assert office.sql("select status from claude_message_batches") == [("sending",)], "only its results say whose"
    anthropic_api.batches.finish()
    anthropic_api.batches.seconds = 0
    worker.step(4)
    assert office.jobs() == [("completed", None)]


def test_a_batch_that_cannot_be_looked_at_holds_up_no_other(office, anthropic_api, tmp_path):
    office.read(FILING)
    anthropic_api.batches.seconds = None
    worker = office.worker(tmp_path)
    worker.step()
    office.sql("update claude_message_batches set vendor_id = 'msgbatch_that_is_gone'")
    anthropic_api.batches.seconds = 0
    office.read(FILING + "Another.")
    worker.step(3)
    assert office.jobs() == [("processing", None), ("completed", None)]


def test_results_come_in_any_order_and_each_ends_in_its_own_way(office, anthropic_api, tmp_path):
    for number in range(4):
        office.read(f"Number {number}. " + FILING)
    anthropic_api.script = ["overloaded", "refusal", "filtered", "answer", "answer"]
    worker = office.worker(tmp_path)
    worker.step(4)
    assert office.jobs() == [("completed", None)] * 4
    ends = sorted((analyst, reason) for analyst, _, reason in office.judged()[1:])
    assert ends == [("claude", None), ("claude", None), ("rules", "blocked_by_filter"), ("rules", "refused")]
    outcomes = office.sql("select outcome, count(*) from claude_calls group by 1 order by 1")
    assert outcomes == [("answered", 2), ("failed", 2), ("refused", 1)]
    assert office.sql("select count(*) from claude_message_batches") == [(2,)], "what was overloaded is asked again"
    assert office.ledger_usd() == pytest.approx(anthropic_api.account.bill.total_usd, abs=3e-6)


def test_a_batch_that_meets_a_storm_costs_no_document_its_questions(office, anthropic_api, tmp_path):
    for number in range(2):
        office.read(f"Number {number}. " + FILING)
    worker = office.worker(tmp_path)
    for _ in range(3):
        anthropic_api.script = ["overloaded"] * 4
        worker.step(2)
        assert office.sql("select code from doors where name = 'claude'") == [("overloaded",)]
        assert office.jobs() == [("queued", "claude_paused")] * 2
        office.sql("select resume_door('claude')")
        office.sql("update processing_jobs set run_after = null where kind = 'analyse' and status = 'queued'")
    anthropic_api.script = []
    worker.step(3)
    assert office.jobs() == [("completed", None)] * 2


def test_what_expired_is_asked_again_once(office, anthropic_api, tmp_path):
    office.read(FILING)
    anthropic_api.script = ["never"]
    worker = office.worker(tmp_path)
    worker.step(2)
    assert office.jobs() == [("processing", None)]
    anthropic_api.account.clock.advance(hours=24)
    worker.step(3)
    assert office.jobs() == [("completed", None)]
    assert office.judged()[1][0] == "claude"

    office.read(FILING + "Another.")
    anthropic_api.script = ["never", "never"]
    for _ in range(2):
        worker.step(2)
        anthropic_api.account.clock.advance(hours=24)
    worker.step(2)
    assert office.jobs()[1] == ("queued", "claude_no_answer"), "and then the attempt has failed"
    assert len(anthropic_api.account.bill.usd) == 1, "what expired is not billed"


def test_results_may_be_fetched_again_and_cost_nothing_more(office, anthropic_api, tmp_path):
    office.read(FILING)
    worker = office.worker(tmp_path)
    worker.step(3)
    before = office.sql("select * from claude_calls")
    ((batch_id,),) = office.sql("select id::text from claude_message_batches")
    again = list(worker.worker._desk.get_results(batch_id))
    assert [line.result["type"] for line in again] == ["succeeded"]
    assert office.sql("select * from claude_calls") == before


@pytest.mark.parametrize(("setting", "waits_for"), [
    ("MAX_CLAUDE_DOLLARS_PER_DAY", "day_cap"), ("MAX_CLAUDE_DOLLARS_PER_DOCUMENT", "document_cap"),
])  # fmt: skip
def test_at_a_cap_documents_wait_and_nothing_is_sent(make_gateway, anthropic_api, tmp_path, setting, waits_for):
    office = Office.empty(make_gateway(**{setting: "0.000001"}))
    document = office.read(FILING)
    office.worker(tmp_path).step(2)
    assert not anthropic_api.requests
    shown = office.sql("select analysis_status, analysis_reason from document_list where id = %s", document)
    assert shown == [("waiting", waits_for)]


def test_the_parts_of_a_document_are_asked_about_together_or_not_at_all(make_gateway, anthropic_api, tmp_path):
    office = Office.empty(make_gateway(MAX_CLAUDE_DOLLARS_PER_DAY="0.15"))
    pages = [f"Page {n}. " + "It was said at length. " * 2500 for n in range(1, 8)]
    office.read(*pages)
    office.worker(tmp_path).step(2)
    assert not anthropic_api.requests
    assert office.sql("select count(*) from claude_calls") == [(0,)]


def test_the_account_s_refusal_is_one_alarm_and_everything_waits_until_a_probe_is_answered(
    office, anthropic_api, tmp_path
):
    for number in range(3):
        office.read(f"Number {number}. " + FILING)
    anthropic_api.account.trouble = "no_credit"
    worker = office.worker(tmp_path)
    worker.step(3)
    assert office.sql("select count(*) from events where kind = 'door_paused'") == [(1,)]
    assert office.jobs() == [("queued", "claude_paused")] * 3
    assert [row[0] for row in office.judged()[1:]] == ["rules"] * 3
    assert office.ledger_usd() == 0

    anthropic_api.account.trouble = None
    worker.step(2)
    assert not anthropic_api.requests
    office.sql("update doors set next_try_at = now() where name = 'claude'")
    office.sql("update processing_jobs set run_after = null where kind = 'analyse' and status = 'queued'")
    worker.step()
    assert office.sql("select status from doors where name = 'claude'") == [("open",)]
    office.sql("update processing_jobs set run_after = null where kind = 'analyse' and status = 'queued'")
    worker.step(4)
    assert [row[0] for row in office.judged()[1:]] == ["claude"] * 3


def test_a_model_that_is_retired_while_a_batch_is_under_way_pauses(office, anthropic_api, tmp_path):
    office.read(FILING)
    anthropic_api.batches.seconds = None
    worker = office.worker(tmp_path)
    worker.step()
    anthropic_api.account.retired = {"claude-haiku-5-5", "claude-sonnet-5-5"}
    anthropic_api.batches.finish()
    worker.step(2)
    assert office.jobs() == [("queued", "claude_paused")]
    assert office.sql("select payload ->> 'code' from events where kind = 'door_paused'") == [("model_retired",)]


def test_what_somebody_waits_for_is_asked_directly(office, anthropic_api, tmp_path):
    office.read(FILING, priority="high")
    office.worker(tmp_path).step()
    assert office.jobs() == [("completed", None)]
    assert office.sql("select count(*) from claude_message_batches") == [(0,)]
    assert office.ledger_usd() == pytest.approx(anthropic_api.account.bill.total_usd, abs=3e-6)


def test_without_a_key_the_worker_idles_and_says_nothing(make_gateway, tmp_path, caplog):
    office = Office.empty(make_gateway(ANTHROPIC_API_KEY=""))
    office.read(FILING)
    caplog.clear()
    office.worker(tmp_path).step(3)
    assert [record for record in caplog.records if record.name.startswith("gpu_worker")] == []


def test_a_process_that_is_killed_leaves_nothing_that_the_next_one_does_not_find(office, anthropic_api):
    office.read(FILING)
    anthropic_api.batches.seconds = None
    command, environ = [sys.executable, "-m", "gpu_worker.analysis_worker"], os.environ | office.environ()
    environ["ANALYSIS_POLL_SECONDS"] = "0.1"
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as first:
        sent = "select status from claude_message_batches where status = 'sent'"
        wait_until(lambda: office.sql(sent), "the batch is sent")
        first.kill()
    lose_leases(office)
    anthropic_api.batches.finish()
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as second:
        wait_until(lambda: office.jobs() == [("completed", None)], "the document is judged")
        second.terminate()
        assert wait_for_end(second, "the worker ends") == 0
    assert len(anthropic_api.requests) == 1
