"""The record: what an event seals shows when it is changed, and all events stand in one log without a gap."""

import psycopg
import pytest

from tests.queue.claims import new_analysis
from tests.queue.queue_calls import new_file, new_result

# What may differ without anybody's word about a document being another: why each table is not sealed.
NOT_RECORDED = {
    "the record itself": {"events", "record_pending", "record_seals", "record_entries", "record_heads",
                          "custody_heads", "recorded_tables"},
    "made of what is sealed, and made anew at will": {"document_embeddings", "document_passages", "search_words",
                                                      "document_index", "unindexed_texts"},
    "how work is shared out; its outcomes are events": {
        "batches", "lanes", "live_lanes", "job_counts", "machines", "machine_work", "claim_marks", "processing_jobs",
        "batch_checkpoints", "event_deliveries", "event_cursors", "leaders", "skipped_files", "check_policy",
        "reading_checks", "kept_choices", "lane_heads",
    },
    "counted anew from events and journal": {"refused_news", "refused_names", "refused_sum"},
    "sums over documents, counted anew from them": {"document_shares", "document_sums", "sums_cursor"},
    "what is rented and paid": {
        "estimates", "hardware_blocks", "fleet_charges", "contract_bills", "price_increases", "renting", "claude_calls",
        "claude_message_batches", "claude_caps_reached",
        "claude_desk", "doors", "case_questions", "alarms",
    },
    "drawn by plain rules from texts that are sealed; what people decide about them is in case_decisions": {
        "matters", "matter_documents", "people", "case_names", "case_name_signs", "places",
        "case_documents", "case_bands", "duplicates", "case_events", "case_claims", "case_mentions",
        "people_documents", "case_claim_places", "claim_topics", "case_times", "case_measures", "order_terms",
        "claim_words", "pairs", "pair_verdicts", "pair_tasks",
    },
    "how people look at it: their own fields, views and reminders; the values of fields are judgements": {
        "custom_fields", "saved_views", "reminders",
    },
    "what became of backups": {"backups"},
    "what programs say of themselves, written anew every minute or day": {"programs", "examinations"},
    "ways in and out": {"document_passwords", "webhooks", "webhook_deliveries"},
    "what people keep beside documents; nothing that a document says rests on it": {
        "custom_fields", "saved_views", "reminders",
    },
    "people and their keys": {"accounts", "api_tokens", "invitations", "sessions", "sign_in_guesses"},
}  # fmt: skip


def test_every_table_is_in_the_record_or_has_a_reason_not_to_be(queue):
    tables = {row["tablename"] for row in queue.rows("select tablename from pg_tables where schemaname = 'public'")}
    recorded = {row["name"] for row in queue.rows("select name from recorded_tables")}
    excused = set().union(*NOT_RECORDED.values())
    assert recorded & excused == set()
    assert tables - recorded - excused == set(), "keep_in_record in its migration, or say here why not"
    assert (recorded | excused) - tables == set()


@pytest.fixture
def document(queue, machine):
    """A document that was read, with a finding and a day, beside another."""
    queue.enqueue(new_file(original_filename="letter.pdf"))
    queue.enqueue(new_file())
    first, second = machine.claim(max_jobs=2)
    findings = [{"role": "perjury", "quote": "he was not there", "reason": "He was.", "number": 80}]
    analysis = new_analysis("he was not there", document_date="2024-05-01", findings=findings)
    machine.complete(first, new_result(first, text="he was not there on 2024-05-01", analysis=analysis))
    machine.complete(second)
    assert faults(queue, first["document_id"]) == []
    return first["document_id"]


def faults(queue, document_id) -> list[str]:
    [custody] = queue.service("verify_custody", document_id=document_id)
    assert custody["intact"] is (custody["faults"] == [])
    return [each["subject"].partition("/")[0] for each in custody["faults"]]


