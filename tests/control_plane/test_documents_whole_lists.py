"""A case larger than every limit: routes, pages, reports and exports give all of it, or say what they leave out."""

import csv
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pypdfium2
import pytest
from streamlit.testing.v1 import AppTest
from werkzeug.serving import make_server

from dashboard import report_pdf, reports, tables
from dashboard.api_client import ApiClient
from tests.connections import as_superuser
from tests.control_plane.desk import Desk, complete_a_document
from tests.dashboard.pages import open_page, shown

DOCUMENTS, FINDINGS, PAGES, REFUSED, UNSAID, BATCHES, SKIPPED, PAIRS = 3000, 1200, 1603, 1204, 61, 21, 2001, 131
FILL = """
with mine as (
  insert into master_document_registry (id, object_key, original_filename, source, case_number, document_date, analyst,
    analysed_at, parties, created_at)
  select gen_random_uuid(), 'raw/' || n, 'letter ' || n || '.pdf', 'upload',
    case when n <= 2000 then 'FL-1' else 'FL-2' end, date '2000-01-01' + n, 'claude', now(),
    jsonb_build_array(jsonb_build_object('name', 'Person ' || n)),
    now() - case when n <= 2500 then interval '30 days' else interval '0' end
  from generate_series(1, {documents}) n returning id, seq
)
insert into document_findings (document_id, kind, page, quote, verified, score)
  select id, 'contradiction', 1, 'words', mod(seq, 40) <> 0, mod(seq, 101) from mine order by seq limit {findings}
"""


MORE = """
insert into events (kind, payload) select 'file_refused', jsonb_build_object('original_filename', 'film ' || n,
  'source', 'upload', 'code', 'unsupported_type', 'message', 'A film.') from generate_series(1, {refused}) n;
insert into batches (name, status) select 'folder ' || n, 'completed' from generate_series(1, {batches}) n;
insert into batch_checkpoints (batch_id, unsupported, finished_at)
  select id, case when name = 'folder {batches}' then {skipped} else 0 end, now() from batches;
insert into skipped_files (batch_id, source_id, name, code)
  select id, 's' || n, 'clip ' || n || '.mov', 'unsupported_type' from batches, generate_series(1, {skipped}) n
  where name = 'folder {batches}';
insert into lanes (name, priority, placement) values ('test', 'normal', 'local_only');
insert into processing_jobs (document_id, lane_id, status, priority, placement, choices_unsaid)
  select d.id, l.id, 'queued', 'normal', 'local_only', true
  from (select id from master_document_registry order by seq desc limit {unsaid}) d, lanes l where l.name = 'test';
insert into pairs (id, kind, proposed_by, score, a_document, a_key, a_side, b_document, b_key, b_side, proposer, stands,
  rule_kind, rule_verdict, rule_reason, verdict, verdict_by, reason)
  select gen_random_uuid(), 'contradiction', 'denied', mod(n, 100), a, 'a' || n, side, b, 'b' || n, side, a, true,
    'contradiction', 'conflict', 'One denies it.', 'conflict', 'rules', 'One denies it.'
  from (select row_number() over (order by seq) as n, id as a, lead(id) over (order by seq) as b,
    '{{"page": 1, "start": 0, "quote": "I was not there.", "voice": "sworn", "speaker_id": null, "starts": null,
      "ends": null, "precision": null}}'::jsonb as side
    from master_document_registry) d where n <= {pairs}
"""


@pytest.fixture
def api(desk: Desk) -> ApiClient:
    """The dashboard's client on the control plane in this process, over a case of 3,000 documents."""
    document_id = complete_a_document(desk)
    desk.sql(FILL.format(documents=DOCUMENTS - 1, findings=FINDINGS - 1))
    desk.sql("select private.write_shares(array(select id from master_document_registry))")
    desk.sql(
        "insert into document_pages (job_id, page, document_id, outcome) select job_id, n, id, 'ocr'"
        " from master_document_registry, generate_series(3, %s) n where id = %s", PAGES, document_id,
    )  # fmt: skip
    # As a minute after they were written: the planner's last look may have been at rows of a test that were taken away.
    desk.sql("analyze master_document_registry, document_findings, document_pages, processing_jobs")
    transport = httpx.WSGITransport(app=desk.http.application)
    return ApiClient("http://desk", desk.settings.control_plane_token, transport)


