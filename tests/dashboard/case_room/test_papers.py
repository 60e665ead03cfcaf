"""Papers over the real control plane: searched, counted, paged, and decided about as a whole and undone as one."""

import csv
import io
import re
import zipfile
from hashlib import sha256

import pytest

from dashboard.case_room.paging import PAGE_ROWS
from tests.control_plane.desk import Desk
from tests.dashboard.case_room.conftest import Room
from tests.dashboard.case_room.papers import put_paper


@pytest.fixture
def case(desk: Desk) -> dict[str, str]:
    """Three papers that were read; and 55 that wait."""
    made = {
        name: put_paper(desk, name, [f"{kind}\nThe child was at {place}."], document_type=kind, document_date=day)
        for name, kind, place, day in (
            ("order.pdf", "custody_order", "Redding", "2024-05-09"), ("log.pdf", "log", "Redding", "2023-01-07"),
            ("letter.pdf", "letter", "Alder", "2023-02-08"),
        )
    }  # fmt: skip
    for number in range(PAGE_ROWS + 5):
        desk.upload(b"%PDF-1.4 " + str(number).encode(), f"scan_{number:03}.pdf")
    return made


def test_lists_say_which_rows_of_how_many_they_are_and_lead_there_and_back(room: Room, case: dict[str, str]):
    first = room.open("/papers?order=name asc")
    assert "1–50 of 58 papers" in first and "Previous" not in first
    (following,) = set(re.findall(r'<a href="/case(/papers\?[^"]+)" rel="next"', first))
    second = room.open(following)
    assert "51–58 of 58 papers" in second and "scan_054.pdf" in second and 'rel="next"' not in second
    (before,) = set(re.findall(r'<a href="/case(/papers\?[^"]+)" rel="prev"', second))
    assert "1–50 of 58 papers" in room.open(before)


def test_every_facet_leads_to_as_many_papers_as_it_says_and_back(room: Room, case: dict[str, str]):
    page = room.open("/papers")
    facets = re.findall(r'<li><a href="/case(/papers[^"]+)"><span>([^<]+)</span> <span class="soft">([\d,]+)<', page)
    assert {(label, count) for _, label, count in facets} >= {("Waiting to be read", "55"), ("Custody order", "1")}
    for address, label, count in facets:
        found = room.open(address)
        assert f" of {count} papers" in found, label
        assert 'aria-current="true"' in found and f"{label} ×" in found


def test_words_days_and_names_are_found_and_open_at_their_page(room: Room, case: dict[str, str]):
    found = room.open("/papers?q=Redding")
    assert "1–2 of 2 papers" in found and "The child was at Redding." in found
    assert f"/case/reader/{case['order.pdf']}?page=1&q=Redding" in found
    assert "letter.pdf" in room.open("/papers?date_from=2023-02-01&date_to=2023-12-31")
    assert "scan_007.pdf" in room.open("/papers?q=scan_007")
    assert "Nothing matches" in room.open("/papers?q=giraffe")
    room.open("/papers?status=nonsense", 400)


def test_a_whole_search_is_tagged_at_once_and_undone_as_one(room: Room, desk: Desk, case: dict[str, str]):
    page = "/papers?status=waiting"
    said = room.send(page, "/papers/decide", scope="search", add_tag="to read")
    assert "55 papers changed." in said and "Undo" in said
    assert desk.get("/api/documents", tag="to read").json["total"] == 55
    assert "1–50 of 55 papers" in room.open("/papers?tag=to read")
    room.send(page, "/papers/decide", scope="search", add_tag="again")
    answer = room.post(page, "/papers/decide", scope="search", important="yes")
    decision = re.search(r'name="decision" value="([^"]+)"', answer.text)
    assert decision
    form = room.form("/papers", "/papers/decide") | {"decision": decision[1]}
    undone = room.http.post("/case/papers/undo", data=form)
    assert undone.status_code == 303
    assert desk.get("/api/documents", important="true").json["total"] == 0
    assert desk.get("/api/documents", tag="again").json["total"] == 55


