"""What a person says of documents stands over what is read, outlives every reading, and can be taken back."""

import json
import uuid

import psycopg
import pytest

from tests.queue.claims import new_analysis, new_claim
from tests.queue.queue_calls import new_file, new_result

OWNER = {"decided_by": "owner", "why": "I was there."}
TEXT = "ORDER of the court.\nHe was not there at 6 p.m.\nMarcus Reyes"
FINDING = {"role": "perjury", "quote": "He was not there at 6 p.m.", "reason": "He was.", "number": 80}


def read(queue, machine, document_id: str | None = None, **stated) -> str:
    """A document that is read, for the first time or again."""
    if document_id is None:
        document_id = str(queue.enqueue(new_file())[0]["document_id"])
    else:
        queue.rows("select private.open_job(%s, null, 'upload', 'normal', 'any_host', true, 1)", document_id)
    machine.complete(job := machine.claim_one(), new_result(job, text=TEXT, analysis=analysis(**stated)))
    return document_id


def analysis(**stated) -> dict:
    return new_analysis("ORDER of the court.", **{"document_type": "letter", "document_date": "2024-05-01",
        "case_number": "FL-1", "findings": [FINDING], **stated})  # fmt: skip


def judge(queue, document_id: str, **stated) -> None:
    """Claude judges the document again."""
    queue.service("announce_claude", has_key=True, caps={})
    queue.service("judge_again", filter={"document_id": document_id, "force": True}, max_documents=1)
    (job,) = queue.as_role("analysis_worker", "claim_analyses", max_jobs=1, lease_seconds=60, prompt_version="2")
    queue.as_role(
        "analysis_worker", "complete_analysis", job_id=job["job_id"], lease_token=job["lease_token"],
        result={"analysis": analysis(analyst="claude", **stated)
                | {"calls": queue.answered_calls(job["job_id"], "quick")}},
    )  # fmt: skip


def decide(queue, *documents: str, **said) -> dict:
    changes = [{"name": name.replace("__", ":"), "value": value} for name, value in said.items()]
    (row,) = queue.service("decide", documents=list(documents), changes=changes, **OWNER)
    return row


def shown(queue, document_id: str) -> dict:
    return queue.row("select * from document_list where id = %s", document_id)


def test_a_correction_outlives_reading_and_judging_and_goes_back_to_what_was_read_last(queue, machine):
    document = read(queue, machine)
    said = {"document_type": "order", "document_date": "2024-06-02", "parties": [{"name": "Ann", "role": None}],
            "case_number": None, "court": "Placer County"}  # fmt: skip
    first = decide(queue, document, **said)
    for publish in (lambda: read(queue, machine, document, document_type="motion", case_number="FL-2"),
                    lambda: judge(queue, document, document_type="notice", case_number="FL-3")):  # fmt: skip
        row = shown(queue, document)
        assert (row["document_type"], str(row["document_date"]), row["case_number"]) == ("order", "2024-06-02", None)
        assert (row["parties"], row["court"]) == ([{"name": "Ann", "role": None}], "Placer County")
        publish()
    row = shown(queue, document)
    assert (row["document_type"], row["case_number"]) == ("order", None)
    assert (row["as_read"]["document_type"], row["as_read"]["case_number"]) == ("notice", "FL-3")
    queue.service("undo_decision", decision_id=first["id"], **OWNER)
    row = shown(queue, document)
    assert (row["document_type"], str(row["document_date"]), row["case_number"]) == ("notice", "2024-05-01", "FL-3")
    assert (row["parties"], row["as_read"], row["corrected"]) == ([], {}, {})


def test_what_is_read_as_it_was_corrected_is_still_known_as_read(queue, machine):
    document = read(queue, machine)
    decide(queue, document, document_type="order")
    read(queue, machine, document, document_type="order")
    assert shown(queue, document)["as_read"] == {"document_type": "order"}


def test_every_list_goes_by_the_correction(queue, machine):
    document = read(queue, machine)
    decide(queue, document, document_type="order", document_date="2021-01-02", case_number="FL-9")
    assert queue.row("select date from timeline_list")["date"].isoformat() == "2021-01-02"
    assert queue.row("select case_number from case_list")["case_number"] == "FL-9"
    assert queue.row("select document_type from finding_list")["document_type"] == "order"
    queue.index()
    found = [queue.service("search_documents", query=words) for words in ("FL-9", "FL-1", "order")]
    assert all(found), "the corrected number, the one that was read, and the type are found"
    for filters, count in (({"document_type": "order", "case_number": "FL-9"}, 1), ({"document_type": "letter"}, 0)):
        assert len(queue.service("search_documents", query="court", filters=filters)) == count


