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
_TEXT_BYTES = frozenset(range(32, 256)) | {7, 8, 9, 10, 12, 13, 27}
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def detect_mime_type(head: bytes) -> str | None:
    """The mime type that the first `HEAD_BYTES` bytes show, or None if no reader can open it."""
    if b"%PDF-" in head[:1024]:  # readers accept leading junk, and mail gateways add it
        return "application/pdf"
    for signature, mime_type in _IMAGE_SIGNATURES:
        if head.startswith(signature):
            return mime_type
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":  # "BM" alone also starts a letter about a BMW
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
    if head.startswith(_BYTE_ORDER_MARKS):
        return True
    return bool(head) and all(byte in _TEXT_BYTES for byte in head)
