"""When a PDF's own text stands, and when what was recognised does."""

import pytest

from gpu_worker.ocr.page_text import Line, PageText, Word
from gpu_worker.reading.second_look import Outcome, Reading
from gpu_worker.reading.text_layer import judge_text_layer, keep_layer
from gpu_worker.render.layer import HiddenLine, PdfLayer

ENGLISH = "The court orders that the parties share joint legal custody of the child."
OTHER = "The father moved away in March and never paid any support for his daughter."
RUSSIAN = "Определить место жительства ребёнка с матерью, отец вправе видеться с ребёнком каждую субботу."
GEORGIAN = "სასამართლომ ბავშვი დედას დაუტოვა და მამას შაბათობით ნახვის უფლება მისცა"
NUMBERS = "STMT 03/2024 WLGRN 294.18 RVTN 2989.25 XQZT 110.07 QWRT 392.67"
GARBLED = "3aBn Onpee nHTb mecTo xnTenb cTBa pe6eHka"
SHIFTED = "Uif dpvsu psefst uibu uif qbsujft tibsf kpjou mfhbm dvtupez pg uif dijme."
PAGE = (0.0, 0.0, 612.0, 792.0)


def layer(text: str, hidden: str = "", **facts: int) -> PdfLayer:
    """A page that says `text` where it is seen, and `hidden` where it is not."""
    unseen = (HiddenLine(hidden, PAGE, "written without ink"),) if hidden else ()
    return PdfLayer(PageText((), text, "pdfium", 1.0, 612, 792), unseen, **{"objects": 12, "ink_under": 0.9, **facts})


def reading(*lines: str, outcome: Outcome = "ocr", confidence: float = 0.98) -> Reading:
    made = []
    for number, text in enumerate(lines):
        box = (0.0, 20.0 * number, 10.0, 20.0 * number + 10)
        quad = ((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]))
        made.append(Line(tuple(Word(word, box, confidence) for word in text.split()), text, quad, confidence))
    return Reading(outcome, PageText(tuple(made), "\n".join(lines), "onnx", confidence, 100, 100), None)


@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN])
def test_plain_sentences_are_sound(text):
    assert judge_text_layer(layer(text)).sound


@pytest.mark.parametrize(
    ("judged", "reason"),
    [
        (layer("  \n"), "no text layer"),
        (layer("", ENGLISH), "hidden text"),
        (layer(SHIFTED), "of its text layer are words"),
        (layer("1 2 3 4 5 6 7 8"), "of its text layer are words"),
        (layer(GEORGIAN), "of its text layer are words"),
    ],
)
def test_doubtful_layer_is_recognised_and_says_why(judged, reason):
    verdict = judge_text_layer(judged)
    assert not verdict.sound and not verdict.empty
    assert reason in verdict.reason


def test_page_that_shows_nothing_is_empty():
    verdict = judge_text_layer(layer("", objects=0))
    assert verdict.empty and not verdict.sound


@pytest.mark.parametrize("outcome", ["blank", "unreadable"])
@pytest.mark.parametrize("text", [ENGLISH, GEORGIAN, SHIFTED, NUMBERS])
def test_a_page_with_text_of_its_own_is_never_blank_or_lost(text, outcome):
    assert keep_layer(layer(text), reading(outcome=outcome)) is not None


@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN])
def test_text_that_nobody_sees_never_stands_for_a_page_that_shows_nothing(text):
    assert keep_layer(layer("", text), reading(outcome="blank")) is None
    assert keep_layer(layer("", text, ink_under=0.1), reading(GARBLED)) is None, "a few strokes are no scan of it"


def test_a_page_without_text_of_its_own_can_be_blank():
    assert keep_layer(layer(" \n"), reading(outcome="blank")) is None


@pytest.mark.parametrize(
    ("own", "lines", "stands"),
    [
        (layer(RUSSIAN), [GARBLED], True),
        (layer(GEORGIAN), [GARBLED], True),
        (layer("", RUSSIAN), [GARBLED], True),
        (layer(NUMBERS), [NUMBERS], True),
        (layer(NUMBERS), [NUMBERS.replace("294", "2g4")], True),
        (layer(NUMBERS), [ENGLISH], False),
        (layer(SHIFTED), [ENGLISH], False),
        (layer("", ENGLISH), [OTHER], False),
        (layer("", ENGLISH), [GARBLED], False),
    ],
    ids=[
        "Russian", "a script without a dictionary", "Russian under a scan", "numbers", "numbers, one misread",
        "numbers that are not there", "a broken font map", "hidden text that the scan contradicts",
        "hidden text over what nobody can read",
    ],
)  # fmt: skip
def test_the_better_text_stands(own, lines, stands):
    assert (keep_layer(own, reading(*lines)) is not None) == stands


def test_what_was_read_besides_a_layer_that_stands_is_kept_too():
    kept = keep_layer(layer(NUMBERS), reading(NUMBERS, "FILED JUN 21 2024", "WLGRN 294.l8"))
    assert [line.text for line in kept.extra] == ["FILED JUN 21 2024"]


def test_of_a_garbled_reading_only_lines_of_words_are_kept():
    kept = keep_layer(layer(RUSSIAN), reading(GARBLED, "Received by the clerk"))
    assert [line.text for line in kept.extra] == ["Received by the clerk"]
