"""When a PDF's own text stands, and when what was recognised does."""

from dataclasses import replace

import pytest

from gpu_worker.ocr.page_text import Line, PageText, Word
from gpu_worker.reading.second_look import Outcome, Reading
from gpu_worker.reading.text_layer import judge_text_layer, keep_layer
from gpu_worker.render.layer import PdfLayer

ENGLISH = "The court orders that the parties share joint legal custody of the child."
OTHER = "The father moved away in March and never paid any support for his daughter."
RUSSIAN = "Определить место жительства ребёнка с матерью, отец вправе видеться с ребёнком каждую субботу."
GEORGIAN = "სასამართლომ ბავშვი დედას დაუტოვა და მამას შაბათობით ნახვის უფლება მისცა"
NUMBERS = "STMT 03/2024 WLGRN 294.18 RVTN 2989.25 XQZT 110.07 QWRT 392.67"
GARBLED = "3aBn Onpee nHTb mecTo xnTenb cTBa pe6eHka"
SHIFTED = "Uif dpvsu psefst uibu uif qbsujft tibsf kpjou mfhbm dvtupez pg uif dijme."
SOUND = PdfLayer(ENGLISH, (), 612, 792, objects=12, annotations=0, hidden_text=0, image_share=0.03)


def reading(*lines: str, outcome: Outcome = "ocr", confidence: float = 0.98) -> Reading:
    made = []
    for number, text in enumerate(lines):
        box = (0.0, 20.0 * number, 10.0, 20.0 * number + 10)
        quad = ((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]))
        made.append(Line(tuple(Word(word, box, confidence) for word in text.split()), text, quad, confidence))
    return Reading(outcome, PageText(tuple(made), "\n".join(lines), "onnx", confidence, 100, 100), None)


def test_plain_english_is_sound():
    assert judge_text_layer(SOUND).sound


def test_plain_russian_is_sound():
    assert judge_text_layer(replace(SOUND, text=RUSSIAN)).sound


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": "  \n"}, "no text layer"),
        ({"hidden_text": 1}, "hidden text"),
        ({"image_share": 0.98}, "images"),
        ({"annotations": 2}, "form fields"),
        ({"text": SHIFTED}, "of its text layer are words"),
        ({"text": "1 2 3 4 5 6 7 8"}, "of its text layer are words"),
        ({"text": GEORGIAN}, "of its text layer are words"),
    ],
)
def test_doubtful_layer_is_recognised_and_says_why(change, reason):
    verdict = judge_text_layer(replace(SOUND, **change))
    assert not verdict.sound and not verdict.empty
    assert reason in verdict.reason


def test_page_that_shows_nothing_is_empty():
    verdict = judge_text_layer(replace(SOUND, text="", objects=0))
    assert verdict.empty and not verdict.sound


@pytest.mark.parametrize("outcome", ["blank", "unreadable"])
@pytest.mark.parametrize("text", [ENGLISH, GEORGIAN, SHIFTED, NUMBERS])
@pytest.mark.parametrize("hidden_text", [0, 3])
def test_a_page_with_text_of_its_own_is_never_blank_or_lost(text, outcome, hidden_text):
    assert keep_layer(replace(SOUND, text=text, hidden_text=hidden_text), reading(outcome=outcome)) is not None


def test_a_page_without_text_of_its_own_can_be_blank():
    assert keep_layer(replace(SOUND, text=" \n"), reading(outcome="blank")) is None


@pytest.mark.parametrize(
    ("change", "lines", "stands"),
    [
        ({"text": RUSSIAN, "image_share": 0.5}, [GARBLED], True),
        ({"text": RUSSIAN, "annotations": 1}, [GARBLED], True),
        ({"text": GEORGIAN}, [GARBLED], True),
        ({"text": RUSSIAN, "hidden_text": 9, "image_share": 1.0}, [GARBLED], True),
        ({"text": NUMBERS}, [NUMBERS], True),
        ({"text": NUMBERS}, [NUMBERS.replace("294", "2g4")], True),
        ({"text": NUMBERS}, [ENGLISH], False),
        ({"text": SHIFTED}, [ENGLISH], False),
        ({"text": ENGLISH, "annotations": 1}, [ENGLISH, "Dana Whitcomb"], False),
        ({"text": ENGLISH, "hidden_text": 9, "image_share": 1.0}, [OTHER], False),
        ({"text": ENGLISH, "hidden_text": 9, "image_share": 1.0}, [GARBLED], False),
        ({"text": ENGLISH, "image_share": 1.0}, [GARBLED], False),
    ],
    ids=[
        "Russian beside a picture", "Russian with notes", "a script without a dictionary", "Russian under a scan",
        "numbers", "numbers, one misread", "numbers that are not there", "a broken font map", "a filled form",
        "hidden text that the scan contradicts", "hidden text over what nobody can read", "text behind a picture",
    ],
)  # fmt: skip
def test_the_better_text_stands(change, lines, stands):
    kept = keep_layer(replace(SOUND, **change), reading(*lines))
    assert (kept is not None) == stands


def test_what_was_read_besides_a_layer_that_stands_is_kept_too():
    layer = replace(SOUND, text=NUMBERS)
    kept = keep_layer(layer, reading(NUMBERS, "FILED JUN 21 2024", "WLGRN 294.l8"))
    assert [line.text for line in kept.extra] == ["FILED JUN 21 2024"]


def test_of_a_garbled_reading_only_lines_of_words_are_kept():
    kept = keep_layer(replace(SOUND, text=RUSSIAN, image_share=0.5), reading(GARBLED, "Received by the clerk"))
    assert [line.text for line in kept.extra] == ["Received by the clerk"]
