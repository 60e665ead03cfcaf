"""Files inside files: entered once, by document and position, whatever dies in between; every one accounted for."""

import psycopg
import pytest

from tests.queue.claims import new_analysis
from tests.queue.queue_calls import Machine, Queue, new_file, new_result, new_sha256


def part(job: dict, position: int, **changes) -> dict:
    key = f"{job['artifact_prefix']}part-{position:06d}"
    about = {"position": position, "role": "attachment", "name": f"folder/{position}.pdf", "bytes": 9}
    return {**about, "mime_type": "application/pdf", "sha256": new_sha256(), "key": key, **changes}


def add(machine: Machine, job: dict, *parts: dict, connection=None) -> list:
    """As the control plane does, which has read and hashed the parts; as which document each was entered."""
    rows = machine.hand_in("add_parts", job, connection, parts=list(parts))
    return [row["child_id"] for row in sorted(rows, key=lambda row: row["part_position"])]


def container(job: dict, parts_total: int) -> dict:
    return new_result(job, pages_total=0, parts_total=parts_total, text="", analysis=new_analysis())


def test_a_part_is_a_document_with_what_its_parent_was_given(queue: Queue):
    batch = queue.service("start_batch", batch={"name": "mail"})[0]
    queue.enqueue(new_file(source="telegram", batch_id=str(batch["id"]), placement="local_only", priority="high"))
    machine = queue.machine(hosting="local")
    job = machine.claim_one()
    assert None not in add(machine, job, part(job, 1), part(job, 2))
    machine.complete(job, container(job, 2))
    children = queue.rows(
        "select d.*, j.batch_id, j.placement, j.priority, j.allow_claude, j.status from document_parts p"
        " join master_document_registry d on d.id = p.child_id join processing_jobs j on j.id = d.job_id"
        " order by p.position"
    )
    assert [child["original_filename"] for child in children] == ["1.pdf", "2.pdf"]
    inherited = ("telegram", batch["id"], "local_only", "high", False, "queued")
    names = ("source", "batch_id", "placement", "priority", "allow_claude", "status")
    assert all(tuple(child[name] for name in names) == inherited for child in children)
    (event,) = queue.rows(
        "select * from events where document_id = %s and kind = 'part_linked'", children[0]["id"]
    )
    assert event["payload"]["part_of"] == str(job["document_id"]) and event["payload"]["position"] == 1
    assert queue.service("verify_custody", document_id=children[0]["id"])[0]["intact"]


def test_known_bytes_are_the_document_that_has_them_and_are_not_read_again(queue: Queue):
    known = new_file(sha256=new_sha256())
    queue.enqueue(known)
    queue.enqueue(new_file())
    machine = queue.machine()
    first, job = machine.claim(2)
    machine.complete(first, new_result(first))
    same, new = part(job, 1, sha256=known["sha256"]), part(job, 2)
    with pytest.raises(psycopg.Error, match="must be stored"):
        add(machine, job, {**same, "key": None})
    assert add(machine, job, same, new)[0] == first["document_id"]
    machine.complete(job, container(job, 2))
    assert queue.row("select child_id from document_parts where position = 1")["child_id"] == first["document_id"]
    jobs = queue.row("select count(*) as n from processing_jobs where document_id = %s", first["document_id"])
    assert jobs["n"] == 1, "bytes that were read are not read again"


def test_a_worker_that_dies_in_between_loses_and_doubles_nothing(queue: Queue):
    queue.enqueue(new_file())
    machine = queue.machine()
    job = machine.claim_one()
    parts = [part(job, position) for position in (1, 2, 3)]
    add(machine, job, *parts[:2])
    queue.expire(job["job_id"])
    queue.service("release_expired_jobs")
    second = next(each for each in machine.claim(5) if each["document_id"] == job["document_id"])
    with pytest.raises(psycopg.Error, match="lease"):
        add(machine, job, parts[2])
    again = [{**each, "key": f"{second['artifact_prefix']}part-{each['position']:06d}"} for each in parts]
    assert None not in add(machine, second, *again)
    machine.complete(second, container(second, 3))
    assert queue.row("select count(*) as n from document_parts")["n"] == 3
    assert queue.row("select count(*) as n from master_document_registry")["n"] == 4
    assert queue.row("select count(*) as n from processing_jobs")["n"] == 4
    assert queue.row("select count(*) as n from document_journal")["n"] == 4


def test_two_that_tell_the_same_bytes_at_once_make_one_document(queue: Queue):
    queue.enqueue(new_file(), new_file())
    machine = queue.machine()
    one, other = machine.claim(2)
    same = new_sha256()
    with queue.connect() as first, first.transaction():
        add(machine, one, part(one, 1, sha256=same), connection=first)
    add(machine, other, part(other, 1, sha256=same))
    assert len({row["child_id"] for row in queue.rows("select child_id from document_parts")}) == 1


