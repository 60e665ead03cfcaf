"""A PDF page's own words, seen and unseen, and what it shows besides them (wire: pdfium)."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from gpu_worker.ocr.page_text import Box
from gpu_worker.ocr.structure.rulings import find_rulings
from gpu_worker.render.annotations import Annotations, read_annotations, without
from gpu_worker.render.layer import NO_INK, HiddenLine, PdfLayer
from gpu_worker.render.letters import Letter, ShownPage, read_letters
from gpu_worker.render.typed_lines import TypedWord, in_reading_order, lines_of, typeset, words_of
from gpu_worker.render.unsaid import DOUBTFUL, LOOKING_DPI, find_unsaid, frame_of, has_ink, measure_change, scale_of

MOST_OBJECTS = 50_000
DEEPEST_FORM = 5
TINY = 2.4
"""Points from the head to the foot of a line: 2-point type, which no printer sets."""
MOST_LOOKING_PIXELS = 2500
"""A side while looking: a poster is looked at coarser."""
OUTSIDE, TOO_SMALL = "outside the page", "too small to be read"
COVERED = "covered, or in the colour of the paper"
HARDLY_DRAWN = "hardly anything of it is drawn"


def read_layer(page: pypdfium2.PdfPage, look: bool) -> PdfLayer:
    """The page's words in reading order, those that nobody sees set apart; `look` draws the page to know them."""
    shown = ShownPage.of(page)
    letters = _letters(page, shown)
    unsure = _unsure(letters)
    words = [word for word in words_of(letters) if not word.items & unsure]
    drawn = {letter.item for letter in letters if letter.is_drawn}
    upon = read_annotations(page, shown, lambda box: _words_in(words, box))
    why = [_why_unseen(word, shown, drawn) for word in words]
    objects = sum(1 for _ in _objects(page))
    unsaid: tuple[Box, ...] = ()
    doubtful: tuple[Box, ...] = ()
    rules: tuple[Box, ...] = ()
    looked = look and any(reason is None for reason in why)
    if looked:
        shapeless = {letter.item for letter in letters if not letter.has_shape}
        unsaid, rules = _look(page, shown, words, why, upon, shapeless)
        doubtful = tuple(word.box for word, reason in zip(words, why, strict=True) if reason == HARDLY_DRAWN)
    seen = [word for word, reason in zip(words, why, strict=True) if reason is None]
    without_ink = [word.box for word, reason in zip(words, why, strict=True) if reason == NO_INK]
    ink_under = _measure_ink(page, shown, without_ink) if look and without_ink and not seen else 0.0
    return PdfLayer(
        page=typeset(lines_of(seen), upon.form, *shown.size),
        hidden=(*_hidden(words, why), *upon.hidden),
        notes=tuple(upon.notes),
        unsaid=(*unsaid, *doubtful),
        objects=objects,
        annotations=upon.count,
        is_looked_at=looked,
        ink_under=ink_under,
        doubtful=doubtful,
        rules=rules,
    )


def draw_unsaid(page: pypdfium2.PdfPage, places: Sequence[Box], doubtful: Sequence[Box] = ()) -> np.ndarray:
    """The page without its own words, but for the doubtful ones; white but for these places, cut to what holds them all
    (`frame_of`)."""
    shown = ShownPage.of(page)
    letters = _letters(page, shown)
    upon = read_annotations(page, shown, lambda _: "")
    left, top, right, bottom = frame_of(places, shown.size)
    scale = scale_of(places, shown.size)
    kept = {item for word in words_of(letters) if word.box in doubtful for item in word.items}
    _take_out(page, _said(letters) - kept)
    with without(page, upon.said):
        image = _draw(page, scale)
    white = np.full_like(image, 255)
    for place in places:
        x0, y0, x1, y1 = (max(0, round(side * scale)) for side in place)
        white[y0:y1, x0:x1] = image[y0:y1, x0:x1]
    x0, y0, x1, y1 = (max(0, round(side * scale)) for side in (left, top, right, bottom))
    return np.ascontiguousarray(white[y0:y1, x0:x1])


# --- words -----------------------------------------------------------------------------------------------------------


def _letters(page: pypdfium2.PdfPage, shown: ShownPage) -> list[Letter]:
    text_page = page.get_textpage()
    try:
        return read_letters(text_page, shown)
    finally:
        text_page.close()


def _unsure(letters: Sequence[Letter]) -> set[int]:
    """Objects most of whose letters the file has no names for: what they show is left to be recognised."""
    names = Counter(letter.item for letter in letters if letter.text.strip())
    nameless = Counter(letter.item for letter in letters if letter.text.strip() and not letter.is_sure)
    return {item for item, count in nameless.items() if item and 2 * count > names[item]}


def _said(letters: Sequence[Letter]) -> set[int]:
    """The objects whose letters are the page's own words, drawn with ink."""
    return {letter.item for letter in letters if letter.item and letter.is_drawn} - _unsure(letters)


