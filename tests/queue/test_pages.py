"""The page ledger: each page of each document ends in exactly one recorded outcome."""

import json

import psycopg
import pytest

from tests.queue.claims import BOX, new_analysis, new_claim
from tests.queue.queue_calls import new_file, new_result

FINDING = {"role": "perjury", "number": 70, "quote": "matter of"}
MALFORMED = [
    7, None, {}, new_claim("gossip"), new_claim("fact", quote=None), new_claim("fact", page=0),
    new_claim("fact", page=3), new_claim("fact", page="one"), new_claim("fact", quote=" "),
    new_claim("fact", state="sure"), new_claim("fact", quote="In the garden of"), new_claim("fact", start=-1),
    new_claim("fact", quote="matter", start=None), new_claim("fact", state="picture", box=[]),
    new_claim("fact", state="picture", box=[0, 0, 1, 1001]), new_claim("fact", quote="matter", box=BOX),
    new_claim("fact", quote="matter", stated_by="somebody"),
    new_claim("date", quote="matter", value="the first of May", readings=[]),
    new_claim("date", quote="matter", value="2024-05-01", readings=["2024-05-01", "2024-01-05"]),
    new_claim("date", quote="matter", value="infinity"), new_claim("date", quote="matter", readings=["soon"]),
    new_claim("finding", **FINDING | {"role": "gossip"}), new_claim("finding", **FINDING | {"number": 101}),
    new_claim("finding", **FINDING | {"number": None}), new_claim("score", quote="matter", role="truth_score"),
    new_claim("score", quote="matter", role="truth_score", number=101),
    new_claim("score", quote="matter", role="relevancy_score", number=1000),
]  # fmt: skip


@pytest.fixture
def job(queue, machine):
    queue.enqueue(new_file())
    return machine.claim_one()


def pages(*numbers: int, outcome: str = "ocr") -> list[dict]:
    return [{"page": number, "outcome": outcome} for number in numbers]


@pytest.mark.parametrize(
    "changes",
    [
        {"pages": pages(1)},
        {"pages": pages(1, 3)},
        {"pages": pages(1, 1)},
        {"pages": pages(1, 2, 2)},
        {"pages": pages(0, 1)},
        {"pages": []},
        {"pages": None},
        {"pages_total": None},
        {"pages_total": 0, "pages": []},
        {"pages": pages(1, 2, outcome="lost")},
        {"pages": [{"page": 1, "outcome": "ocr"}, {"page": 2}]},
        {"sha256": "not a hash"},
        {"sha256": None},
        {"artifacts": {"ocr.txt": {"key": "raw/somebody/else.pdf", "bytes": 1, "sha256": "0" * 64}}},
        {"artifacts": {"../ocr.txt": {"key": "processed/x", "bytes": 1, "sha256": "0" * 64}}},
        {"artifacts": {"ocr.txt": None}},
        {"artifacts": ["ocr.txt"]},
        {"artifacts": {"ocr.txt": "{prefix}ocr.txt"}},
        {"artifacts": {"ocr.txt": {"key": "{prefix}ocr.txt", "bytes": 1}}},
        {"artifacts": {"ocr.txt": {"key": "{prefix}ocr.txt", "bytes": "one", "sha256": "0" * 64}}},
        {"artifacts": {"ocr.txt": {"key": "{prefix}ocr.txt", "bytes": 1, "sha256": "short"}}},
        {"analysis": None},
        {"analysis": {"claims": "many"}},
        {"analysis": {"claims": [new_claim("date")] * 2001}},
        *({"analysis": new_analysis(claims=[claim])} for claim in MALFORMED),
        {"chunks": [{"page": 1, "text": "x", "embedding": [1.0, 2.0]}]},
    ],
    ids=str,
)
def test_a_result_that_does_not_add_up_is_refused_and_leaves_no_trace(queue, machine, job, changes):
    changes = json.loads(json.dumps(changes).replace("{prefix}", job["artifact_prefix"]))
    with pytest.raises(psycopg.Error) as refusal:
        machine.complete(job, {**new_result(job), **changes})
    assert refusal.value.sqlstate == "AS006"
    assert queue.job(job["job_id"])["status"] == "processing"
    for table in ("document_pages", "document_repository", "document_findings"):
        assert queue.rows(f"select * from {table}") == []


