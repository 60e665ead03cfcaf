"""A page of all its evidence: each line in its place, from its source, said once."""

from gpu_worker.ocr.page_text import Line, PageText, Source, Word
from gpu_worker.reading.merge import keep_sure_lines, merge, place, truly_hidden, with_form, with_notes
from gpu_worker.render.layer import NO_INK, WRITTEN_ON_PAGE, HiddenLine, Note, PdfLayer

PAGE = (0.0, 0.0, 600.0, 800.0)


def line(text: str, left: float, top: float, source: Source = Source.LAYER, confidence: float = 1.0) -> Line:
    """A line of letters 10 wide and 12 high."""
    words, at = [], left
    for word in text.split():
        words.append(Word(word, (at, top, at + 10 * len(word), top + 12), confidence))
        at += 10 * (len(word) + 1)
    right = at - 10
    quad = ((left, top), (right, top), (right, top + 12), (left, top + 12))
    return Line(tuple(words), text, quad, confidence, source)


def page(*lines: Line, width: float = 600, height: float = 800) -> PageText:
    return PageText(lines, "\n".join(each.text for each in lines), "pdfium", 1.0, width, height)


def test_a_picture_between_two_paragraphs_is_read_between_them_and_a_stamp_beside_a_sentence_after_all():
    own = page(line("The mother shall", 50, 100), line("have custody.", 50, 114), line("So ordered.", 50, 300))
    pasted = line("I will not come", 50, 200, Source.OCR)
    stamp = line("FILED", 400, 108, Source.OCR)
    merged = merge(own, [stamp, pasted], [(390, 100, 460, 125), (40, 190, 300, 220)])
    assert merged.text == "The mother shall\nhave custody.\n\nI will not come\n\nSo ordered.\n\nFILED"
    assert [each.source for each in merged.lines] == ["layer", "layer", "ocr", "layer", "ocr"]


def test_what_is_read_on_a_piece_of_the_page_lies_where_the_piece_lies_and_drawings_are_left_out():
    read = page(line("FILED", 20, 40, Source.OCR), line("~#", 0, 90, Source.OCR, 0.5), width=400, height=200)
    placed = place(keep_sure_lines(read), (300.0, 100.0, 500.0, 200.0))
    assert [(each.text, each.words[0].box) for each in placed.lines] == [("FILED", (310, 120, 335, 126))]


def test_a_forms_values_on_a_scan_are_the_files_own_and_not_as_they_were_read():
    form = PdfLayer(page(line("Dana Whitcomb", 150, 100, Source.FORM)), notes=(
        Note(WRITTEN_ON_PAGE, "Dana", "", "agreed", (50.0, 300.0, 200.0, 320.0)),
    ))  # fmt: skip
    read = page(line("Name: Dona Whilcomb", 80, 100, Source.OCR), line("agreod", 60, 304, Source.OCR),
                line("Signed", 80, 400, Source.OCR))  # fmt: skip
    merged = with_form(read, form)
    assert merged.text.split() == ["Name:", "Dana", "Whitcomb", "Signed"]
    assert [each.source for each in merged.lines] == ["ocr", "form", "ocr"]


def test_notes_follow_the_page_with_their_place_in_its_units():
    note = Note("Note", "Dana", "2024-03-12", "call", (30, 40, 60, 80))
    noted = with_notes(page(line("Seen", 0, 0)), [note], (300, 400))
    assert noted.text == "Seen\n\n[Note by Dana, 2024-03-12] call"
    assert (noted.lines[1].source, noted.lines[1].quad[0], noted.lines[1].quad[2]) == ("note", (60, 80), (120, 160))


def test_hidden_is_what_the_page_does_not_say_and_no_poor_reading_of_a_scan():
    said = "The mother shall have custody of the child."
    lines = [
        HiddenLine("The rnother shall have custody", PAGE, NO_INK),
        HiddenLine("ciA# tet 44", PAGE, NO_INK),
        HiddenLine("The father never paid support", PAGE, NO_INK),
        HiddenLine("4471", PAGE, "covered, or in the colour of the paper"),
    ]
    assert truly_hidden(lines, said) == (lines[2], lines[3])
    assert truly_hidden(lines[1:2], "") == (lines[1],), "where the page says nothing, nothing is lost"
