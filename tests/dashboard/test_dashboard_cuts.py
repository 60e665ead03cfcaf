"""A list that is not whole says how much of it is there, and totals are of everything."""

import csv
import os

import pytest

from dashboard import reports, tables
from dashboard.answers import ListedFinding
from dashboard.api_client import ApiClient
from dashboard.errors import NoRoom
from tests.dashboard.made import make
from tests.dashboard.test_dashboard_words import text_of
from tests.fakes.control_plane import TOKEN, FakeControlPlane
from tests.tiny_disk import fill, tiny_disk


@pytest.fixture
def api(control_plane: FakeControlPlane) -> ApiClient:
    """The dashboard's client on the stand-in."""
    return ApiClient(control_plane.url, TOKEN)


@pytest.fixture
def small_reports(monkeypatch):
    """Reports of at most 4 documents and 3 findings."""
    monkeypatch.setattr(reports, "MAX_DOCUMENTS", 4)
    monkeypatch.setattr(reports, "MAX_FINDINGS", 3)


def test_a_week_says_how_much_of_it_is_listed_and_counts_all(control_plane, api, small_reports):
    failed = next(job for job in control_plane.jobs if job["status"] == "failed")
    control_plane.jobs[:0] = [failed | {"id": f"id-{number}"} for number in range(5)]
    report = reports.weekly(api, control_plane.now)
    assert (len(report.documents), len(report.findings), len(report.failed)) == (4, 3, 4)
    text, _ = text_of(report)
    for cut in ("first 4 of 7 documents", "first 3 of 4 findings", "first 4 of 6 unread documents"):
        assert cut in text
    assert [value for _, value in report.figures[:4]] == ["7", "24", "4", "6"]
    assert report.judged == {"all": 6, "part": 0, "none": 1}


def test_a_case_says_how_much_of_it_is_listed_and_counts_all(control_plane, api, small_reports):
    report = reports.case(api, control_plane.now, None)
    assert report.cuts == ("The first 4 of 7 documents are listed.", "The first 3 of 4 findings are listed.")
    assert [value for _, value in report.figures] == ["7", "24", "4", "1"]


def test_the_report_of_a_case_has_what_does_not_fit_with_both_quotes(control_plane, api):
    text, _ = text_of(reports.case(api, control_plane.now, None))
    for said in ("Neither party shall remove the minor children", "we are still in Reno", "not decided"):
        assert said in text
    assert "What would explain it: A written consent" in text
    assert "Gross pay $2,140.00.” paystub" not in text, "what nobody called a conflict is in no report"


def test_a_whole_report_says_nothing_of_cuts(control_plane, api):
    assert reports.weekly(api, control_plane.now).cuts == reports.case(api, control_plane.now, None).cuts == ()


def test_an_export_says_in_its_first_row_how_much_of_it_is_there(api):
    rows = list(csv.DictReader(tables.findings_csv(api.every_finding(), 3).splitlines()))
    assert rows[0]["What"] == "The first 3 of 4 findings are listed." and len(rows) == 4
    whole = list(csv.DictReader(tables.findings_csv(api.every_finding(), 4).splitlines()))
    assert len(whole) == 4 and not any("findings" in row["What"] for row in whole)


def test_a_quote_that_looks_like_a_formula_runs_in_no_spreadsheet():
    (row,) = csv.DictReader(tables.findings_csv([make(ListedFinding, quote="=1+1")], 5).splitlines())
    assert row["Quote"] == "'=1+1"


def test_the_shelf_says_how_many_reports_it_leaves_out(control_plane, open_page, shown, tmp_path):
    (tmp_path / "exports").mkdir()
    for number in range(31):
        path = tmp_path / "exports" / f"report {number:02}.pdf"
        path.write_bytes(b"%PDF")
        os.utime(path, (number, number))
    text = shown(open_page(control_plane, "views/reports.py"))
    assert "The first 30 of 31 reports are listed. The others are in the exports folder." in text
    assert "report 30" in text and "report 00" not in text


def test_a_full_disk_keeps_the_older_report_and_says_so(control_plane, api, tmp_path):
    report = reports.weekly(api, control_plane.now)
    with tiny_disk(tmp_path / "exports", "64k") as folder:
        older = folder / reports.file_name(report)
        older.write_bytes(b"%PDF of this morning")
        filler = fill(folder)
        with pytest.raises(NoRoom, match="no room"):
            reports.save(report, folder)
        assert (older.read_bytes(), reports.saved(folder)) == (b"%PDF of this morning", [older])
        assert sorted(path.name for path in folder.iterdir()) == sorted([older.name, "filler"])
        filler.unlink()
    assert reports.save(report, tmp_path / "room").read_bytes().startswith(b"%PDF")
