"""The worker's analyst against the real gateway and a stand-in Anthropic."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from gpu_worker.analysis.analyst import ReadDocument
from gpu_worker.analysis.asks import split_parts
from gpu_worker.analysis.claude import ClaudeAnalyst, build_client
from gpu_worker.analysis.judging import Judging
from gpu_worker.analysis.material import Material, Page
from gpu_worker.clients.job_queue import JOBS
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.errors import LeaseLost, TokenDead
from gpu_worker.render.errors import RenderError
from tests.control_plane.desk import wait_until

TEXT = (
    "DECLARATION OF MARCUS WHITFIELD. I, Marcus Whitfield, declare under penalty of perjury that I have never missed a "
    "scheduled exchange of the minor children. Case No. FL-2023-004417. "
) + "The children were at the library on that day and nobody came. " * 8
JPEG = b"\xff\xd8\xff\xe0 stand-in picture \xff\xd9"


@pytest.fixture
def make_analyst():
    def make(gateway, patience_seconds: float = 0) -> ClaudeAnalyst:
        token = WorkerToken(gateway.token)
        return ClaudeAnalyst(build_client(gateway.url, token), token, patience_seconds)

    return make


def read(
    gateway, *texts: str, mime_type: str = "application/pdf", draw=lambda page, pixels: JPEG, **job
) -> ReadDocument:
    material = analysis_material(*texts, mime_type=mime_type)
    return ReadDocument(JOBS.validate_python([gateway.job | job])[0], material, draw)


def analysis_material(*texts: str, mime_type: str = "application/pdf") -> Material:
    return Material("declaration.pdf", mime_type, tuple(map(Page, texts)))


def images(body: dict) -> int:
    return sum(block["type"] == "image" for block in body["messages"][0]["content"])


def standing(analysis, kind: str) -> list:
    return [claim for claim in analysis.claims if claim.kind == kind and claim.is_accepted]


def scores(analysis) -> dict[str, int]:
    return {claim.role: claim.number for claim in standing(analysis, "score")}


def test_claude_judges_and_every_quote_is_looked_up(gateway, anthropic_api, make_analyst):
    analysis = make_analyst(gateway).analyse(read(gateway, TEXT))
    assert (analysis.analyst, analysis.model, analysis.fallback_reason) == ("claude", "claude-sonnet-5-5", None)
    assert analysis.document_type == "declaration"
    assert scores(analysis) == {"truth_score": 30, "fraud_score": 70, "legal_credit_score": 465, "relevancy_score": 500}
    (finding,) = standing(analysis, "finding")
    assert (finding.state, finding.page, finding.quote) == ("exact", 1, " ".join(TEXT.split()[:8]))
    assert [claim.value for claim in standing(analysis, "case_number")] == ["FL-2023-004417"]
    assert [body["model"] for body in anthropic_api.requests] == ["claude-haiku-5-5", "claude-sonnet-5-5"]
    assert [call["outcome"] for call in gateway.calls()] == ["answered", "answered"]


def test_a_quote_that_is_not_in_the_text_is_marked(gateway, anthropic_api, make_analyst):
    invented = {"kind": "perjury", "page": 9, "quote": "I lied about the money", "box": [], "reason": "x",
                "against_page": 0, "against_quote": "", "strength": "high"}  # fmt: skip
    anthropic_api.answer_changes = {"findings": [invented]}
    analysis = make_analyst(gateway).analyse(read(gateway, TEXT))
    (finding,) = [claim for claim in analysis.claims if claim.kind == "finding"]
    assert (finding.state, finding.is_accepted, finding.page, finding.start) == ("none", False, 1, None)


def test_a_score_without_grounds_was_not_judged(gateway, anthropic_api, make_analyst):
    bare = {"page": 1, "quote": "", "box": [], "reason": " ", "step": "very_high"}
    anthropic_api.answer_changes = {"scores": [bare | {"scale": "fraud"}, bare | {"scale": "relevancy"}]}
    analysis = make_analyst(gateway).analyse(read(gateway, TEXT))
    plain = Judging(analysis_material(TEXT)).plain
    assert scores(analysis) == scores(plain)


def test_only_pages_that_say_little_are_shown_as_pictures(gateway, anthropic_api, make_analyst):
    drawn = []
    analyst = make_analyst(gateway)
    analyst.analyse(
        read(gateway, TEXT, "stamp", TEXT, "", draw=lambda page, pixels: drawn.append((page, pixels)) or JPEG)
    )
    assert drawn == [(2, 1200), (4, 1200)]
    assert images(anthropic_api.requests[0]) == 2


def test_a_page_that_cannot_be_drawn_is_judged_by_its_text(gateway, anthropic_api, make_analyst):
    def fail(page: int, pixels: int) -> bytes:
        raise RenderError("render_crashed")

    assert make_analyst(gateway).analyse(read(gateway, "short note", draw=fail)).analyst == "claude"
    assert images(anthropic_api.requests[0]) == 0


def test_pictures_that_are_refused_are_left_out_the_second_time(gateway, anthropic_api, make_analyst):
    anthropic_api.script = ["filtered"]
    analysis = make_analyst(gateway).analyse(read(gateway, TEXT, "stamp"))
    assert (analysis.analyst, analysis.fallback_reason) == ("claude", "blocked_by_filter_with_pictures")
    assert [images(body) for body in anthropic_api.requests][:2] == [1, 0]


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        ("refusal", "refused"),
        ("filtered", "blocked_by_filter"),
        ("malformed", "malformed_answer"),
        ("cut_off", "cut_off"),
    ],
)
def test_what_claude_will_not_judge_the_rules_do(gateway, anthropic_api, make_analyst, ending, reason):
    anthropic_api.script = [ending, ending]
    analysis = make_analyst(gateway).analyse(read(gateway, TEXT, "stamp"))
    assert (analysis.analyst, analysis.fallback_reason) == ("rules", reason)
    assert analysis.document_type == "declaration"
    assert set(scores(analysis)) <= {"relevancy_score"}
    assert len(anthropic_api.requests) == 2


def test_a_busy_claude_is_asked_again(gateway, anthropic_api, make_analyst):
    anthropic_api.script = ["rate_limited", "overloaded"]
    assert make_analyst(gateway).analyse(read(gateway, TEXT)).fallback_reason is None
    assert [body["model"] for body in anthropic_api.requests[:3]] == ["claude-haiku-5-5"] * 3


def test_documents_wait_for_each_other_where_few_calls_fit(make_gateway, anthropic_api, make_analyst):
    gateway = make_gateway(CLAUDE_CALLS_AT_ONCE="1")
    analyst = make_analyst(gateway, patience_seconds=60)
    anthropic_api.hold.clear()
    with ThreadPoolExecutor() as threads:
        first = threads.submit(analyst.analyse, read(gateway, TEXT))
        wait_until(lambda: bool(anthropic_api.requests), 20)
        second = threads.submit(analyst.analyse, read(gateway, TEXT))
        wait_until(lambda: len(gateway.calls()) == 1 and not second.done(), 20)
        anthropic_api.hold.set()
        assert [first.result().analyst, second.result().analyst] == ["claude", "claude"]


def test_a_claude_that_stays_away_costs_no_document(gateway, anthropic_api, make_analyst):
    anthropic_api.script = ["overloaded"] * 3
    analysis = make_analyst(gateway).analyse(read(gateway, TEXT))
    assert (analysis.analyst, analysis.fallback_reason) == ("rules", "claude_busy")


def test_without_a_key_the_rules_judge_and_the_next_document_does_not_ask(make_gateway, make_analyst):
    gateway = make_gateway(ANTHROPIC_API_KEY="")
    analyst = make_analyst(gateway)
    assert analyst.analyse(read(gateway, TEXT)).fallback_reason == "claude_off"
    away = ClaudeAnalyst(build_client("http://127.0.0.1:9", analyst._token), analyst._token)
    away._off = analyst._off
    assert away.analyse(read(gateway, TEXT)).fallback_reason == "claude_off"


@pytest.mark.parametrize(("cap", "asked"), [("0.001", 0), ("0.02", 1)], ids=["at once", "before the careful model"])
def test_at_the_cap_the_rules_judge(make_gateway, make_analyst, anthropic_api, cap, asked):
    gateway = make_gateway(MAX_CLAUDE_DOLLARS_PER_DAY=cap)
    analysis = make_analyst(gateway).analyse(read(gateway, TEXT))
    assert (analysis.analyst, analysis.fallback_reason) == ("rules", "claude_cap_reached")
    assert len(anthropic_api.requests) == asked


def test_a_document_that_must_not_go_to_claude_does_not(gateway, anthropic_api, make_analyst):
    analysis = make_analyst(gateway).analyse(read(gateway, TEXT, allow_claude=False))
    assert (analysis.analyst, analysis.fallback_reason) == ("rules", "claude_off")
    assert not anthropic_api.requests


def test_a_lost_lease_and_a_dead_token_stop_the_work(gateway, make_analyst):
    with pytest.raises(LeaseLost):
        make_analyst(gateway).analyse(read(gateway, TEXT, lease_token=gateway.job["job_id"]))
    gateway.token = "no.token.atall"
    with pytest.raises(TokenDead):
        make_analyst(gateway).analyse(read(gateway, TEXT))


def test_a_long_document_is_judged_part_by_part(gateway, anthropic_api, make_analyst):
    pages = [f"Page {n}. " + "It was said at length. " * 2500 for n in range(1, 8)]
    analysis = make_analyst(gateway).analyse(read(gateway, *pages))
    assert len(anthropic_api.requests) == len(split_parts(pages)) == 4
    assert [claim.page for claim in standing(analysis, "fact")] == [1, 3, 5, 7]
    assert analysis.fallback_reason is None


def test_a_part_that_is_refused_is_named(gateway, anthropic_api, make_analyst):
    pages = [f"Page {n}. " + "It was said at length. " * 2500 for n in range(1, 4)]
    anthropic_api.script = ["refusal"]
    analysis = make_analyst(gateway).analyse(read(gateway, *pages))
    assert (analysis.analyst, analysis.fallback_reason) == ("claude", "refused on pages 1 to 2")


def test_parts_hold_every_page_once():
    texts = ["a" * 50, "b" * 500, "c" * 40, "d" * 70, ""]
    parts = split_parts(texts, most_characters=100)
    assert [(part.first_page, part.last_page) for part in parts] == [(1, 1), (2, 2), (3, 3), (4, 5)]
