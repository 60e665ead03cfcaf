"""What is proposed to be put together or apart, from names, times and words alone, and what a person says to it."""

import io
import uuid
from datetime import UTC, datetime, timedelta

from PIL import Image

from control_plane.database.binder_rows import LongScan, LoosePicture
from control_plane.documents.proposals import propose_joins, propose_split
from tests.control_plane.desk import Desk

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LETTER = "Law Office of Reyes\n\nMay 3, 2024\n\nDear Ms. Okafor,\nhe may not come.\n"


def pictures(*names: str, minutes: int = 1, **about) -> list[LoosePicture]:
    same = {"batch_id": None, "telegram_chat_id": None, "album": None, **about}
    return [
        LoosePicture(seq, f"{seq}-{name}", name, created_at=NOON + timedelta(minutes=minutes * seq), **same)
        for seq, name in enumerate(names, 1)
    ]


def names(found) -> list[list[str]]:
    return [[member.original_filename for member in proposal.binders[0].members] for proposal in found]


def scan(*pages: str, blank: tuple[int, ...] = ()) -> LongScan:
    return LongScan(1, "d", "scan.pdf", len(pages), "\f\n".join(pages), list(blank))


def split(*pages: str, blank: tuple[int, ...] = ()) -> list[list[int]]:
    found = propose_split(scan(*pages, blank=blank))
    return [binder.members[0].pages or [] for binder in found.binders] if found else []


def test_numbered_pictures_are_joined_in_the_order_of_their_numbers():
    (found,) = propose_joins(pictures("IMG_2.jpg", "IMG_10.jpg", "IMG_1.jpg", "IMG_3.jpg", "cat.jpg"))
    assert names([found]) == [["IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg"]]
    assert (found.reason, found.binders[0].name) == ("numbered_names", "IMG_1 … IMG_3")


def test_pictures_of_other_hours_batches_or_numbers_are_not_joined():
    assert propose_joins(pictures("IMG_1.jpg", "IMG_2.jpg", minutes=30)) == []
    assert propose_joins(pictures("IMG_1.jpg", "IMG_3.jpg", "scan 2.jpg")) == []
    first, second = pictures("IMG_1.jpg", "IMG_2.jpg")
    assert propose_joins([first, pictures("x", second.original_filename, batch_id="b")[1]]) == []


def test_an_album_is_joined_in_the_order_it_came_and_only_with_itself():
    one, two, three = pictures("photo 9.jpg", "photo 3.jpg", "photo 4.jpg", telegram_chat_id=7, album="a")
    (other,) = pictures("photo 5.jpg", telegram_chat_id=8, album="a")
    assert names(propose_joins([three, other, one, two])) == [["photo 9.jpg", "photo 3.jpg", "photo 4.jpg"]]


def test_a_scan_is_split_where_pages_count_anew():
    assert split("Page 1 of 2", LETTER + "page 2 of 2", "Page 1 of 1") == [[1, 2], [3]]


def test_a_scan_is_split_at_blank_pages_but_not_at_the_backs_of_sheets():
    assert split("one", "more", "", "two", blank=(3,)) == [[1, 2], [4]]
    assert split("one", "", "two", "", blank=(2, 4)) == []


def test_a_scan_is_split_at_sheets_with_a_bar_code_that_say_nothing_else():
    sheet = "Separator sheet\n\n[bar code] PATCHT"
    label = "[bar code] 00340\n" + "To Dana Reyes, 12 Elm Street, Chico " * 3
    assert split("one", "more", sheet, "two", label, sheet, "three") == [[1, 2], [4, 5], [7]]
    (found,) = [propose_split(scan(sheet, "one", "", sheet, "two", blank=(3,)))]
    assert found and found.reason == "bar_code" and [each.members[0].pages for each in found.binders] == [[2], [5]]


def test_a_page_that_could_not_be_read_is_not_blank_and_stays_in_its_letter():
    assert split("one", "", LETTER) == [[1, 2], [3]]


def test_a_scan_is_split_where_letters_begin():
    assert split(LETTER, "and he agreed on May 3, 2024", LETTER) == [[1, 2], [3]]
    assert split("Dear diary", "one", "two") == []


def test_a_text_that_was_cut_is_not_split():
    cut = LongScan(1, "d", "scan.pdf", 9, "\f".join([LETTER] * 3), [])
    assert propose_split(cut) is None


def stack(desk: Desk, *names: str) -> list[str]:
    """Pictures of one page that came and were read."""
    found = []
    for name in names:
        file = io.BytesIO()
        Image.new("L", (8, 8), int(name[4])).save(file, "PNG")
        found.append(desk.upload(file.getvalue(), name).json["document_id"])
    desk.sql("update processing_jobs set status = 'completed', pages_total = 1, pages_done = 1, finished_at = now()")
    return found


def proposed(desk: Desk, state: str = "open") -> list[dict]:
    return desk.get("/api/proposals", kind="join", state=state).json["proposals"]


def test_what_a_person_does_not_want_is_not_proposed_again_until_it_is_undone(desk: Desk):
    documents = stack(desk, "IMG_1.png", "IMG_2.png")
    assert [each["dismissed"] for each in proposed(desk)] == [None]
    said = desk.post("/api/proposals/dismiss", documents=documents[::-1], why="Two letters.")
    assert (said.status_code, said.json["changed"], proposed(desk)) == (201, 2, [])
    [dismissed] = [each["dismissed"] for each in proposed(desk, "dismissed")]
    assert dismissed | {"decided_at": ""} == {
        "decision_id": said.json["id"], "decided_by": "owner", "decided_at": "", "why": "Two letters.",
    }  # fmt: skip
    [told] = desk.get("/api/decisions", document_id=documents[0]).json["decisions"]
    assert (told["id"], told["names"]) == (said.json["id"], ["dismissed"])
    assert desk.get(f"/api/documents/{documents[0]}").json["custody"]["intact"]
    desk.post(f"/api/decisions/{said.json['id']}/undo")
    assert proposed(desk, "dismissed") == [] and len(proposed(desk)) == 1


def test_another_picture_of_a_stack_is_another_proposal_and_an_unknown_document_none(desk: Desk):
    documents = stack(desk, "IMG_1.png", "IMG_2.png")
    desk.post("/api/proposals/dismiss", documents=documents)
    stack(desk, "IMG_3.png")
    [found] = proposed(desk)
    assert len(found["binders"][0]["members"]) == 3
    assert desk.post("/api/proposals/dismiss", documents=[str(uuid.uuid4())]).status_code == 404
