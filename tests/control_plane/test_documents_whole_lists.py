"""A case larger than every limit: routes, reports and exports give all of it, or say what they leave out."""

from datetime import UTC, datetime

import httpx
import pypdfium2
import pytest

from dashboard import report_pdf, reports
from dashboard.api_client import ApiClient
from tests.control_plane.desk import Desk, complete_a_document

DOCUMENTS, FINDINGS, PAGES = 3000, 1200, 1603
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
  select id, 'contradiction', 1, 'words', mod(seq, 4) <> 0, mod(seq, 101) from mine order by seq limit {findings}
"""


@pytest.fixture
def api(desk: Desk) -> ApiClient:
    """The dashboard's client on the control plane in this process, over a case of 3,000 documents."""
    document_id, _ = complete_a_document(desk)
    desk.sql(FILL.format(documents=DOCUMENTS - 1, findings=FINDINGS - 1))
    desk.sql(
        "insert into document_pages (job_id, page, document_id, outcome) select job_id, n, id, 'ocr'"
        " from master_document_registry, generate_series(3, %s) n where id = %s", PAGES, document_id,
    )  # fmt: skip
    transport = httpx.WSGITransport(app=desk.http.application)
    return ApiClient("http://desk", desk.settings.control_plane_token, transport)


def text_of(report: report_pdf.Report) -> str:
    pdf = pypdfium2.PdfDocument(report_pdf.render(report))
    return " ".join(page.get_textpage().get_text_range().replace("\r\n", " ") for page in pdf)


def test_every_list_is_whole(api: ApiClient):
    documents = list(api.every_document())
    assert len({row.id for row in documents}) == DOCUMENTS
    findings = list(api.every_finding())
    assert len({row.id for row in findings}) == FINDINGS
    order = [(row.verified, row.score) for row in findings]
    assert order == sorted(order, reverse=True)
    timeline = list(api.every_dated_document())
    assert len({row.document_id for row in timeline}) == DOCUMENTS == api.analytics().dated
    assert [row.date for row in timeline] == sorted(row.date for row in timeline)
    assert len(api.document(next(row.id for row in documents if row.pages_total)).pages) == PAGES
    assert api.analytics().named == DOCUMENTS - 1


def test_the_oldest_case_is_whole_in_its_report(api: ApiClient):
    """The newest 1,000 documents are of another case."""
    assert [row.documents for row in api.cases()] == [1, 2000, 999]
    report = reports.case(api, datetime.now(UTC), "FL-1")
    assert (len(report.documents), len(report.findings)) == (2000, 1199)
    assert report.figures[0] == ("documents", "2,000") and report.judged["all"] == 2000
    standing = sum(row.verified for row in report.findings)
    assert report.figures[2] == ("findings", f"{standing:,}")
    assert report.cuts == ()


def test_a_report_that_leaves_something_out_says_so(api: ApiClient, monkeypatch):
    monkeypatch.setattr(reports, "MAX_DOCUMENTS", 40)
    monkeypatch.setattr(reports, "MAX_FINDINGS", 30)
    text = text_of(reports.case(api, datetime.now(UTC), None))
    assert "The first 40 of 3,000 documents are listed." in text
    assert "The first 30 of 1,200 findings are listed." in text
    assert "3,000" in text
    weekly = reports.weekly(api, datetime.now(UTC))
    assert weekly.cuts == ("The first 40 of 500 documents are listed.",)
    assert weekly.figures[0] == ("documents came in", "500") and sum(weekly.judged.values()) == 500


def test_the_week_is_filtered_where_the_rows_are(api: ApiClient):
    report = reports.weekly(api, datetime.now(UTC))
    assert len(report.documents) == DOCUMENTS - 2500
    assert report.cuts == ()

