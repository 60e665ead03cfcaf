"""A ZIP of XML (Word, Excel, PowerPoint, OpenDocument, EPUB), opened so that no bomb and no entity does harm (wire)."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from gpu_worker.render.errors import RenderError
from gpu_worker.render.part import INLINE, Part

MOST_MEMBERS = 20_000
MOST_XML_BYTES = 64 * 1024**2
"""Of one member: the body of 5,000 pages has 40 MB."""
MOST_PICTURE_BYTES = 256 * 1024**2
CHUNK = 1024**2
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic")


class Package:
    """The members of the file; what is damaged raises `RenderError` (`corrupt_office`)."""

    def __init__(self, path: str) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise RenderError("corrupt_office") from error
        self.names = self._zip.namelist()
        if len(self.names) > MOST_MEMBERS:
            raise RenderError("corrupt_office")
        self._known = set(self.names)

    def has(self, name: str) -> bool:
        """Whether there is a member of this name."""
        return name in self._known

    def read(self, name: str, most: int = MOST_XML_BYTES) -> bytes:
        """A member's bytes; none if there is no such member."""
        if name not in self._known:
            return b""
        content = bytearray()
        for chunk in self._chunks(name):
            content += chunk
            if len(content) > most:
                raise RenderError("corrupt_office")
        return bytes(content)

    def xml(self, name: str) -> Element | None:
        """A member as XML without entities; None if there is no such member."""
        content = self.read(name)
        if not content:
            return None
        if b"<!DOCTYPE" in content:  # entities are declared there, and no Office program writes any
            raise RenderError("corrupt_office")
        try:
            return ElementTree.fromstring(content)
        except ElementTree.ParseError as error:
            raise RenderError("corrupt_office") from error

    def links(self, name: str) -> dict[str, Link]:
        """The relationships of a member, by id, with the names of the members that they lead to."""
        folder, base = posixpath.split(name)
        found = self.xml(f"{folder}/_rels/{base}.rels" if folder else f"_rels/{base}.rels")
        if found is None:
            return {}
        return {
            each.get("Id", ""): Link(
                each.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/"),
            )
            for each in found
            if each.get("TargetMode") != "External"
        }

    def pictures(self) -> Iterator[Part]:
        """The pictures inside, which are documents of their own."""
        for name in self.names:
            if name.lower().endswith(PICTURES) and "thumbnail" not in name.lower():
                yield Part(INLINE, posixpath.basename(name), lambda name=name: self._picture(name))  # type: ignore[misc]

    def _picture(self, name: str) -> Iterator[bytes]:
        written = 0
        for chunk in self._chunks(name):
            written += len(chunk)
            if written > MOST_PICTURE_BYTES:
                raise RenderError("part_too_large")
            yield chunk

    def _chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as member:
                while chunk := member.read(CHUNK):
                    yield chunk
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
            raise RenderError("corrupt_office") from error


@dataclass(frozen=True)
class Link:
    """Where a member leads: the last word of the relationship's type, and the other member's name."""

    kind: str
    target: str


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def attribute(element: Element, name: str) -> str:
    """An attribute by its name without namespace, empty if absent."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