@dataclass
class Pages:
    """Pages of the dashboard on a control plane."""

    url: str
    token: str
    monkeypatch: pytest.MonkeyPatch
    folder: Path

    @property
    def api(self) -> ApiClient:
        return ApiClient(self.url, self.token)

    def open(self, view: str, **query: str) -> AppTest:
        exports = self.folder / "exports"
        return open_page(self.monkeypatch, self.url, self.token, exports, f"views/{view}.py", **query)


def text_of(report: report_pdf.Report) -> str:
    pdf = pypdfium2.PdfDocument(report_pdf.render(report))
    return " ".join(page.get_textpage().get_text_range().replace("\r\n", " ") for page in pdf)


def test_every_list_is_whole(api: ApiClient):
    documents = list(api.every_document())
    assert len({row.id for row in documents}) == DOCUMENTS
    findings = list(api.every_finding())
    standing = sum(api.analytics().findings_by_kind.values())
    assert len({row.id for row in findings}) == standing > 1000
    assert len(list(csv.DictReader(io.StringIO(tables.findings_csv(findings, 100_000))))) == standing
    cut = list(csv.DictReader(io.StringIO(tables.findings_csv(findings, 500))))
    assert cut[0]["What"] == f"The first 500 of {standing:,} findings are listed." and len(cut) == 501
    order = [row.score for row in findings]
    assert order == sorted(order, reverse=True)
    timeline = list(api.every_dated_document())
    assert len({row.document_id for row in timeline}) == DOCUMENTS == api.analytics().dated
    assert [row.date for row in timeline] == sorted(row.date for row in timeline)
    assert len(api.document(next(row.id for row in documents if row.pages_total)).pages) == PAGES
    assert api.analytics().named == DOCUMENTS - 1


def test_a_bad_guess_at_rows_asks_no_binders_of_documents_that_have_none(api: ApiClient, desk: Desk):
    """The plan that took half a minute: every finding beside every document, the dear question first."""
    ways = ("hashjoin", "mergejoin", "indexscan", "bitmapscan")
    joins = "; ".join(f"set local enable_{each} to off" for each in ways)
    asked = "select coalesce(sum(calls), 0) from pg_stat_xact_user_functions where funcname ~ 'binder'"
    with psycopg.connect(as_superuser(desk.postgres_url)) as connection:
        connection.execute(f"set local track_functions to 'all'; {joins}")
        found = connection.execute("select count(*) from finding_list where case_number = 'FL-1'").fetchone()
        assert (found, connection.execute(asked).fetchone()) == ((1169,), (0,))


def test_cases_are_counted_where_the_planner_believes_that_there_is_one_row_of_each(api: ApiClient, desk: Desk):
    """So it does where the tables were looked at while they were nearly empty: 2.7 million blocks were touched."""
    with psycopg.connect(as_superuser(desk.postgres_url)) as connection:
        connection.execute(
            "update pg_class set reltuples = 1, relpages = pg_relation_size(oid) / 8192 where relkind = 'r'"
            " and relname in ('document_findings', 'master_document_registry', 'processing_jobs')"
        )
        (plan,) = connection.execute("explain (analyze, buffers, format json) select * from case_list").fetchone()
        connection.rollback()
    assert plan[0]["Plan"]["Actual Rows"] == 3 and plan[0]["Plan"]["Shared Hit Blocks"] < 60_000


