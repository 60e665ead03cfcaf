"""What people say of documents over HTTP: decided, shown, undone, and kept in the history."""

import uuid

import pytest

from control_plane.judgement.models import MOST_DOCUMENTS
from tests.control_plane.desk import Desk, complete_a_document

NEW = 20
FILL = """
insert into master_document_registry (id, object_key, original_filename, source)
select gen_random_uuid(), 'raw/' || n, 'letter ' || n || '.pdf', case when n = 1 then 'telegram' else 'upload' end
from generate_series(1, %s) n
"""
TAGGED = """
insert into judgements (document_id, name, value, decided_by, decided_at, decision_id)
select d, j.name, j.value, j.decided_by, j.decided_at, j.decision_id from judgements j, unnest(%s::uuid[]) d
"""


@pytest.fixture
def document(desk: Desk) -> str:
    return f"/api/documents/{complete_a_document(desk)}"


def decide(desk: Desk, document: str, **said) -> dict:
    reply = desk.post("/api/decisions", documents=[document.rpartition("/")[2]], **said)
    assert reply.status_code == 201, reply.json
    return reply.json


def test_a_decision_is_shown_with_its_document_and_undone(desk: Desk, document: str):
    made = decide(desk, document, add_tags=["school", " to  ask "], important=True, sensitivity="private", why="Mine.",
                  correct={"document_type": "order", "document_date": "2023-04-07", "parties": None})  # fmt: skip
    shown = desk.get(document).json
    assert (shown["tags"], shown["is_important"], shown["sensitivity"]) == (["school", "to ask"], True, "private")
    assert (shown["document_type"], shown["document_date"], shown["parties"]) == ("order", "2023-04-07", [])
    assert shown["corrected"] == ["document_date", "document_type", "parties"]
    corrections = {each["name"]: each for each in shown["judgement"]["corrections"]}
    assert (corrections["document_date"]["value"], corrections["document_date"]["read"]) == ("2023-04-07", "2024-05-01")
    assert corrections["document_type"]["decided_by"] == "owner"
    [listed] = desk.get("/api/documents", case_number="1:24-cv-7").json["documents"]
    assert listed["tags"] == shown["tags"] and listed["document_date"] == "2023-04-07"
    [told] = desk.get("/api/decisions", document_id=shown["id"]).json["decisions"]
    assert (told["id"], told["decided_by"], told["why"], told["undone_by"]) == (made["id"], "owner", "Mine.", None)
    assert {"name": "document_type", "before": None, "after": "order"} in told["changes"]
    undone = desk.post(f"/api/decisions/{made['id']}/undo").json
    shown = desk.get(document).json
    assert (shown["tags"], shown["document_type"], shown["document_date"]) == ([], "motion", "2024-05-01")
    [undoing, first] = desk.get("/api/decisions").json["decisions"]
    assert (undoing["undoes"], first["undone_by"], undone["changed"]) == (first["id"], undoing["id"], 1)


def test_a_note_stands_on_the_words_of_its_page(desk: Desk, document: str):
    note = desk.post(f"{document}/notes", text="Not true", page=1, start=13, quote="he was not there").json
    assert note["stands"] and note["decided_by"] == "owner"
    changed = desk.http.put(f"{document}/notes/{note['id']}", headers=desk.auth, json={"text": "See the bank"}).json
    assert (changed["id"], changed["quote"], changed["text"]) == (note["id"], note["quote"], "See the bank")
    desk.sql("update document_repository set text = 'MOTION text: he was away'")
    [kept] = desk.get(document).json["judgement"]["notes"]
    assert (kept["stands"], kept["text"]) == (False, "See the bank"), "a later reading takes no note away"
    gone = desk.http.delete(f"{document}/notes/{note['id']}", headers=desk.auth).json
    assert desk.get(document).json["judgement"]["notes"] == []
    desk.post(f"/api/decisions/{gone['id']}/undo")
    assert [each["id"] for each in desk.get(document).json["judgement"]["notes"]] == [note["id"]]
    away = desk.post(f"{document}/notes", text="x", page=1, quote="never written")
    assert (away.status_code, away.json["code"]) == (409, "words_not_there")


