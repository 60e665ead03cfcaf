"""Roles of lines: on drawn documents as docs say, what they must not be taken for, and what search leaves out."""

import io
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from gpu_worker.embedding.passages import cut_passages
from gpu_worker.ocr.page_text import Line, PageText, Source
from gpu_worker.ocr.structure.role_lines import Role, outline_page
from gpu_worker.ocr.structure.roles import DocumentRoles, cut_repeated, find_roles
from scripts.bench.ocr_roles import measure
from scripts.role_pages import RolePage
from tests.gpu_worker.workshop import Workshop

HEAD, FOOT = "Case No. 24FL00117", "DECLARATION OF T. HALE"


def roles_of(*pages: PageText) -> DocumentRoles:
    return find_roles([outline_page(page, page.text) for page in pages])


def set_page(*lines: tuple[str, float, float], body: int = 12) -> PageText:
    """Lines at their left and top on a page of 1,700 × 2,200, above and below lines of body that no page repeats."""
    page = RolePage(random.Random(str(lines)), (0, 0))
    for text, left, top in lines:
        if top < 400:
            page.put(Role.BODY, text, left, top)
    for n in range(body):
        page.put(Role.BODY, f"{chr(97 + n)}{page.chance.randrange(10**30)} words", 250, 420 + 110 * n)
    for text, left, top in lines:
        if top >= 400:
            page.put(Role.BODY, text, left, top)
    read, _ = page.finish()
    texts = [text for text, _, top in lines if top < 400] + [None] * body + [t for t, _, top in lines if top >= 400]
    said = tuple(Line(a.words, b or a.text, a.quad, 1) for a, b in zip(read.lines, texts, strict=True))
    return PageText(said, "\n".join(line.text for line in said), "test", 1, read.width, read.height)


def not_body(roles: DocumentRoles, *pages: PageText) -> list[list[tuple[str, str]]]:
    return [[(line.text, role.value) for line, role in zip(page.lines, mine, strict=True) if role != Role.BODY]
            for page, mine in zip(pages, roles.roles, strict=True)]  # fmt: skip


def test_drawn_documents_are_told_as_docs_say():
    told = measure(2001, 3)
    assert told["line_number"]["recall"] > 0.95 and told["page_number"]["recall"] > 0.9
    assert all(told[role]["precision"] > 0.9 for role in told if role != "all"), told


def test_heads_stand_once_in_what_is_searched_and_always_in_the_text():
    pages = [set_page((HEAD, 250, 90), (str(n), 850, 2100), (FOOT, 600, 2150)) for n in (4, 5, 6)]
    roles = roles_of(*pages)
    assert not_body(roles, *pages)[1] == [(HEAD, "header"), ("5", "page_number"), (FOOT, "footer")]
    first, second, third = (
        "\n".join(cut_repeated(page.text, spans)) for page, spans in zip(pages, roles.repeated, strict=True)
    )
    assert HEAD in first and FOOT in first and not {"4", "5"} & set(first.split())
    assert all(HEAD not in text and FOOT not in text for text in (second, third))
    assert [sum(bool(line) for line in text.split("\n")) for text in (first, second, third)] == [14, 12, 12]


@pytest.mark.parametrize("first, second", [
    ("Exhibit 3: the log", "Exhibit 4: the log"), ("Table 3. Payments", "Table 4. Payments"),
    ("Hearing of 3 May", "Hearing of 4 May"), ("Balance 10", "Balance 99"),
])  # fmt: skip
def test_a_head_with_another_number_is_searched_on_each_page(first: str, second: str):
    pages = [set_page((text, 250, 90)) for text in (first, second)]
    assert roles_of(*pages).repeated == ((), ())


@pytest.mark.parametrize("before, after", [("Page 3 of 9", "Page 4 of 9"), ("Hale | 3", "Hale | 4"), ("iii", "iv"),
                                           ("- 3 -", "- 4 -"), ("Filed, page 3", "Filed, page 4")])  # fmt: skip
def test_numbers_that_count_pages_are_nothing_to_search(before: str, after: str):
    pages = [set_page((text, 800, 90)) for text in (before, after)]
    assert roles_of(*pages).repeated[1] == ((0, len(after)),)


