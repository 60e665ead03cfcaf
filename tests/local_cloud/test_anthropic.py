"""The stand-in for Anthropic, asked by Anthropic's own client: what its pages promise, it does."""

import base64
import io
from collections.abc import Iterator

import anthropic
import pytest
from anthropic import Anthropic
from PIL import Image

from local_cloud.anthropic.refusals import Refused, check_requests
from tests.fakes.anthropic_api import KEY, FakeAnthropic

ASKED = {"model": "claude-haiku-5-5", "max_tokens": 1000, "messages": [{"role": "user", "content": "What is this?"}]}
FIXED = "You read documents for a family court. " * 200  # 3,120 tokens at 2.5 characters each


@pytest.fixture
def api() -> Iterator[FakeAnthropic]:
    with FakeAnthropic() as fake:
        yield fake


@pytest.fixture
def client(api) -> Anthropic:
    return Anthropic(api_key=KEY, base_url=api.url, max_retries=0)


def ask(client: Anthropic, **changes) -> anthropic.types.Usage:
    return client.messages.create(**(ASKED | changes)).usage


def marked(text: str, **control) -> list[dict]:
    return [{"type": "text", "text": text, "cache_control": {"type": "ephemeral", **control}}]


def start(client: Anthropic, count: int = 3, **changes):
    requests = [{"custom_id": f"each-{n}", "params": ASKED | changes} for n in range(count)]
    return client.messages.batches.create(requests=requests)


def results(client: Anthropic, batch_id: str) -> dict[str, str]:
    return {line.custom_id: line.result.type for line in client.messages.batches.results(batch_id)}


def test_the_fixed_prompt_is_written_once_and_read_until_five_minutes_have_passed_without_it(api, client):
    first = ask(client, system=marked(FIXED))
    assert (first.cache_creation_input_tokens, first.cache_read_input_tokens) == (3120, 0)
    assert first.input_tokens == 6  # what is not cached, and nothing twice
    for minutes, read in ((4, 3120), (4, 3120), (6, 0)):
        api.account.clock.advance(minutes=minutes)
        assert ask(client, system=marked(FIXED)).cache_read_input_tokens == read
    assert ask(client, system=marked(FIXED), model="claude-sonnet-5-5").cache_read_input_tokens == 0
    shape = {"format": {"type": "json_schema", "schema": {"type": "object"}}}
    assert ask(client, system=marked(FIXED), output_config=shape).cache_read_input_tokens == 0


def test_an_hour_costs_twice_the_input_and_a_hit_a_tenth(api, client):
    hour = ask(client, system=marked(FIXED, ttl="1h"))
    assert hour.cache_creation.ephemeral_1h_input_tokens == 3120
    api.account.clock.advance(minutes=50)
    assert ask(client, system=marked(FIXED, ttl="1h")).cache_read_input_tokens == 3120
    written, read = api.account.bill.usd
    assert written - read == pytest.approx(3120 * (0.20 - 0.01) / 1e6)


def test_too_short_a_prompt_is_not_cached_and_nothing_says_so(client):
    assert ask(client, system=marked("x" * 1200)).cache_creation_input_tokens == 0
    assert ask(client, system=marked("x" * 1300)).cache_creation_input_tokens == 520
    old = ask(client, system=marked(FIXED), model="claude-haiku-4-5")
    assert (old.cache_creation_input_tokens, old.cache_read_input_tokens) == (0, 0)


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [
        ("claude-haiku-5-5", (1092, 1092), 1521),
        ("claude-haiku-5-5", (200, 200), 64),
        ("claude-haiku-5-5", (4000, 6000), 4784),
        ("claude-haiku-4-5", (4000, 6000), 1568),
    ],
)
def test_a_picture_counts_its_patches_of_28_pixels(client, model, size, tokens):
    file = io.BytesIO()
    Image.new("L", size).save(file, "PNG")
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(file.getvalue()).decode()}
    content = [{"type": "image", "source": source}]
    counted = ask(client, model=model, messages=[{"role": "user", "content": content}]).input_tokens
    assert tokens * 0.96 < counted <= tokens


def test_above_100_000_tokens_all_of_a_haiku_call_costs_five_times_as_much(api, client):
    for characters in (240_000, 260_000):
        ask(client, messages=[{"role": "user", "content": "x" * characters}])
    usual, dear = api.account.bill.usd
    assert dear / usual == pytest.approx(5 * 26 / 24, rel=0.1)


