"""Office and web documents: all their text in the order of reading, and whatever they hide, comment or change named."""

import zipfile
from pathlib import Path

import pytest

from gpu_worker.render.errors import RenderError
from gpu_worker.render.readers import READERS
from gpu_worker.render.written import WrittenPages
from tests.gpu_worker.render import office_files


def read(kind: str, path: Path) -> list[str]:
    pages = READERS[kind](str(path))
    return [pages.read_text(number).text for number in range(1, pages.count + 1)]


def facts(kind: str, path: Path) -> dict[str, str]:
    structure = READERS[kind](str(path)).structure()
    return {fact["name"]: fact["value"] for fact in structure.value} if structure else {}


def test_a_word_document_says_its_numbers_tables_notes_comments_and_changes(tmp_path):
    path = office_files.docx(tmp_path / "a")
    assert [page.splitlines() for page in read("docx", path)] == [
        [
            "[Header] Case FL-24-0117", "DECLARATION", "The father shall not have custody.", "1. First", "(a) inner",
            "2. Second", "Day\tPaid", "March 5\t$400", "A claim[2]", "In a text box", "",
            "[Inserted by Dana, 2024-03-05 21:10 UTC] not (at “The father shall”)",
            "[Deleted by Dana, 2024-03-05 21:10 UTC] sole (at “The father shall not have”)",
            "[Comment by Judge, 2024-03-06 08:00 UTC] Is that so? (at “The father shall not have custody.”)",
            "[Footnote 2] See exhibit B.", "[Hidden words] secret (at “A claim[2]”)",
        ],
        ["On page two."],
    ]  # fmt: skip
    assert facts("docx", path) == dict.fromkeys(
        ["Inserted: how many", "Deleted: how many", "Comment: how many", "Footnote 2: how many",
         "Hidden words: how many"], "1"
    )  # fmt: skip
    (picture,) = READERS["docx"](str(path)).parts()
    assert (picture.role, picture.name, b"".join(picture.content())) == ("inline", "image1.png", office_files.png())


def test_a_workbook_says_every_sheet_with_values_as_they_are_shown(tmp_path):
    path = office_files.xlsx(tmp_path / "a.xlsx")
    first, second = read("xlsx", path)
    assert first.splitlines() == [
        "Sheet: Support", "Day\tPaid\tShare", "2024-03-05\t$1,234.50\t25%", "\t\t\t=SUM(B2:B2)", "",
        "[Comment by Dana] never arrived (at “B2”)", "[Hidden rows] 2", "[Hidden columns] C",
    ]  # fmt: skip
    assert second.split() == ["Sheet:", "Cash", "(hidden", "sheet)", "at", "the", "far", "end"]
    assert facts("xlsx", path)["Hidden sheet"] == "Cash"


def test_slides_are_read_in_their_order_from_top_to_bottom_and_hidden_ones_are_named(tmp_path):
    path = office_files.pptx(tmp_path / "a")
    assert [page.splitlines() for page in read("pptx", path)] == [
        ["Slide 1", "above", "below", "A\tB", "", "[Speaker's notes] say it slowly",
         "[Comment by Dana, 2024-03-05 09:00] cut this"],
        ["Slide 2 (hidden slide)", "Kept back"],
    ]  # fmt: skip
    assert facts("pptx", path)["Hidden slide"] == "2"


def test_open_documents_say_the_same(tmp_path):
    first, second = read("odt", office_files.odt(tmp_path / "a"))
    assert first.splitlines() == ["Declaration", "One  two\tthree", "have custody", "- a point", "Day\tPaid"]
    assert second.splitlines() == [
        "On page two.", "", "[Comment by Dana, 2024-03-05 21:10] who says so? (at “One two three”)",
        "[Deleted by Dana, 2024-03-05 21:10] sole (at “have”)",
    ]  # fmt: skip
    path = office_files.ods(tmp_path / "b")
    assert read("ods", path) == ["Sheet: Shown\nin Shown", "Sheet: Cash (hidden sheet)\nin Cash"]
    assert facts("ods", path) == {"Hidden sheet": "Cash"}


def test_rich_text_web_pages_and_tables_of_values(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(rb"{\rtf1\ansi\ansicpg1251 {\b Dear} Judge\par \'ce\'f2\'e5\'f6\page On page two.}")
    assert read("rtf", path) == ["Dear Judge\nОтец", "On page two."]
    path.write_bytes('<html><head><meta charset="koi8-r"><title>t</title><script>no</script></head>'
                     "<body><p>Отец</p><table><tr><td>A</td><td>B</td></tr></table></body></html>".encode("koi8-r"))
    assert read("html", path)[0].split() == ["Отец", "A", "B"]
    path.write_text("day;paid;how\n" + "".join(f'2024-03-{n:02};"{n},50";cash\n' for n in range(1, 31)) * 4)
    pages = read("csv", path)
    assert len(pages) == 3 and all(page.startswith("day\tpaid\thow\n") for page in pages)
    assert pages[0].splitlines()[1] == "2024-03-01\t1,50\tcash"


def test_a_book_is_read_chapter_by_chapter(tmp_path):
    spine = ('<package><manifest><item id="b" href="two.xhtml"/><item id="a" href="one%20a.xhtml"/></manifest>'
             '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>')  # fmt: skip
    path = office_files.package(tmp_path / "a", {
        "META-INF/container.xml": '<container><rootfile full-path="OPS/book.opf"/></container>',
        "OPS/book.opf": spine, "OPS/one a.xhtml": "<p>First</p>", "OPS/two.xhtml": "<p>Second</p>",
    })  # fmt: skip
    assert read("epub", path) == ["First", "Second"]


ENTITIES = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
LAUGHS = f"<!DOCTYPE d [<!ENTITY a0 'ha'>{ENTITIES}]>"


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS + "<d>&a11;</d>",
        "<!DOCTYPE d [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><d><body><p><r><t>&f;</t></r></p></body></d>",
        "<d>" * 100_000,
        "not xml at all",
    ],
    ids=["a billion laughs", "a file of ours", "nested without end", "no XML"],
)
def test_hostile_xml_gives_nothing_and_costs_one_document(tmp_path, body):
    path = office_files.package(tmp_path / "a", {"word/document.xml": body, "content.xml": body})
    for kind in ("docx", "odt"):
        try:
            assert "root:" not in "".join(read(kind, path))
        except RenderError as error:
            assert error.code == "corrupt_office"


def test_a_member_that_unpacks_without_end_is_not_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "a", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("content.xml", b" " * (80 * 1024**2))
    with pytest.raises(RenderError, match="corrupt_office"):
        READERS["odt"](str(tmp_path / "a"))


def test_a_page_of_text_is_drawn_for_viewing(tmp_path):
    pages = READERS["docx"](str(office_files.docx(tmp_path / "a")))
    assert isinstance(pages, WrittenPages) and pages.draw_jpeg(1, 400, 0).startswith(b"\xff\xd8")