def test_what_stands_within_the_page_is_no_head_and_rows_of_a_table_are_no_lines():
    inner = [set_page((f"Own {n * 'x'} words", 250, 90), ("SO ORDERED", 250, 200)) for n in (2, 9)]
    assert not_body(roles_of(*inner), *inner) == [[], []], "something else stands above it"
    rows = RolePage(random.Random(1), (0, 0))
    for n in range(1, 45):
        rows.put(Role.BODY, str(n), 190, 100 + 45 * n, align="right")
    for n in range(1, 45):
        rows.put(Role.BODY, "a payment of that month", 250, 100 + 45 * n)
    table, _ = rows.finish()
    assert Role.LINE_NUMBER not in roles_of(table).roles[0]


def test_a_page_that_lies_on_its_side_has_the_same_roles():
    page = RolePage(random.Random(1), (0, 0))
    for n in range(1, 29):
        page.put(Role.LINE_NUMBER, str(n), 190, 66 * n + 100, align="right")
    for n in range(1, 29):
        page.put(Role.BODY, "that the child was returned to the mother late on each of these days", 250, 66 * n + 100)
    page.put(Role.PAGE_NUMBER, "- 7 -", 850, 2100)
    upright, truth = page.finish()
    lines = tuple(Line((), line.text, tuple((y, 1700 - x) for x, y in line.quad), 1) for line in upright.lines)  # type: ignore[arg-type]
    lying = PageText(lines, upright.text, "test", 1, 2200, 1700, rotation=90)
    assert roles_of(upright).roles == roles_of(lying).roles == (truth,)


NUMBERS = st.floats(-1e4, 1e4) | st.sampled_from([float("nan"), float("inf"), 0.0])
LINES = st.lists(
    st.tuples(st.text("1234 |page-iv\nΩ#", max_size=9), st.lists(NUMBERS, min_size=8, max_size=8)), max_size=14
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=4), st.sampled_from([0, 90, 180, 270]))
def test_nothing_that_can_be_read_makes_it_fail(pages: list, rotation: int):
    read = []
    for lines in pages:
        set_lines = tuple(
            Line((), text, tuple(zip(at[::2], at[1::2], strict=True)), 1, Source.OCR) for text, at in lines
        )
        read.append(PageText(set_lines, "\n".join(line.text for line in set_lines), "test", 1, 1700, 2200, rotation))
    told = roles_of(*read)
    assert [len(roles) for roles in told.roles] == [len(page.lines) for page in read]
    for page, spans in zip(read, told.repeated, strict=True):
        assert all(piece in page.text for piece in cut_repeated(page.text, spans))


def test_no_passage_has_side_by_side_what_the_page_has_apart():
    text = "he did hit her today\n7\nand that was the end of it"
    pieces = cut_repeated(text, [(21, 22)])
    assert [passage.text for passage in cut_passages([pieces])] == [
        "he did hit her today",
        "and that was the end of it",
    ]
    numbered = "\n".join(f"{n} said on this day" for n in range(1, 9))
    assert cut_repeated(numbered, [(17 * n, 17 * n + 1) for n in range(8)]) == [numbered], "never in shreds"


def test_a_pleading_through_a_worker_is_searched_without_its_numbers(workshop: Workshop):
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(612, 792))
    for number, said in ((1, "On that day the child came late."), (2, "Her school then wrote to both of them.")):
        for n in range(1, 29):
            canvas.drawRightString(60, 740 - 24 * n, str(n))
            canvas.drawString(90, 740 - 24 * n, said)
        canvas.drawCentredString(306, 40, str(number))
        canvas.drawCentredString(306, 24, FOOT)
        canvas.showPage()
    canvas.save()
    job = workshop.upload(file.getvalue(), "pleading.pdf")
    worker = workshop.start_worker()
    job = workshop.finish(job)
    assert job["status"] == "completed", worker.log
    roles = json.loads(workshop.artifact(job, "metadata.json"))["roles"]
    assert {role: len(lines) for role, lines in roles["2"].items()} == {
        "line_number": 28,
        "page_number": 1,
        "footer": 1,
    }
    assert workshop.artifact(job, "ocr.txt").decode().count(FOOT) == 2, "the text keeps all"
    passages = workshop.sql("select page, text from document_embeddings where document_id = %s", job["document_id"])
    words = [{word for each in passages if each["page"] == page for word in each["text"].split()} for page in (1, 2)]
    assert "DECLARATION" in words[0] and "DECLARATION" not in words[1] and not words[1] & {str(n) for n in range(99)}
