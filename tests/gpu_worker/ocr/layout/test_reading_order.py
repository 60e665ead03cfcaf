"""The order in which lines are read, on layouts given as boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gpu_worker.ocr.layout.columns import Side, are_columns
from gpu_worker.ocr.layout.reading_order import order_lines
from tests.gpu_worker.ocr.layout.layout_strategies import layout_of

LineAt = tuple[str, float, float, float]


def read(lines: list[LineAt], tall: Sequence[LineAt] = ()) -> list[list[list[str]]]:
    """Lines as (text, left, top, width), 20 high, or 34 if `tall`; returns blocks of rows of texts. The lines are given
    in a wrong order; the long ones say words."""
    sized = [(*line, 34 if line in tall else 20) for line in [*lines, *tall][::-1]]
    boxes = np.array([(left, top, left + width, top + height) for _, left, top, width, height in sized], float)
    texts = [text for text, *_ in sized]
    said = [f"line {text}" if width > 150 else text for text, _, _, width, _ in sized]
    return [[[texts[i] for i in row] for row in block] for block in order_lines(layout_of(boxes, said))]


def flat(blocks: list[list[list[str]]]) -> list[str]:
    return [text for block in blocks for row in block for text in row]


def column(name: str, left: float, top: float, count: int, width: float = 300) -> list[LineAt]:
    return [(f"{name}{n}", left, top + 24 * n, width) for n in range(count)]


def test_a_single_column_goes_down_and_breaks_at_paragraphs():
    assert read([*column("a", 50, 100, 3), *column("b", 50, 220, 2)]) == [[["a0"], ["a1"], ["a2"]], [["b0"], ["b1"]]]


def test_columns_are_read_one_after_the_other_between_heading_and_page_number():
    heading, number = ("heading", 150, 20, 450), ("7", 350, 420, 20)
    lines = [heading, *column("a", 50, 100, 12), *column("b", 390, 100, 12), number]
    assert flat(read(lines)) == ["heading", *(f"a{n}" for n in range(12)), *(f"b{n}" for n in range(12)), "7"]


def test_three_columns_of_unlike_length():
    lines = [*column("a", 0, 100, 9, 200), *column("b", 230, 100, 9, 200), *column("c", 460, 100, 5, 200)]
    expected = [f"{name}{n}" for name, count in (("a", 9), ("b", 9), ("c", 5)) for n in range(count)]
    assert flat(read(lines)) == expected


def test_a_heading_across_the_page_ends_the_columns_above_it():
    upper = [*column("a", 50, 100, 4), *column("b", 390, 100, 4)]
    lower = [*column("c", 50, 300, 4), *column("d", 390, 300, 4)]
    order = flat(read([*upper, ("across", 50, 240, 640), *lower]))
    assert order == [f"a{n}" for n in range(4)] + [f"b{n}" for n in range(4)] + ["across"] + [
        f"{name}{n}" for name in "cd" for n in range(4)
    ]


def test_a_table_is_read_row_by_row():
    rows = [[(f"{n}{cell}", 50 + 200 * k, 100 + 30 * n, 80) for k, cell in enumerate("abc")] for n in range(8)]
    assert flat(read([cell for row in rows for cell in row])) == [f"{n}{c}" for n in range(8) for c in "abc"]


def test_line_numbers_come_before_the_lines_they_number():
    numbers = [(str(n + 1), 20, 100 + 40 * n, 15) for n in range(10)]
    text = [(f"line {n}", 80, 100 + 40 * n, 500) for n in range(10)]
    order = flat(read([("title", 80, 40, 300), *numbers, *text]))
    assert order == ["title", *(str(n + 1) for n in range(10)), *(f"line {n}" for n in range(10))]


def test_a_column_of_figures_is_not_taken_for_line_numbers():
    cells = [(("7", "12", "3", "44", "5", "19", "8")[n], 20, 100 + 40 * n, 15) for n in range(7)]
    text = [(f"item {n}", 80, 100 + 40 * n, 200) for n in range(7)]
    assert flat(read([*cells, *text]))[:4] == ["7", "item 0", "12", "item 1"]


def test_the_two_halves_of_a_case_caption_are_kept_apart():
    left = [
        ("JANE ROE,", 50, 100, 120),
        ("Plaintiff,", 110, 130, 110),
        ("vs.", 110, 160, 40),
        ("JOHN DOE,", 50, 190, 120),
    ]
    brackets = [(")", 350, 100 + 30 * n, 8) for n in range(4)]
    right = [("Case No. 12", 380, 100, 160), ("COMPLAINT", 380, 145, 150)]
    order = flat(read([("COURT", 250, 40, 200), *left, *brackets, *right]))
    assert order == [
        "COURT",
        "JANE ROE,",
        ")",
        "Plaintiff,",
        ")",
        "vs.",
        ")",
        "JOHN DOE,",
        ")",
        "Case No. 12",
        "COMPLAINT",
    ]


def test_line_numbers_that_start_again_begin_another_page():
    lines = []
    for page, top in (("p", 100), ("q", 500)):
        lines.append((f"Page {page}", 300, top, 100))
        lines += [(str(n + 1), 20, top + 30 + 28 * n, 15) for n in range(10)]
        lines += [(f"{page}{n}", 80, top + 30 + 28 * n, 400) for n in range(10)]
    numbers = [str(n + 1) for n in range(10)]
    expected = [text for page in "pq" for text in (f"Page {page}", *numbers, *(f"{page}{n}" for n in range(10)))]
    assert flat(read(lines)) == expected


def test_a_note_beside_a_text_is_read_before_it_and_not_across():
    note = [(f"n{n}", 0, 200 + 31 * n, 90) for n in range(7)]
    assert flat(read([*note, *column("t", 120, 100, 20)])) == [
        *(f"n{n}" for n in range(7)),
        *(f"t{n}" for n in range(20)),
    ]


def test_two_tables_side_by_side_are_read_one_after_the_other():
    left = [cell for n in range(12) for cell in ((f"a{n}", 0, 100 + 24 * n, 60), (f"b{n}", 100, 100 + 24 * n, 80))]
    right = [cell for n in range(9) for cell in ((f"c{n}", 300, 103 + 34 * n, 60), (f"d{n}", 400, 103 + 34 * n, 80))]
    for x, name, pitch, rows in ((0, "left", 24, (3, 7)), (300, "right", 34, (2, 5))):
        side = left if x == 0 else right
        side[:] = [cell for cell in side if int(cell[0][1:]) not in rows]
        side += [(f"{name}{n}", x, (100 if x == 0 else 103) + pitch * n, 170) for n in rows]
    order = flat(read([*left, *right]))
    assert set(order[: len(left)]) == {cell[0] for cell in left}


def test_a_table_is_not_taken_for_columns_however_long_its_cells():
    rows = [[(f"{n}{cell}", 250 * k, 100 + 50 * n, 200) for k, cell in enumerate("abc")] for n in range(8)]
    assert flat(read([cell for row in rows for cell in row])) == [f"{n}{c}" for n in range(8) for c in "abc"]


def test_cells_of_several_lines_are_read_whole():
    rows = [
        [(f"{n}", 0, 100 * n, 30), *column(f"text{n}.", 80, 100 * n, 3), (f"${n}", 450, 100 * n, 60)] for n in range(4)
    ]
    expected = [text for n in range(4) for text in (f"{n}", f"text{n}.0", f"text{n}.1", f"text{n}.2", f"${n}")]
    assert flat(read([line for row in rows for line in row])) == expected


def test_columns_of_labels_and_values_are_read_across():
    lines = [
        line for n in range(5) for line in ((f"label{n}", 0, 100 + 24 * n, 100), (f"value{n}", 250, 100 + 24 * n, 80))
    ]
    assert flat(read(lines)) == [f"{name}{n}" for n in range(5) for name in ("label", "value")]


def test_a_list_with_a_mark_beside_it_is_read_across():
    rows = [(f"label{n}", 0, 100 + 24 * n, 100) for n in range(6)] + [
        (f"value{n}", 110, 97 + 24 * n, 80) for n in range(6)
    ]
    order = flat(read([*rows, ("over both", 0, 244, 190), ("Page 51", 400, 244, 60)]))
    assert order[:4] == ["label0", "value0", "label1", "value1"]


def test_a_headline_over_two_columns_starts_another_story():
    upper = [line for k, name in enumerate("abc") for line in column(name, 200 * k, 100, 8, 180)]
    lower = [line for k, name in enumerate("def") for line in column(name, 200 * k, 380, 8, 180)]
    order = flat(read([*upper, *lower], tall=[("head", 0, 320, 360), ("other", 400, 320, 150)]))
    expected = [f"{name}{n}" for name in "abc" for n in range(8)]
    assert order[:25] == [*expected, "head"]
    assert order.index("d7") < order.index("e0") < order.index("f0")


def test_a_page_number_beside_a_running_head_comes_before_the_columns():
    head = [("Journal", 0, 70, 120), ("447", 670, 70, 30)]
    order = flat(read([*head, *column("a", 0, 100, 12), *column("b", 340, 100, 12)]))
    assert order[:3] == ["Journal", "447", "a0"]


def test_a_footer_in_two_parts_comes_after_the_columns():
    feet = [("source", 0, 460, 120), ("slide", 340, 460, 80)]
    assert flat(read([*column("a", 0, 100, 12), *column("b", 340, 100, 12), *feet]))[-2:] == ["source", "slide"]


def test_a_headline_found_in_two_pieces_stands_over_both_columns():
    pieces = [("Two", 100, 20, 237), ("words", 345, 20, 240)]
    order = flat(read([*column("a", 0, 70, 12, 330), *column("b", 340, 70, 12, 330)], tall=pieces))
    assert order[:3] == ["Two", "words", "a0"]


def test_every_line_of_a_random_page_appears_exactly_once():
    random = np.random.default_rng(3)
    for _ in range(20):
        count = int(random.integers(1, 120))
        corners = random.uniform(0, 1000, (count, 2))
        boxes = np.concatenate([corners, corners + random.uniform(5, 300, (count, 2)) * (1, 0.1)], axis=1)
        texts = [random.choice([")", "3", "word"]) for _ in range(count)]
        order = [i for block in order_lines(layout_of(boxes, texts)) for row in block for i in row]
        assert sorted(order) == list(range(count))


def wrapped_rows(heights: Sequence[tuple[int, int]], gap: float = 10) -> list[LineAt]:
    """A table of two columns of words: how many lines the cells of each row take."""
    lines, top = list[LineAt](), 100.0
    for n, (left, right) in enumerate(heights):
        lines += [(f"{'subject'}{n}left{k}", 50, top + 24 * k, 240) for k in range(left)]
        lines += [(f"{'meaning'}{n}right{k}", 340, top + 24 * k, 300) for k in range(right)]
        top += 24 * max(left, right) + gap
    return lines


def test_rows_of_a_table_whose_cells_are_sentences_are_read_one_after_the_other():
    heights = [(3, 1), (1, 3), (4, 1), (1, 2), (3, 1), (1, 4)]
    order = flat(read(wrapped_rows(heights)))
    rows = [int(text.removeprefix("subject").removeprefix("meaning")[0]) for text in order]
    assert rows == sorted(rows)
    for n in range(len(heights)):
        own = [text for text in order if text[7] == str(n)]
        assert own == sorted(own, key=lambda text: "right" in text), "a cell is whole"


def test_columns_of_prose_with_paragraphs_of_their_own_stay_columns():
    lines = [*column("leftcolumn", 50, 100, 7), *column("leftcolumn", 50, 284, 9)]
    lines += [*column("rightcolumn", 390, 100, 10), *column("rightcolumn", 390, 356, 6)]
    order = flat(read(lines))
    assert order == sorted(order, key=lambda text: text.startswith("right"))


def test_lines_of_prose_on_one_grid_are_no_rows_of_a_table():
    """Wide leading, so that white runs across both columns between all lines."""
    lines = [(f"{name}column{n}", left, 100 + 34 * n, 300) for name, left in (("a", 50), ("b", 390)) for n in range(10)]
    assert flat(read(lines)) == [f"{name}column{n}" for name in "ab" for n in range(10)]


def test_long_rows_of_figures_are_no_prose():
    """The halves of a wide table, each row's figures found as one line: left half first would part every row."""
    left = [(f"of all degrees {n}", 50, 100 + 30 * n, 300) for n in range(12)]
    right = [(f"$9,{n:03} $36,900 $41,700", 420, 100 + 30 * n, 260) for n in range(12)]
    assert flat(read([*left, *right])) == [text for row in zip(left, right, strict=True) for text, *_ in row]


