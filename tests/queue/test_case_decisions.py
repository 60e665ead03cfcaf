"""Every verb by which a person decides leaves a sealed event, and what was decided shows when it is changed."""

import datetime
import json

import pytest

from tests.queue.claims import new_analysis
from tests.queue.queue_calls import new_file, new_result

FACTS = """
    insert into people (name) values ('Ann Lee'), ('A. Lee');
    insert into case_names (key, words, form, person_id)
      select key, key, 'full', p.id from people p, unnest(case p.name when 'Ann Lee' then array['ann lee', 'ann l']
        else array['a lee'] end) as key;
    insert into case_events (starts, ends, precision, known, title, documents)
      values ('2024-05-01', '2024-05-02', 'day', 'stated', 'Fair', 1);
    insert into order_terms (document_id, key, place, page, start, quote, duty, act, proposed_by)
      select id, 'k', 1, 1, 0, 'shall pay', 'shall', 'pay', 'rules' from master_document_registry order by seq limit 1;
    insert into pairs (id, kind, proposed_by, score, a_document, a_key, a_side, b_document, b_key, b_side, proposer,
        stands, rule_kind)
      select gen_random_uuid(), 'contradiction', 'denied', 1, a.id, 'a', '{"quote": "yes"}', b.id, 'b',
        '{"quote": "no"}', a.id, true, 'contradiction'
      from master_document_registry a, master_document_registry b where a.seq < b.seq
"""


@pytest.fixture
def case(queue, machine) -> dict[str, str]:
    """Two documents, one with a finding; two people, an event, a term, a pair, a matter beside the first; by name."""
    queue.enqueue(new_file(), new_file())
    first, second = machine.claim(max_jobs=2)
    findings = [{"role": "perjury", "quote": "he was not there", "reason": "He was.", "number": 80}]
    analysis = new_analysis("he was not there", findings=findings)
    machine.complete(first, new_result(first, text="he was not there", analysis=analysis))
    machine.complete(second)
    for statement in FACTS.split(";"):
        queue.rows(statement)
    return {
        name: str(queue.row(f"select id from {table} order by seq limit 1 offset {n}")["id"])
        for name, table, n in (
            ("first", "master_document_registry", 0), ("second", "master_document_registry", 1), ("ann", "people", 0),
            ("a", "people", 1), ("event", "case_events", 0), ("term", "order_terms", 0), ("pair", "pairs", 0),
            ("matter", "matters", 0),
        )
    } | {"finding": queue.row("select id from document_findings")["id"]}  # fmt: skip


def calls(case: dict[str, str]) -> list[tuple[str, dict]]:
    """Every verb once, in an order in which each has something to decide."""
    search = {"name": "All", "search": {}, "sort": "received", "order": "desc", "columns": []}
    return [
        ("decide", {"documents": [case["first"]], "changes": [{"name": "tag:school", "value": True}]}),
        ("undo_decision", {"decision_id": "select id from decisions order by seq desc limit 1"}),
        ("mark_finding", {"document_id": case["first"], "finding_id": case["finding"], "is_wrong": True}),
        ("decide_search", {"search": {}, "changes": [{"name": "important", "value": True}]}),
        ("decide_pairs", {"pair_ids": [case["pair"]], "state": "accepted", "why": "It is so."}),
        ("decide_event", {"event_id": case["event"], "state": "true"}),
        ("decide_term", {"term_id": case["term"], "state": "accepted"}),
        ("decide_copy", {"copy_id": case["first"], "original_id": case["second"], "state": "apart"}),
        ("split_person", {"person_id": case["ann"], "keys": ["ann l"]}),
        ("merge_people", {"person_id": case["ann"], "other_id": case["a"]}),
        ("undo_people_decision", {"decision_id": "select id from people_decisions order by seq desc limit 1"}),
        ("make_matter", {"name": "Another"}),
        ("set_matter_documents", {"matter_id": "select id from matters where name = 'Another'", "belongs": True,
                                  "documents": [case["first"]]}),
        ("add_field", {"field": {"name": "Judge", "kind": "text"}}),
        ("save_view", {"view_id": None, "view": search}),
        ("add_reminder", {"day": datetime.date(2026, 12, 1), "text": "Call", "document_id": None}),
        ("set_reminder", {"reminder_id": "select id from reminders limit 1", "is_done": True}),
    ]  # fmt: skip


def decide_all(queue, case) -> dict[str, list[dict]]:
    """What each verb left in the record."""
    left = {}
    for verb, arguments in calls(case):
        found = {
            name: str(queue.row(value)["id"]) if isinstance(value, str) and value.startswith("select") else value
            for name, value in arguments.items()
        }
        before = queue.row("select coalesce(max(id), 0) as id from events")["id"]
        queue.service(verb, **found, decided_by="Dana")
        left[verb] = queue.rows("select kind, payload from events where id > %s and kind = 'decided'", before)
    return left


