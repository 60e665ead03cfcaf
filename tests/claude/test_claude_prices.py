"""What a call costs at most, and what it did cost."""

from datetime import date

import pytest

from control_plane.settings.claude_policy import ClaudePolicy
from control_plane.settings.claude_prices import Price, Rates, actual_usd, find_price, worst_case_usd
from control_plane.settings.reader import Reader

OLD = Price("m", date(2026, 1, 1), Rates(3, 15, 3.75, 0.3))
NEW = Price("m", date(2026, 9, 1), Rates(2, 10, 2.5, 0.2), above_tokens=100_000, above=Rates(4, 20, 5, 0.4))


@pytest.mark.parametrize(
    ("day", "price"), [(date(2025, 12, 31), None), (date(2026, 8, 31), OLD), (date(2026, 9, 1), NEW)]
)
def test_the_price_of_the_day_counts(day, price):
    assert find_price({"m": [NEW, OLD]}, "m", day) is price


def test_a_model_that_is_not_listed_has_no_price():
    assert find_price({"m": [NEW]}, "other", date(2026, 9, 1)) is None


def test_tokens_of_each_kind_have_their_own_price():
    usage = {"input_tokens": 10_000, "output_tokens": 1_000, "cache_creation_input_tokens": 2_000,
             "cache_read_input_tokens": 5_000}  # fmt: skip
    assert actual_usd(NEW, usage) == pytest.approx(0.02 + 0.01 + 0.005 + 0.001)


def test_a_long_prompt_costs_the_higher_price_as_a_whole():
    assert actual_usd(NEW, {"input_tokens": 100_001, "output_tokens": 0}) == pytest.approx(0.400004)


def test_the_worst_case_is_above_what_any_text_and_picture_can_cost():
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "A" * 90_000}}
    text = {"type": "text", "text": "ü" * 1000}
    body = {"model": "m", "max_tokens": 1000, "messages": [{"role": "user", "content": [picture, text]}]}
    at_most = actual_usd(NEW, {"input_tokens": 2_000 + 4_784, "output_tokens": 1000})
    assert at_most < worst_case_usd(NEW, body) < 2 * at_most


def test_the_shipped_list_is_complete_for_the_default_model():
    read = Reader({})
    policy = ClaudePolicy.read(read)
    assert not read.problems
    assert find_price(policy.prices, policy.model, date(2026, 11, 22)).rates.output == 10


def test_a_list_of_one_s_own_needs_no_assumptions(tmp_path):
    own = tmp_path / "prices.toml"
    own.write_text('[["m"]]\nfrom = 2026-01-01\ninput = 1\noutput = 2\ncache_write = 1\ncache_read = 1\n')
    read = Reader({"CLAUDE_PRICES_FILE": str(own), "CLAUDE_MODEL": "m"})
    policy = ClaudePolicy.read(read)
    assert not read.problems and policy.assumptions == ClaudePolicy.read(Reader({})).assumptions


@pytest.mark.parametrize("text", ["[assumptions]\ninput_tokens_per_page = 1", "m = 7", "["])
def test_a_malformed_list_is_named(tmp_path, text):
    own = tmp_path / "prices.toml"
    own.write_text(text)
    read = Reader({"CLAUDE_PRICES_FILE": str(own)})
    ClaudePolicy.read(read)
    assert read.problems == [problem for problem in read.problems if problem.startswith("CLAUDE_PRICES_FILE")] != []


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"CLAUDE_MODEL": "claude-unknown"}, "CLAUDE_MODEL"),
        ({"CLAUDE_PRICES_FILE": "no/such/file"}, "CLAUDE_PRICES_FILE"),
    ],
)
def test_a_wrong_setting_is_named(environ, name):
    read = Reader(environ)
    ClaudePolicy.read(read)
    assert [problem for problem in read.problems if problem.startswith(name)]
