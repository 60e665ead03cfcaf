"""Where sensitive documents are read while nobody says where: as the policy says, and a person's word stands above."""

import pytest

from tests.queue.conftest import queue  # noqa: F401
from tests.queue.queue_calls import Queue, new_file

NAMES = {
    "Custody evaluation of R.pdf": True, "school_report.pdf": True, "MEDICAL record 2023.pdf": True,
    "therapist.txt": True, "bank statement.pdf": True, "W-2 2023.pdf": True, "letter.pdf": False, "syntax.pdf": False,
    "embankment.jpg": False,
}  # fmt: skip


@pytest.mark.parametrize("policy", ["any_host", "datacenter_only", "local_only"])
def test_a_name_that_speaks_of_child_health_or_money_waits_as_the_policy_says(queue: Queue, policy: str):  # noqa: F811
    queue.service("sweep_checks", share=0.0, sensitive_placement=policy)
    queue.enqueue(*(new_file(original_filename=name) for name in NAMES))
    rows = queue.rows(
        "select d.original_filename as name, j.placement, l.placement as lane from processing_jobs j"
        " join master_document_registry d on d.id = j.document_id join lanes l on l.id = j.lane_id"
    )
    assert {row["name"]: row["placement"] for row in rows} == {
        name: policy if is_sensitive else "any_host" for name, is_sensitive in NAMES.items()
    }
    assert all(row["placement"] == row["lane"] for row in rows)
    waiting = {job["original_filename"] for job in queue.machine().claim(20)}
    assert waiting == {name for name, is_sensitive in NAMES.items() if policy == "any_host" or not is_sensitive}


def test_a_person_s_word_stands_above_the_guess(queue: Queue):  # noqa: F811
    queue.service("sweep_checks", share=0.0, sensitive_placement="datacenter_only")
    (row,) = queue.enqueue(new_file(original_filename="bank.pdf"))
    queue.service("set_job_choices", job_id=row["job_id"], placement="any_host", allow_claude=True)
    assert queue.job(row["job_id"])["placement"] == "any_host"
    queue.enqueue(new_file(original_filename="medical.pdf", placement="local_only"))
    assert {job["original_filename"] for job in queue.machine("datacenter").claim(9)} == {"bank.pdf"}