def test_each_decision_is_in_the_chain_and_its_history_says_what_was_before(queue, machine):
    document = read(queue, machine)
    decide(queue, document, document_type="order", tag__school=True)
    decide(queue, document, document_type="motion")
    events = queue.rows("select payload from events where kind = 'decided' and document_id is not null order by id")
    assert [each["payload"]["by"] for each in events] == ["owner", "owner"]
    assert events[0]["payload"]["changed"] == ["document_type", "tag"], "never a word of what is said"
    assert "school" not in json.dumps(events[0]["payload"])
    (custody,) = queue.service("verify_custody", document_id=document)
    assert custody["intact"]
    rows = queue.rows("select name, before, after from decision_changes order by decision_id, name, after::text")
    assert {("document_type", None, "order"), ("document_type", "order", "motion"), ("tag:school", None, True)} == {
        tuple(row.values()) for row in rows
    }


def test_one_decision_about_many_is_undone_as_one_but_for_what_was_changed_since(queue):
    documents = [str(row["document_id"]) for row in queue.enqueue_many(80)]
    decide(queue, documents[0], tag__visits=True)
    row = decide(queue, *documents[:60], tag__visits=True)
    assert (row["changed"], row["unchanged"]) == (59, 1)
    assert queue.row("select documents from tag_list where tag = 'visits'")["documents"] == 60
    queue.service("decide", documents=documents[10:11], changes=[{"name": "tag:visits"}], **OWNER)
    (undone,) = queue.service("undo_decision", decision_id=row["id"], **OWNER)
    assert (undone["changed"], undone["kept"]) == (58, 1)
    assert [each["id"] for each in queue.rows("select id from document_list where 'visits' = any (tags)")] == [
        uuid.UUID(documents[0])
    ]
    (again,) = queue.service("undo_decision", decision_id=undone["id"], **OWNER)
    assert again["changed"] == 58, "undoing is a decision too"
    with pytest.raises(psycopg.Error) as refused:
        queue.service("undo_decision", decision_id=row["id"], **OWNER)
    assert refused.value.sqlstate == "AS003"


def test_a_finding_that_is_wrong_leaves_the_counts_and_stays_wrong_when_it_is_found_again(queue, machine):
    document = read(queue, machine)
    finding = queue.row("select id from document_findings")["id"]
    queue.service("mark_finding", document_id=document, finding_id=finding, is_wrong=True, **OWNER)
    for findings in ([FINDING], [FINDING | {"quote": "was not there at 6 p.m.", "number": 95}]):
        row = shown(queue, document)
        assert (row["findings_count"], row["unproven_findings"]) == (0, 0)
        assert queue.rows("select * from finding_list") == []
        assert queue.row("select findings from case_list")["findings"] == 0
        assert queue.service("get_analytics")[0]["get_analytics"]["findings_by_kind"] == {}
        assert queue.row("select is_wrong from document_findings")["is_wrong"], "and it is shown as such"
        judge(queue, document, findings=findings)
    other = {**FINDING, "quote": "ORDER of the court."}
    judge(queue, document, findings=[FINDING, other])
    assert shown(queue, document)["findings_count"] == 1, "another finding is none of it"
    finding = queue.row("select id from document_findings where is_wrong")["id"]
    queue.service("mark_finding", document_id=document, finding_id=finding, is_wrong=False, **OWNER)
    assert shown(queue, document)["findings_count"] == 2


def test_a_corrected_line_is_found_beside_what_was_read_and_every_quote_still_stands(queue, machine):
    document = read(queue, machine)
    decide(queue, document, line__1__3={"read": "Marcus Reyes", "text": "Markus Rayes-Ferguson"})
    for _ in range(2):
        queue.index()
        for words in ("Ferguson", '"Marcus Reyes"'):
            (hit,) = queue.service("search_documents", query=words)
            assert (str(hit["document_id"]), hit["page"]) == (document, 1), words
        read(queue, machine, document)
        queue.index()
    (hit,) = queue.service("search_documents", query="Ferguson")
    assert hit["snippet"] == "Corrected by hand: Markus Rayes-Ferguson"
    assert queue.row("select text from document_repository")["text"] == TEXT
    assert shown(queue, document)["findings_count"] == 1


