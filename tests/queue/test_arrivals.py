"""How a file came is kept with it, found by search, and one message is one arrival however often it is delivered."""

from tests.queue.queue_calls import Queue, new_file, new_result, new_sha256
from tests.queue.transactions import call_while_open

MESSAGE = {"source": "telegram", "telegram_chat_id": 7, "telegram_message_id": 41}


def journal(queue: Queue) -> list[dict]:
    return queue.rows("select * from document_journal order by seq")


def test_a_message_delivered_again_while_it_is_taken_is_one_arrival(queue):
    def take(connection):
        return queue.as_role("service_role", "enqueue_jobs", connection=connection, files=[new_file(**MESSAGE)])

    told = []
    [again] = call_while_open(queue, lambda connection: told.extend(take(connection)), take)
    assert again["document_id"] == told[0]["document_id"] and again["object_key"] == told[0]["object_key"]
    assert len(journal(queue)) == len(queue.rows("select 1 from processing_jobs")) == 1


def test_two_messages_are_two_arrivals(queue):
    queue.enqueue(new_file(**MESSAGE), new_file(**MESSAGE | {"telegram_message_id": 42}))
    assert len(journal(queue)) == 2


def test_what_was_said_of_a_file_is_kept_in_bounds(queue):
    said = {"caption": "x" * 5000, "owner": "Dana <dana@example.org>", "count": 7, "none": None}
    queue.enqueue(new_file(arrival=said), new_file(arrival=["no", "object"]), new_file())
    kept = [row["arrival"] for row in journal(queue)]
    assert kept[0]["caption"] == "x" * 1000 and kept[0]["owner"] == said["owner"]
    assert kept[1:] == [{}, {}]


def test_a_caption_and_a_later_name_find_the_document(queue, machine):
    said = {"caption": "bruise on the left elbow", "sent_at": "2024-05-01T10:00:00+00:00"}
    first = new_file(sha256=new_sha256(), arrival=said)
    queue.enqueue(first)
    job = machine.claim_one()
    machine.complete(job, new_result(job, sha256=first["sha256"]))
    queue.index()
    found = queue.service("search_documents", query="elbow")
    assert [hit["document_id"] for hit in found] == [job["document_id"]]
    again = {"sha256": first["sha256"], "original_filename": "kitchen_floor.jpg", "arrival": {"path": "from aunt"}}
    queue.enqueue(new_file(**again))
    for words in ("elbow", "kitchen", "aunt"):
        assert [hit["document_id"] for hit in queue.service("search_documents", query=words)] == [job["document_id"]]
