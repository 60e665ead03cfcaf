"""What a PDF page says of itself, so that `searchable.pdf` does not say it twice (wire: pdfium, pikepdf)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
from pikepdf import Dictionary, Name

from gpu_worker.ocr.page_text import Line, PageText
from gpu_worker.reading.likeness import KnownText
from gpu_worker.searchable.text_content import PagePlace

Instruction = pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage
SLACK = 0.3  # of a line's height: boxes of what was read and of what is written differ by that
INVISIBLE = 3  # text rendering mode
SHOWING = {"Tj", "TJ", "'", '"'}
DEEPEST_FORM = 5


@dataclass(frozen=True)
class Letter:
    """A drawn character and the middle of its box in PDF coordinates."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class OwnText:
    """A page's drawn letters in the order of writing, and whether it has hidden ones too."""

    letters: tuple[Letter, ...] = ()
    has_hidden: bool = False


class OwnTexts:
    """The pages of a PDF, asked one at a time."""

    def __init__(self, document: pypdfium2.PdfDocument | None) -> None:
        self._document = document

    def read(self, index: int) -> OwnText:
        """What page `index` (first is 0) says of itself."""
        if self._document is None or index >= len(self._document):
            return OwnText()
        page = self._document[index]
        text_page = page.get_textpage()
        try:
            shown, hidden = [], False
            for number in range(text_page.count_chars()):
                item = pdfium.FPDFText_GetTextObject(text_page, number)
                if item and pdfium.FPDFTextObj_GetTextRenderMode(item) == INVISIBLE:
                    hidden = True
                else:
                    shown.append(_letter(text_page, number))
            return OwnText(tuple(shown), hidden)
        finally:
            text_page.close()
            page.close()


@contextlib.contextmanager
def open_own_texts(source: Path) -> Iterator[OwnTexts]:
    """The pages' own texts; none where pdfium cannot open the file."""
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError:
        yield OwnTexts(None)
        return
    try:
        yield OwnTexts(document)
    finally:
        document.close()


def _letter(text_page: pypdfium2.PdfTextPage, number: int) -> Letter:
    left, bottom, right, top = text_page.get_charbox(number)
    return Letter(chr(pdfium.FPDFText_GetUnicode(text_page, number)), (left + right) / 2, (bottom + top) / 2)


# --- ours ------------------------------------------------------------------------------------------------------------


def leave_out_own_words(text: PageText, own: OwnText, place: PagePlace) -> PageText:
    """What was read, without the words that the page says at the same place itself."""
    if not own.letters:
        return text
    lines = (_leave_out(line, _own_words_at(line, text, own, place)) for line in text.lines)
    return replace(text, lines=tuple(line for line in lines if line.words))


def _leave_out(line: Line, own: str) -> Line:
    if not own.strip():
        return line
    known = KnownText(own)
    return replace(line, words=tuple(word for word in line.words if not known.says(word.text)))


def _own_words_at(line: Line, text: PageText, own: OwnText, place: PagePlace) -> str:
    """The letters drawn within the line's box; what lies outside parts them into words."""
    left, bottom, right, top = place.box_of(line.quad, text.width, text.height)
    slack = SLACK * min(right - left, top - bottom)

    def is_within(letter: Letter) -> bool:
        across = left - slack <= letter.x <= right + slack
        return across and bottom - slack <= letter.y <= top + slack

    return "".join(letter.text if letter.text.isspace() or is_within(letter) else " " for letter in own.letters)


# --- theirs ----------------------------------------------------------------------------------------------------------


def strip_hidden_text(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """Take out text that is not drawn (another program's reading), on the page and in the forms it shows."""
    resources = _copy(page.obj.get("/Resources"))
    instructions = _without_hidden(pikepdf.parse_content_stream(page))
    forms = _strip_forms(pdf, resources, 0)
    page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))
    if forms is not None:  # resources and forms may be other pages' too: these get their own
        resources.XObject = forms
        page.obj.Resources = resources


def _strip_forms(pdf: pikepdf.Pdf, resources: pikepdf.Object, depth: int) -> Dictionary | None:
    """The resources' XObjects with the forms' hidden text taken out; None where there is no form."""
    objects = resources.get("/XObject")
    if objects is None or depth > DEEPEST_FORM:
        return None
    stripped = _copy(objects)
    forms = [name for name, item in objects.items() if item.get("/Subtype") == Name.Form]
    for name in forms:
        stripped[name] = _strip_form(pdf, objects[name], depth)
    return stripped if forms else None


def _strip_form(pdf: pikepdf.Pdf, form: pikepdf.Object, depth: int) -> pikepdf.Object:
    content = pikepdf.unparse_content_stream(_without_hidden(pikepdf.parse_content_stream(form)))
    copy = pdf.make_stream(content)
    for key, value in form.items():
        if key not in ("/Length", "/Filter", "/DecodeParms"):
            copy[key] = value
    resources = _copy(form.get("/Resources"))
    inner = _strip_forms(pdf, resources, depth + 1)
    if inner is not None:
        resources.XObject = inner
        copy.Resources = resources
    return copy


def _copy(dictionary: pikepdf.Object | None) -> Dictionary:
    return Dictionary(dict(dictionary.items()) if dictionary is not None else {})


def _without_hidden(instructions: Iterable[Instruction]) -> list[Instruction]:
    """The content without what text objects show if nothing in them is drawn; one that draws anything stays whole."""
    kept: list[Instruction] = []
    block: list[Instruction] | None = None
    mode = 0
    saved: list[int] = []
    modes: set[int] = set()
    for instruction in instructions:
        operator = str(instruction.operator)
        if operator == "BT":
            block, modes = [], set()
        elif operator == "Tr":
            mode = int(instruction.operands[0])
        elif operator == "q":
            saved.append(mode)
        elif operator == "Q" and saved:
            mode = saved.pop()
        elif operator in SHOWING:
            modes.add(mode)
        (kept if block is None else block).append(instruction)
        if operator == "ET" and block is not None:
            kept += [each for each in block if modes != {INVISIBLE} or str(each.operator) not in SHOWING]
            block = None
    return kept + (block or [])
