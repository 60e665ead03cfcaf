"""Whether the bucket still has every original: found by its listing, made good from versions, told where lost (story).

A listing names key, size and ETag of a thousand objects at once and reads none. What is not there as it came is looked
at by itself: another version with its hash is copied under a name of ours; where there is none, people are told.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from control_plane.database import Database
from control_plane.database.original_rows import KeptObject, Original, OriginalFault
from control_plane.errors import Conflict, NotFound, StorageUnavailable
from control_plane.intake.store import KEPT, digest_of
from control_plane.storage.bucket import Storage, StoredObject

log = logging.getLogger(__name__)
LOOK_SECONDS = 86_400.0
# A second of listing where they lie side by side, a minute where each lies far from the next.
ORIGINALS_A_TICK = 300
MOST_VERSIONS_READ = 5
END = "\U0010ffff"  # behind every key


@dataclass(frozen=True)
class Finding:
    """An original that is not in the bucket as it came: what is wrong, or None where a version of it was kept."""

    original: Original
    fault: OriginalFault | None


@dataclass
class OriginalsSweep:
    """Where the look is; it begins anew with the program, and again a day after it ended."""

    due: float = 0.0
    after: Original | None = None
    lost: list[Finding] = field(default_factory=list)

    def tick(self, database: Database, storage: Storage) -> None:
        """A small step of it. Raises what database and storage raise: the next tick goes on here."""
        if time.monotonic() < self.due:
            return
        page = database.list_originals(self.after, ORIGINALS_A_TICK)
        lost = [each for each in check(database, storage, page) if each.fault]
        self.lost += lost
        if page:
            self.after = page[-1]
        if lost or (self.lost and not page):
            database.raise_alarm("originals_lost", tell(self.lost))
        if not page:
            if not self.lost:
                database.clear_alarm("originals_lost")
            self.due, self.after, self.lost = time.monotonic() + LOOK_SECONDS, None, []


def check_all(database: Database, storage: Storage) -> Iterator[Finding]:
    """Every original of the house."""
    after: Original | None = None
    while page := database.list_originals(after, ORIGINALS_A_TICK):
        yield from check(database, storage, page)
        after = page[-1]


def check(database: Database, storage: Storage, originals: Sequence[Original]) -> Iterator[Finding]:
    """Those of these, in the order of their keys, that are not in the bucket as they came; each is noted as found."""
    listed = list_named(storage, [each.object_key for each in originals])
    for each in originals:
        shown = listed.get(each.object_key)
        if not is_as_it_came(each, shown or _head(storage, each.object_key)):
            yield _settle(database, storage, each)
        elif each.fault:
            database.note_original(each.document_id, None)


def is_as_it_came(original: Original, shown: StoredObject | None) -> bool:
    """Whether the bucket shows it with its size, and the name that the store gave its bytes. Pure."""
    if shown is None or original.bytes not in (None, shown.bytes):
        return False
    return original.etag in (None, shown.etag)


def list_named(storage: Storage, keys: Iterable[str]) -> dict[str, StoredObject]:
    """What the bucket's listing says of these keys. One that is not in it may be there: stores sort é as they like."""
    wanted, seen_to = set(keys), ""
    found: dict[str, StoredObject] = {}
    for key in sorted(wanted):
        while seen_to < key:
            page = storage.list_page("", after=max(seen_to, key[:-1]))
            found |= {each.key: each for each in page if each.key in wanted}
            last = max((each.key for each in page), default=END)
            seen_to = last if last > seen_to else END  # a store that lists in an order of its own
    return found


def tell(lost: Sequence[Finding]) -> str:
    """The alarm: how many, and what to do. Pure."""
    missing = sum(each.fault is OriginalFault.MISSING for each in lost)
    return (
        f"{len(lost)} originals are not in the bucket as they came: {missing} missing, {len(lost) - missing} with "
        "other bytes. Their texts and analyses stand. `python -m scripts.check_originals` names them; send them in "
        "again, or bring them back from a backup."
    )


def _settle(database: Database, storage: Storage, original: Original) -> Finding:
    """Keep the bytes that have its hash, whatever version they are, or note that there are none."""
    now = _head(storage, original.object_key)
    about = _find_bytes(storage, original)
    try:
        if about is not None:
            database.keep_original(original.document_id, _keep(storage, original, about, now))
            return Finding(original, None)
    except (NotFound, Conflict):  # it changed while we looked
        log.warning("original not kept yet", extra={"document_id": original.document_id})
    except StorageUnavailable:
        storage.ping()  # away: the next tick goes on here. Else it does not copy this one, which may not stop the look
        log.warning("the store does not copy an original", extra={"document_id": original.document_id})
        return Finding(original, original.fault)
    fault = OriginalFault.CHANGED if now else OriginalFault.MISSING
    database.note_original(original.document_id, fault)
    return Finding(original, fault)


def _head(storage: Storage, key: str) -> StoredObject | None:
    try:
        return storage.head(key)
    except NotFound:
        return None


def _find_bytes(storage: Storage, original: Original) -> StoredObject | None:
    """The version that has its hash, read whole: likely ones first."""
    key = original.object_key
    versions = [each for each in storage.list_versions(key) if original.bytes in (None, each.bytes)]
    versions.sort(key=lambda each: (each.version_id != original.version_id, each.etag != original.etag))
    for version_id in [each.version_id for each in versions[:MOST_VERSIONS_READ]] or [None]:
        try:
            with storage.open_reader(key, version_id) as reader:
                if digest_of(reader.chunks).sha256 == original.sha256:
                    return reader.about
        except NotFound:
            continue
    return None


def _keep(storage: Storage, original: Original, about: StoredObject, now: StoredObject | None) -> KeptObject:
    """Where its bytes lie from now on: there, where the bucket still shows them; else copied under a name of ours."""
    if now is not None and (now.etag, now.version_id) == (about.etag, about.version_id):
        return KeptObject(about.key, about.etag, about.version_id)
    key = KEPT + original.sha256
    written = storage.copy(about, key)
    return KeptObject(key, written.etag, written.version_id)
