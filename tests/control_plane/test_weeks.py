"""Last week's report lies in the bucket, written once, with the numbers of its week alone."""

from datetime import date, timedelta

from control_plane.record.weeks import WeeklyReport, key_of
from tests.control_plane.desk import PDF, Desk, complete_a_document

MONDAY = date(2026, 11, 16)
TODAY = MONDAY + timedelta(days=11)


def report(desk: Desk) -> str:
    return desk.clients.storage.read_range(key_of(MONDAY), 0, 100_000).decode()


def test_last_week_is_told_once_in_its_own_numbers(desk: Desk):
    document_id = complete_a_document(desk)
    desk.upload(PDF + b"\n", "<locked> letter.pdf")
    desk.upload(PDF + b"\n\n", "of this week.pdf")
    desk.sql("insert into document_findings (document_id, kind, page, quote, verified, score)"
             " values (%s, 'perjury', 2, 'he <never> came', true, 90)", document_id)  # fmt: skip
    desk.sql("update document_journal set processing_status = 'failed', error_message = 'It is locked.'"
             " where original_filename like '<locked>%%'")  # fmt: skip
    for table in ("document_journal", "master_document_registry"):
        desk.sql(f"update {table} set created_at = '2026-11-18' where created_at > '2000-01-01'")
    desk.sql("update document_journal set created_at = '2026-11-23' where original_filename = 'of this week.pdf'")
    weeks = WeeklyReport()
    weeks.tick(desk.clients.database, desk.clients.storage, TODAY)
    said = report(desk)
    assert "<td>Files came in</td><td>2</td>" in said and "16 November 2026 to 22 November 2026" in said
    assert "“he &lt;never&gt; came”" in said and ", page 2)" in said
    assert "&lt;locked&gt; letter.pdf: It is locked." in said and "of this week" not in said
    desk.sql("delete from document_findings")
    WeeklyReport().tick(desk.clients.database, desk.clients.storage, TODAY)
    assert report(desk) == said, "another program finds it written"


def test_a_week_of_nothing_is_not_told_and_a_report_is_no_paper(desk: Desk):
    WeeklyReport().tick(desk.clients.database, desk.clients.storage, TODAY)
    assert desk.keys() == []
    assert desk.post("/api/jobs/create", object_key=key_of(MONDAY)).status_code == 400


def test_weeks_are_counted_as_calendars_do():
    assert key_of(date(2026, 12, 28)) == "exports/weekly/2026-W53.html"
    assert key_of(date(2027, 1, 4)) == "exports/weekly/2027-W01.html"
