"""A page's words and their places: found in a large `metadata.json` by few looks, put on the page's text."""

import json

import pytest

from control_plane.documents.page_words import NOWHERE, WINDOW, find_page, read_places


def line(text: str, words: list[str], top: float = 0, source: str = "ocr") -> dict:
    placed = [[word, [10.0 * n, top, 10.0 * n + 9, top + 8], 0.9] for n, word in enumerate(words)]
    return {"text": text, "source": source, "confidence": 0.9, "box": [0, top, 100, top + 8], "words": placed}


def metadata(pages: dict[int, list[dict]]) -> bytes:
    """As a worker writes it: a page on a line."""
    rows = [json.dumps({"page": n, "outcome": "ocr", "width": 100, "height": 200, "lines": lines})
            for n, lines in pages.items()]  # fmt: skip
    return ('{"pages": [\n' + ",\n".join(rows) + '\n], "document": {"pages": 1}}\n').encode()


class File:
    """Bytes that are read in pieces, and how many pieces were."""

    def __init__(self, content: bytes) -> None:
        self.content, self.looks = content, 0

    def read(self, start: int, end: int) -> bytes:
        self.looks += 1
        return self.content[start:end]


@pytest.mark.parametrize("words_of_a_page", [1, 300, 9_000])
def test_every_page_of_a_long_document_is_found_in_few_looks(words_of_a_page: int):
    pages = 1_500 if words_of_a_page < 9_000 else 40
    lines = {n: [line(f"page {n}", [f"w{n}"] * words_of_a_page)] for n in range(1, pages + 1)}
    file = File(metadata(lines))
    assert words_of_a_page == 1 or len(file.content) > 50 * WINDOW
    for page in (1, 2, pages // 3, pages - 1, pages):
        file.looks = 0
        places = read_places(find_page(file.read, len(file.content), page), f"page {page}")
        assert [each.text for each in places.lines] == [f"page {page}"], page
        assert file.looks < 40
    assert find_page(file.read, len(file.content), pages + 1) is None
    assert find_page(File(b"").read, 0, 1) is None


def test_words_stand_where_the_text_has_them_and_the_same_word_later_is_the_later_one():
    text = "ORDER\n\nPick up at 6:00 p.m. at\nthe pick up place."
    lines = [line("ORDER", ["ORDER"]), line("Pick up at 6:00 p.m. at", ["Pick", "up", "at", "6:00", "p.m.", "at"]),
             line("the pick up place.", ["the", "pick", "up", "place."])]  # fmt: skip
    places = read_places(metadata({1: lines}).split(b"\n")[1], text)
    assert (places.width, places.height) == (100, 200)
    for each in places.lines:
        assert each.start is not None and text[each.start :].startswith(each.text)
        for word in each.words:
            assert word.start is not None and text[word.start :].startswith(word.text)
    starts = [word.start for each in places.lines for word in each.words]
    assert starts == sorted(starts) and len(set(starts)) == len(starts)


def test_a_word_that_the_text_does_not_have_takes_no_other_one_along():
    text = "one two three " + "x" * 400 + " stamp four"
    lines = [line("one stamp two", ["one", "stamp", "two"]), line("three", ["three"])]
    one, stamp, two, three = (word for each in read_places(metadata({1: lines}).split(b"\n")[1], text).lines
                              for word in each.words)  # fmt: skip
    assert stamp.start is None and [text[w.start or 0 :][:3] for w in (one, two, three)] == ["one", "two", "thr"]


@pytest.mark.parametrize("written", [
    b'{"page": 1, "lines": [{"text": "a"}]}', b'{"page": 1, "width": 1e999, "lines": []}', b"\xff\xfe", b"",
    b'{"page": 1, "lines": [{"text": "a", "box": [0, 0, NaN, 1], "words": []}]}', None,
])  # fmt: skip
def test_what_is_no_page_has_no_places(written: bytes | None):
    assert read_places(written, "a") == NOWHERE


def test_a_line_end_in_a_word_is_no_page():
    lines = {1: [line('x\n{"page": 2, ', ['x\n{"page": 2, '])], 2: [line("second", ["second"])]}
    file = File(metadata(lines))
    assert b"second" in (find_page(file.read, len(file.content), 2) or b"")


def test_words_taken_for_others_come_with_what_their_letters_read_where_the_text_has_them():
    told = [{"start": 4, "text": "notice", "read": "botice"}, {"start": 5, "text": "notice", "read": "elsewhere"}]
    page = {"page": 1, "width": 100, "height": 200, "lines": [], "rereadings": told}
    (only,) = read_places(json.dumps(page).encode(), "The notice of").rereadings
    assert (only.start, only.text, only.read) == (4, "notice", "botice")


def test_check_boxes_come_with_their_state_and_one_of_another_kind_is_no_page():
    box = {"box": [1, 2, 9, 10], "state": "ticked", "round": True, "ink": 0.4, "label": "Yes"}
    page = {"page": 1, "width": 100, "height": 200, "lines": [], "boxes": [box]}
    (only,) = read_places(json.dumps(page).encode(), "").boxes
    assert (only.box, only.state, only.round, only.label) == ([1, 2, 9, 10], "ticked", True, "Yes")
    page["boxes"] = [{**box, "state": "signed"}]
    assert read_places(json.dumps(page).encode(), "") == NOWHERE


def test_doubts_come_with_the_place_of_their_word_in_the_text():
    doubt = {"kind": "amount", "text": "$12", "confidence": 0.6, "box": [10, 0, 19, 8]}
    box = {"kind": "check_box", "text": "Yes", "confidence": 0.5, "box": [50, 0, 59, 8]}
    words = [["paid", [0, 0, 9, 8], 0.9], ["$12", [10, 0, 19, 8], 0.9]]
    line = {"text": "paid $12", "box": [0, 0, 19, 8], "words": words}
    page = {"page": 1, "width": 100, "height": 200, "lines": [line], "doubts": [doubt, box]}
    amount, tick = read_places(json.dumps(page).encode(), "He paid $12").doubts
    assert (amount.kind, amount.text, amount.start, amount.confidence) == ("amount", "$12", 8, 0.6)
    assert (tick.kind, tick.start, tick.box) == ("check_box", None, [50, 0, 59, 8])
    page["doubts"] = [{**doubt, "kind": "mood"}]
    assert read_places(json.dumps(page).encode(), "He paid $12") == NOWHERE
