"""What statements are about, by their words."""

import pytest

from gpu_worker.case.cues import read_cues


@pytest.mark.parametrize(
    "quote", ["Premises: 18 Ferry Street, Eugene, Lane County.", "Change of address: 4 Elm Road", "We moved to Reno."]
)
def test_where_somebody_lives_now_is_about_leaving_a_place(quote):
    assert "travel" in read_cues(quote)


@pytest.mark.parametrize("quote", ["Each return was due at 6:00 p.m.", "He is supposed to bring her back at six."])
def test_what_was_due_is_no_account_of_what_happened(quote):
    assert "future" in read_cues(quote)
