"""Quotes are found through what OCR does to text, and not found when they are not there."""

import pytest

from gpu_worker.analysis.quotes import QuoteFinder

PAGES = [
    "SUPERIOR COURT\n\nRespondent shall have parenting time every other week-\nend from Friday 6:00 p.m.",
    "I have never missed a scheduled exchange. On March 8, 2024 I was at horne in Oakland with the chi1dren the "
    "entire weekend. Gross pay was $2,140.00. I did not sign it",
    "and nobody asked me to. I have had no income since January 2024.",
]


@pytest.mark.parametrize(
    ("quote", "claimed_page", "page"),
    [
        ("I have never missed a scheduled exchange.", 2, 2),
        ("i have NEVER missed a  scheduled\nexchange", 2, 2),
        ("“I have never missed a scheduled exchange”", 1, 2),
        ("parenting time every other weekend from Friday", 1, 1),
        ("On March 8, 2024 I was at home in Oakland with the children", 2, 2),
        ("I have never missed ... the entire weekend", 2, 2),
        ("I did not sign it and nobody asked me to", 2, 2),
        ("I didn’t sign it", 2, 2),
        ("Gross pay was $2,140.00", 2, 2),
    ],
)
def test_a_quote_is_found_on_its_page(quote, claimed_page, page):
    assert QuoteFinder(PAGES).find(quote, claimed_page) == page


@pytest.mark.parametrize(
    "quote",
    [
        "Gross pay was $2,190.00",
        "On March 9, 2024 I was at home in Oakland with the children",
        "I have missed a scheduled exchange",
        "I did sign it and nobody asked me to",
        "the entire weekend ... I have never missed",
        "I have always paid support on time",
        "it",
        "",
        "…",
    ],
)
def test_a_quote_that_is_not_there_is_not_found(quote):
    assert QuoteFinder(PAGES).find(quote, 2) is None


def test_a_document_without_text_has_no_quotes():
    assert QuoteFinder([]).find("I have never missed", 1) is None
