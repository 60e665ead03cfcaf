"""What was put upon a PDF page: the values of its form, notes with author and time, stamps (wire: pdfium)."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from gpu_worker.ocr.layout.page_layout import FoundLine
from gpu_worker.ocr.networks.ctc import LineText, Span
from gpu_worker.ocr.page_text import Box, Source
from gpu_worker.render.layer import WRITTEN_ON_PAGE, HiddenLine, Note
from gpu_worker.render.letters import ShownPage
from gpu_worker.render.pdf_words import read_pdf_date

MOST_ANNOTATIONS = 5000
LINE_HEIGHT = 14.0
"""Points: how high a line of a form's value is taken to be; its field may be higher."""
LETTER_WIDTH = 0.5
"""Of a line's height."""
KINDS = {
    pdfium.FPDF_ANNOT_TEXT: "Note",
    pdfium.FPDF_ANNOT_FREETEXT: WRITTEN_ON_PAGE,
    pdfium.FPDF_ANNOT_HIGHLIGHT: "Highlighted",
    pdfium.FPDF_ANNOT_UNDERLINE: "Underlined",
    pdfium.FPDF_ANNOT_SQUIGGLY: "Underlined",
    pdfium.FPDF_ANNOT_STRIKEOUT: "Struck out",
    pdfium.FPDF_ANNOT_STAMP: "Stamp",
    pdfium.FPDF_ANNOT_CARET: "Inserted",
    pdfium.FPDF_ANNOT_REDACT: "Marked for redaction",
}
MARKS = (
    pdfium.FPDF_ANNOT_HIGHLIGHT, pdfium.FPDF_ANNOT_UNDERLINE, pdfium.FPDF_ANNOT_SQUIGGLY, pdfium.FPDF_ANNOT_STRIKEOUT,
)  # fmt: skip
"""They lie upon the page's own words, which they quote."""
SILENT = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_PRINTERMARK, pdfium.FPDF_ANNOT_TRAPNET)
DRAWN = (pdfium.FPDF_ANNOT_STAMP, pdfium.FPDF_ANNOT_INK)
"""They may show letters that no word of theirs says."""
UNSEEN_FLAGS = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
CHOICES = (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON)
VALUES = (pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX)


@dataclass
class Annotations:
    """All that was put upon a page; `said` are the numbers of those whose words are known, so that nothing of theirs
    needs recognising."""

    count: int = 0
    form: list[FoundLine] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    hidden: list[HiddenLine] = field(default_factory=list)
    said: list[int] = field(default_factory=list)


def read_annotations(page: pypdfium2.PdfPage, shown: ShownPage, words_in: Callable[[Box], str]) -> Annotations:
    """Everything but links; `words_in` gives the page's own words within a box."""
    found = Annotations()
    for number, annotation in _annotations(page):
        subtype = pdfium.FPDFAnnot_GetSubtype(annotation)
        if subtype in SILENT:
            continue
        found.count += 1
        box = _box(annotation, shown)
        if subtype in (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_XFAWIDGET):
            if _add_field(found, page, annotation, box):
                found.said.append(number)
        else:
            _add_note(found, annotation, subtype, box, words_in)
            if subtype not in DRAWN:
                found.said.append(number)
    return found


@contextmanager
def without(page: pypdfium2.PdfPage, numbers: list[int]) -> Iterator[None]:
    """The page as it is drawn without these annotations."""
    flags = {}
    for number, annotation in _annotations(page):
        if number in numbers:
            flags[number] = pdfium.FPDFAnnot_GetFlags(annotation)
            pdfium.FPDFAnnot_SetFlags(annotation, flags[number] | pdfium.FPDF_ANNOT_FLAG_HIDDEN)
    try:
        yield
    finally:
        for number, annotation in _annotations(page):
            if number in flags:
                pdfium.FPDFAnnot_SetFlags(annotation, flags[number])


def _annotations(page: pypdfium2.PdfPage) -> Iterator[tuple[int, object]]:
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), MOST_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        if annotation:
            try:
                yield number, annotation
            finally:
                pdfium.FPDFPage_CloseAnnot(annotation)


# --- notes -----------------------------------------------------------------------------------------------------------


def _add_note(
    found: Annotations, annotation: object, subtype: int, box: Box, words_in: Callable[[Box], str]
) -> None:
    text = " ".join(_string(annotation, "Contents").split())
    if subtype in MARKS and (text or subtype == pdfium.FPDF_ANNOT_STRIKEOUT):
        quoted = words_in(box)
        text = f"“{quoted}”{f': {text}' if text and text != quoted else ''}" if quoted else text
    if not text:
        return
    if pdfium.FPDFAnnot_GetFlags(annotation) & UNSEEN_FLAGS:
        found.hidden.append(HiddenLine(text, box, "a note that is not shown"))
        return
    time = read_pdf_date(_string(annotation, "M") or _string(annotation, "CreationDate"))
    found.notes.append(Note(KINDS.get(subtype, "Note"), " ".join(_string(annotation, "T").split()), time, text, box))


def _string(annotation: object, key: str) -> str:
    return _read(lambda buffer, size: pdfium.FPDFAnnot_GetStringValue(annotation, key.encode(), buffer, size))


def _read(ask: Callable[[object, int], int]) -> str:
    """A string that pdfium writes as UTF-16 with a zero behind it; its answer is the number of bytes."""
    size = ask(None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    ask(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")


def _box(annotation: object, shown: ShownPage) -> Box:
    rect = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(annotation, rect)
    across, up = sorted((rect.left, rect.right)), sorted((rect.bottom, rect.top))
    return shown.box_of(across[0], up[0], across[1], up[1])


# --- forms -----------------------------------------------------------------------------------------------------------


def _add_field(found: Annotations, page: pypdfium2.PdfPage, annotation: object, box: Box) -> bool:
    """Whether all that the field shows is known."""
    form = page.formenv
    if form is None:
        return False
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in CHOICES:
        lines = ["[x]" if pdfium.FPDFAnnot_IsChecked(form, annotation) else "[ ]"]
    elif kind in VALUES:
        value = _read(lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, size))
        lines = [" ".join(line.split()) for line in value.splitlines() if line.strip()]
    else:
        return False
    if not lines:
        return True
    if pdfium.FPDFAnnot_GetFlags(annotation) & UNSEEN_FLAGS:
        found.hidden += [HiddenLine(line, box, "a form field that is not shown") for line in lines if line != "[ ]"]
    else:
        found.form += [_form_line(line, number, len(lines), box) for number, line in enumerate(lines)]
    return True


def _form_line(text: str, number: int, count: int, box: Box) -> FoundLine:
    left, top, right, bottom = box
    pitch = (bottom - top) / count
    height = min(pitch, LINE_HEIGHT)
    middle = top + (number + 0.5) * pitch
    right = max(left + 1.0, min(right, left + LETTER_WIDTH * height * len(text)))
    quad = np.array([(left, middle - height / 2), (right, middle - height / 2),
                     (right, middle + height / 2), (left, middle + height / 2)])  # fmt: skip
    return FoundLine(quad, LineText(tuple(_spans(text)), 1.0), source=Source.FORM)


def _spans(text: str) -> Iterator[Span]:
    """The words, as if all letters were as wide."""
    at = 0
    for word in text.split(" "):
        yield Span(word, at / len(text), (at + len(word)) / len(text), 1.0)
        at += len(word) + 1