def faults(queue) -> list[str]:
    """Of the log, of what belongs to no document, and of each document."""
    documents = queue.rows("select id from master_document_registry order by seq")
    checked = [queue.service("verify_record")]
    checked += [queue.service("verify_custody", document_id=each["id"]) for each in documents]
    return [f"{each['subject']}: {each['fault']}" for [row] in checked for each in row["faults"]]


def test_every_verb_that_takes_who_decides_leaves_a_sealed_event(queue, case):
    verbs = queue.rows(
        "select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace and 'decided_by' = any"
        " (p.proargnames[: p.pronargs])"
    )
    assert {row["proname"] for row in verbs} == {verb for verb, _ in calls(case)}, "a verb that nobody tried"
    for verb, events in decide_all(queue, case).items():
        assert any(event["payload"].get("seals") and event["payload"]["by"] == "Dana" for event in events), verb
    queue.service("append_record")
    assert faults(queue) == []
    [pair] = queue.rows("select state, decided_by from pairs")
    assert pair == {"state": "accepted", "decided_by": "Dana"}


TAMPERINGS = {
    "a pair's state": "update pairs set state = 'dismissed'",
    "a decision on a pair": "update pair_decisions set state = 'dismissed'",
    "who decided on a pair": "update pair_decisions set decided_by = 'Eve'",
    "a decision on a pair is taken away": "delete from pair_decisions",
    "a pair that was decided is taken away": "delete from pairs",
    "a decision on a pair is added": "insert into pair_decisions (pair_id, state, decided_by, a_document, a_quote, "
    "b_document, b_quote) select pair_id, 'dismissed', 'Dana', a_document, a_quote, b_document, b_quote "
    "from pair_decisions",
    "an event's state": "update case_events set state = 'wrong'",
    "an event that was decided is taken away": "delete from case_events",
    "a term's state": "update order_terms set state = 'rejected'",
    "that two people are one": "update people_decisions set kind = 'same' where kind = 'apart'",
    "a decision on people is taken back": "update people_decisions set undone_by = null, undone_at = null",
    "a decision on people is taken away": "delete from people_decisions",
    "a decision": "update case_decisions set said = said || '{\"state\": \"wrong\"}' where verb = 'decide_event'",
    "why it was decided": "update case_decisions set why = 'No reason.' where verb = 'decide_pairs'",
    "a decision is taken away": "delete from case_decisions where verb = 'set_matter_documents'",
    "a decision is added": "insert into case_decisions (verb, decided_by) values ('make_matter', 'Eve')",
    "that a finding is wrong": "delete from judgements where name like 'finding:%'",
    "a tag": "delete from judgements where name = 'important'",
    "who looked": "update access_log set person = 'Eve' where id = 1",
    "a look is taken away": "delete from access_log where id = 2",
    "a look is added among those before": "insert into access_log (person, via, action, route, bundle) "
    "select 'Eve', 'session', 'saw', '/', bundle from access_log limit 1",
    "all looks are taken away": "delete from access_log",
}  # fmt: skip


def test_each_kind_of_tampering_with_what_people_did_is_noticed(queue, case):
    decide_all(queue, case)
    for route in ("/api/a", "/api/b"):
        queue.service(
            "record_access", person="Dana", via="session", action="saw", route=route, document_id=case["first"],
            status=None, address="10.0.0.1",
        )  # fmt: skip
    queue.rows("update access_log set created_at = created_at - interval '1 hour'")
    queue.service("append_record")
    assert faults(queue) == []
    for kind, tampering in TAMPERINGS.items():
        with queue.owner.transaction(force_rollback=True):
            queue.owner.execute(tampering)
            told = [row["faults"] for row in queue.rows("select faults from verify_record()")]
            told += [row["faults"] for row in queue.rows("select c.faults from master_document_registry d,"
                                                         " verify_custody(d.id) c")]  # fmt: skip
            assert any(told), kind


def test_looks_are_sealed_some_minutes_worth_at_once(queue, case):
    look = {"via": "session", "action": "saw", "route": "/", "document_id": None, "status": None, "address": None}
    for _ in range(3):
        queue.service("record_access", person="Dana", **look)
    queue.service("append_record")
    assert queue.rows("select id from events where kind = 'accessed'") == []
    queue.rows("update access_log set created_at = created_at - interval '2 minutes' where id = 1")
    queue.service("append_record")
    [event] = queue.rows("select payload from events where kind = 'accessed'")
    assert "Dana" not in json.dumps(event["payload"])
    assert queue.row("select count(*) as n, count(distinct bundle) as bundles from access_log") == {
        "n": 3, "bundles": 1
    }  # fmt: skip
    assert not any(row["sealed"].startswith("access_log") for row in queue.service("export_sealed"))


def test_a_decision_needs_somebody(queue, case):
    with pytest.raises(Exception, match="needs the name of who decides"):
        queue.service("make_matter", name="x", decided_by="")
    assert queue.rows("select id from matters where name = 'x'") == []
