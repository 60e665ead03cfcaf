"""Several matters over the real control plane: unseen while there is one, and then every list is of the chosen one."""

import re

from local_cloud import Cloud
from tests.control_plane.desk import Desk
from tests.dashboard.case_room.case import SAID, draw_case
from tests.dashboard.case_room.conftest import Room, open_room


def put(room: Room, page: str = "/papers", **said: object) -> str:
    """Fill in the part of the form for many papers that is about matters."""
    form = room.form(page, "/papers/decide") | {"scope": "ticked", **said}
    return room.http.post("/case/papers/matter", data=form, follow_redirects=True).text


def part_of(page: str, name: str) -> str:
    """The choices of a field."""
    return page.partition(f'name="{name}"')[2].partition("</select>")[0]


def work_on(room: Room, matter: str) -> str:
    return room.send("/", "/matter", matter=matter)


def test_one_matter_is_unseen_and_a_second_one_is_all_that_its_lists_show(room: Room, desk: Desk, clean_cloud: Cloud):
    ids = draw_case(desk, clean_cloud)
    desk.upload(b"%PDF-1.4 wait", "wait.pdf")
    assert 'action="/case/matter"' not in room.open("/")
    assert "Choose a matter" in put(room, paper=[ids["letter.pdf"]])
    assert "Tick the papers" in put(room, into="new", matter_name="Support")
    assert len(desk.get("/api/case/matters").json["matters"]) == 1

    assert "1 paper put into it." in put(room, paper=[ids["letter.pdf"]], into="new", matter_name="Support")
    first, second = (each["id"] for each in desk.get("/api/case/matters").json["matters"])
    assert "1 paper taken out." in put(room, paper=[ids["letter.pdf"]], out_of=first)
    assert "0 papers taken out." in put(room, paper=[ids["letter.pdf"]], out_of=second), "each stays in one"
    assert "1–4 of 4 papers" in room.open("/papers") and SAID in room.open("/events"), "all, until one is chosen"

    assert "You see Support now." in work_on(room, second)
    assert '<a class="number" href="/case/papers"><b>1</b> in</a>' in room.open("/")
    page = room.open("/papers")
    assert "1–1 of 1 papers" in page and "letter.pdf" in page
    assert SAID not in room.open("/events") and "did not come at all" in room.open("/events")
    assert "0 of 0 pairs" in room.open("/differences")
    people = room.open("/people")
    assert "Thomas Hale" in people and "Birdie" not in people, "no paper of this matter speaks of her"
    for address, number in re.findall(r'<a class="number" href="/case(/papers[^"]+)"><b>(\d+)</b>', people):
        assert f" of {number} papers" in room.open(address), "its papers of this matter, under any name"
    (person,) = re.findall(r'href="/case(/people/[^"]+)"[^>]*>Thomas Hale', people)
    everything, card = open_room(desk).open(person), room.open(person)
    assert SAID in everything and SAID not in card, "he says it in another matter"
    assert "Birdie" in part_of(everything, "other_id") and "Birdie" not in part_of(card, "other_id"), "who it may be"
    ((address, number),) = re.findall(r'<a class="number" href="/case(/papers[^"]+)"><b>(\d+)</b> paper', card)
    assert f" of {number} papers" in room.open(address) and f"<b>{number}</b> paper" not in everything
    said = room.send("/papers", "/papers/decide", scope="search", add_tag="mine")
    assert "1 paper changed." in said, "all that this search finds is of this matter"

    work_on(room, first)
    assert "1–3 of 3 papers" in room.open("/papers") and "wait.pdf" in room.open("/papers")
    assert SAID in room.open("/events") and "did not come at all" not in room.open("/events")
    assert "3 papers put into it." in put(room, scope="search", into=second), "all of this matter, and no other"
    assert "You see all matters now." in work_on(room, "")
    assert "1–4 of 4 papers" in room.open("/papers")