def test_a_result_is_published_whole(queue, machine, job):
    stated = {
        "document_date": "2024-05-01", "dates": ["2024-05-01"], "parties": [{"name": "A. Smith", "role": "petitioner"}],
        "case_number": "FL-1", "court": "Superior", "key_facts": ["One."], "justice_score": 1,
        "fraud_score": 100, "perjury_score": 0, "legal_credit_score": 850, "relevancy_score": 999,
    }  # fmt: skip
    about = {"analyst": "claude", "model": "a-model", "document_type": "declaration", "summary": "Short."}
    finding = {"role": "contradiction", "page": 2, "quote": "text", "number": 70, "differs": ["tcxt ≈ text"]}
    analysis = new_analysis("Whole", findings=[finding | {"state": "ocr"}], **about, **stated)
    dark = {"page": 2, "outcome": "unreadable", "reason": "too dark"}
    outcomes = [{"page": 1, "outcome": "text_layer", "words": 20}, dark]
    chunk = {"page": 1, "text": "passage", "embedding": [0.5] * 384}
    machine.complete(job, new_result(job, pages=outcomes, analysis=analysis, chunks=[chunk], text="Whole text"))

    document = queue.row("select * from document_list")
    for name in ("document_type", "summary", "analyst", "model"):
        assert document[name] == about[name]
    for name in ("case_number", "court", "parties", "key_facts", "dates"):
        assert document[name] == stated[name]
    assert str(document["document_date"]) == "2024-05-01"
    assert document["truth_score"] is None
    assert (document["legal_credit_score"], document["relevancy_score"]) == (850, 999)
    assert document["artifacts"] == {"ocr.txt": job["artifact_prefix"] + "ocr.txt"}
    assert (document["text_excerpt"], document["words"], document["findings_count"]) == ("Whole text", 20, 1)
    listed = queue.row("select * from job_list")
    assert listed["page_outcomes"] == {"text_layer": 1, "unreadable": 1}
    assert (listed["pages_done"], listed["pages_total"], listed["seconds"]) == (2, 2, 1.5)
    assert queue.row("select count(*) as n from document_embeddings where embedding is not null")["n"] == 1
    assert queue.row("select pages_done, jobs_done from machines") == {"pages_done": 2, "jobs_done": 1}


def test_pages_of_a_failed_document_stay_accounted_for(queue, machine, job):
    machine.fail(job, code="corrupt_pdf", retry=False, pages=pages(1, 2) + pages(4, outcome="unreadable"))
    (totals,) = queue.service("get_totals")
    assert (totals["documents"], totals["failed"], totals["pages"], totals["pages_accounted"]) == (1, 1, 4, 4)
    assert totals["reconciled"]
    assert queue.job(job["job_id"])["page_outcomes"] == {"ocr": 2, "unreadable": 1, "skipped": 1}


def test_a_second_attempt_replaces_the_pages_of_the_first(queue, machine, job):
    machine.fail(job, pages=pages(1, 2, 3, outcome="unreadable"))
    queue.make_due()
    again = machine.claim_one()
    machine.complete(again, new_result(again, pages_total=2))
    rows = queue.rows("select page, outcome from document_pages order by page")
    assert rows == [{"page": n, "outcome": "ocr"} for n in (1, 2)]


@pytest.mark.parametrize("bad", [pages(0), pages(1, outcome="lost"), pages(1, 1), [{"page": "one", "outcome": "ocr"}]])
def test_malformed_pages_of_a_failure_are_refused(machine, job, bad):
    with pytest.raises(psycopg.Error) as refusal:
        machine.fail(job, pages=bad)
    assert refusal.value.sqlstate == "AS006"


def test_the_totals_reconcile_only_when_every_entry_has_ended(queue, machine):
    assert queue.service("get_totals")[0]["reconciled"]
    queue.enqueue_many(4)
    (waiting,) = queue.service("get_totals")
    assert (waiting["open"], waiting["reconciled"]) == (4, False)
    first, second, third, fourth = machine.claim(max_jobs=4)
    machine.complete(first, new_result(first, pages_total=3))
    machine.fail(second, retry=False)
    queue.service("cancel_job", job_id=third["job_id"])
    assert not queue.service("get_totals")[0]["reconciled"]
    machine.complete(fourth)
    (totals,) = queue.service("get_totals")
    assert totals == {
        "documents": 4, "completed": 2, "failed": 1, "cancelled": 1, "open": 0,
        "pages": 5, "pages_accounted": 5, "parts": 0, "parts_left_out": 0, "reconciled": True,
        "judged": 0, "sorted": 2, "waiting_for_analysis": 0, "waiting_for": {},
    }  # fmt: skip


def test_a_completed_document_that_lost_a_page_does_not_reconcile(queue, machine, job):
    machine.complete(job)
    queue.rows("update processing_jobs set pages_accounted = 1")
    assert not queue.service("get_totals")[0]["reconciled"]


def test_the_counts_on_a_job_are_those_of_its_page_rows(queue, machine):
    queue.enqueue_many(3)
    done, failed, died = machine.claim(max_jobs=3)
    machine.complete(done)
    machine.fail(failed, retry=False, pages=pages(2))
    for row in queue.rows("select * from processing_jobs where status <> 'processing'"):
        counted = queue.row("select count(*) as n from document_pages where job_id = %s", row["id"])["n"]
        assert row["pages_accounted"] == counted == sum(row["page_outcomes"].values())


def test_totals_of_one_batch_leave_the_others_out(queue, machine):
    (batch,) = queue.service("start_batch", batch={"name": "a"})
    queue.enqueue_many(2, batch_id=str(batch["id"]))
    queue.enqueue(new_file())
    assert queue.service("get_totals", batch_id=batch["id"])[0]["documents"] == 2
    assert queue.service("get_totals")[0]["documents"] == 3
