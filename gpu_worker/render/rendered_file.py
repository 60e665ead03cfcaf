"""A document as its child shows it. What a child answers is checked: the document may have taken it over (wire)."""

from __future__ import annotations

import contextlib
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Protocol

import numpy as np

from gpu_worker.ocr.page_text import Box
from gpu_worker.render.child import SEARCHABLE, SPOOL
from gpu_worker.render.children import RenderChild
from gpu_worker.render.errors import RenderError
from gpu_worker.render.layer import Layer, from_message
from gpu_worker.render.part import STRUCTURES, FoundPart
from gpu_worker.render.unpacking import name_of
from gpu_worker.render.wire import Message

GetPasswords = Callable[[], Sequence[str]]
MOST_STRIPS = 1000


class Children(Protocol):
    """Where children come from."""

    def take(self, path: Path, reader: str) -> RenderChild:
        """A child that may read this document and nothing else, for the calling thread alone."""

    def give_back(self, child: RenderChild) -> None:
        """End it."""


@dataclass(frozen=True)
class DrawnStrip:
    """A part of a page's image as high as `image`, from row `top` of `page_height`; `note` if not all of the page could
    be decoded. Ordinary pages are one strip."""

    image: np.ndarray
    note: str | None
    top: int
    page_height: int

    @property
    def is_last(self) -> bool:
        return self.top + len(self.image) >= self.page_height


