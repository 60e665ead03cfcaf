"""What is asked about a document, and what comes of the answers: the same whether they come at once or in a batch."""

import json
import re
import subprocess
import sys
from dataclasses import asdict

import pytest

from gpu_worker.analysis.judging import MOST_PARTS, Judging
from gpu_worker.analysis.material import Material, Page
from gpu_worker.analysis.pages import choose_pictures
from gpu_worker.analysis.replies import Reply, failure_of
from gpu_worker.enums import Outcome
from local_cloud.anthropic.answers import answer_from
from tests.claude.sent import sent

SENTENCE = "The exchange of the boys took place at the library on that day and nobody was late."
WORDS = f"{SENTENCE} " * 5


def material(*pages: Page | str, filename: str = "letter.pdf", mime_type: str = "application/pdf") -> Material:
    return Material(filename, mime_type, tuple(page if isinstance(page, Page) else Page(page) for page in pages))


def answer(ask, **changes) -> Reply:
    drawn = tuple(chosen.page for chosen in ask.pictures)
    body = sent(ask, {page: b"jpeg" for page in drawn})
    text = json.dumps(answer_from(body) | changes)
    message = {"model": "claude-x", "stop_reason": "end_turn", "content": [{"type": "text", "text": text}]}
    return Reply(ask.key, message, pictures=drawn)


def finding(quote: str, page: int, **changes) -> dict:
    against = {"against_page": 0, "against_quote": "", "reason": "x", "kind": "perjury", "strength": "high"}
    return {"page": page, "quote": quote, "box": [], **against, **changes}


def score(scale: str, step: str, quote: str, page: int) -> dict:
    return {"page": page, "quote": quote, "box": [], "reason": "So it says.", "scale": scale, "step": step}


def filed(quote: str, day: str) -> dict:
    return {"page": 1, "box": [], "quote": quote, "role": "filed", "is_own": True, "day": day}


def standing(analysis, kind: str) -> list:
    return [claim for claim in analysis.claims if claim.kind == kind and claim.is_accepted]


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
    assert ([chosen.page for chosen in first.pictures], judging.pictures) == ([1], (1,))
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
    assert [chosen.page for chosen in ask.pictures] == [1]
    assert Judging(material(photo)).asks([Reply(ask.key, failure="refused")]) == ()


def test_the_careful_model_is_asked_once_about_the_pages_that_matter():
    quiet = "The weather report was read aloud and the meeting went on. " * 8
    pages = [quiet] * 30
    pages[11] = "I have never missed a single exchange of the boys. " + WORDS
    judging = Judging(material(*pages))
    (quick,) = judging.asks([])
    found = finding("I have never missed a single exchange of the boys.", 12)
    replies = [answer(quick, findings=[found])]
    (careful,) = judging.asks(replies)
    assert (careful.question, careful.key) == ("careful", "careful_1_30")
    assert [(chosen.page, chosen.reason) for chosen, _ in careful.pages] == [(1, "score"), (12, "finding")]
    judged = score("relevancy", "high", "The weather report was read aloud", 1)
    replies.append(answer(careful, findings=[], scores=[judged]))
    assert judging.asks(replies) == ()
    analysis = judging.conclude(replies)
    assert (analysis.careful_reasons, standing(analysis, "finding")) == (("findings",), [])
    assert [(claim.role, claim.number) for claim in standing(analysis, "score")] == [("relevancy_score", 700)]
    shown = {(one.question, one.page, one.shown_as, one.reason) for one in analysis.shown}
    assert ("careful", 12, "text", "finding") in shown and len(shown) == 32


ORDER = "CUSTODY ORDER\nThe court orders custody and visitation of the minor child.\n"


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, ()),
        ({"scores": [{"step": "very_high"}]}, ("relevancy",)),
        ({"scores": [{"step": "very_low"}], "custody": True}, ("disagreement",)),
        ({"facts": ["Nobody wrote this anywhere"] * 1 + ["Nor did they write that", "And never this one"]}, ("doubt",)),
    ],
)
def test_when_the_careful_model_is_asked(changes, reasons):
    text = (
        "CUSTODY ORDER\nThe court orders custody and visitation of the minor child.\n" if "custody" in changes else ""
    ) + WORDS
    judging = Judging(material(text))
    (quick,) = judging.asks([])
    scores = [score("relevancy", one["step"], SENTENCE, 1) for one in changes.get("scores", [])]
    facts = [{"page": 1, "box": [], "quote": words} for words in changes.get("facts", [])]
    reply = answer(quick, **({"scores": scores} if scores else {}), **({"facts": facts} if facts else {}))
    assert judging.conclude([reply]).careful_reasons == reasons
    assert len(judging.asks([reply])) == bool(reasons)


def test_what_the_careful_model_will_not_judge_the_quick_one_did():
    judging = Judging(material(WORDS))
    replies = [answer(judging.asks([])[0], findings=[finding(SENTENCE, 1)])]
    (careful,) = judging.asks(replies)
    replies.append(Reply(careful.key, failure="refused"))
    analysis = judging.conclude(replies)
    assert (judging.asks(replies), analysis.fallback_reason) == ((), "careful_refused")
    assert len(standing(analysis, "finding")) == 1


def test_rules_and_model_that_disagree_widely_are_both_shown():
    text = "DECLARATION\nCase No. FL-2023-004417\nI declare under penalty of perjury.\nDated: May 14, 2024\n" + WORDS
    judging = Judging(material(text + "Received on June 1, 2024."))
    (quick,) = judging.asks([])
    own = {
        "page": 1,
        "box": [],
        "quote": "Received on June 1, 2024.",
        "role": "filed",
        "is_own": True,
        "day": "2024-06-01",
    }
    analysis = judging.conclude([answer(quick, document_type="motion", dates=[own])])
    assert {(one.about, one.rules, one.claude) for one in analysis.disagreements} == {
        ("document_type", "declaration", "motion"), ("document_date", "2024-05-14", "2024-06-01"),
    }  # fmt: skip


def test_the_rules_days_survive_and_no_day_is_told_twice():
    text = "DECLARATION\nFiled: March 1, 2024\nHearing date: May 6, 2024\n" + WORDS
    judging = Judging(material(text, WORDS + "They met on March 1, 2024."))
    (quick,) = judging.asks([])
    stated = {
        "page": 1,
        "box": [],
        "quote": "Filed: March 1, 2024",
        "role": "filed",
        "is_own": True,
        "day": "2024-03-01",
    }
    days = standing(judging.conclude([answer(quick, dates=[stated])]), "date")
    assert [(day.value, day.page, day.role, day.stated_by, day.is_own) for day in days] == [
        ("2024-03-01", 1, "filed", "claude", True), ("2024-05-06", 1, "hearing", "rules", False),
        ("2024-03-01", 2, "event", "rules", False),
    ]  # fmt: skip


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
