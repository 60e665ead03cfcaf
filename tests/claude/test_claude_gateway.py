"""The gateway: whose calls it makes, for how much, and what it tells."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import httpx
import pytest

from control_plane.claude.request import known_forms
from scripts.make_claude_forms import PATH, forms
from tests.control_plane.desk import make_desk, wait_until

PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}


def test_a_held_job_gets_an_answer_and_the_ledger_its_price(gateway, anthropic_api):
    anthropic_api.usage = {"input_tokens": 10_000, "output_tokens": 500}
    answer = gateway.ask("Read this.")
    assert answer.status_code == 200
    assert answer.json()["message"]["model"] == anthropic_api.requests[0]["model"] == "claude-sonnet-5-5"
    (call,) = gateway.calls()
    assert (call["status"], call["outcome"], call["cost_usd"]) == ("settled", "answered", Decimal("0.025"))
    assert (call["input_tokens"], call["output_tokens"]) == (10_000, 500)
    assert gateway.desk.sql("select claude_usd from job_list") == [(Decimal("0.025"),)]


def test_the_worst_case_is_reserved_before_the_call(gateway, anthropic_api):
    anthropic_api.hold.clear()
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(gateway.ask, "x" * 40_000)
        wait_until(lambda: bool(anthropic_api.requests), 20)
        (call,) = gateway.calls()
        assert call["status"] == "reserved"
        assert call["reserved_usd"] > Decimal("0.16")  # 40,000 tokens and the form in at $2.50, 6,000 out at $10
        anthropic_api.hold.set()
        assert asked.result().status_code == 200
    assert gateway.calls()[0]["cost_usd"] < call["reserved_usd"]


def test_without_a_key_it_says_that_claude_is_off(make_gateway, anthropic_api):
    answer = make_gateway(ANTHROPIC_API_KEY="").ask()
    assert (answer.status_code, answer.json()["code"]) == (403, "claude_off")
    assert answer.headers["x-should-retry"] == "false"
    assert not anthropic_api.requests


@pytest.mark.parametrize("trouble", ["no_credit", "tier_limit", "billing", "no_permission", "no_effort", "wrong_key"])
def test_what_anthropic_says_of_the_account_is_one_alarm_and_a_pause(make_gateway, anthropic_api, trouble):
    key = "sk-ant-wrong-key-000000" if trouble == "wrong_key" else anthropic_api.key
    anthropic_api.account.trouble = None if trouble == "wrong_key" else trouble
    gateway = make_gateway(ANTHROPIC_API_KEY=key)
    for _ in range(3):
        answer = gateway.ask()
        assert (answer.status_code, answer.json()["code"]) == (403, "claude_paused")
        assert answer.headers["x-should-retry"] == "false"
        assert "credit" not in answer.text and "bearer" not in answer.text
    assert len(gateway.calls()) == 1, "asked once; the door was closed then"
    alarms = gateway.desk.sql("select payload ->> 'code' from events where kind = 'door_paused'")
    reasons = {"no_permission": "key_refused", "wrong_key": "key_refused", "no_effort": "parameter_unsupported"}
    assert alarms == [(reasons.get(trouble, "no_credit"),)]


def test_a_new_key_opens_claude_again(gateway, clean_cloud, anthropic_api, monkeypatch):
    """The old one is ended at Anthropic while a document waits to be judged."""
    assert gateway.ask().status_code == 200
    monkeypatch.setattr(anthropic_api.account, "key", "sk-ant-renewed-key-9876543210")
    assert gateway.ask().json()["code"] == "claude_paused" and gateway.desk.doors() == {"claude": "key_refused"}
    environ = {"ANTHROPIC_API_KEY": anthropic_api.account.key, "ANTHROPIC_URL": anthropic_api.url}
    renewed = make_desk(clean_cloud, **environ)
    renewed.make_doors_due()
    renewed.sql("update claude_desk set probe_job_id = %s", gateway.job["job_id"])  # claimed as the careful call
    body = {"kind": "careful", "content": "What is this?"}
    answer = renewed.http.post("/claude/v1/messages", json=body, headers=gateway.headers)
    assert answer.status_code == 200, answer.text
    assert renewed.doors() == {}


def test_a_retired_model_is_named_to_people(make_gateway, anthropic_api, monkeypatch):
    gateway = make_gateway()
    monkeypatch.setattr(anthropic_api.account, "retired", {"claude-sonnet-5-5"})
    assert gateway.ask().json()["code"] == "claude_paused"
    ((message,),) = gateway.desk.sql("select payload ->> 'message' from events where kind = 'door_paused'")
    assert "claude-sonnet-5-5" in message


def test_only_the_analysis_worker_may_ask_for_what_it_holds(gateway, anthropic_api):
    other = gateway.desk.add_machine("aseagi-test-00000002")["Authorization"].removeprefix("Bearer ")
    for headers, status, code in (
        ({**gateway.headers, "x-api-key": "nonsense"}, 401, "token_invalid"),
        ({**gateway.headers, "x-api-key": other}, 401, "token_invalid"),
        ({**gateway.headers, "x-aseagi-lease-token": gateway.job["job_id"]}, 409, "lease_lost"),
        ({**gateway.headers, "x-aseagi-job-id": ""}, 400, "bad_argument"),
    ):
        answer = gateway.ask(headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    stranger = {**gateway.headers, "x-aseagi-lease-token": gateway.job["job_id"]}
    unread = httpx.post(f"{gateway.url}/claude/v1/messages", content=b"no json", headers=stranger)
    assert unread.json()["code"] == "lease_lost"  # said before the body, up to 30 MB of it, is looked at
    gateway.desk.sql("update processing_jobs set lease_expires_at = now()")
    assert gateway.ask().json()["code"] == "lease_lost"
    assert not anthropic_api.requests
    assert not gateway.calls()


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "claude-opus-5-5"},
        {"kind": ["quick"]},
        {"model": "careful"},
        {"system": "Write me a novel."},
        {"system": [{"type": "text", "text": known_forms()["careful"].system}]},
        {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
        {"max_tokens": 100},
        {"messages": [{"role": "user", "content": "Write me a novel."}]},
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        {"service_tier": "auto"},
        {"content": ""},
        {"content": []},
        {"content": {"text": "Read this."}},
        {"content": [{"type": "document", "source": {"type": "url", "url": "http://x"}}]},
        {"content": [{"type": "image", "source": {"type": "url", "url": "http://x"}}]},
        {"content": [{"type": "text", "text": "x"}] + [PICTURE] * 21},
    ],
)
def test_nothing_else_can_be_bought_with_our_key(gateway, anthropic_api, changes):
    answer = gateway.ask(**changes)
    assert (answer.status_code, answer.json()["code"]) == (400, "claude_request")
    assert not anthropic_api.requests


@pytest.mark.parametrize("kind", ["quick", "careful", "pairs_quick", "pairs_careful"])
def test_prompt_shape_model_and_length_are_the_gateway_s(make_gateway, anthropic_api, kind):
    gateway = make_gateway(CLAUDE_QUICK_MODEL="claude-haiku-4-5")
    said = {"type": "text", "text": '{"pages": [], "pairs": []}'}
    content = [said | {"cache_control": {"type": "ephemeral"}}, PICTURE | {"more": 1}]
    answer = gateway.ask(kind=kind, content=content)
    form, (sent,) = known_forms()[kind], anthropic_api.requests
    effort = {} if form.model == "quick" else {"effort": "low"}  # which that old model does not take
    assert sent == {
        "model": "claude-haiku-4-5" if form.model == "quick" else "claude-sonnet-5-5",
        "max_tokens": form.max_tokens,
        "system": [{"type": "text", "text": form.system, "cache_control": {"type": "ephemeral", "ttl": "5m"}}],
        "messages": [{"role": "user", "content": [said, PICTURE]}],
        "output_config": {**effort, "format": {"type": "json_schema", "schema": form.schema}},
    }
    [(call,)] = gateway.desk.sql("select id::text from claude_calls where kind = %s", kind)
    assert answer.json()["call_id"] == call


def test_a_document_for_which_claude_is_switched_off_is_not_sent(gateway, anthropic_api):
    gateway.desk.sql("update processing_jobs set allow_claude = false")
    assert gateway.ask().json()["code"] == "claude_off"
    assert not anthropic_api.requests


@pytest.mark.parametrize("cap", ["MAX_CLAUDE_DOLLARS_PER_DAY", "MAX_CLAUDE_DOLLARS_PER_DOCUMENT"])
def test_at_a_cap_nothing_is_sent(make_gateway, anthropic_api, cap):
    anthropic_api.usage = {"input_tokens": 0, "output_tokens": 6000}
    gateway = make_gateway(**{cap: "0.12"})
    answers = [gateway.ask() for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 402, 402]
    assert answers[-1].json()["code"] == "claude_cap_reached"
    assert answers[-1].headers["x-should-retry"] == "false"
    assert len(anthropic_api.requests) == 1


def test_a_batch_has_a_cap_of_its_own(make_gateway, anthropic_api):
    anthropic_api.usage = {"input_tokens": 0, "output_tokens": 6000}
    gateway = make_gateway(MAX_CLAUDE_DOLLARS_PER_BATCH="0.12")
    gateway.desk.sql("with b as (insert into batches (name) values ('box') returning id) "
                     "update processing_jobs set batch_id = b.id from b")  # fmt: skip
    assert [gateway.ask().status_code for _ in range(2)] == [200, 402]


def test_no_race_passes_the_cap(make_gateway, anthropic_api):
    cap = Decimal("0.30")
    gateway = make_gateway(MAX_CLAUDE_DOLLARS_PER_DAY=str(cap), CLAUDE_CALLS_AT_ONCE="16")
    anthropic_api.hold.clear()
    with ThreadPoolExecutor(16) as threads:
        asked = [threads.submit(gateway.ask) for _ in range(16)]  # at worst some $0.085 each
        wait_until(lambda: sum(each.done() for each in asked) == 13, 20)
        assert sum(call["reserved_usd"] for call in gateway.calls()) <= cap
        anthropic_api.hold.set()
        statuses = sorted(each.result().status_code for each in asked)
    assert statuses == [200] * 3 + [429] * 13
    assert all(each.result().headers["retry-after"] for each in asked if each.result().status_code == 429)
    assert sum(call["cost_usd"] for call in gateway.calls()) <= cap


def test_too_many_calls_at_once_are_asked_to_wait(make_gateway, anthropic_api):
    gateway = make_gateway(CLAUDE_CALLS_AT_ONCE="1")
    anthropic_api.hold.clear()
    with ThreadPoolExecutor() as threads:
        first = threads.submit(gateway.ask)
        wait_until(lambda: bool(anthropic_api.requests), 20)
        second = gateway.ask()
        assert (second.status_code, second.json()["code"]) == (429, "claude_busy")
        anthropic_api.hold.set()
        assert first.result().status_code == 200
    assert gateway.ask().status_code == 200


@pytest.mark.parametrize(
    ("ending", "status", "outcome"),
    [
        ("rate_limited", 429, "failed"),
        ("overloaded", 529, "failed"),
        ("filtered", 400, "failed"),
        ("refusal", 200, "refused"),
        ("hang_up", 503, "unknown"),
        ("no_json", 503, "failed"),
    ],
)
def test_every_ending_is_passed_on_and_settled(gateway, anthropic_api, ending, status, outcome):
    anthropic_api.script = [ending]
    answer = gateway.ask()
    assert answer.status_code == status
    (call,) = gateway.calls()
    assert (call["status"], call["outcome"]) == ("settled", outcome)
    if outcome == "failed":
        assert call["cost_usd"] == 0
    if outcome == "unknown":
        assert call["cost_usd"] == call["reserved_usd"]
    if status in (429, 529):
        assert "retry-after" in answer.headers


def test_a_storm_of_529_pauses_the_door_and_one_answer_opens_it(gateway, anthropic_api):
    anthropic_api.script = ["overloaded", "overloaded", "answer"]
    assert [gateway.ask().status_code for _ in range(3)] == [529, 529, 200], "a hiccup is passed on"
    anthropic_api.script = ["overloaded"] * 6
    answers = [gateway.ask() for _ in range(7)]
    assert [answer.status_code for answer in answers] == [529] * 4 + [403] * 3
    assert len(anthropic_api.requests) == 3 + 5 and gateway.desk.doors() == {"claude": "overloaded"}
    assert gateway.desk.sql("select 1 from alarms") == [], "vendors have bad minutes"

    gateway.desk.sql("update claude_desk set probe_job_id = %s", gateway.job["job_id"])
    gateway.desk.sql("update doors set since = now() - interval '11 minutes' where name = 'claude'")
    assert gateway.ask().status_code == 403, "the careful call was refused, too"
    assert gateway.desk.sql("select name from alarms where cleared_at is null") == [("claude_paused",)]
    assert gateway.ask().status_code == 200 and gateway.desk.doors() == {}


def test_anthropic_out_of_reach_costs_nothing(make_gateway):
    gateway = make_gateway(ANTHROPIC_URL="http://127.0.0.1:9")
    answer = gateway.ask()
    assert (answer.status_code, answer.json()["code"]) == (503, "claude_away")
    assert gateway.calls()[0]["cost_usd"] == 0


def test_the_reservation_of_a_gateway_that_died_expires_at_its_worst_case(make_gateway):
    gateway = make_gateway(MAX_CLAUDE_DOLLARS_PER_DAY="0.30")
    gateway.desk.sql(
        "insert into claude_calls (job_id, document_id, machine, kind, model, reserved_usd, expires_at) "
        "select id, document_id, machine, 'careful', 'claude-sonnet-5-5', 0.29, now() - interval '1 second' "
        "from processing_jobs"
    )
    answer = gateway.ask()
    assert (answer.status_code, answer.json()["code"]) == (402, "claude_cap_reached")
    gateway.desk.sql("update claude_calls set day = day - 1")
    assert gateway.ask().status_code == 200
    assert [(call["status"], call["outcome"]) for call in gateway.calls()] == [
        ("expired", "unknown"),
        ("settled", "answered"),
    ]
    assert gateway.calls()[0]["cost_usd"] == Decimal("0.29")


def test_neither_the_document_nor_the_key_reaches_the_log(gateway, anthropic_api, caplog):
    caplog.set_level(logging.DEBUG, logger="control_plane")
    secret = "Petitioner alleges that the sealed minor"
    gateway.ask(secret)
    anthropic_api.script = ["filtered"]
    gateway.ask(secret, kind="nope")
    assert "claude call" in caplog.text
    assert secret not in caplog.text + str([vars(record) for record in caplog.records])
    assert anthropic_api.key not in str([vars(record) for record in caplog.records])


def test_the_gateway_knows_the_prompts_that_the_worker_sends():
    assert json.loads(PATH.read_text()) == json.loads(json.dumps(forms())), "python -m scripts.make_claude_forms"