@pytest.mark.parametrize(
    ("changes", "trouble", "error"),
    [
        ({}, "no_credit", anthropic.BadRequestError),
        ({}, "billing", anthropic.APIStatusError),
        ({}, "tier_limit", anthropic.RateLimitError),
        ({"model": "claude-sonnet-3-5"}, None, anthropic.NotFoundError),
        ({"model": "claude-haiku-4-5", "output_config": {"effort": "low"}}, None, anthropic.BadRequestError),
        ({"extra_body": {"temperature": 1}}, None, anthropic.BadRequestError),
        ({"system": marked("a") * 5}, None, anthropic.BadRequestError),
        ({"system": marked("a") + marked("b", ttl="1h")}, None, anthropic.BadRequestError),
    ],
)
def test_what_it_does_not_take_it_refuses_and_does_not_bill(api, client, changes, trouble, error):
    api.account.trouble = trouble
    with pytest.raises(error):
        ask(client, **changes)
    assert api.account.bill.total_usd == 0
    with pytest.raises(anthropic.AuthenticationError):
        ask(Anthropic(api_key="sk-ant-another", base_url=api.url, max_retries=0))


def test_a_batch_is_in_progress_then_ended_with_results_in_their_own_order_at_half_the_price(api, client):
    api.batches.seconds = None
    batch = start(client, 12)
    assert (batch.processing_status, batch.results_url) == ("in_progress", None)
    assert (batch.expires_at - batch.created_at).total_seconds() == 86_400
    api.batches.process_some(5)
    looked = client.messages.batches.retrieve(batch.id)
    assert (looked.request_counts.processing, looked.request_counts.succeeded) == (12, 0)
    with pytest.raises(anthropic.AnthropicError, match="results"):
        client.messages.batches.results(batch.id)
    api.batches.finish()
    ended = client.messages.batches.retrieve(batch.id)
    assert (ended.processing_status, ended.request_counts.succeeded) == ("ended", 12)
    found = list(results(client, batch.id))
    assert sorted(found) == sorted(f"each-{n}" for n in range(12)) and found != [f"each-{n}" for n in range(12)]
    halves = api.account.bill.usd[-1]
    ask(client)
    assert api.account.bill.usd[-1] == pytest.approx(2 * halves)


def test_each_request_of_a_batch_ends_in_its_own_way(api, client):
    api.script = ["answer", "overloaded", "filtered", "refusal"]
    batch = start(client, 5)
    odd = {"custom_id": "odd", "params": ASKED | {"model": "claude-none"}}
    lines = {line.custom_id: line.result for line in client.messages.batches.results(batch.id)}
    assert {name: line.type for name, line in lines.items()} == {
        "each-0": "succeeded", "each-1": "errored", "each-2": "errored", "each-3": "succeeded", "each-4": "succeeded",
    }  # fmt: skip
    assert lines["each-1"].error.error.type == "overloaded_error"
    assert lines["each-3"].message.stop_reason == "refusal"
    # The parameters are looked at only when it is processed.
    late = client.messages.batches.create(requests=[odd])
    (line,) = client.messages.batches.results(late.id)
    assert line.result.error.error.type == "not_found_error"


def test_what_is_not_done_after_24_hours_expires_and_results_last_29_days(api, client):
    api.script = ["answer", "never", "never"]
    batch = start(client)
    assert client.messages.batches.retrieve(batch.id).processing_status == "in_progress"
    api.account.clock.advance(hours=24)
    assert client.messages.batches.retrieve(batch.id).request_counts.expired == 2
    assert sorted(results(client, batch.id).values()) == ["expired", "expired", "succeeded"]
    api.account.clock.advance(days=29)
    archived = client.messages.batches.retrieve(batch.id)
    assert (archived.results_url, archived.processing_status) == (None, "ended")
    assert archived.archived_at is not None


def test_a_cancelled_batch_keeps_what_was_done(api, client):
    api.batches.seconds = None
    batch = start(client)
    api.batches.process_some(1)
    assert client.messages.batches.cancel(batch.id).processing_status == "canceling"
    api.account.clock.advance(seconds=10)
    assert client.messages.batches.retrieve(batch.id).processing_status == "ended"
    assert results(client, batch.id) == {"each-0": "succeeded", "each-1": "canceled", "each-2": "canceled"}


def test_batches_are_listed_newest_first_page_by_page(client):
    made = [start(client, 1).id for _ in range(5)]
    assert [batch.id for batch in client.messages.batches.list(limit=2)] == made[::-1]


@pytest.mark.parametrize("ids", [["a", "a"], ["x" * 65], ["a b"], [""], []])
def test_custom_ids_are_unique_and_of_64_letters(client, ids):
    with pytest.raises(anthropic.BadRequestError):
        client.messages.batches.create(requests=[{"custom_id": each, "params": ASKED} for each in ids])


def test_a_batch_has_100_000_requests_and_256_mb_at_most():
    requests = [{"custom_id": str(n)} for n in range(100_001)]
    check_requests(requests[:-1], 256 * 1024**2)
    for asked, size in ((requests, 1), (requests[:1], 256 * 1024**2 + 1)):
        with pytest.raises(Refused):
            check_requests(asked, size)