def test_halves_of_a_table_whose_cells_are_of_unlike_heights_stay_one_table():
    """Words reach higher and lower than figures: a row's middles differ by a few pixels."""

    def half(left: float, words: bool) -> Side:
        rows = [(left + 60 * k, 100 + 26 * n + 4 * (k % 2), left + 60 * k + 40, 118 + 26 * n + 4 * (k % 2))
                for n in range(20) for k in range(3)]  # fmt: skip
        wide = [(left, 640 + 26 * n, left + 200, 658 + 26 * n) for n in range(3)]
        bounds = np.array(rows + wide, float)
        return Side(bounds, np.full(len(bounds), words), np.zeros(len(bounds), bool))

    assert not are_columns(half(50, False), half(400, False), 18.0)


def test_two_lists_side_by_side_are_read_one_after_the_other_although_their_points_are_level():
    lists = [[(f"• {name}{n}", left, 100 + 50 * n, 140) for n in range(4)] for name, left in (("a", 50), ("b", 390))]
    assert flat(read([*lists[0], *lists[1]])) == [f"• {name}{n}" for name in "ab" for n in range(4)]


def test_a_column_goes_on_below_the_end_of_the_one_beside_it_under_a_heading_of_its_own():
    left = [*column("a", 50, 100, 12), ("heading", 50, 100 + 24 * 12 + 40, 120), *column("b", 50, 480, 4)]
    order = flat(read([*left, *column("c", 390, 100, 12)]))
    assert order == [*(f"a{n}" for n in range(12)), "heading", *(f"b{n}" for n in range(4))] + [
        f"c{n}" for n in range(12)
    ]


