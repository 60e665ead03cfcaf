"""The list of documents: found by every name and folder, filtered, sorted, counted, page by page, in few blocks."""

import psycopg
import pytest

from tests.queue.claims import new_analysis
from tests.queue.queue_calls import new_file, new_result, new_sha256

ALL = {"sort": "received", "descending": True, "after": None, "most": 50}


def ids(queue, search: dict | None = None, **how) -> list[str]:
    return [str(row["document_id"]) for row in queue.service("list_documents", search=search or {}, **(ALL | how))]


def counts(queue, **search) -> dict[str, dict]:
    told: dict[str, dict] = {}
    for row in queue.service("count_facets", search=search):
        told.setdefault(row["facet"], {})[row["value"]] = row["documents"]
    return told


def read(queue, machine, text: str = "In the matter of", file: dict | None = None, **stated) -> str:
    (entered,) = queue.enqueue(new_file(**(file or {})))
    machine.complete(job := machine.claim_one(), new_result(job, text=text, analysis=new_analysis(**stated)))
    return str(entered["document_id"])


def test_a_duplicate_is_found_under_every_name_and_folder_it_ever_had(queue, machine):
    same = {"sha256": new_sha256()}
    first = {**same, "original_filename": "IMG_2041.jpg", "arrival": {"path": "Phone/2024/IMG_2041.jpg"}}
    document = read(queue, machine, file=first)
    other = read(queue, machine)
    second = {**same, "original_filename": "receipt-from-school.jpg", "source": "mail",
              "arrival": {"path": "Inbox/Dana"}}  # fmt: skip
    queue.enqueue(new_file(**second))
    for words in ("img 2041", "receipt school", "recei", "phone", "dana"):
        assert ids(queue, {"q": words}) == [document], words
    for folder in ("Phone", "Phone/2024", "Inbox", "Inbox/Dana"):
        assert ids(queue, {"folder": folder}) == [document], folder
    assert ids(queue, {"folder": "Phone/20"}) == [] and ids(queue, {"folder": "-"}) == [other]
    assert ids(queue, {"source": "mail"}) == ids(queue, {"source": "upload", "folder": "Inbox"}) == [document]
    assert counts(queue)["folder"] == {None: 1, "Inbox": 1, "Inbox/Dana": 1, "Phone": 1, "Phone/2024": 1}
    assert counts(queue)["source"] == {"upload": 2, "mail": 1}


def test_a_document_that_nobody_has_read_is_found_by_its_name(queue):
    (entered,) = queue.enqueue(new_file(original_filename="Custody Order.pdf"))
    assert ids(queue, {"q": "custody"}) == [str(entered["document_id"])]
    assert counts(queue, q="order")["status"] == {"waiting": 1}


def test_words_of_any_page_names_and_filters_meet(queue, machine):
    text = "Marcus was late on April 7, 2023.\fPaid $1,250.00 for school."
    document = read(queue, machine, text, document_type="letter", document_date="2023-04-07",
                    parties=[{"name": "Marcus Reyes", "role": None}])  # fmt: skip
    other = read(queue, machine, "Marcus was early.", document_type="order")
    queue.index()
    assert ids(queue, {"q": "marcus school"}) == [document], "words of two pages"
    assert ids(queue, {"q": "marcus -school"}) == [other]
    for words in ('"was late"', "04/07/2023", "$1250"):
        assert ids(queue, {"q": words}) == [document], words
    assert ids(queue, {"q": "marcus", "type": "order"}) == ids(queue, {"year": "-"}) == [other]
    for search in ({"year": "2023"}, {"person": "Marcus Reyes"}, {"date_to": "2023-12-31"}, {"status": "sorted",
                   "type": "letter"}, {"date_from": "2023-04-07"}, {"q": "marcus",
                   "person": "Marcus Reyes"}):  # fmt: skip
        assert ids(queue, search) == [document], search
    assert counts(queue, q="marcus") == counts(queue)
    assert counts(queue)["year"] == {"2023": 1, None: 1} and counts(queue)["type"] == {"letter": 1, "order": 1}
    assert counts(queue)["person"] == {"Marcus Reyes": 1, None: 1}


@pytest.mark.parametrize("sort, descending, order", [
    ("received", True, "cba"), ("received", False, "abc"), ("name", False, "bca"), ("name", True, "acb"),
    ("date", False, "cab"), ("date", True, "acb"), ("type", False, "bca"), ("relevancy", True, "cab"),
])  # fmt: skip
def test_pages_follow_one_another_in_every_order(queue, machine, sort, descending, order):
    made = {
        "a": read(queue, machine, file={"original_filename": "Zoo.pdf"}, document_type="order",
                  document_date="2024-01-02", relevancy_score=5),
        "b": read(queue, machine, file={"original_filename": "apple.pdf"}, document_type=None, relevancy_score=1),
        "c": read(queue, machine, file={"original_filename": "Bear.pdf"}, document_type="letter",
                  document_date="2023-01-02", relevancy_score=9),
    }  # fmt: skip
    how = {"sort": sort, "descending": descending, "most": 1}
    seen, after = "", None
    while rows := queue.service("list_documents", search={}, **how, after=after and psycopg.types.json.Jsonb(after)):
        seen += next(name for name in made if made[name] == str(rows[0]["document_id"]))
        after = rows[0]["place"]
    assert seen == order