def test_notes_are_found_by_their_words(queue, machine):
    document = read(queue, machine)
    decide(queue, document, **{f"note__{uuid.uuid4()}": {"text": "Ask the paediatrician"}})
    assert [str(hit["document_id"]) for hit in queue.service("search_documents", query="paediatrician")] == [document]


@pytest.mark.parametrize("name, value", [
    ("document_date", "2024-02-31"), ("document_date", "yesterday"), ("parties", [{"role": "x"}]), ("parties", None),
    ("tag: ", True), ("tag:" + "a" * 61, True), ("sha256", "0"), ("document_type", 5), ("important", False),
    ("sensitivity", "any"), ("line:1:0", {"read": "a", "text": "b"}), ("note:1", {"text": "a"}),
])  # fmt: skip
def test_what_is_no_judgement_is_refused_and_nothing_is_changed(queue, name, value):
    document = str(queue.enqueue(new_file())[0]["document_id"])
    with pytest.raises(psycopg.Error) as refused:
        decide(queue, document, **{"tag:good": True, name: value})
    assert refused.value.sqlstate == "AS006"
    assert queue.rows("select * from judgements") == queue.rows("select * from decisions") == []


def test_one_unknown_document_refuses_them_all(queue):
    document = str(queue.enqueue(new_file())[0]["document_id"])
    with pytest.raises(psycopg.Error) as refused:
        decide(queue, document, str(uuid.uuid4()), important=True)
    assert refused.value.sqlstate == "AS002"
    assert queue.rows("select * from judgements") == []


def exhibit(queue, letter: str | None, *documents: str, matter: str = "exhibit") -> None:
    change = {"name": matter} if letter is None else {"name": matter, "value": letter}
    queue.service("decide", documents=list(documents), changes=[change], **OWNER)


def test_an_exhibit_letter_is_one_document_s_and_the_next_one_follows_the_last(queue):
    rows = [str(row["document_id"]) for row in queue.enqueue_many(4)]
    exhibit(queue, "Z", rows[3])
    exhibit(queue, "next", rows[2], rows[3], rows[0])
    letters = {str(row["document_id"]): row["letter"] for row in queue.rows("select * from exhibit_list")}
    assert letters == {rows[3]: "Z", rows[2]: "AA", rows[0]: "AB"}, "those that have one keep it"
    assert queue.service("get_next_exhibit") == [{"letter": "AC"}]
    with pytest.raises(psycopg.Error) as refused:
        exhibit(queue, "AA", rows[1])
    assert refused.value.sqlstate == "AS003"
    exhibit(queue, None, rows[2])
    exhibit(queue, "AA", rows[1])
    other = queue.row("insert into matters (seq, name) overriding system value values (2, 'Other') returning id")["id"]
    exhibit(queue, "AA", rows[2], matter=f"exhibit:{other}")
    assert [str(row["id"]) for row in queue.rows("select id from document_list where exhibit = 'AA' order by seq")] == [
        rows[1], rows[2]
    ]  # fmt: skip


def test_a_field_takes_what_is_of_its_kind(queue):
    document = str(queue.enqueue(new_file())[0]["document_id"])
    fields = {}
    for kind, good, bad in (("text", "x", 5), ("date", "2024-02-29", "2024-02-30"), ("money", 12.5, "12"),
                            ("choice", "yes", "maybe")):  # fmt: skip
        (field,) = queue.service("add_field", field={"name": kind, "kind": kind, "choices": ["yes", "no"]
            if kind == "choice" else []}, decided_by="owner")  # fmt: skip
        fields[kind] = field["id"]
        decide(queue, document, **{f"field:{field['id']}": good})
        with pytest.raises(psycopg.Error) as refused:
            decide(queue, document, **{f"field:{field['id']}": bad})
        assert refused.value.sqlstate == "AS006", kind
    queue.service("end_field", field_id=fields["text"])
    with pytest.raises(psycopg.Error):
        decide(queue, document, **{f"field:{fields['text']}": "y"})
    assert queue.row("select count(*) as n from judgements")["n"] == 4, "what was written stays"