def test_a_line_is_corrected_beside_what_was_read(desk: Desk, document: str):
    line = {"page": 1, "line": 1, "read": "MOTION text: he was not there"}

    def put(**body):
        return desk.http.put(f"{document}/lines", headers=desk.auth, json=line | body)

    assert put(text="MOTION: he was there").status_code == 200
    [told] = desk.get(document).json["judgement"]["lines"]
    assert (told["read"], told["text"], told["line_now"]) == (line["read"], "MOTION: he was there", 1)
    desk.sql("update document_repository set text = E'FILED\n' || text")
    assert desk.get(document).json["judgement"]["lines"][0]["line_now"] == 2, "a later reading has it elsewhere"
    assert put(text="x").json["code"] == "words_not_there", "what is not there cannot be corrected"
    assert put(text=None).json["changed"] == 1
    assert desk.get(document).json["judgement"]["lines"] == []


def test_a_finding_marked_wrong_is_shown_as_wrong_and_listed_nowhere(desk: Desk, document: str):
    [finding] = desk.get(document).json["findings"]
    assert not finding["is_wrong"] and len(desk.get("/api/findings").json["findings"]) == 1
    path = f"{document}/findings/{finding['id']}"
    assert desk.http.put(path, headers=desk.auth, json={"is_wrong": True, "why": "Known"}).json["changed"] == 1
    shown = desk.get(document).json
    assert [each["is_wrong"] for each in shown["findings"]] == [True] and shown["findings_count"] == 0
    assert desk.get("/api/findings").json["findings"] == []
    assert desk.http.put(path, headers=desk.auth, json={"is_wrong": False}).json["changed"] == 1
    assert len(desk.get("/api/findings").json["findings"]) == 1


@pytest.mark.parametrize("said", [
    {}, {"search": {}}, {"add_tags": [" "]}, {"add_tags": ["a"], "remove_tags": ["a"]},
    {"correct": {"document_date": "7 April"}}, {"correct": {"court": "x"}, "take_back": ["court"]},
    {"sensitivity": "odd"}, {"correct": {"parties": [{}]}},
])  # fmt: skip
def test_what_says_nothing_or_two_things_is_refused(desk: Desk, document: str, said: dict):
    reply = desk.post("/api/decisions", documents=[document.rpartition("/")[2]], **said)
    assert (reply.status_code, reply.json["code"]) == (400, "bad_argument")


def test_what_is_not_there_is_not_found(desk: Desk, document: str):
    nobody = str(uuid.uuid4())
    for reply in (
        desk.post("/api/decisions", documents=[nobody], important=True),
        desk.post(f"/api/decisions/{nobody}/undo"),
        desk.post(f"/api/documents/{nobody}/notes", text="x"),
        desk.http.delete(f"{document}/notes/{nobody}", headers=desk.auth),
        desk.http.put(f"{document}/findings/999", headers=desk.auth, json={"is_wrong": True}),
    ):
        assert (reply.status_code, reply.json["code"]) == (404, "not_found")


def test_bulk_over_a_search_and_its_pages(desk: Desk):
    """60 of 80 papers get a tag by what they are called; the list pages through them and the facets count them."""
    desk.upload_many(*((f"{'visit' if n < 60 else 'bank'} {n}.pdf", b"%PDF-1.4\n" + bytes(str(n), "ascii"))
                       for n in range(80)))  # fmt: skip
    done = desk.post("/api/decisions", search={"q": "visit", "sensitivity": "ordinary"}, add_tags=["visits"]).json
    assert (done["changed"], done["unchanged"]) == (60, 0)
    seen, page = [], desk.get("/api/documents", tag="visits", sort="name", order="asc", limit=50).json
    assert (page["total"], page["is_at_least"], len(page["documents"])) == (60, False, 50)
    seen += page["documents"]
    page = desk.get("/api/documents", tag="visits", sort="name", order="asc", limit=50, cursor=page["next"]).json
    assert (page["total"], page["next"]) == (None, None)
    seen += page["documents"]
    assert [each["original_filename"] for each in seen] == sorted(f"visit {n}.pdf" for n in range(60))
    told = desk.get("/api/facets", source="upload").json
    assert told["total"] == 80
    assert told["facets"]["tag"] == [{"value": "visits", "documents": 60}, {"value": None, "documents": 20}]
    desk.post(f"/api/decisions/{done['id']}/undo")
    assert desk.get("/api/documents", tag="visits").json["total"] == 0


