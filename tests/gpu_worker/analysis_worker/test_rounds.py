"""What the analysis worker decides without asking anybody: what goes together, when to look again, what a page was."""

import pytest

from gpu_worker.analysis_worker.desk import Asked, Result, Sent
from gpu_worker.analysis_worker.documents import PageFacts, make_pages, read_facts
from gpu_worker.analysis_worker.open_batches import OpenBatches
from gpu_worker.analysis_worker.outbox import MOST_BYTES, Outbox
from gpu_worker.analysis_worker.settings import Settings
from gpu_worker.analysis_worker.work import Waiting, read_result, wait_for
from gpu_worker.enums import Outcome
from gpu_worker.errors import SettingsError, TransientError
from gpu_worker.job import Job


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def questions(job_id: str, count: int, size: int = 10) -> list[Sent]:
    job = Job(job_id, "document", "lease", 1, "name", None, True)
    return [Sent(job, f"part_{number}", {"text": "x" * size}) for number in range(count)]


def test_questions_are_collected_for_a_while_and_a_document_s_stay_together():
    clock = Clock()
    outbox = Outbox(60, clock)
    assert not outbox.is_due
    outbox.put(questions("a", 2, MOST_BYTES // 3))
    outbox.put(questions("b", 2, MOST_BYTES // 4))
    assert outbox.is_full and outbox.is_due
    assert [each.job.job_id for each in outbox.take()] == ["a", "a"]
    assert not outbox.is_due
    clock.time = 60
    assert outbox.is_due
    outbox.put(questions("c", 1))
    outbox.drop("b")
    assert [each.job.job_id for each in outbox.take()] == ["c"]


def test_a_batch_is_looked_at_soon_and_then_less_and_less_often():
    clock = Clock()
    batches = OpenBatches(10, clock)
    batches.expect("b")
    looks = []
    while len(looks) < 4:
        if batches.due():
            looks.append(clock.time)
            batches.look_later("b")
        clock.time += 1
    assert looks == [0, 10, 25, 48]
    batches.forget("b")
    clock.time = 1e6
    assert batches.due() == []


@pytest.mark.parametrize(
    ("asked", "waiting"),
    [
        (Asked("j", "k", "call", "batch"), None),
        (Asked("j", "k", code="claude_cap_reached", scope="batch"), Waiting("batch_cap")),
        (Asked("j", "k", code="claude_busy"), Waiting("claude_busy", 120)),
        (Asked("j", "k", code="claude_away"), Waiting("claude_away", 300)),
        (Asked("j", "k", code="claude_paused"), Waiting("claude_paused")),
        (Asked("j", "k", code="asked_twice"), None),
    ],
)
def test_what_a_document_waits_for(asked, waiting):
    assert wait_for([asked]) == waiting


def errored(kind: str, message: str = "") -> dict:
    return {"type": "errored", "error": {"type": "error", "error": {"type": kind, "message": message}}}


def test_what_passes_by_is_no_reply_and_what_is_the_document_s_is():
    for result in ({"type": "expired"}, {"type": "canceled"}, errored("overloaded_error"), errored("api_error")):
        assert read_result("k", Result("call", result), ()) is None
    blocked = errored("invalid_request_error", "Output blocked by content filtering policy")
    assert read_result("k", Result("call", blocked), (2,)).failure == "blocked_by_filter"
    large = errored("invalid_request_error", "image exceeds 5 MB")
    assert read_result("k", Result("call", large), ()).failure == "request_rejected"
    reply = read_result("k", Result("call", {"type": "succeeded", "message": {"model": "m"}}), (1,))
    assert (reply.pictures, reply.call) == ((1,), "call")


def test_pages_are_read_from_what_the_reading_left():
    lines = ['{"pages": [\n', '{"page": 1, "outcome": "ocr", "confidence": 0.5, "lines": []},\n',
             '{"page": 2, "outcome": "blank", "confidence": null}\n', '], "document": {}}\n']  # fmt: skip
    facts = read_facts(lines)
    assert facts == [PageFacts(outcome=Outcome.OCR, confidence=0.5), PageFacts(outcome=Outcome.BLANK)]
    assert [page.text for page in make_pages("one\f\n", facts)] == ["one", ""]
    with pytest.raises(TransientError):
        make_pages("one", facts)


def test_every_missing_setting_is_named_at_once_and_a_missing_secret_is_no_mistake():
    with pytest.raises(SettingsError, match=r"CONTROL_PLANE_URL.*SUPABASE_URL.*SUPABASE_PUBLISHABLE_KEY.*POLL"):
        Settings.from_env({"ANALYSIS_POLL_SECONDS": "soon"})
    given = dict.fromkeys(("CONTROL_PLANE_URL", "SUPABASE_URL", "SUPABASE_PUBLISHABLE_KEY"), "https://a.example/")
    assert Settings.from_env(given).secret is None
