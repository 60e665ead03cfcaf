"""Tables are found cell by cell, none where there is none, and as files for a spreadsheet they run nothing."""

import csv
import io
import random
from dataclasses import replace

import numpy as np
import pytest
from openpyxl import load_workbook

from gpu_worker.ocr.page_text import Line, PageText, Word
from gpu_worker.ocr.structure.joining import join_tables
from gpu_worker.ocr.structure.rulings import find_rulings
from gpu_worker.ocr.structure.table import Cell, Table
from gpu_worker.ocr.structure.tables import find_tables
from gpu_worker.ocr.structure.written import write_csv, write_xlsx
from scripts.bench.ocr_tables import truth_of
from scripts.bench.table_metrics import f1, score
from scripts.table_pages import draw_pages


def tables_on(page, number=1):
    found = find_tables(page.as_read(), find_rulings(page.image))
    return [replace(table, page=number, last_page=number) for table in found]


def page_of(words, width=1700, height=2200):
    lines = tuple(
        Line((w,), w.text, ((w.box[0], w.box[1]), (w.box[2], w.box[1]), (w.box[2], w.box[3]), (w.box[0], w.box[3])), 1)
        for w in words
    )
    return PageText(lines, "", "drawn", 1.0, width, height)


@pytest.mark.parametrize("kind", ["ruled", "half_ruled", "unruled", "wrapped", "spanning", "statement"])
def test_the_cells_of_a_table_are_found_with_their_neighbours(kind):
    pages = draw_pages(kind, 2)
    found = tables_on(pages[0])
    assert len(found) == 1 and found[0].ruled == (kind in ("ruled", "wrapped", "spanning"))
    assert f1(*score([table.grid() for table in found], truth_of(pages))) > 0.95


def test_a_cell_over_all_columns_spans_them():
    (table,) = tables_on(draw_pages("spanning", 2)[0])
    first = table.cells[0]
    assert (first.text, first.rows, first.columns) == ("Costs of the year", 1, table.columns)


def test_a_table_over_two_pages_is_one_and_its_header_stands_once():
    pages = draw_pages("two_pages", 3)
    tables = [table for number, page in enumerate(pages, 1) for table in tables_on(page, number)]
    assert len(tables) == 2
    (table,) = join_tables(tables)
    assert (table.page, table.last_page) == (1, 2)
    assert table.grid() == truth_of(pages)[0]
    apart = replace(tables[1], page=3, last_page=3)
    assert join_tables([tables[0], apart]) == [tables[0], apart]


def test_prose_has_no_table_even_beside_line_numbers():
    words = []
    for row in range(28):
        words.append(Word(str(row + 1), (100, 100 + 60 * row, 130, 130 + 60 * row), 1))
        words += [Word("custody", (200 + 105 * i, 100 + 60 * row, 290 + 105 * i, 130 + 60 * row), 1) for i in range(12)]
    assert find_tables(page_of(words), ()) == ()


def test_the_caption_of_a_pleading_is_no_table():
    rows = [
        ("SUPERIOR COURT", "OF THE", "COUNTY OF KERN"), ("ANA MILLS,", ")", "Case No. 25-CV-18051"),
        ("Plaintiff,", ")", "NOTICE"), ("vs.", ")", "Date: Dec 21, 2010"), ("JON BAKER,", ")", "Dept.: 12"),
        ("Defendant.", ")", ""),
    ]  # fmt: skip
    words = []
    for r, row in enumerate(rows):
        for c, text in enumerate((str(r + 4), *row)):
            x, y = (100, 200, 700, 900)[c], 100 + 60 * r
            for word in text.split():
                words.append(Word(word, (x, y, x + 16 * len(word), y + 30), 1))
                x += 16 * len(word) + 10
    assert find_tables(page_of(words), ()) == ()


def test_a_page_on_its_side_has_its_table_where_the_page_shows_it():
    page = draw_pages("ruled", 5)[0]
    (upright,) = tables_on(page)
    lies = np.rot90(page.image)  # anticlockwise: it must be turned 90 degrees clockwise to stand
    turned = [Word(w.text, (w.box[1], 1700 - w.box[2], w.box[3], 1700 - w.box[0]), 1) for w in page.words]
    (found,) = find_tables(replace(page_of(turned, 2200, 1700), rotation=90), find_rulings(lies.copy()))
    assert found.grid() == upright.grid()
    left, top, right, bottom = upright.box
    assert np.allclose(found.box, (top, 1700 - right, bottom, 1700 - left), atol=6)


@pytest.mark.parametrize("seed", range(40))
def test_of_any_words_and_rules_each_word_is_in_one_cell_at_most_and_no_cells_overlap(seed):
    chance = random.Random(seed)

    def box():
        x, y = 60 * chance.randrange(25), 40 * chance.randrange(30)
        return (x, y, x + chance.choice([0, 3, 40, 300, 1500]), y + chance.choice([0, 3, 30, 300, 1500]))

    words = [Word(f"w{i}", box(), 1) for i in range(chance.choice([0, 5, 200]))]
    for table in find_tables(page_of(words), [box() for _ in range(chance.choice([0, 10, 60]))]):
        places = [
            (r, c) for cell in table.cells
            for r in range(cell.row, cell.row + cell.rows) for c in range(cell.column, cell.column + cell.columns)
        ]  # fmt: skip
        assert len(places) == len(set(places))
        assert all(r < table.rows and c < table.columns for r, c in places)
        said = [word for cell in table.cells for word in cell.text.split()]
        assert len(said) == len(set(said))


def test_what_looks_like_a_formula_runs_in_no_spreadsheet():
    texts = ["=HYPERLINK(\"http://x\")", "+1+cmd", "-2+3", "@SUM(A1)", "-$12.50", "bad\x0bletter"]
    cells = tuple(Cell(row, 0, 1, 1, text, (0, 0, 1, 1)) for row, text in enumerate(texts))
    table = Table(len(texts), 1, cells, (0, 0, 1, 1), ruled=True)
    rows = list(csv.reader(io.StringIO(write_csv(table).decode("utf-8-sig"))))
    assert [row[0][0] for row in rows] == ["'", "'", "'", "'", "-", "b"]
    sheet = load_workbook(io.BytesIO(write_xlsx([table], 0))).worksheets[0]
    assert [sheet.cell(i + 1, 1).value for i in range(5)] == texts[:5]
    assert {sheet.cell(i + 1, 1).data_type for i in range(5)} == {"s"}


def test_a_workbook_that_has_not_all_tables_says_so():
    table = Table(1, 1, (Cell(0, 0, 1, 1, "x", (0, 0, 1, 1)),), (0, 0, 1, 1), ruled=True)
    book = load_workbook(io.BytesIO(write_xlsx([table], 3)))
    assert [sheet.title for sheet in book] == ["Table 1, page 1", "Not all"]
    assert str(book["Not all"].cell(1, 1).value).startswith("3 more tables")
