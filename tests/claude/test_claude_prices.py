"""What a call costs at most, and what it did cost."""

from datetime import date, timedelta

import pytest

from control_plane.settings.claude_policy import PRICES_FILE, ClaudePolicy
from control_plane.settings.claude_prices import Model, Price, Rates, actual_usd, worst_case_usd
from control_plane.settings.reader import Reader

OLD = Price(date(2026, 1, 1), Rates(3, 15, 3.75, 6, 0.3))
NEW = Price(date(2026, 9, 1), Rates(2, 10, 2.5, 4, 0.2), above_tokens=100_000, above=Rates(4, 20, 5, 8, 0.4))


@pytest.mark.parametrize(
    ("day", "price"), [(date(2025, 12, 31), None), (date(2026, 8, 31), OLD), (date(2026, 9, 1), NEW)]
)
def test_the_price_of_the_day_counts(day, price):
    assert Model("m", True, (NEW, OLD)).price_on(day) is price


def test_tokens_of_each_kind_have_their_own_price():
    usage = {"input_tokens": 10_000, "output_tokens": 1_000, "cache_creation_input_tokens": 2_000,
             "cache_read_input_tokens": 5_000}  # fmt: skip
    assert actual_usd(NEW, usage) == pytest.approx(0.02 + 0.01 + 0.005 + 0.001)


def test_what_is_kept_for_an_hour_costs_more_to_keep():
    usage = {"cache_creation_input_tokens": 3_000, "cache_creation": {"ephemeral_1h_input_tokens": 2_000}}
    assert actual_usd(NEW, usage) == pytest.approx(0.0025 + 0.008)


def test_a_batch_costs_half_of_everything():
    usage = {"input_tokens": 200_000, "output_tokens": 1_000, "cache_read_input_tokens": 5_000}
    assert actual_usd(NEW.times(0.5), usage) == pytest.approx(actual_usd(NEW, usage) / 2)


def test_a_long_prompt_costs_the_higher_price_as_a_whole():
    assert actual_usd(NEW, {"input_tokens": 100_001, "output_tokens": 0}) == pytest.approx(0.400004)


def test_the_worst_case_is_above_what_any_text_and_picture_can_cost():
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "A" * 90_000}}
    text = {"type": "text", "text": "ü" * 1000}
    body = {"model": "m", "max_tokens": 1000, "messages": [{"role": "user", "content": [picture, text]}]}
    at_most = actual_usd(NEW, {"input_tokens": 2_000 + 4_784, "output_tokens": 1000})
    assert at_most < worst_case_usd(NEW, body) < 2 * at_most


def test_the_shipped_list_is_complete_for_both_models():
    read = Reader({})
    policy = ClaudePolicy.read(read)
    assert not read.problems
    today = date(2026, 11, 26)
    assert (policy.price("quick", today).rates.output, policy.price("careful", today).rates.output) == (0.5, 10)
    assert policy.price("careful", today).rates.cache_read == 0.1  # halved on 7 October
    assert policy.model("opus") is policy.price("opus", today) is None


def test_a_list_that_nobody_looked_at_for_45_days_is_old():
    prices = ClaudePolicy.read(Reader({})).prices
    assert [prices.is_old(prices.checked + timedelta(days=days)) for days in (0, 45, 46)] == [False, False, True]


SHIPPED = PRICES_FILE.read_text()


def own(tmp_path, text: str) -> Reader:
    (tmp_path / "prices.toml").write_text(text)
    return Reader({"CLAUDE_PRICES_FILE": str(tmp_path / "prices.toml")})


def test_a_list_of_one_s_own_needs_no_assumptions(tmp_path):
    before, _, after = SHIPPED.partition("[assumptions]")
    read = own(tmp_path, before + after[after.index("[models") :])
    policy = ClaudePolicy.read(read)
    assert not read.problems and policy == ClaudePolicy.read(Reader({}))


@pytest.mark.parametrize(
    "text", ["", "[", "checked = 7", SHIPPED.replace("cache_write_1h", "x"), SHIPPED.replace("effort = true", "x = 1")]
)
def test_a_malformed_list_is_named(tmp_path, text):
    read = own(tmp_path, text)
    ClaudePolicy.read(read)
    assert read.problems == [problem for problem in read.problems if problem.startswith("CLAUDE_PRICES_FILE")] != []


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"CLAUDE_CAREFUL_MODEL": "claude-unknown"}, "CLAUDE_CAREFUL_MODEL"),
        ({"CLAUDE_QUICK_MODEL": "claude-unknown"}, "CLAUDE_QUICK_MODEL"),
        ({"CLAUDE_PRICES_FILE": "no/such/file"}, "CLAUDE_PRICES_FILE"),
    ],
)
def test_a_wrong_setting_is_named(environ, name):
    read = Reader(environ)
    ClaudePolicy.read(read)
    assert [problem for problem in read.problems if problem.startswith(name)]
