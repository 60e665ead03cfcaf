"""Terms of orders, by their words."""

import pytest

from gpu_worker.case.terms import find_terms
from gpu_worker.case.units import Unit


@pytest.mark.parametrize(
    ("quote", "duty", "act"),
    [
        ("Petitioner will pay Respondent $415 per month toward the support of the children.", "shall", "pay"),
        ("Neither party may post photographs of the children on social media.", "shall_not", "social"),
        ("Respondent has parenting time with Noor every Wednesday from 4:30 p.m. until 7:30 p.m.", "shall", "custody"),
    ],
)
def test_what_a_judgment_says_in_other_words_than_shall_binds_too(quote, duty, act):
    (term,) = find_terms([Unit(1, 0, quote, 0)], None)
    assert (term.duty, term.act) == (duty, act)


def test_what_the_court_will_do_binds_nobody():
    assert find_terms([Unit(1, 0, "The court will hear the motion on the first Monday of May.", 0)], None) == ()
