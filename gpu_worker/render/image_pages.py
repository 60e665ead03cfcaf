"""An image file as pages: one for a photo, one per frame of a TIFF or HEIC."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from gpu_worker.pictures.claims import EDITABLE, find_clip, read_claims, read_live_mark
from gpu_worker.pictures.picture import FORMATS, count_pages, show
from gpu_worker.render.errors import RenderError
from gpu_worker.render.facts import LIVE_MARK, Fact, as_structure
from gpu_worker.render.part import ATTACHMENT, Part, Structure
from gpu_worker.render.pixels import MOST_DECODED_PIXELS, MOST_LONG_SIDE, shrink_to_page, to_array, to_jpeg
from gpu_worker.render.reader import Reader

Image.MAX_IMAGE_PIXELS = None  # our own limit follows below, after a JPEG had the chance to be decoded smaller
warnings.simplefilter("ignore")

TRUNCATED = "truncated_image: the file ends early; what could be decoded was read"


class ImagePages(Reader):
    """Pillow behind the three requests that every reader answers."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            with Image.open(path, formats=FORMATS) as image:
                self.count = count_pages(image)
                _check_size(image)
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
            raise RenderError("corrupt_image") from error

    def read_text(self, page: int, look: bool = True) -> None:
        """An image has no text layer."""
        return

    def structure(self) -> Structure | None:
        """When, where and with what it was taken by its own account, and pictures in it that are no pages."""
        with Image.open(self._path, formats=FORMATS) as image:
            facts = [Fact(name, value, warning=EDITABLE) for name, value in read_claims(image)]
            if mark := read_live_mark(image.info.get("exif") or b""):
                facts.append(Fact(LIVE_MARK, mark, warning=EDITABLE))
            inside = int(getattr(image, "n_frames", 1))
            if inside > self.count:
                facts.append(Fact("Pictures in the file", f"{inside}; the first is the page", claim=False))
        return as_structure(facts)

    def parts(self) -> Iterator[Part]:
        """The clip of a live photo, where the phone put it behind the picture."""
        content = Path(self._path).read_bytes()
        if (at := find_clip(content)) is not None:
            yield Part(ATTACHMENT, "clip.mp4", lambda: [content[at:]])

    def draw(self, page: int) -> tuple[np.ndarray, str | None]:
        """The page upright, and a note if the file ended before the image did."""
        image, note = self._load(page, MOST_LONG_SIDE)
        return to_array(shrink_to_page(image)), note

    def draw_jpeg(self, page: int, pixels: int, rotation: int) -> bytes:
        """The page as a JPEG of at most `pixels` on its long side, turned `rotation`° clockwise."""
        return to_jpeg(self._load(page, pixels)[0], pixels, rotation)

    def _load(self, page: int, least_pixels: int) -> tuple[Image.Image, str | None]:
        try:
            return self._decode(page, least_pixels), None
        except (OSError, SyntaxError, ValueError):
            pass
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            image = self._decode(page, least_pixels)
        except (OSError, SyntaxError, ValueError) as error:
            raise RenderError("corrupt_image") from error
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False
        if _is_flat(image):
            raise RenderError("corrupt_image")
        return image, TRUNCATED

    def _decode(self, page: int, least_pixels: int) -> Image.Image:
        with Image.open(self._path, formats=FORMATS) as image:
            if self.count > 1:
                image.seek(page - 1)
            image.draft(None, (least_pixels, least_pixels))  # a JPEG decodes at 1/2, 1/4 or 1/8 while large enough
            _check_size(image)
            return show(image).with_square_pixels()


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if image.format in ("JPEG", "MPO"):  # `draft` brings it to an eighth of each side
        width, height = width // 8, height // 8
    if width * height > MOST_DECODED_PIXELS:
        raise RenderError("image_too_large")


def _is_flat(image: Image.Image) -> bool:
    """Nothing was decoded: what a truncated file lacks is filled with one gray."""
    low, high = image.convert("L").getextrema()
    return low == high
