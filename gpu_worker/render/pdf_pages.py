"""A PDF as pages: its text layer with what is needed to judge it, and page images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from gpu_worker.ocr.ink import CONTRAST
from gpu_worker.ocr.page_text import Box
from gpu_worker.render.annotations import SILENT
from gpu_worker.render.errors import RenderError
from gpu_worker.render.facts import as_structure
from gpu_worker.render.layer import PdfLayer
from gpu_worker.render.own_words import draw_unsaid, read_layer
from gpu_worker.render.part import Part, Structure
from gpu_worker.render.pixels import (
    MOST_DECODED_PIXELS,
    MOST_LONG_SIDE,
    choose_scale,
    shrink_to_page,
    to_array,
    to_jpeg,
)
from gpu_worker.render.reader import Reader

MOST_OBJECTS = 5000
"""Objects looked at per page; a drawing with more is judged by its first ones."""
MOST_BELIEVED = 1000
"""Pages that a file may claim without being counted, which takes 0.2 ms a page."""
INVISIBLE = pdfium.FPDF_TEXTRENDERMODE_INVISIBLE


class PdfPages(Reader):
    """pdfium behind the requests that every reader answers."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            self._document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            locked = pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
            raise RenderError("password_protected" if locked else "corrupt_pdf") from error
        self.count = _count_pages(self._document, path)
        self._doubtful: dict[int, tuple[Box, ...]] = {}
        if self._document.get_formtype() in (pdfium.FORMTYPE_ACRO_FORM, pdfium.FORMTYPE_XFA_FOREGROUND):
            self._document.init_forms()  # so that the values of filled fields are drawn

    def structure(self) -> Structure | None:
        """Who made it and signed it by its own account, layers that are off, and a form that only Adobe shows."""
        from gpu_worker.render.pdf_facts import find_facts

        return as_structure(find_facts(self._path))

    def parts(self) -> Iterator[Part]:
        """The files attached to it or to its pages; a portfolio is nothing but these."""
        from gpu_worker.render.pdf_parts import find_parts  # 0.2 s that no page waits for

        return find_parts(self._path)

    def read_text(self, page: int, look: bool = True) -> PdfLayer:
        """The page's own words, and the facts that tell whether they can be trusted."""
        with _open(self._document, page) as pdf_page:
            layer = read_layer(pdf_page, look)
        self._doubtful[page] = layer.doubtful
        return layer

    def draw(self, page: int) -> tuple[np.ndarray, str | None]:
        """The page as an image: the scan's own pixels when the page is one scan, else drawn at about 200 dpi."""
        with _open(self._document, page) as pdf_page:
            _refuse_huge_images(pdf_page)
            scan = _take_scan(pdf_page)
            if scan is not None:
                return to_array(shrink_to_page(scan)), None
            scale = choose_scale(*pdf_page.get_size())
            drawn = _draw(pdf_page, scale, gray=True)
            if _is_even(drawn):
                drawn = _draw(pdf_page, scale, gray=False)
            return to_array(drawn), None

    def draw_unsaid(self, page: int, places: Sequence[Box]) -> np.ndarray:
        """These places (points) of the page without its own words; all else is white."""
        with _open(self._document, page) as pdf_page:
            _refuse_huge_images(pdf_page)
            return draw_unsaid(pdf_page, places, self._doubtful.get(page, ()))

    def draw_jpeg(self, page: int, pixels: int, rotation: int) -> bytes:
        """The page as a JPEG of at most `pixels` on its long side, turned `rotation`° clockwise."""
        with _open(self._document, page) as pdf_page:
            scale = pixels / max(pdf_page.get_size())
            return to_jpeg(_draw(pdf_page, scale, gray=False), pixels, rotation)


def _count_pages(document: pypdfium2.PdfDocument, path: str) -> int:
    """How many pages there are: a file of 325 bytes may claim a million, so that a high number is counted."""
    claimed = len(document)
    if claimed <= MOST_BELIEVED:
        return claimed
    from gpu_worker.render.pdf_facts import count_pages

    return min(claimed, count_pages(path) or claimed)