def test_only_what_is_ticked_is_corrected(room: Room, desk: Desk, case: dict[str, str]):
    ticked = [case["order.pdf"], case["log.pdf"]]
    said = {"paper": ticked, "document_type": "exhibit_list", "why": "seen"}
    assert "2 papers changed." in room.send("/papers", "/papers/decide", scope="ticked", **said)
    assert desk.get("/api/documents", type="exhibit_list").json["total"] == 2
    assert "Tick the papers" in room.send("/papers", "/papers/decide", scope="ticked", add_tag="x")
    assert "Say what to do" in room.send("/papers", "/papers/decide", scope="ticked", paper=ticked)
    assert desk.get("/api/tags").json["tags"] == []


def test_a_search_is_kept_under_a_name_and_leads_back(room: Room, case: dict[str, str]):
    page = "/papers?status=waiting&important=false&order=name asc"
    said = room.send(page, "/papers/view", name="Waiting")
    (address,) = set(re.findall(r'<a class="chip violet" href="/case(/papers[^"]+)">Waiting</a>', said))
    assert "1–50 of 55 papers" in room.open(address) and '<option value="name asc" selected' in room.open(address)
    kept = room.form("/papers", "/papers/view", "end")
    assert "kept no more" in room.send("/papers", "/papers/view", end=kept["end"])
    assert "Waiting</a>" not in room.open("/papers")


def test_chosen_papers_are_taken_along_as_a_zip_with_an_index_and_hashes(
    room: Room, desk: Desk, case: dict[str, str]
):
    gone = case["log.pdf"]
    desk.sql("update master_document_registry set object_key = 'raw/gone', version_id = null where id = %s", gone)
    form = room.form("/papers", "/papers/decide")

    def take(**said: object) -> tuple[zipfile.ZipFile, list[dict[str, str]]]:
        answer = room.http.post("/case/papers/zip", data=form | said)
        assert answer.mimetype == "application/zip", answer.text
        files = zipfile.ZipFile(io.BytesIO(answer.data))
        return files, list(csv.DictReader(io.StringIO(files.read("index.csv").decode("utf-8-sig"))))

    files, rows = take(scope="ticked", paper=[case["order.pdf"], gone])
    assert files.testzip() is None and files.namelist() == ["00001 order.pdf", "index.csv"]
    content = files.read("00001 order.pdf")
    assert content == b"%PDF-1.4 order.pdf"
    assert rows[0]["SHA-256 of this file"] == rows[0]["SHA-256 of the original"] == sha256(content).hexdigest()
    assert (rows[1]["Remark"], rows[1]["SHA-256 of this file"]) == ("The file is not in the storage.", "")
    files, rows = take(scope="search", search_status="waiting", what="searchable")
    assert len(rows) == 55 and len(files.namelist()) == 56, "those without a searchable PDF as they came"
    log = desk.get("/api/access-log", document_id=case["order.pdf"]).json["lines"]
    assert [each["action"] for each in log] == ["downloaded"]
    assert "Tick the papers" in room.http.post(
        "/case/papers/zip", data=form | {"scope": "ticked"}, follow_redirects=True
    ).text


def test_exhibits_get_letters_in_a_row_and_a_search_becomes_a_table(room: Room, case: dict[str, str]):
    ticked = [case["order.pdf"], case["log.pdf"]]
    room.send("/papers", "/papers/decide", scope="ticked", paper=ticked, exhibit="next", add_tag="=1+1")
    table = room.http.get("/case/papers.csv?q=Redding")
    assert table.mimetype == "text/csv" and "papers.csv" in table.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert {(row["Paper"], row["Exhibit"]) for row in rows} == {("order.pdf", "A"), ("log.pdf", "B")}
    assert {row["Tags"] for row in rows} == {"'=1+1"}, "no spreadsheet runs it"
    assert len(room.http.get("/case/papers.csv").text.splitlines()) == 59, "all pages of the list, and the head"