def test_the_rows_of_a_table_are_found_by_their_first_cell_where_no_white_parts_them():
    """Rows of two lines and of one, packed: every cell is read whole, row after row."""
    lines: list[LineAt] = []
    expected, top = [], 100
    for n, height in enumerate((2, 1, 3, 2, 1, 2)):
        lines += [(f"{n}.", 50, top, 20), (f"kind{n}", 450, top, 60)]
        lines += [(f"what{n}{k}", 150, top + 22 * k, 140) for k in range(height)]
        expected += [f"{n}.", *(f"what{n}{k}" for k in range(height)), f"kind{n}"]
        top += 22 * height
    assert flat(read(lines)) == expected


def test_numbers_of_table_rows_of_unlike_height_are_no_line_numbers():
    lines: list[LineAt] = []
    expected, top = [], 100
    for n, height in enumerate((2, 1, 4, 2, 1, 3, 2, 4), 1):
        lines += [(str(n), 50, top, 20), *((f"what{n}{k}", 150, top + 22 * k, 120) for k in range(height))]
        lines.append((f"kind{n}", 450, top, 60))
        expected += [str(n), *(f"what{n}{k}" for k in range(height)), f"kind{n}"]
        top += 22 * height
    assert flat(read(lines)) == expected


def test_numbers_beside_three_cells_and_more_count_the_rows_of_a_table():
    rows = [
        [(str(n), 50, 100 + 30 * n, 20), *((f"{n}{c}", 150 + 150 * k, 100 + 30 * n, 80) for k, c in enumerate("abc"))]
        for n in range(1, 9)
    ]
    assert flat(read([cell for row in rows for cell in row])) == [cell[0] for row in rows for cell in row]
