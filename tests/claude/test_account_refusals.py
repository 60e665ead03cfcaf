"""What Anthropic says about the account is told from what it says about one document."""

import pytest

from control_plane.claude.standing import account_refusal
from local_cloud.anthropic.refusals import ACCOUNT, REQUEST, WRONG_KEY, Refused, invalid

RETIRED = Refused(404, "not_found_error", "model: claude-sonnet-4-20250514")
EXPECTED = {
    "no_credit": "no_credit", "spend_limit": "no_credit", "tier_limit": "no_credit", "billing": "no_credit",
    "no_permission": "key_refused", "no_effort": "parameter_unsupported",
}  # fmt: skip


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        *((refused, EXPECTED[name]) for name, refused in ACCOUNT.items()),
        (WRONG_KEY, "key_refused"),
        (RETIRED, "model_retired"),
        (invalid("temperature: Extra inputs are not permitted"), "parameter_unsupported"),
        *((refused, None) for refused in REQUEST.values()),
        (invalid("messages.0.content.1.image.source.base64: image exceeds 5 MB maximum"), None),
        (Refused(404, "not_found_error", "Message batch not found"), None),
    ],
)
def test_the_account_s_refusals_and_no_others(refused, reason):
    found = account_refusal(refused.status, refused.body, "claude-x")
    assert (found and found.code) == reason
    in_a_batch = account_refusal(0, refused.body, "claude-x")  # a result that errored has no status
    assert (in_a_batch and in_a_batch.code) == reason
    assert found is None or "claude-x" in found.message or reason != "model_retired"


def test_a_page_in_place_of_an_error_says_nothing_about_the_account():
    assert account_refusal(502, None, "claude-x") is None
