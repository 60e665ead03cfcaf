"""A binder: a ZIP of our own that holds originals as they came, whose chosen pages are read as one document."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pikepdf
from pydantic import BaseModel, Field, ValidationError

from gpu_worker.ocr.page_text import Box
from gpu_worker.render.archives.zip_file import open_zip
from gpu_worker.render.errors import RenderError
from gpu_worker.render.layer import Layer
from gpu_worker.render.part import MEMBER, Part
from gpu_worker.render.reader import Reader
from gpu_worker.render.readers import READERS
from gpu_worker.searchable.searchable_pdf import picture_as_pdf
from inspector import kinds
from inspector.heads import HEAD_BYTES, inspect

MANIFEST = "binder.json"
BOUND = (kinds.PDF, kinds.JPEG, kinds.PNG, kinds.WEBP, kinds.GIF, kinds.BMP, kinds.TIFF, kinds.HEIC, kinds.AVIF)
"""What the control plane puts into binders: scans and pictures."""
CHUNK_BYTES = 1024 * 1024


class _Entry(BaseModel):
    file: str
    name: str
    pages: list[int] | None


class _Manifest(BaseModel):
    members: list[_Entry] = Field(min_length=1, max_length=500)


@dataclass(frozen=True)
class _Member:
    """An original taken out of the binder, and which of its pages are in the binder, in their order."""

    name: str
    path: Path
    reader: Reader
    pages: Sequence[int]


class BinderPages(Reader):
    """Several readers behind one: the binder's pages are its members' pages in their order."""

    def __init__(self, path: str) -> None:
        with closing(open_zip(path)) as archive:
            self._members = [_open(archive, entry, Path(path)) for entry in _read_manifest(archive)]
        self._places = [(member, page) for member in self._members for page in member.pages]
        self.count = len(self._places)

    def read_text(self, page: int, look: bool = True) -> Layer | None:
        """The page's own text, as its member has it."""
        member, own = self._places[page - 1]
        return member.reader.read_text(own, look)

    def draw_unsaid(self, page: int, places: Sequence[Box]) -> np.ndarray:
        """These places of the page without its own words."""
        member, own = self._places[page - 1]
        return member.reader.draw_unsaid(own, places)

    def draw(self, page: int) -> tuple[np.ndarray, str | None]:
        """The page as an image, as its member is drawn."""
        member, own = self._places[page - 1]
        return member.reader.draw(own)

    def draw_jpeg(self, page: int, pixels: int, rotation: int) -> bytes:
        """The page as a JPEG."""
        member, own = self._places[page - 1]
        return member.reader.draw_jpeg(own, pixels, rotation)

    def parts(self) -> Iterator[Part]:
        """The members, each an original that is known already: linked by its bytes, never read twice."""
        for member in self._members:
            yield Part(MEMBER, member.name, partial(_read, member.path))


def join_as_pdf(path: Path) -> Path:
    """The binder's pages as one PDF, pictures with their own bytes; it lies in the child's folder."""
    joined = Path(f"{path.name}-joined.pdf")
    with closing(open_zip(str(path))) as archive, pikepdf.new() as pdf:
        for entry in _read_manifest(archive):
            copy, kind = _copy_out(archive, entry, path)
            with pikepdf.open(copy) if kind is kinds.PDF else picture_as_pdf(copy) as source:
                chosen = entry.pages or range(1, len(source.pages) + 1)
                pdf.pages.extend([source.pages[page - 1] for page in chosen])
        pdf.save(joined)
    return joined


def _read_manifest(archive: zipfile.ZipFile) -> list[_Entry]:
    try:
        return _Manifest.model_validate_json(archive.read(MANIFEST)).members
    except (KeyError, ValidationError, zipfile.BadZipFile, OSError, EOFError) as error:
        raise RenderError("corrupt_archive") from error


def _open(archive: zipfile.ZipFile, entry: _Entry, binder: Path) -> _Member:
    copy, kind = _copy_out(archive, entry, binder)
    reader = READERS[kind.reader](str(copy))
    pages = entry.pages or list(range(1, reader.count + 1))
    if not all(1 <= page <= reader.count for page in pages):
        raise RenderError("corrupt_archive")
    return _Member(entry.name, copy, reader, pages)


def _copy_out(archive: zipfile.ZipFile, entry: _Entry, binder: Path) -> tuple[Path, kinds.Kind]:
    """A member as a file in the child's folder. Ours are stored, never compressed: they cannot grow."""
    try:
        info = archive.getinfo(entry.file)
        if info.compress_type != zipfile.ZIP_STORED or info.file_size > binder.stat().st_size:
            raise RenderError("corrupt_archive")
        copy = Path(f"{binder.name}-{info.header_offset}")
        with archive.open(info) as source, copy.open("wb") as destination:
            shutil.copyfileobj(source, destination, CHUNK_BYTES)
    except (KeyError, zipfile.BadZipFile, OSError, EOFError) as error:
        raise RenderError("corrupt_archive") from error
    with copy.open("rb") as opened:
        kind = inspect(opened.read(HEAD_BYTES))
    if kind not in BOUND:
        raise RenderError("corrupt_archive")
    return copy, kind


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