def test_a_container_completes_only_with_every_part_entered(queue: Queue):
    queue.enqueue(new_file())
    machine = queue.machine()
    job = machine.claim_one()
    add(machine, job, part(job, 1), part(job, 3))
    for count in (0, 2, 3):
        with pytest.raises(psycopg.Error):
            machine.complete(job, container(job, count))
    add(machine, job, part(job, 2, code="link", sha256=None, bytes=None, key=None))
    assert machine.complete(job, container(job, 3)) == "completed"


def test_totals_count_parts_and_what_was_left_out(queue: Queue):
    queue.enqueue(new_file())
    machine = queue.machine()
    job = machine.claim_one()
    left_out = {"code": "unsupported_type", "key": None}
    add(machine, job, part(job, 1), part(job, 2, **left_out), part(job, 3, **left_out))
    machine.complete(job, container(job, 3))
    (totals,) = queue.service("get_totals")
    names = ("documents", "completed", "open", "pages", "parts", "parts_left_out", "reconciled")
    assert [totals[name] for name in names] == [2, 1, 1, 0, 3, 2, False]
    child = machine.claim_one()
    machine.complete(child, new_result(child, pages_total=2))
    (totals,) = queue.service("get_totals")
    assert [totals[name] for name in names] == [2, 2, 0, 2, 3, 2, True]
    queue.rows("delete from document_parts where position = 2")
    assert not queue.service("get_totals", anew=True)[0]["reconciled"], "a part without a trace"


def test_an_archive_that_contains_itself_ends(queue: Queue):
    queue.enqueue(new_file(sha256=new_sha256()))
    machine = queue.machine()
    outer = machine.claim_one()
    add(machine, outer, part(outer, 1, sha256=outer["sha256"]), part(outer, 2))
    machine.complete(outer, container(outer, 2))
    inner = machine.claim_one()
    add(machine, inner, part(inner, 1, sha256=outer["sha256"]))
    machine.complete(inner, container(inner, 1))
    codes = queue.rows("select parent_id, position, code from document_parts order by depth, position")
    assert [row["code"] for row in codes] == ["contains_itself", None, "contains_itself"]
    assert machine.claim() == []


def test_files_in_files_end_at_a_depth(queue: Queue):
    queue.enqueue(new_file())
    machine = queue.machine()
    depths = 0
    while jobs := machine.claim():
        add(machine, jobs[0], part(jobs[0], 1))
        machine.complete(jobs[0], container(jobs[0], 1))
        depths += 1
    deepest = queue.row("select depth, code from document_parts order by depth desc limit 1")
    assert (depths, deepest["depth"], deepest["code"]) == (9, 9, "too_deep")


def test_a_part_of_a_stopped_batch_is_cancelled_with_it(queue: Queue):
    batch = queue.service("start_batch", batch={"name": "mail"})[0]
    queue.enqueue(new_file(batch_id=str(batch["id"])))
    machine = queue.machine()
    job = machine.claim_one()
    queue.service("set_batch_status", batch_id=str(batch["id"]), status="stopped")
    add(machine, job, part(job, 1))
    machine.complete(job, container(job, 1))
    queue.service("release_expired_jobs")
    (totals,) = queue.service("get_totals", batch_id=str(batch["id"]))
    assert (totals["documents"], totals["cancelled"], totals["reconciled"]) == (2, 1, True)


@pytest.mark.parametrize(
    "bad",
    [
        {"key": "raw/2026/01/01/other.pdf"}, {"sha256": None}, {"sha256": "ABC"}, {"bytes": -1}, {"position": 0},
        {"role": "friend"}, {"name": None}, {"position": None},
    ],
)  # fmt: skip
def test_a_malformed_part_is_refused_whole(queue: Queue, bad: dict):
    queue.enqueue(new_file())
    machine = queue.machine()
    job = machine.claim_one()
    with pytest.raises(psycopg.Error) as refusal:
        add(machine, job, part(job, 1), {**part(job, 2), **bad})
    assert refusal.value.sqlstate == "AS006"
    assert queue.rows("select * from document_parts") == []


def test_mails_know_their_thread(queue: Queue):
    queue.enqueue(*(new_file() for _ in range(4)))
    machine = queue.machine()
    ids = [("<1@a>", "<1@a>", "2024-03-05T18:03:00-08:00"), ("<2@a>", "<1@a>", "2024-03-06T09:00:00+01:00")]
    ids += [("<3@a>", "<2@a>", "3024-99-99"), ("", "", None)]
    jobs = machine.claim(4)
    for job, (message_id, thread_id, sent) in zip(jobs, ids, strict=True):
        mail = {"message_id": message_id, "thread_id": thread_id, "sent": sent, "sender": "A", "recipients": [],
                "subject": "Visit"}  # fmt: skip
        machine.complete(job, new_result(job, mail=mail))
    thread = [queue.service("get_thread", document_id=job["document_id"], most=9) for job in jobs]
    found = [[row["document_id"] for row in each] for each in thread]
    numbers = [job["document_id"] for job in jobs]
    assert found[0] == numbers[:2] and found[1] == numbers[:3] and found[3] == []
