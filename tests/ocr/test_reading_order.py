"""The order in which lines are read, on layouts given as boxes."""

from __future__ import annotations

import numpy as np

from gpu_worker.ocr.reading_order import order_lines


def read(lines: list[tuple[str, float, float, float]]) -> list[list[list[str]]]:
    """Lines as (text, left, top, width), 20 high; returns blocks of rows of texts. The lines are given in a wrong
    order."""
    lines = lines[::-1]
    boxes = np.array([(left, top, left + width, top + 20) for _, left, top, width in lines], float)
    texts = [text for text, *_ in lines]
    return [[[texts[i] for i in row] for row in block] for block in order_lines(boxes, texts)]


def flat(blocks: list[list[list[str]]]) -> list[str]:
    return [text for block in blocks for row in block for text in row]


def column(name: str, left: float, top: float, count: int, width: float = 300) -> list[tuple[str, float, float, float]]:
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


def test_every_line_of_a_random_page_appears_exactly_once():
    random = np.random.default_rng(3)
    for _ in range(20):
        count = int(random.integers(1, 120))
        corners = random.uniform(0, 1000, (count, 2))
        boxes = np.concatenate([corners, corners + random.uniform(5, 300, (count, 2)) * (1, 0.1)], axis=1)
        texts = [random.choice([")", "3", "word"]) for _ in range(count)]
        order = [i for block in order_lines(boxes, texts) for row in block for i in row]
        assert sorted(order) == list(range(count))