@pytest.mark.parametrize(
    ("tampering", "subject"),
    [
        ("insert into document_findings (document_id, kind, page, quote, verified, score)"
         " values (%s, 'perjury', 1, 'I lied', true, 99)", "document_findings"),
        ("update document_findings set explanation = 'None.' where document_id = %s", "document_findings"),
        ("delete from document_findings where document_id = %s", "document_findings"),
        ("update document_claims set quote = 'he was there' where document_id = %s and kind = 'finding'",
         "document_claims"),
        ("delete from document_claims where document_id = %s and place = 1", "document_claims"),
        ("update document_repository set text = 'he was there' where document_id = %s", "document_repository"),
        ("delete from document_repository where document_id = %s", "document_repository"),
        ("update document_pages set outcome = 'blank' where document_id = %s", "document_pages"),
        ("delete from document_pages where document_id = %s and page = 2", "document_pages"),
        ("update document_journal set original_filename = 'forged.pdf' where document_id = %s", "document_journal"),
        ("update document_journal set created_at = created_at - interval '1 day' where document_id = %s",
         "document_journal"),
        ("update document_journal set source = 'mail' where document_id = %s", "document_journal"),
        ("insert into document_journal (document_id, source, original_filename, object_key, processing_status)"
         " values (%s, 'mail', 'a.pdf', 'raw/a', 'completed')", "document_journal"),
        ("delete from document_journal where document_id = %s", "document_journal"),
        ("update master_document_registry set perjury_score = 100 where id = %s", "master_document_registry"),
        ("update master_document_registry set document_date = '2020-01-01' where id = %s", "master_document_registry"),
        ("update master_document_registry set dissolved_at = now() where id = %s", "master_document_registry"),
        ("update master_document_registry set bytes = 1 where id = %s", "master_document_registry"),
        ("update analysis_runs set model = 'another' where document_id = %s", "analysis_runs"),
        ("insert into mails (document_id, message_id, thread_id, sent, sender, recipients, subject)"
         " values (%s, 'm', 't', '', 'eve', '[]', 'a confession')", "mails"),
    ],
)  # fmt: skip
def test_what_an_event_seals_shows_when_it_is_changed(queue, document, tampering, subject):
    queue.rows(tampering, document)
    assert subject in faults(queue, document)
    [other] = queue.rows("select id from master_document_registry where id <> %s", document)
    assert faults(queue, other["id"]) == []


def test_a_decision_is_sealed_by_the_verb_that_wrote_it(queue, document):
    """`record_event` as other subjects call it: what it names is told, what it does not name shows."""
    queue.rows("insert into document_transcriptions (document_id, run_id, place, page, kind, engine, model, text,"
               " doubtful_lines) select %s, run_id, 1, 1, 'handwriting', 'claude', 'm', 'words', '{}'"
               " from master_document_registry where id = %s", document, document)  # fmt: skip
    assert faults(queue, document) == ["document_transcriptions"]
    queue.rows("select private.record_event(%s, 'decided', '{}', array['document_transcriptions/' || %s])",
               document, document)  # fmt: skip
    assert faults(queue, document) == []


def test_what_a_person_decided_shows_when_it_is_changed(queue, document):
    changes = [{"name": "tag:school", "value": True}, {"name": "case_number", "value": "1:24-cv-7"}]
    decided = {"documents": [document], "changes": changes}
    queue.service("decide", decided_by="Anna", why="it says so", **decided)
    assert faults(queue, document) == []
    for change in (
        "update judgements set value = '\"2:24-cv-9\"' where name = 'case_number'",
        "insert into judgements (document_id, name, value, decided_by, decision_id)"
        " select document_id, 'important', 'true', 'Anna', decision_id from judgements limit 1",
        "delete from judgements where name = 'tag:school'",
        "update decision_changes set after = '\"3:24-cv-9\"' where name = 'case_number'",
        "delete from decision_changes",
    ):
        with queue.owner.transaction(force_rollback=True):
            queue.rows(change)
            rows = queue.rows("select faults from verify_custody(%s)", document)
            assert rows[0]["faults"] != [], change
    queue.rows("update decisions set decided_by = 'Eve'")
    assert queue.rows("select subject from private.find_seal_faults(null)") != []


def append(queue) -> list[dict]:
    queue.service("append_record")
    return queue.rows("select * from record_entries order by seq")


def test_all_events_stand_in_one_log_without_a_gap(queue, document):
    entries = append(queue)
    events = queue.rows("select id, hash from events order by id")
    assert [(row["event_id"], row["event_hash"]) for row in entries] == [(row["id"], row["hash"]) for row in events]
    assert [row["seq"] for row in entries] == list(range(1, len(events) + 1))
    queue.enqueue(new_file())
    assert append(queue)[: len(entries)] == entries
    assert queue.rows("select * from record_pending") == []


def test_nobody_who_writes_waits_for_the_log_and_what_commits_late_is_appended_late(queue):
    """Two open transactions: one has written an event, the log is appended to, another writes and commits."""
    with psycopg.connect(queue.owner.info.dsn, password=queue.owner.info.password) as slow:
        slow.execute("insert into events (kind) values ('alarm_raised')")
        queue.rows("set lock_timeout = '1s'")
        queue.enqueue(new_file())
        assert len(append(queue)) == 1
        slow.commit()
    assert [row["seq"] for row in append(queue)] == [1, 2]


