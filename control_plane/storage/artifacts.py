"""The files that a machine may leave for a document: which, of what type, and how large. Pure."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from control_plane.errors import ArtifactTooLarge, BadRequest

MEBIBYTE = 1024**2
# Far above what an honest machine makes of the largest upload (2 GiB); a single put takes 5 GiB.
MOST_BYTES = {
    "ocr.txt": 256 * MEBIBYTE,
    "metadata.json": 2048 * MEBIBYTE,
    "thumbnail.jpg": 4 * MEBIBYTE,
    "analysis.json": 16 * MEBIBYTE,
    "searchable.pdf": 4096 * MEBIBYTE,
}
CONTENT_TYPES = {
    "ocr.txt": "text/plain; charset=utf-8",
    "metadata.json": "application/json",
    "thumbnail.jpg": "image/jpeg",
    "analysis.json": "application/json",
    "searchable.pdf": "application/pdf",
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
        return CONTENT_TYPES[self.name]


def check_artifacts(declared: Any) -> list[Artifact]:
    """Artifacts as a request declares them.

    Raises BadRequest (`bad_argument`), ArtifactTooLarge (`artifact_too_large`).
    """
    if not isinstance(declared, list):
        raise BadRequest("put must be a list of artifacts: name, bytes, md5.", "bad_argument")
    artifacts = [_check_artifact(each) for each in declared]
    if len({each.name for each in artifacts}) < len(artifacts):
        raise BadRequest("Name each artifact once.", "bad_argument")
    return artifacts


def _check_artifact(declared: Any) -> Artifact:
    row = declared if isinstance(declared, dict) else {}
    name, count, md5 = row.get("name"), row.get("bytes"), row.get("md5")
    if not isinstance(name, str) or name not in MOST_BYTES:
        raise BadRequest(f"An artifact is one of {', '.join(MOST_BYTES)}.", "bad_argument")
    if isinstance(count, bool) or not isinstance(count, int) or count < 0 or not _is_md5(md5):
        raise BadRequest(f"{name} needs its size in bytes and its MD5 in base64.", "bad_argument")
    if count > MOST_BYTES[name]:
        raise ArtifactTooLarge(f"{name} may have at most {MOST_BYTES[name] // MEBIBYTE} MiB.")
    return Artifact(name, count, md5)


def _is_md5(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 24 and len(base64.b64decode(value, validate=True)) == 16
    except ValueError:
        return False
