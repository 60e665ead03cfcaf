"""What was chosen over the letters of a page, and what the letters read: both are kept, quoted and found."""

from __future__ import annotations

from dataclasses import replace

from gpu_worker.analysis.gate import Gate
from gpu_worker.artifacts import describe_page
from gpu_worker.enums import Outcome, QuoteState
from gpu_worker.ocr.layout.stretch import stretched
from gpu_worker.ocr.page_text import Line, PageText, Word
from gpu_worker.reading.pages import PageResult
from gpu_worker.reading.rereadings import Rereading, find_rereadings, read_by_letter, spread

BOX = (0.0, 0.0, 10.0, 10.0)
QUAD = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))


def page_of(*words: tuple[str, str | None]) -> PageText:
    placed = tuple(Word(text, BOX, 0.9, read) for text, read in words)
    text = " ".join(text for text, _ in words)
    return PageText((Line(placed, text, QUAD, 0.9),), text, "onnx", 0.9, 100, 100)


PAGE = page_of(("The", None), ("notice", "botice"), ("of", "ofthe"), ("the", ""), ("hearing", "hcaring"), ("is", None))


def test_every_choice_is_told_with_what_the_letters_read():
    found = find_rereadings(PAGE)
    assert found == (Rereading(4, "notice", "botice"), Rereading(11, "of the", "ofthe"),
                     Rereading(18, "hearing", "hcaring"))  # fmt: skip
    assert read_by_letter(PAGE.text, found) == "The botice ofthe hcaring is"


def test_a_page_that_is_moved_or_stretched_keeps_what_its_letters_read():
    assert find_rereadings(stretched(PAGE, 300, 50)) == find_rereadings(PAGE)


def test_the_description_of_a_page_has_both_readings():
    told = describe_page(PageResult(1, Outcome.OCR, "onnx", 0.9, 0.1, None, PAGE.text, PAGE))
    assert told["rereadings"][0] == {"start": 4, "text": "notice", "read": "botice"}  # type: ignore[index]


def test_places_in_the_letters_are_places_in_the_text():
    found = find_rereadings(PAGE)
    letters = read_by_letter(PAGE.text, found)
    for word, stands in (("The", "The"), ("botice", "notice"), ("tice", "notice"), ("ofthe", "of the"), ("is", "is")):
        at = letters.index(word)
        start, end = spread(at, at + len(word), found)
        assert PAGE.text[start:end] == stands


def test_a_quote_of_either_reading_stands():
    gate = Gate([PAGE.text], rereadings=[find_rereadings(PAGE)])
    assert gate.look_up("The notice of the hearing", 1).state == QuoteState.EXACT
    by_letter = gate.look_up("The botice ofthe hcaring", 1)
    assert (by_letter.state, by_letter.quote, by_letter.start) == (QuoteState.OCR, "The notice of the hearing", 0)
    assert by_letter.differs == ("notice ≈ botice", "of the ≈ ofthe", "hearing ≈ hcaring")


def test_a_quote_of_a_name_that_was_taken_for_a_word_stands():
    """Where the choice was wrong, what is on the paper can be quoted all the same."""
    page = page_of(("Signed", None), ("by", None), ("lindley", "lindsley"), ("today", None))
    rereadings = find_rereadings(page)
    assert Gate([page.text]).look_up("Signed by lindsley today", 1).state == QuoteState.NONE
    standing = Gate([page.text], rereadings=[rereadings]).look_up("Signed by lindsley today", 1)
    assert (standing.state, standing.quote) == (QuoteState.OCR, "Signed by lindley today")


def test_a_quote_over_two_pages_stands_by_letter_on_both():
    second = page_of(("held", "helb"), ("on", None), ("Monday", None))
    pages = [PAGE, second]
    gate = Gate([page.text for page in pages], rereadings=[find_rereadings(page) for page in pages])
    standing = gate.look_up("hcaring is helb on", 1)
    assert (standing.state, standing.quote) == (QuoteState.OCR, "hearing is\nheld on")


def test_pages_without_choices_are_told_without():
    plain = replace(PAGE, lines=(), text="")
    assert find_rereadings(plain) == ()