def log_faults(queue) -> list[str]:
    [checked] = queue.service("verify_record")
    return [f"{each['subject']}: {each['fault']}" for each in checked["faults"]]


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("delete from record_entries where seq = 2", "entries before it are missing"),
        ("update record_entries set hash = repeat('0', 64) where seq = 2", "does not follow"),
        ("update record_entries set event_hash = repeat('0', 64) where seq = 2", "its event was changed"),
        ("update events set machine = 'another' where id = (select min(id) from events)", "its event was changed"),
        ("delete from events where id = (select max(id) from events)", "its event is missing"),
        ("insert into events (kind) values ('alarm_raised'); delete from record_pending", "it is in no log"),
        ("insert into record_heads (seq, hash, statement, signature, public_key) values (1, 'x', '', '', '')",
         "does not lead to this signed head"),
        ("insert into decisions (decided_by) values ('Eve')", "added: no event tells of it"),
    ],
)  # fmt: skip
def test_the_log_says_what_was_changed_in_it(queue, document, tampering, said):
    append(queue)
    assert log_faults(queue) == []
    for statement in tampering.split("; "):
        queue.rows(statement)
    assert any(said in fault for fault in log_faults(queue)), log_faults(queue)


def test_a_document_that_is_removed_with_every_row_about_it_leaves_entries_without_events(queue, document):
    append(queue)
    ids = queue.rows("select id from events where document_id = %s", document)
    queue.rows("delete from events where document_id = %s", document)
    assert len([fault for fault in log_faults(queue) if "its event is missing" in fault]) == len(ids)


@pytest.mark.parametrize("table, statement", [
    ("mails", "insert into mails select %s, 'a', 'a', null, null, 'Ann', '[]', 'Agreed'"),
    ("document_findings", "insert into document_findings (document_id, kind, quote) values (%s, 'perjury', 'He lied')"),
    ("document_claims", "insert into document_claims (document_id, place, kind, page, state, quote, stated_by)"
                        " values (%s, 1, 'fact', 1, 'none', 'a', 'rules')"),
    ("document_parts", "insert into document_parts (parent_id, position, role, name, code, depth, root_id)"
                       " select d.id, 1, 'member', 'a.txt', 'empty', 1, d.id from master_document_registry d"
                       " where d.id = %s"),
])  # fmt: skip
def test_what_a_first_reading_had_none_of_and_did_not_seal_cannot_be_put_in_later(queue, machine, table, statement):
    queue.enqueue(new_file())
    machine.complete(job := machine.claim_one(), new_result(job, analysis=new_analysis()))
    sealed = queue.row("select payload -> 'seals' as seals from events where kind = 'job_completed'")["seals"]
    assert f"{table}/{job['document_id']}" not in sealed and len(sealed) == 4
    assert queue.service("verify_custody", document_id=job["document_id"])[0]["intact"]
    queue.rows(statement, job["document_id"])
    (verdict,) = queue.service("verify_custody", document_id=job["document_id"])
    assert not verdict["intact"]
    assert {(f["subject"].split("/")[0], f["fault"]) for f in verdict["faults"]} == {
        (table, "added: no event tells of it")
    }


def test_a_later_reading_seals_that_what_there_was_is_gone(queue, machine):
    """The first one had a finding, a claim and a letter's head; the second has none, and its event says so."""
    queue.enqueue(new_file())
    job = machine.claim_one()
    finding = {"role": "perjury", "number": 50, "quote": "In the matter of"}
    mail = {"message_id": "a", "thread_id": "a", "subject": "Hello", "sender": "Ann", "recipients": []}
    machine.complete(job, new_result(job, mail=mail, analysis=new_analysis(findings=[finding])))
    queue.rows("select private.read_anew(j) from processing_jobs j")
    machine.complete(again := machine.claim_one(), new_result(again, analysis=new_analysis()))
    assert queue.rows("select * from document_findings") == queue.rows("select * from mails") == []
    sealed = queue.rows("select payload -> 'seals' as seals from events where kind = 'job_completed' order by id")
    for table in ("mails", "document_findings", "document_claims"):
        name = f"{table}/{job['document_id']}"
        assert sealed[0]["seals"][name] != sealed[1]["seals"][name], table
    assert queue.service("verify_custody", document_id=job["document_id"])[0]["intact"]
