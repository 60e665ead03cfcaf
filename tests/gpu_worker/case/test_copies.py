"""Which papers are copies of one: scans that misread letters are, papers that say something else are none."""

import pytest

from gpu_worker.case.copies import compare

PAPER = "Library log, April 14, 2024. The children left with Ms. Lindqvist at 20:47; the doors were locked at 21:00."


@pytest.mark.parametrize(
    "scan",
    [
        PAPER.replace("The", "Tbe").replace("the", "tbe"),
        PAPER.replace("children", "chi1dren").replace("locked", "1ocked").replace("log", "l0g").replace("left", "1eft"),
        PAPER.replace("log", "1og").replace("doors", "d0ors").replace("children", "ch1ldren") + " COPY",
    ],
)
def test_letters_that_a_scan_took_for_others_or_for_digits_make_no_other_paper(scan):
    copy = compare(PAPER, "other", scan)
    assert copy and copy.kind == "rescan"


@pytest.mark.parametrize("word", ["20:41", "20:48"])
def test_another_number_is_another_paper(word):
    assert compare(PAPER, "other", PAPER.replace("20:47", word)) is None


@pytest.mark.parametrize(("one", "other"), [("10am", "11am"), ("5th", "8th"), ("B10", "B12"), ("FL04419", "FL04418")])
def test_numbers_beside_letters_stay_numbers(one, other):
    assert compare(f"{PAPER} Room {one}.", "other", f"{PAPER} Room {other}.") is None
