"""The reader over the real control plane: words lit at their address, and what a person says of the paper."""

import pytest

from dashboard.case_room import links
from tests.control_plane.desk import Desk
from tests.dashboard.case_room.conftest import Room
from tests.dashboard.case_room.papers import put_paper

FIRST = "DECLARATION\nI never returned the child\nlater than 6:15 p.m."
SECOND = "SECOND PAGE\nSigned at Redding."
SAID = {"document_type": "declaration", "document_date": "2024-04-02"}


@pytest.fixture
def paper(desk: Desk) -> str:
    findings = [{"role": "perjury", "quote": "I never returned the child", "start": 12, "reason": "He was late.",
                 "number": 70}]  # fmt: skip
    return put_paper(desk, "declaration.pdf", [FIRST, SECOND], analyst="claude", findings=findings, **SAID)


def own(address: str) -> str:
    return address.removeprefix(links.ROOT)


def test_words_are_lit_in_the_text_and_on_the_picture(room: Room, paper: str):
    shown = room.open(own(links.to_words(paper, 1, FIRST.index("6:15"), len("6:15 p.m."))))
    assert '<mark class="asked" id="asked">6:15 p.m.</mark>' in shown
    assert '<rect class="asked" x="108.0" y="38.0" width="94.0" height="12.0"' in shown
    assert "Page 1 of 2" in shown and "Next page" in shown
    assert '<mark class="hit">Redding</mark>' in room.open(f"/reader/{paper}?page=2&q=redding")
    assert "There is no such page" not in room.open(f"/reader/{paper}?page=99&start=5000&length=-1"), "the last page"
    room.open("/reader/6f1c2a9e-0000-4000-8000-000000000000", 404)
    assert "declaration.pdf" in room.open("/reader"), "the one that was read last"


def test_a_finding_is_lit_and_can_be_marked_wrong_and_right(room: Room, desk: Desk, paper: str):
    finding = desk.get(f"/api/documents/{paper}").json["findings"][0]["id"]
    page = f"/reader/{paper}?finding={finding}"
    assert '<mark class="asked finding" id="asked"' in room.open(page)
    assert "in no count" in room.send(page, f"/reader/{paper}/finding", is_wrong="yes")
    assert desk.get("/api/findings").json["findings"] == []
    assert "It counts again." in room.send(page, f"/reader/{paper}/finding", is_wrong="no")
    assert len(desk.get("/api/findings").json["findings"]) == 1


def test_only_what_differs_is_corrected_and_can_be_as_it_was_read(room: Room, desk: Desk, paper: str):
    page, action = f"/reader/{paper}", f"/reader/{paper}/correct"
    stands = {"document_type": "declaration", "parties": ""}
    assert "Nothing was changed." in room.send(page, action, **stands)
    assert "Corrected." in room.send(page, action, document_date="2024-04-09", **stands, why="the stamp")
    told = desk.get(f"/api/documents/{paper}").json
    assert told["document_date"] == "2024-04-09"
    assert [each["name"] for each in told["judgement"]["corrections"]] == ["document_date"]
    room.send(page, action, document_date="2024-04-09", document_type="declaration", parties="Ann Lee; mother\n;\nBo")
    told = desk.get(f"/api/documents/{paper}").json
    assert told["parties"] == [{"name": "Ann Lee", "role": "mother"}, {"name": "Bo", "role": None}]
    assert "as it was read" in room.send(page, action, take_back="yes")
    assert desk.get(f"/api/documents/{paper}").json["document_date"] == "2024-04-02"
    assert "must be a day" in room.send(page, action, document_date="soon", **stands)


def test_tags_marks_notes_and_lines(room: Room, desk: Desk, paper: str):
    page = f"/reader/{paper}"
    room.send(page, f"/reader/{paper}/mark", add_tag="late returns")
    room.send(page, f"/reader/{paper}/mark", important="yes")
    shown = room.send(page, f"/reader/{paper}/mark", sensitivity="private")
    assert "late returns ×" in shown and "Not important" in shown and '<option value="private" selected' in shown
    asked = own(links.to_words(paper, 1, FIRST.index("later"), len("later than")))
    shown = room.send(asked, f"/reader/{paper}/note", text="Check the log")
    assert "Noted." in shown and "Check the log" in shown and '<mark class="asked note" id="asked"' in shown
    (note,) = desk.get(f"/api/documents/{paper}").json["judgement"]["notes"]
    assert (note["quote"], note["start"], note["page"]) == ("later than", FIRST.index("later"), 1)
    shown = room.send(f"/reader/{paper}?line=3", f"/reader/{paper}/line", text="later than 6:45 p.m.")
    assert "corrected: later than 6:45 p.m." in shown
    shown = room.send(f"/reader/{paper}?line=3", f"/reader/{paper}/line", as_read="yes")
    assert "corrected:" not in shown
    assert "Notes (0)" in room.send(page, f"/reader/{paper}/note", end=note["id"])


