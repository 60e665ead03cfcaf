"""When a PDF's own text is trusted, and when the page is recognised instead."""

import pytest

from gpu_worker.reading.text_layer import judge_text_layer, measure_dictionary_share

SOUND = {
    "text": "The court orders that the parties share joint legal custody of the child.",
    "objects": 12, "annotations": 0, "hidden_text": 0, "image_share": 0.03,
}  # fmt: skip


def test_plain_english_is_sound():
    assert judge_text_layer(SOUND).sound


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": "  \n"}, "no text layer"),
        ({"hidden_text": 1}, "hidden text"),
        ({"image_share": 0.98}, "images"),
        ({"annotations": 2}, "form fields"),
        ({"text": "Uif dpvsu psefst uibu uif qbsujft tibsf kpjou mfhbm dvtupez"}, "of its text layer are words"),
        ({"text": "1 2 3 4 5 6 7 8"}, "of its text layer are words"),
    ],
)
def test_doubtful_layer_is_recognised_and_says_why(change, reason):
    verdict = judge_text_layer({**SOUND, **change})
    assert not verdict.sound and not verdict.empty
    assert reason in verdict.reason


def test_page_that_shows_nothing_is_empty():
    verdict = judge_text_layer({**SOUND, "text": "", "objects": 0})
    assert verdict.empty and not verdict.sound


def test_spanish_counts_as_words_too():
    assert measure_dictionary_share("La madre solicita la custodia de la menor ante el tribunal") > 0.9
