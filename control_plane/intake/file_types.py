"""What a file is by its first bytes, and how its name is made safe to show. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

HEAD_BYTES = 4096
LONGEST_NAME = 200

HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
TEXT_CONTROLS = frozenset({7, 8, 9, 10, 12, 13, 27})
"""Bell to escape, as old printers knew them; any other below 32 means "not text"."""
BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}
"""Bytes of the header behind BMP's first 14: "BM" alone also starts a letter about a BMW."""


@dataclass(frozen=True)
class FileType:
    """A type that workers can read."""

    mime_type: str
    extension: str


PDF = FileType("application/pdf", "pdf")
JPEG = FileType("image/jpeg", "jpg")
PNG = FileType("image/png", "png")
WEBP = FileType("image/webp", "webp")
GIF = FileType("image/gif", "gif")
BMP = FileType("image/bmp", "bmp")
TIFF = FileType("image/tiff", "tif")
HEIC = FileType("image/heic", "heic")
TEXT = FileType("text/plain", "txt")
FILE_TYPES = (PDF, JPEG, PNG, WEBP, GIF, BMP, TIFF, HEIC, TEXT)

PREFIXES = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00", TIFF),
    (b"MM\x00+", TIFF),
)
UTF16 = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
NOT_PLAIN_TEXT = (b"{\\rtf", b"%!PS", b"\x1b%-12345X")  # readable bytes, but a program's (a printer's), not a person's


def detect_type(head: bytes) -> FileType | None:
    """The type of a file by its first HEAD_BYTES bytes, whatever its name says; None if no worker can read it.

    `gpu_worker.file_types` answers the same of any bytes: `tests/file_type_cases.py` holds both to it.
    """
    if b"%PDF-" in head[:1024]:  # readers accept up to 1,024 bytes of junk before the header
        return PDF
    for prefix, file_type in PREFIXES:
        if head.startswith(prefix):
            return file_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[:2] == b"BM" and len(head) >= 26 and int.from_bytes(head[14:18], "little") in BMP_HEADERS:
        return BMP
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return HEIC
    return TEXT if _is_text(head) else None


def _is_text(head: bytes) -> bool:
    for mark, encoding in UTF16:
        if head.startswith(mark):
            return _are_letters(head[2:].decode(encoding, "replace"))
    own = head.removeprefix(b"\xef\xbb\xbf")
    return bool(head) and not own.startswith(NOT_PLAIN_TEXT) and _are_letters(own.decode("latin-1"))


def _are_letters(text: str) -> bool:
    return all((c >= " " or ord(c) in TEXT_CONTROLS) and c not in "\ufffe\uffff" for c in text)


def clean_filename(name: str | None) -> str:
    """A name safe to show: no path, no control or direction-changing characters, at most 200 characters, emoji kept."""
    name = unicodedata.normalize("NFC", name or "")
    name = re.split(r"[/\\]", name)[-1]
    # Cf has the bidi overrides that make "exe.pdf" out of "fdp.exe"; U+200D joins emoji and stays.
    name = "".join(c for c in name if c == "\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    name = name.strip().lstrip(".").strip()
    if len(name) > LONGEST_NAME:
        stem, dot, extension = name.rpartition(".")
        keep = f".{extension}" if dot and len(extension) <= 10 else ""
        name = (stem if keep else name)[: LONGEST_NAME - len(keep)] + keep
    return name or "unnamed"
