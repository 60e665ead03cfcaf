"""Words in no list, read as the known word one step of the recogniser away, and what must stand as it was read."""

from __future__ import annotations

import numpy as np
import pytest

from gpu_worker.ocr.layout.finish import FoundPage, finish_page
from gpu_worker.ocr.networks.cpu_networks import LineClasses
from gpu_worker.ocr.networks.ctc import SecondChoice, decode
from gpu_worker.ocr.networks.detection import Boxes
from gpu_worker.ocr.networks.second_choice import reread_line

ALPHABET = "\0abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:é"
KNOWN = {"notice", "hearing", "letter", "date", "court", "lindley", "this", "form"}


def line(letters: str, doubts: dict[int, tuple[str, float]]) -> LineClasses:
    """Letters two columns wide with a blank behind each; `doubts`: of a column, its second choice ("" is a blank)."""
    classes = np.array([c for letter in letters for c in (ALPHABET.index(letter),) * 2 + (0,)])
    chances = np.full(len(classes), 0.99, np.float32)
    seconds, second_chances = np.zeros(len(classes), int), np.zeros(len(classes), np.float32)
    for column, (letter, chance) in doubts.items():
        seconds[column] = ALPHABET.index(letter) if letter else 0
        second_chances[column], chances[column] = chance, 1 - chance
    return LineClasses(classes, chances, 8.0 * len(classes), SecondChoice(seconds, second_chances))


def reread(letters: str, doubts: dict[int, tuple[str, float]]) -> list[tuple[str, str | None]]:
    read = line(letters, doubts)
    assert read.second
    text = decode(read.classes, read.probabilities, read.width, ALPHABET)
    better = reread_line(text, read.classes, read.probabilities, read.second, ALPHABET, KNOWN.__contains__)
    return [(span.text, span.read) for span in better.spans]


@pytest.mark.parametrize(
    ("letters", "doubts", "better"),
    [
        ("botice.", {0: ("n", 0.3), 1: ("n", 0.2)}, "notice."),  # another letter
        ("BOTICE", {0: ("N", 0.3)}, "NOTICE"),
        ("ltter", {2: ("e", 0.2)}, "letter"),  # a letter more
        ("hearingg", {21: ("", 0.4)}, "hearing"),  # a letter less
    ],
)
def test_an_unknown_word_becomes_the_known_one_and_keeps_its_letters(letters, doubts, better):
    assert reread(letters, doubts) == [(better, letters)]


def test_a_lost_blank_is_found():
    assert reread("dateof", {11: (" ", 0.3)}) == [("date", "dateof"), ("of", "")]


@pytest.mark.parametrize(
    ("letters", "doubts"),
    [
        ("botice", {0: ("n", 0.04)}),  # hardly a doubt
        ("Lindsley", {12: ("", 0.3)}),  # a name
        ("court", {0: ("f", 0.4)}),  # known
        ("forn5", {9: ("m", 0.4)}),  # a digit
        ("tbis", {0: ("x", 0.4)}),  # no step makes it known
        ("dat", {8: ("e", 0.4)}),  # too short to tell
    ],
)
def test_what_may_be_right_stands(letters, doubts):
    assert [read for _, read in reread(letters, doubts)] == [None]


def test_of_two_known_words_the_likelier_is_chosen():
    KNOWN_WORDS = {"motice", "notice"}
    read = line("botice", {0: ("n", 0.3), 1: ("m", 0.2)})
    text = decode(read.classes, read.probabilities, read.width, ALPHABET)
    better = reread_line(text, read.classes, read.probabilities, read.second, ALPHABET, KNOWN_WORDS.__contains__)
    assert better.text == "notice"


@pytest.mark.parametrize(
    ("around", "is_chosen"), [("the court ordered this hearing", True), ("gericht hat entschieden", False)]
)
def test_only_a_page_in_a_language_of_the_lists_is_reread(around, is_chosen):
    """A French or German word that is in no list is not a misread English one."""
    boxes = Boxes(
        np.array([[300.0, 100.0], [300.0, 150.0]]), np.array([[400.0, 30.0]] * 2), np.zeros(2), np.full(2, 0.9)
    )
    lines = [line(around, {}), line("botice", {0: ("n", 0.3)})]
    page = finish_page("onnx", ALPHABET, FoundPage.of(boxes), lines, (600, 800), (600, 800))
    assert [word.read for word in page.words if word.read] == (["botice"] if is_chosen else [])
    assert ("notice" in page.text) == is_chosen
