"""Events, differences and people over the real control plane: each statement leads to its words."""

import re

import pytest

from local_cloud import Cloud
from tests.control_plane.desk import Desk, make_desk
from tests.dashboard.case_room.case import LOGGED, SAID, draw_case, sweep_case
from tests.dashboard.case_room.conftest import Room, open_room
from tests.dashboard.case_room.papers import put_paper
from tests.dashboard.case_room.test_home import NUMBER


@pytest.fixture
def papers(desk: Desk, clean_cloud: Cloud) -> dict[str, str]:
    return draw_case(desk, clean_cloud)


def test_events_stand_by_day_with_who_says_so_and_lead_to_the_words(room: Room, papers: dict[str, str]):
    page = room.open("/events")
    assert "7 Apr 2024" in page and "6:00 p.m." in page and SAID in page
    (words,) = set(
        re.findall(rf"/case/reader/{papers['declaration.pdf']}\?page=1&start=(\d+)&length={len(SAID)}", page)
    )
    assert "mark" in room.open(f"/reader/{papers['declaration.pdf']}?page=1&start={words}&length={len(SAID)}")
    assert "days of which nothing is told" in page, "from the third of February to the seventh of April"
    assert "Thomas Hale took part" in page
    assert SAID not in room.open("/events?date_to=2024-02-28")


def test_an_event_is_judged_and_taken_back(room: Room, papers: dict[str, str], desk: Desk):
    event = desk.get("/api/case/events", document_id=papers["letter.pdf"]).json["events"][0]["id"]
    assert "Marked as wrong." in room.send("/events", f"/events/{event}/decide", state="wrong")
    told = desk.get(f"/api/case/events/{event}").json
    assert (told["state"], told["decided_by"]) == ("wrong", "owner")
    assert "1–1 of 1 events" in room.open("/events?state=wrong")
    room.send("/events", f"/events/{event}/decide", state="open")
    assert desk.get(f"/api/case/events/{event}").json["state"] == "open"


def test_two_statements_stand_side_by_side_and_a_verdict_opens_the_next(room: Room, papers: dict[str, str], desk: Desk):
    pairs = [
        each
        for each in desk.get("/api/case/pairs").json["pairs"]
        if {each["a"]["quote"], each["b"]["quote"]} == {SAID, LOGGED}
    ]
    assert len(pairs) == 1
    pair = pairs[0]["id"]
    page = room.open(f"/differences/{pair}")
    assert SAID in page and LOGGED in page and papers["police_log.pdf"] in page
    assert "Accepted." in room.send(
        f"/differences/{pair}", f"/differences/{pair}/decide", state="accepted", why="The log"
    )
    told = desk.get(f"/api/case/pairs/{pair}").json["pair"]
    assert (told["state"], told["decided_by"], told["why"]) == ("accepted", "owner", "The log")
    assert pair in room.open("/differences?state=accepted") and pair not in room.open("/differences")


def test_every_number_of_differences_leads_to_a_list_of_as_many(room: Room, papers: dict[str, str], desk: Desk):
    pairs = desk.get("/api/case/pairs").json["pairs"]
    for pair, state in zip(pairs, ("accepted", "later", "dismissed", "explained"), strict=False):
        desk.post(f"/api/case/pairs/{pair['id']}/decision", state=state)
    numbers = [found for page in ("/", "/differences") for found in NUMBER.findall(room.open(page))]
    assert {says.partition(" (")[0] for _, _, says in numbers} >= {
        "difference between two", "pair to check", "counted", "accepted", "dismissed",
    }  # fmt: skip
    for address, number, says in numbers:
        assert re.search(rf" of {number} (?:pairs|papers|files|findings|dates|events)", room.open(address)), says


def test_claude_is_asked_about_the_pairs_by_one_press_that_names_its_price(clean_cloud: Cloud):
    draw_case(make_desk(clean_cloud), clean_cloud)
    desk = make_desk(clean_cloud, ANTHROPIC_API_KEY="sk-ant-api03-x")
    room = open_room(desk)
    pairs = desk.get("/api/case/pairs/estimate").json["pairs"]
    assert re.search(rf"Let Claude judge {pairs} pairs? \(about \$0\.0\d+\)", room.open("/differences"))
    assert "put into the line to be judged." in room.send("/differences", "/differences/judge")
    told = room.open("/differences")
    assert "wait for Claude." in told and "Let Claude judge" not in told
    assert "Let Claude" not in open_room(make_desk(clean_cloud)).open("/differences"), "no key, no button"


def test_terms_of_an_order_stand_on_its_words_until_a_person_says_that_they_are_so(
    room: Room, desk: Desk, clean_cloud: Cloud
):
    paid = "Petitioner shall pay $450 per month by the 1st day of each month."
    order = put_paper(desk, "order.pdf", [f"SUPERIOR COURT\nIT IS ORDERED:\n1. {paid}"], document_type="custody_order",
                      document_date="2024-01-09")  # fmt: skip
    sweep_case(clean_cloud)
    assert '<b>1</b> term of orders to check' in room.open("/")
    page = room.open("/orders")
    assert paid in page and "shall: pay, $450.00 a month" in page and f"/case/reader/{order}?page=1&start=" in page
    term = desk.get("/api/case/terms").json["terms"][0]["id"]
    assert "So ordered." in room.send("/orders", f"/orders/{term}/decide", state="accepted")
    assert "1–1 of 1 terms" in room.open("/orders?state=accepted") and "0 of 0 terms" in room.open("/orders")
    room.send("/orders?state=accepted", f"/orders/{term}/decide", state="proposed")
    assert desk.get("/api/case/terms", state="proposed").json["total"] == 1


def test_many_pairs_are_decided_at_once(room: Room, papers: dict[str, str], desk: Desk):
    ids = [each["id"] for each in desk.get("/api/case/pairs", state="undecided").json["pairs"]]
    assert f"{len(ids)} pair" in room.send("/differences", "/differences/decide", state="later", pair=ids)
    assert desk.get("/api/case/pairs", state="later").json["total"] == len(ids) > 0


def test_a_person_has_one_card_with_all_spellings_and_is_taken_apart_and_put_together(
    room: Room, papers: dict[str, str], desk: Desk
):
    people = {each["name"]: each["id"] for each in desk.get("/api/case/people").json["people"]}
    page = room.open("/people")
    assert "Thomas Hale" in page and "Dana Hale" in page
    card = room.open(f"/people/{people['Thomas Hale']}")
    assert SAID in card and "Spellings" in card
    path = f"/people/{people['Thomas Hale']}"
    merged = room.send(path, f"{path}/merge", other_id=people["Dana Hale"], why="A test")
    assert "one person now" in merged and "“Dana Hale”" in merged
    decision = re.search(r"/case(/people/decisions/([^/]+)/undo)", merged)
    assert decision
    back = room.http.post(f"/case{decision[1]}", data=room.form(path, decision[1]), follow_redirects=True).text
    assert "Taken back." in back and "“Dana Hale”" not in room.open(path)
