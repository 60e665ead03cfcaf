"""Which objects of a bucket are documents: by name and size first, by their first bytes where the name says nothing."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeGuard

from control_plane.batches.estimates import PageSizes
from control_plane.database.rows import NewFile
from control_plane.errors import KeyRefused, NotFound
from control_plane.intake.names import clean_filename
from control_plane.intake.store import with_hashes
from control_plane.storage.bucket import Storage, StoredObject
from inspector.heads import HEAD_BYTES, inspect
from inspector.kinds import (
    AVIF,
    BMP,
    GIF,
    HEIC,
    JPEG,
    NOT_EVIDENCE,
    PDF,
    PNG,
    TAKEN,
    TIFF,
    WEBP,
    Kind,
    explain_refusal,
    kind_of,
)

OWN_PREFIXES = ("raw/", "processed/", "cache/", "exports/weekly/")
# What one step may hash of a bucket: some seconds, so that the first documents are read while the rest is looked at.
STEP_BYTES = 512 * 1024**2
Entered = Callable[[Sequence[NewFile]], set[str]]

# Nobody gives these names to anything else, and what a worker reads is what the bytes are: not worth a request each.
EXTENSIONS = {kind.extension: kind for kind in (PDF, JPEG, PNG, WEBP, GIF, BMP, TIFF, HEIC, AVIF)} | {
    "jpeg": JPEG, "jpe": JPEG, "tiff": TIFF, "heif": HEIC, "dib": BMP,
} | NOT_EVIDENCE  # fmt: skip


@dataclass(frozen=True)
class Selection:
    """What a batch is to take in: a prefix, and types (none named: every type that workers read).

    `only`: of all that the files with these keys, a sample; others are passed over as if they were not there.
    """

    prefix: str
    mime_types: frozenset[str] = frozenset()
    only: frozenset[str] | None = None

    def has(self, key: str) -> bool:
        """Whether a file is looked at at all."""
        return self.only is None or key in self.only

    def wants(self, mime_type: str) -> bool:
        """Whether a supported type was asked for."""
        return not self.mime_types or mime_type in self.mime_types


EMPTY, UNSUPPORTED = "empty_file", "unsupported_type"
# Why a scan takes a file not in, by code, and what to do; what is UNSUPPORTED the inspector explains.
SKIP_REASONS = {
    EMPTY: "The file is empty.",
    "file_too_large": "The file is larger than MAX_UPLOAD_BYTES. Split it, or raise the limit.",
    "export_too_large": (
        "Google exports at most 10 MB as PDF. Open it in Drive, download it as PDF (in parts, if need be) and upload "
        "that."
    ),
    "no_export": "Drive makes no PDF of this kind (a form, a map, a shortcut …). Print it to PDF and upload that.",
    "flagged_by_google": (
        "Google holds this file for malware or spam and gives it to nobody but its owner. Look at it with care, and "
        "upload it yourself if it is sound."
    ),
    "folder_gone": "This folder was deleted, or is not shared with us any more, while the scan was under way.",
    "not_given_out": "Drive does not give this file out: its owner forbids downloads, or it is gone.",
    "object_not_given_out": "The storage does not give this object out to our key: its owner keeps it to themselves.",
    "message_not_given_out": (
        "The mail server does not give this message out. Save it as EML in your mail program and upload that."
    ),
}


@dataclass(frozen=True)
class Skipped:
    """A file that a scan found and does not take in: object key, Drive id or message, name, and the code of the reason.

    `mime_type` is that of its kind where it is UNSUPPORTED and known.
    """

    source_id: str
    name: str
    code: str
    mime_type: str | None = None


def explain_skip(code: str, mime_type: str | None) -> str:
    """Why a file was not taken in, and what to do."""
    return explain_refusal(kind_of(mime_type)) if code == UNSUPPORTED else SKIP_REASONS.get(code, code)


Found = Kind | str
"""What a scan makes of a file: its kind, which may be a refused one, or the code why nothing is known of it."""


def skip(source_id: str, name: str, found: Found) -> Skipped | None:
    """The file as one that is not taken in, if it is none."""
    if isinstance(found, Kind):
        return None if found in TAKEN else Skipped(source_id, name, UNSUPPORTED, found.mime_type)
    return Skipped(source_id, name, found) if found == UNSUPPORTED or found in SKIP_REASONS else None


@dataclass(frozen=True)
class Step:
    """One page of a scan: where it ended, the files to queue, and what was skipped."""

    place: str
    files: tuple[NewFile, ...] = ()
    scanned: int = 0
    skipped: tuple[Skipped, ...] = ()
    finished: bool = False

    @property
    def empty(self) -> int:
        """How many files had no bytes."""
        return sum(each.code == EMPTY for each in self.skipped)

    @property
    def unsupported(self) -> int:
        """How many files were skipped for another reason."""
        return len(self.skipped) - self.empty

    def as_row(self) -> dict[str, Any]:
        """The step as `enqueue_objects` takes it."""
        names = ("place", "scanned", "unsupported", "empty", "finished")
        return {name: getattr(self, name) for name in names} | {"skipped": [vars(each) for each in self.skipped]}


class Scan(Protocol):
    """A source of documents, read page by page from a place on; the empty place is the beginning."""

    def read_step(self, place: str) -> Step: ...


@dataclass(frozen=True)
class BucketScan:
    """Reads a prefix page by page; a place is the last key dealt with.

    Every object that is not known unchanged is read and hashed here, by us, before a machine is told of it. Without
    `entered` it is a survey: nothing is read but heads, and the files have no hash.
    """

    storage: Storage
    selection: Selection
    sizes: PageSizes
    pool: Executor
    page: int
    entered: Entered | None = None

    def read_step(self, place: str) -> Step:
        """The page after a place. Raises StorageUnavailable."""
        listed = self.storage.list_page(self.selection.prefix, place, self.page)
        if not listed:
            return Step(place, finished=True)
        listed = listed if self.entered is None else cut_step(listed)
        last = listed[-1].key
        documents = [each for each in listed if is_candidate(each) and self.selection.has(each.key)]
        typed = list(zip(documents, self.pool.map(self._kind_of, documents), strict=True))
        files = [self._file(each, kind.mime_type) for each, kind in typed if self._takes(kind)]
        hashed = files if self.entered is None else self._hashed(files, self.entered)
        skipped = (skip(each.key, each.key, found) for each, found in typed)
        return Step(
            place=after_own_prefix(last) or last,
            files=tuple(each for each in hashed if isinstance(each, NewFile)),
            scanned=len(documents),
            skipped=(*filter(None, skipped), *(each for each in hashed if isinstance(each, Skipped))),
        )

    def _hashed(self, files: Sequence[NewFile], entered: Entered) -> list[NewFile | Skipped]:
        """The files with the hashes of their bytes, but for those that have entered as they are; vanished ones go."""
        known = entered(files) if files else set()
        new = [each for each in files if each.object_key not in known]
        keeps = bool(new) and self.storage.keeps_versions()
        read = self.pool.map(lambda each: self._hash(each, keeps), new)
        hashed = dict(zip((each.object_key for each in new), read, strict=True))
        found = (hashed.get(each.object_key, each) for each in files)
        return [each for each in found if each is not None]

    def _hash(self, file: NewFile, keeps_versions: bool) -> NewFile | Skipped | None:
        try:
            read = with_hashes(self.storage, file, keeps_versions)
        except NotFound:
            return None
        except KeyRefused:
            self.storage.try_out()
            return Skipped(file.object_key, file.object_key, "object_not_given_out")
        # By what was read, which may be newer than the listing.
        return replace(read, pages_estimate=self.sizes.pages(file.mime_type or "", read.bytes or 0))

    def _kind_of(self, each: StoredObject) -> Found:
        """Its kind, a code of the reason why it has none, or `vanished`."""
        named = kind_by_name(each.key, each.bytes)
        if named is not None:
            return named
        try:
            return inspect(self.storage.read_head(each.key, HEAD_BYTES)) or UNSUPPORTED
        except NotFound:
            return "vanished"
        except KeyRefused:
            self.storage.try_out()  # raises where it is not this object alone
            return "object_not_given_out"

    def _takes(self, found: Found) -> TypeGuard[Kind]:
        return isinstance(found, Kind) and found in TAKEN and self.selection.wants(found.mime_type)

    def _file(self, each: StoredObject, mime_type: str) -> NewFile:
        return NewFile(
            each.key, str(uuid.uuid4()), clean_filename(each.key), mime_type=mime_type, bytes=each.bytes,
            source_version=each.version, pages_estimate=self.sizes.pages(mime_type, each.bytes),
            arrival={"path": each.key, "modified_at": each.modified_at.isoformat(timespec="seconds")},
        )  # fmt: skip


def cut_step(listed: list[StoredObject]) -> list[StoredObject]:
    """The first objects of a page that are STEP_BYTES together, one at least."""
    sums = itertools.accumulate(each.bytes for each in listed)
    return listed[: max(1, sum(total <= STEP_BYTES for total in sums))]


def is_candidate(each: StoredObject) -> bool:
    """Whether an object can be a document at all: not ours, and not the empty object that stands for a folder."""
    return not each.key.endswith("/") and not each.key.startswith(OWN_PREFIXES)


def kind_by_name(key: str, size: int) -> Found | None:
    """Its kind, or the code why it has none, where name and size decide; None when the bytes must be looked at."""
    if size == 0:
        return EMPTY
    name = key.rpartition("/")[2]
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    return EXTENSIONS.get(extension)


def after_own_prefix(key: str) -> str | None:
    """Where a scan goes on that has come to a folder of ours: behind it ('0' follows '/')."""
    return next((prefix[:-1] + "0" for prefix in OWN_PREFIXES if key.startswith(prefix)), None)


def overlaps_ours(prefix: str) -> bool:
    """Whether a prefix lies within a folder of ours."""
    return prefix.startswith(OWN_PREFIXES)
