"""What Claude transcribes from a picture: of pages it was shown, within limits, and never part of the text."""

from anthropic import transform_schema

from gpu_worker.analysis.answer_shape import Answer
from gpu_worker.analysis.judging import Judging
from gpu_worker.analysis.transcriptions import MOST_CHARACTERS, MOST_LINES
from tests.gpu_worker.analysis.test_judging import WORDS, answer, material


def written(page: int, *lines: str, doubtful: bool = False, kind: str = "handwriting") -> dict:
    return {"page": page, "kind": kind, "lines": [{"text": line, "doubtful": doubtful} for line in lines]}


def transcribe(*stated: dict):
    judging = Judging(material("short note", WORDS))
    (ask,) = judging.asks([])
    assert [chosen.page for chosen in ask.pictures] == [1]
    return judging.conclude([answer(ask, transcriptions=list(stated))])


def test_a_page_shown_as_a_picture_is_transcribed_with_engine_model_and_doubt():
    analysis = transcribe(written(1, "Picked up at six", doubtful=True), written(1, "Ann: late", kind="chat"))
    first, second = analysis.transcriptions
    assert (first.page, first.kind, first.engine, first.model) == (1, "handwriting", "claude", "claude-x")
    assert [(line.text, line.doubtful) for line in first.lines] == [("Picked up at six", True)]
    assert second.kind == "chat" and "six" not in analysis.summary


def test_of_a_page_that_was_no_picture_nothing_is_kept():
    assert transcribe(written(2, "invented"), written(9, "invented"), written(1, " \x07 ")).transcriptions == ()


def test_lines_are_cleaned_and_cut_where_no_page_is_so_long():
    (kept,) = transcribe(written(1, "a\x00b\u202ec\nd", "x" * 501, *["line"] * 300)).transcriptions
    assert (len(kept.lines), kept.lines[0].text, kept.lines[0].doubtful) == (MOST_LINES, "a b c d", False)
    assert (len(kept.lines[1].text), kept.lines[1].doubtful) == (MOST_CHARACTERS, True)


def test_the_words_of_a_transcription_prove_no_quote():
    judging = Judging(material("short note", WORDS))
    (ask,) = judging.asks([])
    fact = {"page": 1, "quote": "she never came back", "box": []}
    told = answer(ask, transcriptions=[written(1, "she never came back")], facts=[fact])
    claims = [claim for claim in judging.conclude([told]).claims if claim.quote == "she never came back"]
    assert [claim.is_accepted for claim in claims] == [False]


def test_an_answer_may_leave_it_out():
    assert "transcriptions" not in transform_schema(Answer)["required"]
    empty = {name: [] for name in Answer.model_fields if name != "document_type"}
    empty.pop("transcriptions")
    assert Answer(document_type="letter", **empty).transcriptions == []
