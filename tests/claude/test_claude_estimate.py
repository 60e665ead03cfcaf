"""What Claude will take of a batch is in its price, by assumption first and then by what a page has cost here."""

from datetime import date

import pytest

from control_plane.batches.estimates import ClaudeCost, claude_cap, estimate_claude
from control_plane.database.batch_rows import ClaudeStatistics
from control_plane.settings.claude_prices import Assumptions, Price, Rates
from tests.control_plane.desk import PDF, Desk

QUICK, CAREFUL = (Price(date(2026, 1, 1), Rates(*rates)) for rates in ((1, 5, 1.25, 2, 0.1), (2, 10, 2.5, 4, 0.2)))
ASSUMED = Assumptions(1000, 2000, 1500, careful_share=0.5)
NOTHING = ClaudeStatistics(0, None, None)


def test_until_anything_is_measured_the_assumption_counts():
    assumed = ASSUMED.usd(QUICK, CAREFUL, 10, 80)
    assert assumed == pytest.approx(0.175 + 0.35 / 2)
    assert estimate_claude(10, 80, assumed, NOTHING, 99.0) == ClaudeCost(0.35, "assumed", False)
    assert ASSUMED.usd(QUICK, CAREFUL, 0, 0) == 0


def test_what_was_measured_outweighs_it():
    measured = ClaudeStatistics(20, 100, 1.0)
    assert estimate_claude(10, 80, 0.35, measured, 99.0) == ClaudeCost((0.35 + 0.8) / 2, "measured", False)
    many = ClaudeStatistics(5000, 50_000, 500.0)
    assert estimate_claude(10, 80, 0.35, many, 99.0).usd == pytest.approx(0.8, rel=0.01)


def test_no_more_is_said_than_the_limits_allow():
    assert estimate_claude(10, 80, 0.35, NOTHING, 0.2) == ClaudeCost(0.2, "assumed", True)
    assert (claude_cap(0.5, 10, None), claude_cap(30, 10, None), claude_cap(30, 10, 15)) == (10, 20, 15)


def put(desk: Desk, key: str) -> None:
    desk.clients.storage._client.put_object(Bucket=desk.settings.spaces_bucket, Key=key, Body=PDF + b" ")


def test_the_estimate_of_a_folder_has_claude_on_its_own_line(gateway, anthropic_api):
    desk = gateway.desk
    put(desk, "inbox/a.pdf")
    assumed = desk.get("/batch/estimate", prefix="inbox/").json
    assert (assumed["pages"], assumed["claude_basis"], assumed["claude_capped"]) == (1, "assumed", False)
    quick, careful = 3600 * 0.1 + 1500 * 0.5, 3600 * 2 + 1500 * 10
    assert assumed["claude_usd"] == pytest.approx((quick + 0.35 * careful) / 1e6 / 2, abs=0.0001)
    assert assumed["total_usd"] == pytest.approx(assumed["machine_usd"] + assumed["claude_usd"])

    anthropic_api.usage = {"input_tokens": 200_000, "output_tokens": 0}  # $0.40 for one page
    assert gateway.ask().status_code == 200
    desk.sql("update processing_jobs set status = 'completed', pages_total = 1, lease_token = null, "
             "lease_expires_at = null, finished_at = now()")  # fmt: skip
    measured = desk.get("/batch/estimate", prefix="inbox/").json
    assert measured["claude_basis"] == "measured"
    assert measured["claude_usd"] == pytest.approx((20 * assumed["claude_usd"] + 0.4) / 21, abs=0.0001)


def test_a_batch_s_own_limit_is_the_most_it_says(make_gateway):
    desk = make_gateway(MAX_CLAUDE_DOLLARS_PER_BATCH="0.002").desk
    put(desk, "inbox/a.pdf")
    found = desk.get("/batch/estimate", prefix="inbox/").json
    assert (found["claude_usd"], found["claude_capped"]) == (0.002, True)
