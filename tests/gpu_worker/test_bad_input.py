"""Bad input through the real worker: a clear code, a sentence a person understands, and every page accounted for."""

from hashlib import sha256

from gpu_worker.errors import DOCUMENT_PROBLEMS
from inspector.kinds import PROGRAM
from tests.gpu_worker import bad_files
from tests.gpu_worker.workshop import DOCUMENTS
from tests.patience import wait_until

FAILURES = {
    "empty_file": ("nothing.pdf", lambda: b""),
    "corrupt_pdf": ("damaged.pdf", lambda: (DOCUMENTS / "damaged.pdf").read_bytes()),
    "password_protected": ("locked.pdf", lambda: (DOCUMENTS / "password_protected.pdf").read_bytes()),
    "unsupported_type": ("program.pdf", lambda: b"\x7fELF\x02\x01\x01\x00" + bytes(100)),
    "corrupt_image": ("photo.jpg", lambda: bad_files.jpeg(bad_files.photo())[:300]),
    "image_too_large": ("wall.png", lambda: bad_files.png_with_rows(40_000, 40_000)),
    "render_out_of_memory": ("bomb.pdf", bad_files.pdf_that_eats_memory),
    "object_missing": ("gone.pdf", lambda: None),
}
SENTENCES = DOCUMENT_PROBLEMS | {"unsupported_type": PROGRAM.refusal}


def test_every_kind_of_bad_file_fails_with_its_own_code_and_costs_no_other_document(workshop):
    jobs = {code: workshop.enqueue_object(f"raw/bad/{code}", make(), name) for code, (name, make) in FAILURES.items()}
    jobs["object_changed"] = workshop.upload(b"The original words of the letter that was sent in.", "letter.txt")
    key = workshop.document(workshop.job(jobs["object_changed"]))["object_key"]
    workshop.put_object(key, b"Other words, put in the place of the original after it was queued.")
    good = workshop.upload(b"A sound document among the bad ones, about nothing at all.", "sound.txt")
    worker = workshop.start_worker()
    for code, job_id in jobs.items():
        job = workshop.finish(job_id)
        assert (job["status"], job["error_code"]) == ("failed", code), worker.log
        assert job["error_message"] == SENTENCES[code]
        assert job["attempt"] == 1, "trying again cannot help"
    assert workshop.finish(good)["status"] == "completed"
    assert workshop.sql("select reconciled from get_totals()")[0]["reconciled"]


def test_an_object_replaced_between_its_scan_and_its_reading_is_not_read_as_the_old_one(workshop):
    old, new = b"The visit of May 1 was missed by him.", b"The visit of May 1 was missed by her."
    longer = new + b" And by him too."
    same_size = workshop.enqueue_object("inbox/same size.txt", old, "same size.txt")
    other = old + b" He said so."
    other_size = workshop.enqueue_object("inbox/other size.txt", other, "other size.txt")
    kept = workshop.enqueue_object("inbox/kept.txt", b"This one stays as it is, as of March 3, 2024.", "kept.txt")
    workshop.put_object("inbox/same size.txt", new)
    workshop.put_object("inbox/other size.txt", longer)
    worker = workshop.start_worker()
    for job_id, scanned in ((same_size, old), (other_size, other)):
        job = workshop.finish(job_id)
        assert (job["status"], job["error_code"]) == ("failed", "object_changed"), worker.log
        document = workshop.document(job)
        assert document["sha256"] == sha256(scanned).hexdigest(), "no hash of other bytes in its name"
        assert not document["artifacts"], "and no word of theirs"
    assert workshop.finish(kept)["status"] == "completed"

    again = workshop.enqueue_object("inbox/same size.txt", new, "same size.txt")  # as the next scan of the folder does
    job = workshop.finish(again)
    assert job["status"] == "completed" and again != same_size, worker.log
    assert workshop.document(job)["sha256"] == sha256(new).hexdigest()