@pytest.mark.parametrize("query", [{"cursor": "eA"}, {"cursor": "!"}, {"sort": "x"}, {"year": "soon"}, {"q": "a\0b"}])
def test_a_list_that_cannot_be_asked_for_is_refused(desk: Desk, query: dict):
    reply = desk.get("/api/documents", **query)
    assert (reply.status_code, reply.json["code"]) == (400, "bad_argument")


def test_fields_exhibits_views_and_days_are_kept(desk: Desk, document: str):
    field = desk.post("/api/fields", name="Owed", kind="money").json
    assert desk.post("/api/fields", name="owed", kind="text").status_code == 409
    decide(desk, document, fields={field["id"]: 12.5}, exhibit="next")
    shown = desk.get(document).json
    assert shown["exhibit"] == "A" and shown["judgement"]["fields"][0]["value"] == 12.5
    told = desk.get("/api/exhibits").json
    assert ([each["letter"] for each in told["exhibits"]], told["next_letter"]) == (["A"], "B")
    assert desk.get("/api/documents", exhibit="A").json["total"] == 1
    view = {"name": "To check", "search": {"tag": "-", "year": "2024"}, "sort": "date", "columns": ["name", "tags"]}
    kept = desk.post("/api/views", **view).json
    assert (kept["search"], kept["sort"], kept["sort_order"]) == (view["search"], "date", "desc")
    path = f"/api/views/{kept['id']}"
    changed = desk.http.put(path, headers=desk.auth, json=view | {"name": "Checked"}).json
    assert [each["name"] for each in desk.get("/api/views").json["views"]] == [changed["name"]] == ["Checked"]
    assert desk.get("/api/documents", **kept["search"]).json["total"] == 1
    assert desk.http.delete(path, headers=desk.auth).status_code == 200
    assert desk.http.delete(path, headers=desk.auth).status_code == 404
    for day in ("2999-01-01", "2030-01-01"):
        assert desk.post("/api/reminders", day="2030-01-01", text=day, document_id=shown["id"]).status_code == 201
    page = desk.get("/api/reminders", limit=1).json
    assert (page["total"], len(page["reminders"])) == (2, 1)
    [last] = desk.get("/api/reminders", limit=1, cursor=page["next"]).json["reminders"]
    assert last["id"] != page["reminders"][0]["id"] and last["original_filename"] == shown["original_filename"]
    done = desk.http.put(f"/api/reminders/{last['id']}", headers=desk.auth, json={"is_done": True})
    assert done.status_code == 200 and desk.get("/api/reminders", when="done").json["total"] == 1
    assert desk.http.delete(f"/api/fields/{field['id']}", headers=desk.auth).status_code == 200
    assert desk.get("/api/fields").json["fields"] == []


def test_as_many_as_may_be_selected_are_decided_at_once_and_one_more_changes_nothing(desk: Desk):
    desk.sql(FILL, MOST_DOCUMENTS + 1)
    ids = [str(row[0]) for row in desk.sql("select id from master_document_registry order by seq")]

    def ask(**said) -> tuple[int, dict]:
        reply = desk.post("/api/decisions", **said)
        return reply.status_code, reply.json

    status, too_many = ask(documents=ids, add_tags=["school"])
    assert (status, too_many["code"]) == (400, "bad_argument")
    status, too_many = ask(search={"q": ""}, add_tags=["school"])
    assert status == 400 and "5000" in too_many["message"]
    assert desk.sql("select count(*) from judgements") == [(0,)], "all or nothing"
    decide(desk, f"/{ids[1]}", add_tags=["school"])
    desk.sql(TAGGED, ids[2:-NEW])  # said already of all but the last: a decision costs what it changes
    status, made = ask(documents=ids[1:], add_tags=["school"])
    assert (status, made["changed"], made["unchanged"]) == (201, NEW, MOST_DOCUMENTS - NEW)
    status, again = ask(search={"source": "upload"}, add_tags=["school"])
    assert (status, again["id"], again["unchanged"]) == (201, None, MOST_DOCUMENTS), "a search means the same ones"
    assert desk.post(f"/api/decisions/{made['id']}/undo").json["changed"] == NEW
    assert desk.sql("select count(*) from judgements") == [(MOST_DOCUMENTS - NEW,)]
