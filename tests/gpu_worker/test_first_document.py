"""One document through a real worker, end to end."""

import json

from tests.gpu_worker.workshop import DOCUMENTS


def test_text_file_is_read_analysed_and_published_and_the_log_tells_nothing_of_it(workshop):
    job_id = workshop.upload(b"Case No. FL-2024-001234\nDear Judge, this is about custody of the child.\n", "note.txt")
    environ = workshop.environ()
    worker = workshop.start_worker(environ)
    job = workshop.finish(job_id)
    assert job["status"] == "completed", worker.log
    assert [page["outcome"] for page in workshop.pages(job)] == ["text_layer"]
    document = workshop.document(job)
    assert document["case_number"] == "FL-2024-001234"
    assert document["analyst"] == "rules"
    assert document["truth_score"] is None
    document = json.loads(workshop.artifact(job, "metadata.json"))["document"]
    assert (document["outcomes"], document["ocr_engine"]) == ({"text_layer": 1}, "onnx")
    assert workshop.artifact(job, "thumbnail.jpg").startswith(b"\xff\xd8")
    vectors = workshop.sql("select extensions.vector_dims(embedding) as dimensions from document_embeddings")
    assert [row["dimensions"] for row in vectors] == [384]
    assert worker.stop() == 0
    assert "job done" in worker.log
    for secret in (environ["WORKER_TOKEN"], "X-Amz-Signature", "custody of the child", "note.txt"):
        assert secret not in worker.log


def test_no_document_waits_for_claude_on_a_rented_machine(workshop):
    """It ends with what Claude needs later: its text, and the picture of a page that says little in words."""
    workshop.sql("select announce_claude(true, '{}')")
    image = (DOCUMENTS / "care_receipt.png").read_bytes()
    worker = workshop.start_worker()
    job = workshop.finish(workshop.upload(image, "receipt.png", priority="high"))
    document = workshop.document(job)
    assert (job["status"], document["analyst"], document["fallback_reason"]) == ("completed", "rules", None), worker.log
    assert workshop.artifact(job, "page-0001.jpg").startswith(b"\xff\xd8")
    waiting = workshop.sql("select kind, status, machine from processing_jobs where kind = 'analyse'")
    assert waiting == [{"kind": "analyse", "status": "queued", "machine": None}]
    (run,) = workshop.sql("select analyst, prompt_version, length(inputs_sha256) as hash from analysis_runs")
    assert run["analyst"] == "rules" and run["prompt_version"] and run["hash"] == 64
