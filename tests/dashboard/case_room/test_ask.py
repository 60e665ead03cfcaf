"""The case asked in words over the real control plane: each statement a link to its words, and what it cost is said."""

import re

from local_cloud import Cloud
from tests.control_plane.desk import Desk
from tests.dashboard.case_room.case import SAID, draw_case
from tests.dashboard.case_room.conftest import Room


def test_a_question_is_answered_with_words_at_their_place_or_said_not_to_be_in_the_papers(
    room: Room, desk: Desk, clean_cloud: Cloud
):
    ids = draw_case(desk, clean_cloud)
    assert 'action="/case/ask"' in room.open("/") and "Not in your documents" not in room.open("/ask")
    page = room.open("/ask?q=When did Thomas Hale bring Birdie back on April 7, 2024?")
    assert SAID in page and "found by words and meaning" in page and "cost $0.00" in page
    (start,) = set(re.findall(rf"/case/reader/{ids['declaration.pdf']}\?page=1&start=(\d+)&length={len(SAID)}", page))
    shown = room.open(f"/reader/{ids['declaration.pdf']}?page=1&start={start}&length={len(SAID)}")
    assert f'id="asked">{SAID}</mark>' in shown
    assert "Let Claude choose" not in page, "there is no key"

    page = room.open("/ask?q=Who owned a giraffe in 1987?")
    assert '<h2 id="answer">Not in your documents</h2>' in page and "figure" not in page
    key = room.form("/papers", "/papers/decide")["form_key"]
    answer = room.http.post("/case/ask", data={"form_key": key, "q": "When was Birdie brought back?"})
    assert answer.status_code == 200 and "Claude is off here" in answer.text, "then words answer, and it is said"