def test_a_sensitive_document_waits_where_few_machines_are_and_sealed_ones_are_not_for_claude(queue, machine):
    done, waiting = read(queue, machine), str(queue.enqueue(new_file())[0]["document_id"])
    first = decide(queue, waiting, done, sensitivity="private")
    placed = "select j.placement, j.allow_claude, l.placement as lane from processing_jobs j join lanes l on l.id = " \
        "j.lane_id where j.document_id = %s and j.status = 'queued'"  # fmt: skip
    assert tuple(queue.row(placed, waiting).values()) == ("datacenter_only", True, "datacenter_only")
    assert machine.claim() == [], "a stranger's computer"
    queue.service("announce_claude", has_key=True, caps={})
    queue.service("judge_again", filter={"document_id": done}, max_documents=1)
    decide(queue, waiting, done, sensitivity="sealed")
    assert tuple(queue.row(placed, waiting).values()) == ("local_only", False, "local_only")
    assert queue.as_role("analysis_worker", "claim_analyses", max_jobs=9, lease_seconds=60, prompt_version="2") == []
    assert queue.service("judge_again", filter={"document_id": done}, max_documents=1) == [{"judge_again": 0}]
    job = queue.row("select job_id from master_document_registry where id = %s", waiting)["job_id"]
    queue.service("set_job_choices", job_id=job, placement="any_host", allow_claude=True)
    assert tuple(queue.row(placed, waiting).values()) == ("local_only", False, "local_only"), "only ever stricter"
    queue.service("decide", documents=[waiting, done], changes=[{"name": "sensitivity"}], **OWNER)
    assert queue.service("judge_again", filter={"document_id": done}, max_documents=1) == [{"judge_again": 1}]
    assert first["changed"] == 2


def test_hearings_that_documents_name_and_days_by_hand_are_kept_in_mind(queue, machine):
    day = {"kind": "date", "role": "hearing", "value": "2030-05-06", "quote": "ORDER of the court.", "readings":
           ["2030-05-06"]}  # fmt: skip
    past = day | {"value": "2020-01-02", "readings": ["2020-01-02"]}
    claims = [new_claim(**day), new_claim(**day), new_claim(**past)]
    document = read(queue, machine, claims=claims)
    queue.service("add_reminder", day="2030-05-05", text="Bring copies", document_id=None, decided_by="owner")

    def days(wanted: str, after: list | None = None) -> list[str]:
        rows = queue.service("list_reminders", wanted=wanted, today="2026-01-01", most=50,
                             after=after and psycopg.types.json.Jsonb(after))  # fmt: skip
        return [f"{row['day']} {row['text']}" for row in rows]

    assert days("next") == ["2030-05-05 Bring copies", "2030-05-06 hearing"]
    assert days("past") == ["2020-01-02 hearing"]
    first = queue.row("select id, day from reminder_list where text = 'Bring copies'")
    assert days("next", [str(first["day"]), str(first["id"])]) == ["2030-05-06 hearing"]
    hearing = queue.row("select id from reminder_list where day = '2030-05-06'")["id"]
    queue.service("set_reminder", reminder_id=hearing, is_done=True, decided_by="owner")
    judge(queue, document, claims=claims)
    assert days("next") == ["2030-05-05 Bring copies"] and days("done") == ["2030-05-06 hearing"]
    queue.service("set_reminder", reminder_id=hearing, is_done=False, decided_by="owner")
    assert days("done") == []


def test_days_that_terms_of_orders_name_come_next_until_they_are_done_or_the_term_is_rejected(queue, machine):
    document = read(queue, machine)
    queue.rows("update master_document_registry set document_date = '2024-01-05' where id = %s", document)
    queue.rows(
        "insert into order_terms (document_id, key, place, page, start, quote, duty, act, due_day, starts, ends, "
        "proposed_by) values (%s, 'a', 1, 1, 0, 'ORDER of', 'shall', 'pay', 31, '2024-01-05', null, 'rules'),"
        " (%s, 'b', 2, 1, 0, 'ORDER', 'may', 'travel', null, current_date + 40, current_date + 50, 'rules')",
        document, document,
    )  # fmt: skip

    def days(wanted: str = "next") -> list[str]:
        today = queue.row("select current_date as day")["day"]
        rows = queue.service("list_reminders", wanted=wanted, today=today, most=50, after=None)
        assert all(row["quote"] and row["made"] == "order" for row in rows)
        return [row["text"] for row in rows]

    assert days() == ["due", "from", "until"]
    due = queue.row("select id, day = (date_trunc('month', day) + interval '1 month - 1 day') as is_last, day "
                    "from reminder_list where text = 'due'")  # fmt: skip
    assert due["is_last"], "a month of 30 days has no 31st"
    queue.service("set_reminder", reminder_id=due["id"], is_done=True, decided_by="owner")
    assert (days(), days("done")) == (["from", "until"], ["due"])
    queue.service("decide_term", term_id=queue.row("select id from order_terms where key = 'b'")["id"],
                  state="rejected", decided_by="owner")  # fmt: skip
    assert days() == []
