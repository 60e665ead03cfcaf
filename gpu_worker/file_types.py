"""What a file is, by its content; its name is never asked (pure)."""

from __future__ import annotations

from enum import StrEnum

HEAD_BYTES = 4096


class FileKind(StrEnum):
    """Which reader opens it."""

    PDF = "pdf"
    IMAGE = "image"
    TEXT = "text"


_IMAGE_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
)
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
"""Bytes of the header behind BMP's first 14: "BM" alone also starts a letter about a BMW."""
_TEXT_CONTROLS = frozenset("\a\b\t\n\f\r\x1b")
_BYTE_ORDERS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_PROGRAMS = (b"{\\rtf", b"%!PS", b"\x1b%-12345X")
"""Readable bytes, but what a word processor or a printer runs, not what a person wrote."""


def detect_mime_type(head: bytes) -> str | None:
    """The mime type that the first `HEAD_BYTES` bytes show, or None if no reader can open it.

    `control_plane.intake.file_types` answers the same of any bytes: `tests/file_type_cases.py` holds both to it.
    """
    if b"%PDF-" in head[:1024]:  # readers accept leading junk, and mail gateways add it
        return "application/pdf"
    for signature, mime_type in _IMAGE_SIGNATURES:
        if head.startswith(signature):
            return mime_type
    if head.startswith(b"BM") and len(head) >= 26 and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "image/bmp"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return "image/heic"
    return "text/plain" if _looks_like_text(head) else None


def choose_kind(mime_type: str) -> FileKind:
    """The reader for a mime type that `detect_mime_type` gave."""
    if mime_type == "application/pdf":
        return FileKind.PDF
    return FileKind.TEXT if mime_type == "text/plain" else FileKind.IMAGE


def _looks_like_text(head: bytes) -> bool:
    if encoding := _BYTE_ORDERS.get(head[:2]):
        return _is_written(head[2:].decode(encoding, errors="replace"))
    written = head.removeprefix(b"\xef\xbb\xbf")
    return head != b"" and not written.startswith(_PROGRAMS) and _is_written(written.decode("latin-1"))


def _is_written(text: str) -> bool:
    return not any((letter < " " and letter not in _TEXT_CONTROLS) or letter in "\ufffe\uffff" for letter in text)