def test_the_picture_is_passed_on_in_the_ranges_that_are_asked_for(room: Room, paper: str):
    whole = room.http.get(f"/case/reader/{paper}/picture")
    assert (whole.status_code, whole.mimetype, whole.data) == (200, "application/pdf", b"%PDF-1.4 declaration.pdf")
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    part = room.http.get(f"/case/reader/{paper}/picture", headers={"Range": "bytes=5-7"})
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, b"1.4", "bytes 5-7/24")
    late = room.http.get(f"/case/reader/{paper}/picture", headers={"Range": "bytes=90-"})
    assert (late.status_code, late.data) == (200, whole.data), "a range that is not there counts as none"


def test_what_the_file_says_of_itself_stands_with_its_warning_and_a_live_photo_links_its_clip(room: Room, desk: Desk):
    same = {"claim": True, "warning": "Whoever has the file can change this."}
    facts = [{"name": "Taken", "value": "2024-03-05 21:10"} | same, {"name": "Place", "value": "33.9, -117.4"} | same]
    mark = "8C5F6C0B-1B1A-4E2B-9C53-0D6A3F1E2B77"
    photo = put_paper(desk, "IMG_7.jpg", ["a photo"], facts=facts, live_mark=mark)
    put_paper(desk, "IMG_7.MOV", ["its clip"], live_mark=mark)
    shown = room.open(f"/reader/{photo}")
    for words in ("What the file says of itself (2)", "2024-03-05 21:10", "Taken, Place: Whoever has the file",
                  "of this live photo", "IMG_7.MOV"):  # fmt: skip
        assert words in shown


def test_check_boxes_stand_with_their_words_and_whether_they_are_ticked(room: Room, desk: Desk):
    states = {"ticked": "Joint custody", "empty": "Sole custody", "doubtful": ""}
    boxes = [{"box": [10, 20 * n, 18, 20 * n + 8], "state": state, "round": False, "ink": 0.1, "label": label}
             for n, (state, label) in enumerate(states.items(), 1)]  # fmt: skip
    shown = room.open(f"/reader/{put_paper(desk, 'form.pdf', ['FORM'], boxes=boxes)}")
    for sign, words in (("☒", "Joint custody"), ("☐", "Sole custody"), ("?", "(no words beside it)")):
        assert f"<li>{sign} " in shown and words in shown
    assert shown.count("look at the picture") == 1
    assert "Check boxes" not in room.open(f"/reader/{put_paper(desk, 'letter.pdf', ['LETTER'])}")


def test_what_was_read_with_doubt_stands_beside_its_cut_of_the_picture_and_can_be_corrected(room: Room, desk: Desk):
    doubts = [{"kind": "date", "text": "6:15", "confidence": 0.62, "box": [55, 40, 75, 48]},
              {"kind": "check_box", "text": "", "confidence": 0.5, "box": [10, 80, 18, 88]}]  # fmt: skip
    paper = put_paper(desk, "declaration.pdf", [FIRST], doubts=doubts)
    shown = room.open(f"/reader/{paper}")
    assert "Read with doubt on this page" in shown and "date, one letter 62 % sure" in shown
    assert '<canvas data-crop="78.00 32.00 104.00 24.00 "' in shown, "two heights beside the word, one above and below"
    assert "Correct line 3" in shown and "box: ticked or not" in shown and "(no words beside it)" in shown
    room.send(f"/reader/{paper}?line=3", f"/reader/{paper}/line", text="later than 6:45 p.m.")
    assert "line 3 is corrected" in room.open(f"/reader/{paper}")
    assert "Read with doubt" not in room.open(f"/reader/{put_paper(desk, 'sure.pdf', ['SURE'])}")