def test_what_can_be_read_of_a_bad_file_is_read_and_the_rest_is_recorded(workshop):
    whole = bad_files.jpeg(bad_files.photo())
    truncated = workshop.upload(whole[: len(whole) // 2], "cut off.jpg")
    misnamed = workshop.upload((DOCUMENTS / "care_receipt.png").read_bytes(), "receipt.pdf")
    strange = workshop.upload(b"A note with a strange name and a custody date of May 1, 2024.", "../../📷 né.txt")
    words = b" ".join(b"w%0400d" % number for number in range(3_000))  # PostgreSQL's tsvector ends at 1 MB
    endless = workshop.upload(words, "many words.txt")
    worker = workshop.start_worker()

    job = workshop.finish(truncated)
    assert job["status"] == "completed", worker.log
    assert workshop.pages(job)[0]["reason"].startswith("truncated_image")

    job = workshop.finish(misnamed)
    assert workshop.document(job)["mime_type"] == "image/png"
    assert [page["outcome"] for page in workshop.pages(job)] == ["ocr"]

    job = workshop.finish(strange)
    assert job["status"] == "completed"
    assert ".." not in workshop.document(job)["object_key"]

    job = workshop.finish(endless)
    assert job["status"] == "completed", worker.log
    assert workshop.artifact(job, "ocr.txt").split()[-1] == words.split()[-1]


def test_page_that_hangs_is_unreadable_and_a_document_that_only_hangs_fails(workshop):
    one_page = workshop.upload(bad_files.pdf_with_one_bad_page(), "one bad page.pdf")
    all_pages = workshop.upload(bad_files.pdf_that_hangs(), "hangs.pdf")
    worker = workshop.start_worker(RENDER_SECONDS="2")

    job = workshop.finish(one_page)
    assert job["status"] == "completed", worker.log
    pages = workshop.pages(job)
    assert [page["outcome"] for page in pages] == ["text_layer", "unreadable", "text_layer"]
    assert pages[1]["reason"].startswith("render_timeout")

    job = workshop.finish(all_pages)
    assert (job["status"], job["error_code"]) == ("failed", "render_timeout")
    assert [page["outcome"] for page in workshop.pages(job)] == ["unreadable"]


def test_pdf_of_150_pages_needs_no_more_memory_than_one_of_20(workshop):
    few = workshop.upload(bad_files.pdf_with_pages(20), "few.pdf")
    worker = workshop.start_worker()
    workshop.finish(few)
    before = peak_bytes(worker.process.pid)
    job = workshop.finish(workshop.upload(bad_files.pdf_with_pages(150), "many.pdf"))
    assert (job["status"], job["pages_total"], job["pages_accounted"]) == ("completed", 150, 150), worker.log
    assert peak_bytes(worker.process.pid) - before < 60_000_000


def peak_bytes(pid: int) -> int:
    with open(f"/proc/{pid}/status") as status:  # noqa: PTH123 - not a path of ours
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def test_storage_that_is_away_for_a_while_costs_no_attempt(workshop):
    job_id = workshop.upload((DOCUMENTS / "text_messages.txt").read_bytes(), "messages.txt")
    storage = workshop.cloud.services["seaweedfs"]
    storage.stop()
    worker = workshop.start_worker()
    try:
        wait_until(lambda: "storage is away" in worker.log, "the worker notices")
    finally:
        storage.restart()
    job = workshop.finish(job_id)
    assert (job["status"], job["attempt"]) == ("completed", 1), worker.log


def test_queue_that_is_away_while_a_document_is_in_work_costs_no_attempt(workshop):
    job_id = workshop.upload((DOCUMENTS / "declaration_scan.pdf").read_bytes(), "declaration.pdf")
    worker = workshop.start_worker()
    wait_until(lambda: workshop.job(job_id)["status"] == "processing", "the job is claimed")
    queue = workshop.cloud.services["postgrest"]
    queue.stop()
    try:
        wait_until(lambda: "is away" in worker.log, "the worker notices")
    finally:
        queue.restart()
    job = workshop.finish(job_id)
    assert (job["status"], job["attempt"]) == ("completed", 1), worker.log
