"""Home over the real control plane: every number leads to a list of as many, and one click does what it says."""

import re

import pytest

from dashboard import words
from local_cloud import Cloud
from tests.control_plane.desk import Desk, make_desk
from tests.dashboard.case_room.conftest import Room, open_room
from tests.dashboard.case_room.papers import put_paper
from tests.queue.claims import new_claim

NUMBER = re.compile(r'<a class="number" href="/case([^"]+)"><b>([\d,]+)</b> ([^<]+)</a>')


def fill(desk: Desk) -> None:
    put_paper(desk, "order.pdf", ["ORDER\nHe was late."], document_date="2024-05-09", analyst="claude",
              findings=[{"role": "perjury", "quote": "He was late.", "start": 6, "reason": "", "number": 80}])
    put_paper(desk, "log.pdf", ["LOG\nnothing"], document_type=None)
    desk.upload(b"%PDF-1.4 wait", "wait.pdf")
    stopped = desk.upload(b"%PDF-1.4 stop", "stop.pdf").json
    desk.post(f"/api/jobs/{stopped['job_id']}/cancel")
    desk.upload(b"MZ\x90\x00" + b"\x00" * 80, "program.exe")


def test_every_number_leads_to_a_list_of_as_many(room: Room, desk: Desk):
    fill(desk)
    numbers = NUMBER.findall(room.open("/"))
    said = {says: number for _, number, says in numbers}
    assert {name: said[name] for name in ("in", "read", "judged", "waiting", "failed", "stopped", "refused")} == {
        "in": "4", "read": "2", "judged": "1", "waiting": "1", "failed": "0", "stopped": "1", "refused": "1",
    }  # fmt: skip
    assert said["finding within one document"] == "1" and said["papers of unknown type"] >= "1"
    for address, number, says in numbers:
        assert re.search(rf"(?:of|0 of) {number} (?:papers|files|findings|dates)", room.open(address)), (address, says)
    assert "program.exe" in room.open("/refused") and "“He was late.”" in room.open("/findings?kind=perjury")
    assert "0 of 0 findings" in room.open("/findings?kind=fraud_indicator")


def test_open_alarms_stand_on_top_until_a_person_has_seen_to_them(room: Room, desk: Desk):
    desk.clients.database.raise_alarm("standstill", "5 documents wait: <no offer> fits")
    home = room.open("/")
    assert home.index("5 documents wait: <no offer> fits") < home.index("Where your papers stand")
    assert "Nobody was told" in home and '/account/operations#standstill"' in home
    [alarm] = desk.clients.database.list_open_alarms()
    assert "comes back while its cause is there" in room.send("/", f"/alarms/{alarm.id}/clear")
    assert "5 documents wait" not in room.open("/")


def test_one_click_reads_what_was_stopped(room: Room, desk: Desk):
    fill(desk)
    assert "1 paper put into the line again." in room.send("/", "/read-stopped")
    assert ("1", "stopped") not in [found[1:] for found in NUMBER.findall(room.open("/"))]
    assert desk.get("/api/documents", status="waiting").json["total"] == 2


def test_an_empty_house_says_so(room: Room):
    assert "No papers yet" in room.open("/") and "0 of 0 papers" in room.open("/papers")


@pytest.mark.parametrize("placement", ["any_host", "datacenter_only", "local_only"])
def test_home_says_where_sensitive_papers_are_read_and_how_to_let_somebody_in(clean_cloud: Cloud, placement: str):
    home = open_room(make_desk(clean_cloud, FLEET_SENSITIVE_PLACEMENT=placement)).open("/")
    said = {name: says.split(" You change")[0] in home for name, says in words.SENSITIVE_EXPLAINED.items()}
    assert said == {name: name == placement for name in said}
    assert "without a sign-in" in home and re.search(r'href="[^"]*/accounts">Add a person', home)


def test_the_next_dates_stand_on_home_and_are_done_with(room: Room, desk: Desk):
    hearing = new_claim("date", role="hearing", value="2099-05-06", page=1, start=6, quote="6 May 2099")
    put_paper(desk, "order.pdf", ["ORDER\n6 May 2099"], claims=[hearing])
    assert "Written down." in room.send("/dates", "/dates", day="2099-01-02", text="Call the lawyer")
    home = room.open("/")
    assert "“6 May 2099”" in home and "Call the lawyer" in home and "<b>2</b> dates to come" in home
    assert re.search(r"/case/reader/[0-9a-f-]+\?page=1&start=6&length=10", home)
    assert "1–2 of 2 dates" in room.open("/dates")
    room.send("/dates", "/dates/done", is_done="yes")
    assert "1–1 of 1 dates" in room.open("/dates?when=done") and "<b>1</b> dates to come" in room.open("/")
