"""What a machine stored, read back and hashed by us before anything of it is believed (story)."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from control_plane.errors import BadRequest, NotFound
from control_plane.intake.store import Digest, digest_of
from control_plane.storage.bucket import Storage
from control_plane.workers.parts import SentPart
from control_plane.workers.result import MOST_TEXT_CHARACTERS, SentFile
from inspector.heads import HEAD_BYTES, inspect
from inspector.kinds import TAKEN

TEXT_NAME = "ocr.txt"
MOST_TEXT_BYTES = 4 * MOST_TEXT_CHARACTERS
READERS = 8  # at once for one document, of the storage's 32 connections


@dataclass
class _Kept:
    """Chunks on their way to the hash, the first bytes of which are kept."""

    most: int
    head: bytearray = field(default_factory=bytearray)

    def pass_on(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.head += chunk[: self.most - len(self.head)]
            yield chunk


@dataclass(frozen=True)
class Stored:
    """An object's size and hashes, and its first bytes."""

    digest: Digest
    head: bytes


def measure_files(
    storage: Storage, prefix: str, declared: Mapping[str, SentFile]
) -> tuple[dict[str, dict[str, Any]], str]:
    """The files under their names, as `complete_job` takes them, and the text of `ocr.txt`.

    Raises BadRequest: `artifact_missing`, or `artifact_differs` where the store has other bytes than were declared.
    """
    read = _all_at_once(lambda name: _read(storage, prefix + name, MOST_TEXT_BYTES * (name == TEXT_NAME)), declared)
    files = {}
    for name, said in declared.items():
        digest = read[name].digest
        if (digest.bytes, digest.sha256) != (said.bytes, said.sha256):
            raise BadRequest(f"The store has other bytes of {name} than were declared.", "artifact_differs")
        files[name] = {"key": prefix + name, "bytes": digest.bytes, "sha256": digest.sha256}
    return files, _decode(read[TEXT_NAME]) if TEXT_NAME in read else ""


def measure_parts(storage: Storage, prefix: str, parts: Iterable[SentPart]) -> list[dict[str, Any]]:
    """The parts as `add_parts` takes them: what each is, its size and its hashes say we.

    Raises BadRequest (`artifact_missing`).
    """
    sent = {each.object_name: each for each in parts}
    taken = [name for name, each in sent.items() if each.code is None]
    read = _all_at_once(lambda name: _read(storage, prefix + name, HEAD_BYTES), taken)
    return [each.model_dump() | _describe(prefix + name, read.get(name)) for name, each in sent.items()]


def _describe(key: str, stored: Stored | None) -> dict[str, Any]:
    if stored is None:
        return {}
    kind = inspect(stored.head) if stored.head else None
    about = vars(stored.digest) | {"key": key, "mime_type": kind.mime_type if kind else None}
    return about if kind in TAKEN else about | {"code": "unsupported_type" if stored.head else "empty_file"}


def _read(storage: Storage, key: str, kept_bytes: int) -> Stored:
    kept = _Kept(kept_bytes)
    try:
        digest = digest_of(kept.pass_on(storage.read_chunks(key)))
    except NotFound:
        raise BadRequest(f"{key.rpartition('/')[2]} is not in the store.", "artifact_missing") from None
    return Stored(digest, bytes(kept.head))


def _decode(stored: Stored) -> str:
    """The text as the database takes it. Raises BadRequest (`bad_argument`)."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(stored.head, len(stored.head) == stored.digest.bytes)
    except UnicodeDecodeError:
        raise BadRequest("ocr.txt is not UTF-8.", "bad_argument") from None
    if "\0" in text:
        raise BadRequest("ocr.txt has a NUL.", "bad_argument")
    return text[:MOST_TEXT_CHARACTERS]


def _all_at_once(read: Callable[[str], Stored], names: Collection[str]) -> dict[str, Stored]:
    with ThreadPoolExecutor(READERS) as pool:
        return dict(zip(names, pool.map(read, names), strict=True))
