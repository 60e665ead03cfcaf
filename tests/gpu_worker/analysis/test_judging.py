"""What is asked about a document, and what comes of the answers: the same whether they come at once or in a batch."""

import json
import re
import subprocess
import sys
from dataclasses import asdict

from gpu_worker.analysis.judging import MOST_PARTS, Judging
from gpu_worker.analysis.material import Material, Page
from gpu_worker.analysis.pictures import choose_pictures
from gpu_worker.analysis.replies import Reply, failure_of
from gpu_worker.enums import Outcome
from local_cloud.anthropic.answers import answer_from

WORDS = "The exchange of the minor children took place at the library on that day and nobody was late. " * 5


def material(*pages: Page | str, filename: str = "letter.pdf", mime_type: str = "application/pdf") -> Material:
    return Material(filename, mime_type, tuple(page if isinstance(page, Page) else Page(page) for page in pages))


def answer(ask, **changes) -> Reply:
    body = ask.build_body({page: b"jpeg" for page in ask.pictures})
    text = json.dumps(answer_from(body) | changes)
    message = {"model": "claude-x", "stop_reason": "end_turn", "content": [{"type": "text", "text": text}]}
    return Reply(ask.key, message, pictures=ask.pictures)


def test_what_was_answered_is_not_asked_again_and_replies_can_be_kept_as_json():
    judging = Judging(material(WORDS))
    (ask,) = judging.asks([])
    reply = Reply(**json.loads(json.dumps(asdict(answer(ask)))))
    assert Judging(material(WORDS)).asks([reply]) == ()
    analysis = judging.conclude([reply])
    assert (analysis.analyst, analysis.model, analysis.fallback_reason) == ("claude", "claude-x", None)
    assert analysis.prompt_version and re.fullmatch("[0-9a-f]{64}", analysis.inputs_sha256)
    assert analysis.inputs_sha256 != Judging(material(WORDS, "x")).conclude([], "claude_off").inputs_sha256


def test_keys_name_the_question_and_fit_a_batch():
    pages = [f"Page {n}. " + "It was said at length. " * 3000 for n in range(1, 30)]
    asks = Judging(material(*pages)).asks([])
    assert len(asks) == MOST_PARTS == len({ask.key for ask in asks})
    assert all(re.fullmatch("[a-z0-9_]{1,27}", ask.key) for ask in asks)


def test_pictures_that_stand_in_the_way_are_left_out_once():
    judging = Judging(material("short note"))
    (first,) = judging.asks([])
    assert first.pictures == (1,) == judging.pictures
    refused = Reply(first.key, failure="blocked_by_filter", pictures=(1,))
    (second,) = judging.asks([refused])
    assert (second.pictures, judging.asks([refused, answer(second)])) == ((), ())
    assert judging.conclude([refused, answer(second)]).fallback_reason == "blocked_by_filter_with_pictures"
    again = Reply(second.key, failure="too_long")
    assert judging.asks([refused, again]) == ()
    assert judging.conclude([refused, again]).fallback_reason == "too_long"


def test_a_busy_claude_is_not_asked_in_another_way():
    judging = Judging(material("short note"))
    busy = Reply(judging.asks([])[0].key, failure="claude_busy")
    assert judging.asks([busy]) == ()
    assert (judging.conclude([busy]).analyst, judging.conclude([busy]).fallback_reason) == ("rules", "claude_busy")


def test_nothing_is_asked_about_nothing():
    for empty in (material(), material(Page("", Outcome.BLANK)), material(" ", mime_type="text/plain")):
        assert Judging(empty).asks([]) == ()
        assert Judging(empty).conclude([]).fallback_reason == "nothing_to_judge"


def test_a_page_that_shows_what_nobody_could_read_is_asked_about():
    photo = Page("", Outcome.OCR, 0.0)
    (ask,) = Judging(material(photo)).asks([])
    assert ask.pictures == (1,)
    assert Judging(material(photo)).asks([Reply(ask.key, failure="refused")]) == ()


def test_pictures_are_shown_where_they_add_something_and_of_no_blank_page():
    pages = [
        Page("", Outcome.BLANK), Page("", Outcome.BLANK), Page(WORDS), Page(WORDS, Outcome.OCR, 0.6),
        Page(WORDS + "\n____________________\n(SIGNATURE OF DECLARANT)"), Page("stamp"), Page(WORDS + " ☒ Mother"),
        Page(WORDS, Outcome.OCR, 0.97),
    ]  # fmt: skip
    chosen = choose_pictures(material(*pages), range(1, len(pages) + 1), 10)
    assert [(one.page, one.reason) for one in chosen] == [
        (4, "doubt"), (5, "by_hand"), (6, "few_words"), (7, "by_hand"),
    ]  # fmt: skip
    few = choose_pictures(material(*pages), range(1, len(pages) + 1), 2)
    assert [one.page for one in few] == [4, 6]
    assert choose_pictures(material(*pages, mime_type="text/plain"), [4, 5, 6], 10) == ()


def test_errors_of_the_api_are_told_apart_by_what_they_say():
    said = "invalid_request_error"
    assert failure_of(said, "Output blocked by content filtering policy") == "blocked_by_filter"
    assert failure_of(said, "prompt is too long: 300000 tokens") == failure_of("request_too_large", "") == "too_long"
    assert failure_of("overloaded_error", "Overloaded") == failure_of("", "", 502) == "claude_busy"
    assert failure_of(said, "something else") == "request_rejected"


def test_judging_needs_none_of_what_reads_pages():
    seen = "import sys, gpu_worker.analysis.judging; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert set(found.stdout.split()) & {"torch", "cv2", "onnxruntime", "PIL", "numpy"} == set()
