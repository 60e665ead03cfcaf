"""What a picture says of itself: when, where and with what it was taken, and what else lies in its file (pure)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from PIL import ExifTags, Image

EDITABLE = "Whoever has the file can change this; messengers take it out; the camera's clock may have been wrong."
EXIF, GPS = 0x8769, 0x8825
LONGEST = 200
APPLE_NOTES, CONTENT_IDENTIFIER, ASCII = b"Apple iOS\0\0\1MM", 17, 2
LONGEST_NOTES = 65536
TAIL_BYTES = 64 * 1024**2
"""A clip of three seconds has 2 to 8 MB."""


def read_claims(image: Image.Image) -> Iterator[tuple[str, str]]:
    """Name and value of each: time with its zone, place, camera, program, description."""
    about = image.getexif()
    more = _part(about, EXIF)
    taken = _text(more.get(ExifTags.Base.DateTimeOriginal))
    if taken:
        zone = _text(more.get(ExifTags.Base.OffsetTimeOriginal))
        yield "Taken", " ".join(filter(None, [taken.replace(":", "-", 2), zone]))
    changed = _text(about.get(ExifTags.Base.DateTime))
    if changed and changed != taken:
        yield "Saved", changed.replace(":", "-", 2)
    if place := _place(_part(about, GPS)):
        yield "Place", place
    camera = " ".join(filter(None, map(_text, (about.get(ExifTags.Base.Make), about.get(ExifTags.Base.Model)))))
    for name, value in (("Camera", camera), ("Program", _text(about.get(ExifTags.Base.Software))),
                        ("Described as", _text(about.get(ExifTags.Base.ImageDescription)))):  # fmt: skip
        if value:
            yield name, value


def read_live_mark(exif: bytes) -> str | None:
    """What an iPhone writes into its own notes (MakerNote) of a picture, and into the clip of the same moment."""
    at = exif.find(APPLE_NOTES)
    notes = exif[at : at + LONGEST_NOTES]
    if at < 0 or len(notes) < 16:
        return None
    end = min(16 + 12 * int.from_bytes(notes[14:16]), len(notes) - 11)
    for place in range(16, end, 12):
        tag, kind, length, value = struct.unpack_from(">HHII", notes, place)
        if (tag, kind) == (CONTENT_IDENTIFIER, ASCII):
            return _text(notes[value : value + min(length, LONGEST)].rstrip(b"\0")) or None
    return None


def find_clip(content: bytes) -> int | None:
    """Where in a photo's bytes its clip begins (a live photo of Google's or Samsung's phones); None without one."""
    if content[:2] != b"\xff\xd8":
        return None
    at = content.rfind(b"ftyp", max(0, len(content) - TAIL_BYTES)) - 4
    is_box = at > 0 and 8 <= int.from_bytes(content[at : at + 4]) <= 256
    named = b"MotionPhoto" in content[:262144] or b"MicroVideo" in content[:262144]
    return at if is_box and named else None


def _part(about: Image.Exif, tag: int) -> dict[int, Any]:
    try:
        return dict(about.get_ifd(tag))
    except (KeyError, ValueError, TypeError, OSError, SyntaxError):
        return {}


def _place(gps: dict[int, Any]) -> str:
    """Degrees north and east, to about a metre."""
    try:
        north, east = (_degrees(gps[number]) for number in (2, 4))
        north, east = (north if gps.get(1, "N") != "S" else -north), (east if gps.get(3, "E") != "W" else -east)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError):
        return ""
    return f"{north:.5f}, {east:.5f}" if -90 <= north <= 90 and -180 <= east <= 180 else ""


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600


def _text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:LONGEST]
