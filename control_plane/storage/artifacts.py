"""The files that a machine may leave for a document: which, of what type, and how large; and its parts. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from control_plane.errors import ArtifactTooLarge, BadRequest

MEBIBYTE = 1024**2
# Far above what an honest machine makes of the largest upload (2 GiB); a single put takes 5 GiB.
MOST_BYTES = {
    "ocr.txt": 256 * MEBIBYTE,
    "metadata.json": 2048 * MEBIBYTE,
    "thumbnail.jpg": 4 * MEBIBYTE,
    "analysis.json": 16 * MEBIBYTE,
    "searchable.pdf": 4096 * MEBIBYTE,
    "mail.json": 64 * MEBIBYTE,
    "conversation.json": 64 * MEBIBYTE,
    "tables.json": 64 * MEBIBYTE,
    "facts.json": 16 * MEBIBYTE,
    "tables.xlsx": 256 * MEBIBYTE,
}
MOST_PART_BYTES = 2048 * MEBIBYTE
PART_NAME = re.compile(r"part-\d{6}")
"""A file that was found inside the document, by its position."""
MOST_PICTURE_BYTES = 8 * MEBIBYTE
PICTURE_NAME = re.compile(r"page-\d{4,6}\.jpg")
"""A page as Claude is shown it."""
MOST_TABLE_BYTES = 64 * MEBIBYTE
TABLE_NAME = re.compile(r"table-\d{4}\.csv")
"""A table of the document."""
CONTENT_TYPES = {
    "ocr.txt": "text/plain; charset=utf-8",
    "metadata.json": "application/json",
    "thumbnail.jpg": "image/jpeg",
    "analysis.json": "application/json",
    "searchable.pdf": "application/pdf",
    "mail.json": "application/json",
    "conversation.json": "application/json",
    "tables.json": "application/json",
    "facts.json": "application/json",
    "tables.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Artifact:
    """An artifact as its machine declares it before it is stored; `md5` in base64, as Content-MD5 has it."""

    name: str
    bytes: int
    md5: str

    @property
    def content_type(self) -> str:
        """What browsers take it for: said by us, never by the machine."""
        if PICTURE_NAME.fullmatch(self.name):
            return "image/jpeg"
        if TABLE_NAME.fullmatch(self.name):
            return "text/csv; charset=utf-8"
        return CONTENT_TYPES.get(self.name, "application/octet-stream")


def check_artifacts(artifacts: Sequence[Artifact]) -> None:
    """Artifacts as a request declares them.

    Raises BadRequest (`bad_argument`), ArtifactTooLarge (`artifact_too_large`).
    """
    for each in artifacts:
        _check_artifact(each)
    if len({each.name for each in artifacts}) < len(artifacts):
        raise BadRequest("Name each artifact once.", "bad_argument")


def _check_artifact(artifact: Artifact) -> None:
    most = _most_bytes(artifact.name)
    if most is None:
        raise BadRequest(f"An artifact is one of {', '.join(MOST_BYTES)}.", "bad_argument")
    if artifact.bytes < 0 or not _is_md5(artifact.md5):
        raise BadRequest(f"{artifact.name} needs its size in bytes and its MD5 in base64.", "bad_argument")
    if artifact.bytes > most:
        raise ArtifactTooLarge(f"{artifact.name} may have at most {most // MEBIBYTE} MiB.")


def _most_bytes(name: str) -> int | None:
    """What an artifact of this name may have; None when there is no such artifact."""
    if PART_NAME.fullmatch(name):
        return MOST_PART_BYTES
    if TABLE_NAME.fullmatch(name):
        return MOST_TABLE_BYTES
    return MOST_PICTURE_BYTES if PICTURE_NAME.fullmatch(name) else MOST_BYTES.get(name)


def _is_md5(value: str) -> bool:
    try:
        return len(value) == 24 and len(base64.b64decode(value, validate=True)) == 16
    except ValueError:
        return False