class RenderedFile:
    """A file as a child shows it. After a page killed its child, the next page is asked of a fresh one."""

    MOST_KILLS = 3
    """A document may kill this many children before it is given up: 2,000 hanging pages must not cost a day."""

    def __init__(self, pool: Children, path: Path, reader: str, get_passwords: GetPasswords = tuple) -> None:
        self._pool = pool
        self._path = path
        self._reader = reader
        self._get_passwords = get_passwords
        self._passwords: Sequence[str] = ()
        self._child: RenderChild | None = None
        self._kills = 0
        self._last_kill = "render_crashed"
        self.pages = 0
        self.seconds = 0.0
        """What its children have taken so far, by the clock."""
        self.label: str | None = None
        self.kind: str | None = None
        """What the file is, where only its opening told."""
        self.rotations: dict[int, int] = {}
        """How far clockwise (degrees) pages that lie on their side or upside down must be turned."""

    def open(self) -> RenderChild:
        """Open the file in a child; `pages` is known afterwards."""
        self._child = child = self._pool.take(self._path, self._reader)
        header = self._open_in(child)
        with self._checked():
            self.pages, self.kind, self.label = int(header["pages"]), header["kind"], header["label"]
        return child

    def _open_in(self, child: RenderChild) -> Message:
        """Open it, with passwords where it is locked and there are any."""
        try:
            header = self._ask_to_open(child)
        except RenderError as error:
            if error.code != "password_protected" or not self._learn_passwords():
                raise
            return self._ask_to_open(child)
        return self._ask_to_open(child) if header["locked"] and self._learn_passwords() else header

    def _learn_passwords(self) -> bool:
        """Whether there are passwords that have not been tried."""
        if self._passwords:
            return False
        self._passwords = self._get_passwords()
        return bool(self._passwords)

    def _ask_to_open(self, child: RenderChild) -> Message:
        path = str(self._path.resolve())
        return child.ask("open", path=path, reader=self._reader, passwords=list(self._passwords))[0]

    def read_text(self, page: int, look: bool = True) -> Layer | None:
        """A page's own text (first is 1) with the facts to judge it, or None where the kind of file has none.

        `look`: the page is drawn too, to know which of its words are seen.
        """
        header, _ = self._ask("text", page=page, look=look)
        with self._checked():
            return from_message(header["layer"])

    def draw_unsaid(self, page: int, places: Sequence[Box]) -> np.ndarray:
        """These places (points) of a page without its own words (uint8, H×W×3), cut to what holds them all."""
        header, body = self._ask("unsaid", page=page, places=places)
        with self._checked():
            return _as_image(header, body)

    def decode(self, start: float, seconds: float) -> np.ndarray:
        """A recording's sound (float32 from -1 to 1, 16,000 a second, one channel); empty at its end."""
        _, body = self._ask("sound", start=start, seconds=seconds)
        with self._checked():
            return np.frombuffer(body, dtype=np.float32)

    def draw(self, page: int) -> tuple[np.ndarray, str | None]:
        """The page image (uint8, H×W gray or H×W×3 RGB) and a note if not all of it could be decoded; of a long picture
        the first strip."""
        strip = next(self.draw_strips(page))
        return strip.image, strip.note

    def draw_strips(self, page: int) -> Iterator[DrawnStrip]:
        """The page image in one piece, or a long picture's overlapping strips from the top, each drawn as it is
        taken."""
        for number in count():
            header, body = self._ask("image", page=page, strip=number)
            with self._checked():
                strip = DrawnStrip(_as_image(header, body), header["note"], int(header["top"]), int(header["height"]))
                _require(number < MOST_STRIPS)
            yield strip
            if strip.is_last:
                return

    def draw_jpeg(self, page: int, pixels: int) -> bytes:
        """A page as a JPEG of at most `pixels` on its long side, upright as `rotations` has it."""
        return bytes(self._ask("jpeg", page=page, pixels=pixels, rotation=self.rotations.get(page, 0))[1])

    def read_structure(self) -> tuple[str, bytes] | None:
        """The name and the JSON of the file's structure, where it has one."""
        header, body = self._ask("structure")
        with self._checked():
            _require(header.get("name", STRUCTURES[0]) in STRUCTURES)
        return (header["name"], bytes(body)) if "name" in header else None

    def take_parts(self, after: int, folder: Path) -> tuple[list[FoundPart], bool]:
        """The next files inside, behind position `after`, written into `folder`; and whether these were the last."""
        header, _ = self._ask("parts", after=after)
        with self._checked():
            found = []
            for position, row in enumerate(header["parts"], after + 1):
                _require(row["position"] == position)
                path = None if row["code"] else self._take_out(name_of(position), folder / name_of(position))
                found.append(FoundPart(**row, path=path))
            return found, bool(header["is_last"])

    def make_searchable(self, mime_type: str, spool: Path, destination: Path) -> None:
        """Write the file as a PDF with the spooled pages' text over it. Raises `RenderError` if that fails."""
        child = self._living_child()
        shutil.copyfile(spool, child.folder / SPOOL)
        self._ask("searchable", mime_type=mime_type)
        with self._checked():
            self._take_out(SEARCHABLE, destination)

    def close(self) -> None:
        """Give the child back."""
        if self._child is not None:
            self._pool.give_back(self._child)
            self._child = None

    def _ask(self, ask: str, **details: object) -> tuple[Message, bytearray]:
        if self._kills >= self.MOST_KILLS:
            raise RenderError(self._last_kill)
        child, started = self._living_child(), time.monotonic()
        try:
            return child.ask(ask, **details)
        except RenderError as error:
            if not child.is_alive:
                self._kills += 1
                self._last_kill = error.code
            raise
        finally:
            self.seconds += time.monotonic() - started

    def _living_child(self) -> RenderChild:
        if self._child is not None and self._child.is_alive:
            return self._child
        self.close()
        return self.open()

    def _take_out(self, name: str, destination: Path) -> Path:
        """Move a file out of the child's folder; looked at where the child cannot change its entry any more, so that a
        link to what is not the child's never leaves as if it were."""
        assert self._child is not None
        (self._child.folder / name).rename(destination)
        about = destination.lstat()
        if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1:
            destination.unlink()
            raise ValueError("a child leaves only plain files of its own")
        return destination

    @contextlib.contextmanager
    def _checked(self) -> Iterator[None]:
        """What no honest child answers costs it its life, and the document the page. Raises `RenderError`."""
        try:
            yield
        except (ValueError, TypeError, KeyError, AttributeError, OSError) as error:
            if self._child is not None:
                self._child.stop()
            self._kills, self._last_kill = self._kills + 1, "render_crashed"
            raise RenderError("render_crashed") from error


def _as_image(header: Message, body: bytearray) -> np.ndarray:
    image = np.frombuffer(body, dtype=np.uint8).reshape(header["shape"])
    _require(image.size > 0 and image.ndim in (2, 3) and image.shape[2:] in ((), (3,)))
    return image


def _require(is_honest: bool) -> None:
    if not is_honest:
        raise ValueError("no honest child answers this")
