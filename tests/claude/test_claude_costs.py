"""What judging costs by the ledger: as little as was promised, and what Anthropic bills."""

import pytest

from scripts.bench.claude_costs import filing, long_answer


@pytest.mark.parametrize(("priority", "most_usd"), [("high", 0.01), ("normal", 0.004)])
def test_a_filing_of_three_pages_costs_no_more_than_a_cent_and_four_tenths_of_one_in_bulk(
    office, anthropic_api, tmp_path, priority, most_usd
):
    anthropic_api.account.answer = long_answer
    for number in range(8):
        office.read(*filing(number, is_careful=number < 2), priority=priority)  # two are seen by both models
    office.worker(tmp_path).step(4)
    assert [row[0] for row in office.judged()[1:]] == ["claude"] * 8
    models = {body["model"] for body in anthropic_api.requests}
    assert (models, len(anthropic_api.requests)) == ({"claude-haiku-5-5", "claude-sonnet-5-5"}, 10)
    assert office.ledger_usd() == pytest.approx(anthropic_api.account.bill.total_usd, abs=1e-5)
    assert office.ledger_usd() / 8 <= most_usd
