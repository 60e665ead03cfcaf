"""Where sensitive documents are read while nobody says where: as the policy says, and a person's word stands above."""

import pytest

from control_plane.settings.fleet_policy import Policy
from control_plane.settings.reader import Reader
from tests.queue.conftest import queue  # noqa: F401
from tests.queue.queue_calls import Queue, new_file, new_result

NAMES = {
    "Custody evaluation of R.pdf": True, "school_report.pdf": True, "MEDICAL record 2023.pdf": True,
    "therapist.txt": True, "bank statement.pdf": True, "W-2 2023.pdf": True, "letter.pdf": False, "syntax.pdf": False,
    "embankment.jpg": False,
    "médico.pdf": True, "boleta de la escuela.pdf": True, "medication list.pdf": True,
    "0a1b2c3d-1099-4abc-8def-001122334455.pdf": False, "1099-0a1b2c3d-1040-4abc-8def-001122334455.pdf": True,
}  # fmt: skip


def test_without_a_word_of_anybody_sensitive_papers_go_to_certified_data_centres_only(queue: Queue):  # noqa: F811
    assert Policy().sensitive_placement == "datacenter_only"
    queue.enqueue(*(new_file(original_filename=name) for name in NAMES))  # before the fleet has said its policy
    claimed = {job["original_filename"] for job in queue.machine().claim(20)}
    assert claimed == {name for name, is_sensitive in NAMES.items() if not is_sensitive}
    assert len(queue.machine("datacenter").claim(20)) == sum(NAMES.values())


def test_what_was_judged_to_be_sensitive_is_read_anew_as_the_policy_says(queue: Queue):  # noqa: F811
    (row,) = queue.enqueue(new_file(original_filename="scan 7.pdf"))
    machine = queue.machine()
    machine.complete(job := machine.claim_one(), new_result(job))
    for kind, placement in (("medical_record", "datacenter_only"), ("letter", "any_host")):
        queue.rows("update master_document_registry set document_type = %s", kind)
        queue.rows("select private.open_job(%s, null, 'upload', 'normal', 'any_host', true, 1)", row["document_id"])
        opened = queue.row("select id, placement from processing_jobs order by seq desc limit 1")
        assert opened["placement"] == placement
        queue.service("cancel_job", job_id=opened["id"])


def test_a_policy_that_is_no_placement_is_named():
    reader = Reader({"FLEET_SENSITIVE_PLACEMENT": "moon"})
    Policy.read(reader)
    assert reader.problems == ["FLEET_SENSITIVE_PLACEMENT must be one of any_host, datacenter_only, local_only."]


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