def test_what_people_say_is_filtered_and_counted(queue):
    rows = [str(row["document_id"]) for row in queue.enqueue_many(3)]
    say = {"decided_by": "owner", "why": None}
    said = [{"name": "tag:visits", "value": True}, {"name": "important", "value": True},
            {"name": "sensitivity", "value": "private"}, {"name": "document_date", "value": "2020-02-03"}]  # fmt: skip
    queue.service("decide", documents=rows[:1], changes=said, **say)
    for search in ({"tag": "visits"}, {"important": True}, {"sensitivity": "private"}, {"year": "2020"},
                   {"q": "visits"}):  # fmt: skip
        assert ids(queue, search) == rows[:1], search
    assert set(ids(queue, {"tag": "-"})) == set(ids(queue, {"sensitivity": "ordinary"})) == set(rows[1:])
    assert counts(queue)["tag"] == {None: 2, "visits": 1}
    (done,) = queue.service("decide_search", search={"tag": "-"}, changes=said[:1], **say)
    assert (done["changed"], len(ids(queue, {"tag": "visits"}))) == (2, 3)
    queue.service("undo_decision", decision_id=done["id"], **say)
    assert ids(queue, {"tag": "visits"}) == rows[:1]


def test_more_than_one_decision_may_be_about_is_refused_whole(queue):
    queue.enqueue_many(3)
    queue.rows("create or replace function private.most_decided() returns int language sql immutable return 2")
    try:
        with pytest.raises(psycopg.Error) as refused:
            queue.service("decide_search", search={}, changes=[{"name": "important", "value": True}],
                          decided_by="owner", why=None)  # fmt: skip
        assert refused.value.sqlstate == "AS006"
    finally:
        queue.rows("create or replace function private.most_decided() returns int language sql immutable return 5000")
    assert queue.rows("select * from judgements") == []


@pytest.mark.parametrize("search", [
    {"colour": "red"}, {"year": "x"}, {"batch_id": "x"}, {"since": "soon"}, {"tag": ["a"]}, {"important": "maybe"},
])  # fmt: skip
def test_a_filter_that_nobody_knows_is_refused(queue, search):
    for function, more in (("list_documents", ALL), ("count_documents", {}), ("count_facets", {})):
        with pytest.raises(psycopg.Error) as refused:
            queue.service(function, search=search, **more)
        assert refused.value.sqlstate == "AS006", function


def test_words_of_filters_are_never_sql(queue):
    (entered,) = queue.enqueue(new_file(original_filename="O'Brien.pdf"))
    hostile = "x') or true; drop table document_index; --"
    for name in ("q", "type", "person", "source", "folder", "tag", "status", "sensitivity", "exhibit", "case_number"):
        assert ids(queue, {name: hostile}) == [], name
    assert ids(queue, {"q": "o'brien"}) == [str(entered["document_id"])]


def test_what_triggers_kept_is_what_the_migration_would_make(queue, machine):
    """A database that had documents and decisions before it had the index gets the same one."""
    document = read(queue, machine, file={"arrival": {"path": "Box/1"}}, document_type="letter",
                    parties=[{"name": "Ann", "role": None}])  # fmt: skip
    queue.enqueue_many(2)
    said = [{"name": "tag:x", "value": True}, {"name": "document_type", "value": "order"}]
    queue.service("decide", documents=[document], changes=said, decided_by="owner", why=None)
    kept = queue.rows("select * from document_index order by seq")
    queue.rows("delete from document_index")
    queue.rows("select private.list_document(d.id) from master_document_registry d")
    assert queue.rows("select * from document_index order by seq") == kept and len(kept) == 3


FILL = """
with documents as (insert into master_document_registry (id, object_key, original_filename, source, document_type,
    document_date, parties, relevancy_score, analyst)
  select gen_random_uuid(), 'k' || n, 'Scan ' || n || '.pdf', 'upload', 'type ' || n % 20,
    date '2015-01-01' + n % 3000, jsonb_build_array(jsonb_build_object('name', 'Person ' || n % 200)), n % 900, 'rules'
  from generate_series(1, {count}) n returning id, original_filename)
insert into document_journal (document_id, source, original_filename, object_key, processing_status, arrival)
  select id, 'upload', original_filename, 'k', 'completed', jsonb_build_object('path', 'Case/Box ' || right(
    original_filename, 6)) from documents
"""


def blocks(queue, function: str, **arguments) -> int:
    """The blocks that a call touches, by the planner's own count; the second time, so that no cache is warmed in it."""
    names = ", ".join(f"{name} => %s" for name in arguments)
    values = [psycopg.types.json.Jsonb(v) if isinstance(v, dict | list) else v for v in arguments.values()]
    for _ in range(2):
        rows = queue.rows(f"explain (analyze, buffers, format json) select * from {function}({names})", *values)
    (plan,) = rows[0]["QUERY PLAN"]
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]


def test_a_page_touches_few_blocks(queue):
    queue.rows(FILL.format(count=1500))
    queue.rows("vacuum analyze document_index")
    whole = queue.row("select relpages from pg_class where relname = 'document_index'")["relpages"]
    assert whole > 90, "or a page would not tell from the whole"
    for search in ({}, {"person": "Person 7"}):
        for sort in ("received", "date", "name", "type", "relevancy"):
            used = blocks(queue, "list_documents", search=search, sort=sort, descending=True, after=None, most=51)
            assert used < 80, (search, sort, used, whole)