def _why_unseen(word: TypedWord, shown: ShownPage, drawn: set[int]) -> str | None:
    left, top, right, bottom = word.box
    width, height = shown.size
    if not word.items & drawn:
        return NO_INK
    if right <= 0 or bottom <= 0 or left >= width or top >= height:
        return OUTSIDE
    if min(right - left, bottom - top) < TINY and max(right - left, bottom - top) < TINY * max(len(word.text), 1):
        return TOO_SMALL
    return None


def _hidden(words: Sequence[TypedWord], why: Sequence[str | None]) -> Iterator[HiddenLine]:
    for reason in (NO_INK, OUTSIDE, TOO_SMALL, COVERED, HARDLY_DRAWN):
        alike = [word for word, own in zip(words, why, strict=True) if own == reason]
        for line in lines_of(alike):
            boxes = [word.box for word in line.words]
            sides = list(zip(*boxes, strict=True))
            box = (min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3]))
            yield HiddenLine(" ".join(word.text for word in line.words), box, reason)


def _words_in(words: Sequence[TypedWord], box: Box) -> str:
    """The words whose middles lie in the box."""
    inside = [
        word
        for word in words
        if box[0] <= (word.box[0] + word.box[2]) / 2 <= box[2] and box[1] <= (word.box[1] + word.box[3]) / 2 <= box[3]
    ]
    return " ".join(word.text for line in lines_of(inside) for word in in_reading_order(line.words))


# --- looking ---------------------------------------------------------------------------------------------------------


def _look(
    page: pypdfium2.PdfPage,
    shown: ShownPage,
    words: Sequence[TypedWord],
    why: list[str | None],
    upon: Annotations,
    shapeless: set[int],
) -> tuple[tuple[Box, ...], tuple[Box, ...]]:
    """Draw the page with and without its words: marks in `why` what is not seen, and answers what is not said, and the
    rules drawn.

    Letters without a shape here are seen where their font is, so that nothing is held against them.
    """
    scale = min(LOOKING_DPI / 72, MOST_LOOKING_PIXELS / max(*shown.size, 1.0))
    before = _draw(page, scale)
    visible = [i for i, reason in enumerate(why) if reason is None]
    _take_out(page, {item for i in visible for item in words[i].items})
    after = _draw(page, scale)
    changed = measure_change(before, after, [words[i].box for i in visible], scale)
    for i, share in zip(visible, changed, strict=True):
        if share < DOUBTFUL and any(map(str.isalnum, words[i].text)) and not words[i].items & shapeless:
            why[i] = HARDLY_DRAWN if share else COVERED
    if upon.said:
        with without(page, upon.said):
            after = _draw(page, scale)
    return find_unsaid(after, scale), find_rulings(after, scale)


def _measure_ink(page: pypdfium2.PdfPage, shown: ShownPage, boxes: Sequence[Box]) -> float:
    """The share of the boxes in which the page draws something."""
    scale = min(LOOKING_DPI / 72, MOST_LOOKING_PIXELS / max(*shown.size, 1.0))
    inked = has_ink(_draw(page, scale), boxes, scale)
    return sum(inked) / len(inked)


def _draw(page: pypdfium2.PdfPage, scale: float) -> np.ndarray:
    image = page.render(scale=scale, rev_byteorder=True).to_numpy()
    if image.shape[2] == 1:
        return np.repeat(image, 3, axis=2)
    return np.ascontiguousarray(image[:, :, :3])


def _take_out(page: pypdfium2.PdfPage, items: set[int]) -> None:
    """Take these text objects out of the opened page (never of the file), in the forms it shows too."""
    for container, item in list(_objects(page)):
        if item and ctypes.addressof(item.contents) in items:
            if container is None:
                removed = pdfium.FPDFPage_RemoveObject(page.raw, item)
            else:
                removed = pdfium.FPDFFormObj_RemoveObject(container, item)
            if removed:
                pdfium.FPDFPageObj_Destroy(item)


def _objects(page: pypdfium2.PdfPage) -> Iterator[tuple[object | None, pdfium.FPDF_PAGEOBJECT]]:
    """Every object that the page draws, with the form that holds it; forms themselves are not told."""
    waiting: list[tuple[object | None, pdfium.FPDF_PAGEOBJECT, int]] = [
        (None, pdfium.FPDFPage_GetObject(page.raw, i), 0)
        for i in range(min(pdfium.FPDFPage_CountObjects(page.raw), MOST_OBJECTS))
    ]
    told = 0
    while waiting and told < MOST_OBJECTS:
        container, item, depth = waiting.pop()
        if pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_FORM and depth < DEEPEST_FORM:
            count = min(pdfium.FPDFFormObj_CountObjects(item), MOST_OBJECTS)
            waiting += [(item, pdfium.FPDFFormObj_GetObject(item, i), depth + 1) for i in range(count)]
            continue
        told += 1
        yield container, item
