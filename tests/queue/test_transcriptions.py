"""What Claude transcribed from pictures: shown by the newest run, found by search, never in the text of the pages."""

import psycopg
import pytest

from tests.queue.test_analysis import CAPS, Analyst, by_claude, read


@pytest.fixture
def analyst(queue) -> Analyst:
    queue.service("announce_claude", has_key=True, caps=CAPS)
    return Analyst(queue)


ASKED = "claude-sonnet-5-5"
"""The model by the ledger; what the worker says it asked is not believed."""


def written(*lines: tuple[str, bool], **changes) -> dict:
    said = [{"text": text, "doubtful": doubtful} for text, doubtful in lines]
    return {"page": 1, "kind": "handwriting", "engine": "claude", "model": "claude-x", "lines": said, **changes}


def found(queue, query: str) -> list[tuple]:
    queue.index()
    return [(hit["page"], hit["snippet"]) for hit in queue.service("search_documents", query=query)]


def test_it_is_kept_with_its_doubt_and_found_but_is_no_text_and_gives_way_to_a_newer_run(queue, machine, analyst):
    job = read(queue, machine)
    (work,) = analyst.claim()
    lines = ("Picked up the boys", False), ("near the zeppelin\x07museum", True)
    analyst.complete(work, by_claude() | {"transcriptions": [written(*lines)]})
    row = queue.row("select * from document_transcriptions where document_id = %s", job["document_id"])
    assert (row["page"], row["kind"], row["engine"], row["model"]) == (1, "handwriting", "claude", ASKED)
    assert (row["outcome"], row["text"]) == ("transcribed", "Picked up the boys\nnear the zeppelin museum")
    assert row["doubtful_lines"] == [2]
    assert row["run_id"] == queue.row("select run_id from master_document_registry")["run_id"]
    snippet = "Transcribed by Claude: Picked up the boys near the zeppelin museum"
    assert found(queue, "zeppelin") == [(1, snippet)]
    assert "zeppelin" not in queue.row("select text from document_repository")["text"]
    queue.rows("update document_repository set text = text")
    assert found(queue, "zeppelin") == [(1, snippet)], "indexing the text anew keeps it"

    queue.service("judge_again", filter={"document_id": str(job["document_id"]), "force": True}, max_documents=1)
    (work,) = analyst.claim()
    analyst.complete(work, by_claude() | {"transcriptions": [written(("by the harbour", False))]})
    assert (found(queue, "zeppelin"), len(found(queue, "harbour"))) == ([], 1)


def test_it_is_found_when_the_reading_machine_asked_claude_itself(queue, machine, analyst):
    read(queue, machine, by_claude() | {"transcriptions": [written(("zeppelin", False))]})
    assert [page for page, _ in found(queue, "zeppelin")] == [1]


@pytest.mark.parametrize(
    "given",
    [
        {},
        [written(("x", False), page=99)],
        [written(("x", False), page=None)],
        [written(("x", False), kind="drawing")],
        [written(("x", False), engine="tesseract")],
        [written((" ", False))],
        [written(("x", "perhaps"))],
        [written(lines="x")],
        [written(*[("x", False)] * 201)],
        [written(("x", False))] * 101,
        ["x"],
    ],
)
def test_what_is_no_transcription_is_refused_and_publishes_nothing(queue, machine, analyst, given):
    read(queue, machine)
    (work,) = analyst.claim()
    with pytest.raises(psycopg.Error) as refused:
        analyst.complete(work, by_claude() | {"transcriptions": given})
    assert refused.value.sqlstate == "AS006"
    assert queue.row("select count(*) as n from document_transcriptions")["n"] == 0