def test_the_oldest_case_is_whole_in_its_report(api: ApiClient):
    """The newest 1,000 documents are of another case."""
    assert [row.documents for row in api.cases()] == [1, 2000, 999]
    report = reports.case(api, datetime.now(UTC), "FL-1")
    assert (len(report.documents), len(report.findings)) == (2000, 1169)
    assert report.figures[0] == ("documents", "2,000") and report.judged["all"] == 2000
    assert report.figures[2] == ("findings within one document", "1,169")
    assert report.cuts == ()


def test_a_report_that_leaves_something_out_says_so(api: ApiClient, monkeypatch):
    monkeypatch.setattr(reports, "MAX_DOCUMENTS", 40)
    monkeypatch.setattr(reports, "MAX_FINDINGS", 30)
    text = text_of(reports.case(api, datetime.now(UTC), None))
    assert "The first 40 of 3,000 documents are listed." in text
    assert "The first 30 of 1,170 findings are listed." in text
    assert "3,000" in text
    weekly = reports.weekly(api, datetime.now(UTC))
    assert weekly.cuts == ("The first 40 of 500 documents are listed.",)
    assert weekly.figures[0] == ("documents came in", "500") and sum(weekly.judged.values()) == 500


def test_the_week_is_filtered_where_the_rows_are(api: ApiClient):
    report = reports.weekly(api, datetime.now(UTC))
    assert len(report.documents) == DOCUMENTS - 2500
    assert report.cuts == ()


@pytest.fixture
def pages(api: ApiClient, desk: Desk, monkeypatch, tmp_path) -> Iterator[Pages]:
    """The dashboard's pages on the same control plane over real HTTP, with more of everything else as well."""
    desk.sql(MORE.format(refused=REFUSED, unsaid=UNSAID, batches=BATCHES, skipped=SKIPPED, pairs=PAIRS))
    server = make_server("127.0.0.1", 0, desk.http.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Pages(f"http://127.0.0.1:{server.server_port}", desk.settings.control_plane_token, monkeypatch, tmp_path)
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_cut_of_every_page_is_visible(api: ApiClient, pages: Pages):
    said = {view: shown(pages.open(view)) for view in (
        "documents", "findings", "global_analysis", "upload", "batches", "analytics",
    )}  # fmt: skip
    assert "Documents 1 to 20 of 3,000." in said["documents"]
    assert "Show more (these are the first 25 of 1,170)" in said["findings"]
    assert "The latest 40 of 3,000 are listed; the chart shows all of them." in said["global_analysis"]
    assert "The first 100 of 2,999 names are listed." in said["global_analysis"]
    assert "Differences (131: 0 accepted, 131 open)" in said["global_analysis"]
    assert "Show more (these are the first 50 of 131)" in said["global_analysis"]
    assert "Not taken in: 1,204 files" in said["upload"] and "The first 10 of 1,204 files are listed." in said["upload"]
    assert "61 files came in" in said["upload"] and "The first 50 of 61 files are listed." in said["upload"]
    assert "These are the newest 12." in said["upload"]
    assert "Older batches" in said["batches"] and "Show 2,001 files not taken in" in said["batches"]
    assert "3,000" in said["analytics"]


def test_a_page_that_goes_on_says_where_it_is(pages: Pages):
    documents = pages.open("documents")
    next(each for each in documents.button if each.label == "More").click().run()
    assert "Documents 21 to 40 of 3,000." in shown(documents)
    findings = pages.open("findings")
    next(each for each in findings.button if each.label.startswith("Show more")).click().run()
    assert "these are the first 50 of 1,170" in shown(findings)
    findings.slider[0].set_value(50).run()
    assert f"of {sum(1 for _ in pages.api.every_finding(min_score=50)):,})" in shown(findings)
    batches = pages.open("batches")
    batches.toggle[0].set_value(True).run()
    assert "The first 2,000 of 2,001 files are listed. They are the newest." in shown(batches)
    long_one = next(row.id for row in pages.api.every_document() if row.pages_total)
    assert len(pages.open("document", id=long_one).dataframe[0].value) == PAGES
