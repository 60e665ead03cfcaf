"""What is lit: words found through line breaks, hits of a search, cut at every edge, boxes a line each."""

from dashboard.answers import PageOfWords, PlacedLine, PlacedWord
from dashboard.case_room.lighting import Box, Spot, find_hits, find_words, light_picture, light_text
from tests.dashboard.made import make

TEXT = "I never returned the child\nlater than 6:15 p.m.\n\non any Sunday."


def page() -> PageOfWords:
    lines, at = [], 0
    for row, line in enumerate(TEXT.split("\n")):
        words = [PlacedWord(text=w, start=TEXT.index(w, at), box=[10 * n, 10 * row, 10 * n + 9, 10 * row + 8])
                 for n, w in enumerate(line.split())]  # fmt: skip
        lines.append(PlacedLine(text=line, start=at, source="ocr", confidence=1, box=[], words=words))
        at += len(line) + 1
    return make(PageOfWords, text=TEXT, lines=lines, width=100.0, height=50.0)


def test_words_are_found_however_the_lines_break_them():
    assert find_words(TEXT, "the child later than") == (17, 20)
    assert find_words(TEXT, "p.m. on any") == (TEXT.index("p.m."), len("p.m.\n\non any"))
    assert find_words(TEXT, "p.m on any") is None and find_words(TEXT, "") is None and find_words(TEXT, None) is None


def test_a_search_lights_its_words_and_phrases_and_nothing_that_it_leaves_out():
    lit = [TEXT[spot.start : spot.end] for spot in find_hits(TEXT, 'return "any sunday" -child 6:15 (')]
    assert lit == ["returned", "any Sunday", "6:15"]


def test_a_line_is_cut_where_light_begins_and_ends_and_loses_no_letter():
    spots = [Spot("asked", 2, 30), Spot("hit", 8, 8), Spot("note", 60, 99)]
    lines = light_text(TEXT, spots)
    assert "\n".join("".join(part.text for part in line.segments) for line in lines) == TEXT
    assert [line.start for line in lines] == [0, 27, 48, 49]
    first = [(part.text, part.kinds, part.is_first_asked) for part in lines[0].segments]
    assert first == [("I ", (), False), ("never ", ("asked",), True), ("returned", ("asked", "hit"), False),
                     (" the child", ("asked",), False)]  # fmt: skip
    assert [part.kinds for part in lines[1].segments] == [("asked",), ()]


def test_the_picture_has_a_box_for_each_line_of_the_words_in_thousandths():
    start = TEXT.index("child")
    assert light_picture(page(), [Spot("asked", start, len("child\nlater"))]) == [
        Box("asked", 400, 0, 90, 160), Box("asked", 0, 200, 90, 160),
    ]  # fmt: skip
    assert light_picture(make(PageOfWords, text=TEXT), [Spot("asked", 0, 9)]) == []