class _open:
    """A page, closed at the end: 2,000 open ones would fill the memory."""

    def __init__(self, document: pypdfium2.PdfDocument, page: int) -> None:
        self._page = document[page - 1]

    def __enter__(self) -> pypdfium2.PdfPage:
        return self._page

    def __exit__(self, *_: object) -> None:
        self._page.close()


def _refuse_huge_images(page: pypdfium2.PdfPage) -> None:
    """An image that pdfium finds too large it leaves out without a word, and the page would pass for blank."""
    for index, item in enumerate(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3)):
        width, height = item.get_px_size()
        if width * height > MOST_DECODED_PIXELS:
            raise RenderError("image_too_large")
        if index > MOST_OBJECTS:
            return


def _draw(page: pypdfium2.PdfPage, scale: float, gray: bool) -> Image.Image:
    image: Image.Image = page.render(scale=scale, grayscale=gray, rev_byteorder=True).to_pil()
    return image.convert("L" if gray else "RGB")


def _is_even(gray: Image.Image) -> bool:
    """Nothing stands out: the page is empty, or its colours are of one lightness and gray shows none of them."""
    levels = np.asarray(gray)
    return int(levels.max()) - int(levels.min()) <= CONTRAST


def _covered_area(item: pypdfium2.PdfObject, page: pypdfium2.PdfPage) -> float:
    left, bottom, right, top = item.get_bounds()
    page_left, page_bottom, page_right, page_top = page.get_bbox()
    width = min(right, page_right) - max(left, page_left)
    height = min(top, page_top) - max(bottom, page_bottom)
    return float(max(0.0, width) * max(0.0, height))


def _is_annotated(page: pypdfium2.PdfPage) -> bool:
    """Whether anything but links lies upon the page."""
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), MOST_OBJECTS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if annotation:
            subtype = pdfium.FPDFAnnot_GetSubtype(annotation)
            pdfium.FPDFPage_CloseAnnot(annotation)
            if subtype not in SILENT:
                return True
    return False


def _take_scan(page: pypdfium2.PdfPage) -> Image.Image | None:
    """The embedded image of a page that shows just that image, upright and whole; None where drawing is the safe way.

    Drawing a JPEG scan takes 46 ms, taking it 13.
    """
    if page.get_rotation() or _is_annotated(page):
        return None
    images = []
    for index, item in enumerate(page.get_objects(max_depth=1)):
        if index > MOST_OBJECTS or not _is_scan_part(item):
            return None
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            images.append(item)
    if len(images) != 1 or not _fills_page(images[0], page):
        return None
    width, height = images[0].get_px_size()
    if max(width, height) < MOST_LONG_SIDE / 4 or _has_mask(images[0]):
        return None
    pixels_per_point = (width / page.get_width(), height / page.get_height())
    if not 0.95 < pixels_per_point[0] / pixels_per_point[1] < 1.05:  # stretched pixels (fax): let it be drawn
        return None
    scan: Image.Image = images[0].get_bitmap(render=False).to_pil()
    return scan


def _is_scan_part(item: pypdfium2.PdfObject) -> bool:
    if item.type == pdfium.FPDF_PAGEOBJ_TEXT:
        return bool(pdfium.FPDFTextObj_GetTextRenderMode(item) == INVISIBLE)
    return bool(item.type == pdfium.FPDF_PAGEOBJ_IMAGE)


def _fills_page(image: pypdfium2.PdfObject, page: pypdfium2.PdfPage) -> bool:
    """Does the image lie upright over the page, and reach no further than 2 % beyond it?"""
    a, b, c, d, _, _ = image.get_matrix().get()
    if abs(b) > 0.5 or abs(c) > 0.5 or a <= 0 or d <= 0:
        return False
    area = page.get_width() * page.get_height()
    return bool(_covered_area(image, page) >= 0.97 * area and a * d <= 1.04 * area)


def _has_mask(image: pypdfium2.PdfObject) -> bool:
    """A mask changes what is shown; pdfium tells of one by drawing the image with transparency."""
    return bool(pdfium.FPDFPageObj_HasTransparency(image))
