"""A folder of Google Drive as a scan: subfolders too, known files skipped unread, the rest streamed into the bucket."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from control_plane.batches.bucket_scan import Found, Selection, Skipped, Step, kind_by_name, skip
from control_plane.batches.estimates import PageSizes
from control_plane.database.enums import Source
from control_plane.database.rows import NewFile
from control_plane.drive.client import EXPORTED_PAGES, DriveClient, DriveFile, DriveQuota, FileRefused
from control_plane.errors import BadRequest, ControlPlaneError, FileTooLarge, KeyRefused, NotFound, UnsupportedType
from control_plane.intake.names import clean_filename
from control_plane.intake.origin import Origin
from control_plane.intake.store import discard, store_file
from control_plane.storage.bucket import Storage
from inspector.kinds import PDF, TAKEN, Kind

log = logging.getLogger(__name__)
LONGEST_PATH = 500
LONGEST_QUOTA = timedelta(days=2)
"""Google's quotas are filled up again within a day."""
HOUSE_REFUSALS = 3
"""So many refusals without a reason, and nothing given out, are not these files' own matter."""
Entered = Callable[[Sequence[NewFile]], set[str]]


@dataclass(frozen=True)
class Folder:
    """A folder of Drive, and its path below the one that is read."""

    id: str
    path: str = ""

    def inner(self, each: DriveFile) -> Folder:
        """A folder in it."""
        return Folder(each.id, f"{self.path}/{each.name}".lstrip("/")[-LONGEST_PATH:])


@dataclass(frozen=True)
class Later:
    """A file that Drive did not give out for a reason that may pass: it is asked for again behind all others."""

    id: str
    path: str
    since: str
    is_quota: bool = False


@dataclass(frozen=True)
class Place:
    """Folders still to be read, the first of them from `token` on; and the files that are to be asked for again."""

    folders: tuple[Folder, ...]
    token: str | None = None
    later: tuple[Later, ...] = ()

    @classmethod
    def parse(cls, text: str, root: str) -> Place:
        """A stored place; an empty one is the beginning."""
        if not text:
            return cls((Folder(root),))
        stored = json.loads(text)
        later = tuple(Later(*each) for each in stored.get("later", ()))
        return cls(tuple(Folder(*each) for each in stored["folders"]), stored["token"], later)

    def __str__(self) -> str:
        later = [[each.id, each.path, each.since] for each in self.later]
        return json.dumps(
            {"folders": [[each.id, each.path] for each in self.folders], "token": self.token}
            | ({"later": later} if later else {})
        )

    @property
    def is_end(self) -> bool:
        """Whether nothing is left to be read."""
        return not self.folders and not self.later

    def after(self, subfolders: Sequence[Folder], next_token: str | None) -> Place:
        """The place behind a page that had these subfolders."""
        if next_token:
            return replace(self, folders=(*self.folders, *subfolders), token=next_token)
        return replace(self, folders=(*self.folders[1:], *subfolders), token=None)


Outcome = NewFile | Skipped | Later | None
"""What became of a file; None: it is of a kind that nobody asked for."""


@dataclass(frozen=True)
class Looked:
    """A page as the listing tells it: the step without its files, and the files that may be documents."""

    step: Step
    wanted: tuple[DriveFile, ...]
    path: str = ""


@dataclass(frozen=True)
class DriveScan:
    """Reads a Drive folder in pages of `page` files, several files at a time."""

    drive: DriveClient
    storage: Storage
    selection: Selection
    folder_id: str
    sizes: PageSizes
    pool: Executor
    entered: Entered
    origin: Origin
    page: int
    most_bytes: int
    most_files: int | None = None
    gave_any: bool = False  # whether Drive has given out any file of this batch

    def read_step(self, place: str) -> Step:
        """The page after a place, its new files stored. Raises StorageUnavailable and what DriveClient raises."""
        at = Place.parse(place, self.folder_id)
        if not at.folders:
            return self._ask_again(at)
        looked = self.look(place)
        probes = [self.probe(each) for each in looked.wanted]
        known = self.entered(probes) if probes else set()
        new = [each for each in looked.wanted if key_of(each) not in known]
        # Beyond the batch's limit nothing is stored: it would be an object that no row knows.
        outcomes = self._store_all(new[: self.most_files], looked.path)
        stored = self._without_known([each for each in outcomes if isinstance(each, NewFile)])
        behind = Place.parse(looked.step.place, self.folder_id)
        behind = replace(behind, later=(*behind.later, *(each for each in outcomes if isinstance(each, Later))))
        return replace(
            looked.step,
            place=str(behind),
            finished=behind.is_end,
            files=(*stored, *(probe for probe in probes if probe.object_key in known)),
            skipped=(*looked.step.skipped, *(each for each in outcomes if isinstance(each, Skipped))),
        )

    def _ask_again(self, at: Place) -> Step:
        """Files that were not given out, once more. Raises DriveQuota while all of them are out of quota.

        And KeyRefused where Drive has given out nothing at all and does not say why: that is no file's own matter.
        """
        most = self.page if self.most_files is None else min(self.page, self.most_files)
        now, rest = at.later[:most], at.later[most:]
        outcomes = list(self.pool.map(self._try_again, now))
        self._raise_first(outcomes)
        again = [each for each in outcomes if isinstance(each, Later)]
        stored = self._without_known([each for each in outcomes if isinstance(each, NewFile)])
        skipped = [each for each in outcomes if isinstance(each, Skipped)]
        if again and len(again) == len(now):
            raise DriveQuota("Google's download quota of some files is used up; they are asked for again within a day.")
        refused = [each for each in skipped if each.code == "not_given_out"]
        if len(refused) >= HOUSE_REFUSALS and not stored and not self.gave_any:
            raise KeyRefused("Google Drive gives none of these files out and does not say why.", "drive_access_refused")
        behind = replace(at, later=(*rest, *again))
        return Step(str(behind), tuple(stored), 0, tuple(skipped), finished=behind.is_end)

    def _try_again(self, later: Later) -> Outcome | Exception:
        try:
            file = self.drive.find(later.id)
        except ControlPlaneError as error:
            return error
        if file is None:
            return Skipped(later.id, later.id, "not_given_out")
        outcome = self._try_to_store(file, later.path)
        if not isinstance(outcome, Later):
            return outcome
        waited = datetime.now(UTC) - datetime.fromisoformat(later.since)
        return later if outcome.is_quota and waited < LONGEST_QUOTA else Skipped(file.id, file.name, "not_given_out")

    def _without_known(self, stored: Sequence[NewFile]) -> list[NewFile]:
        """Of bytes that we have, by their hash, no second object stays: only what is said of the file is entered."""
        spoken = [replace(each, object_key=f"drive:{each.google_drive_id}") for each in stored]
        known, seen = self.entered(spoken) if spoken else set(), set()
        files = []
        for each, said in zip(stored, spoken, strict=True):
            if said.object_key in known or each.sha256 in seen:
                discard(self.storage, each.object_key)
                files.append(said)
            else:
                seen.add(each.sha256)
                files.append(each)
        return files

    def look(self, place: str) -> Looked:
        """The page after a place, nothing read of its files. Raises what DriveClient raises."""
        at = Place.parse(place, self.folder_id)
        try:
            page = self.drive.list_page(at.folders[0].id, at.token, self.page)
        except NotFound as error:
            if error.code == "drive_page_expired" and at.token is not None:
                return Looked(Step(str(replace(at, token=None))), ())
            if at.folders[0].id == self.folder_id:
                raise
            gone, behind = at.folders[0], at.after((), None)
            skipped = Skipped(gone.id, gone.path, "folder_gone")
            return Looked(Step(str(behind), skipped=(skipped,), finished=behind.is_end), ())
        files = [each for each in page.files if not each.is_folder and self.selection.has(key_of(each))]
        verdicts = [(each, kind_by_listing(each)) for each in files]
        behind = at.after([at.folders[0].inner(each) for each in page.files if each.is_folder], page.next_token)
        step = Step(
            place=str(behind),
            scanned=len(files),
            skipped=tuple(filter(None, (skip(each.id, each.name, verdict or "") for each, verdict in verdicts))),
            finished=behind.is_end,
        )
        return Looked(step, tuple(each for each, verdict in verdicts if self._wants(verdict)), at.folders[0].path)

    def _wants(self, verdict: Found | None) -> bool:
        """Whether the bytes are worth a request: the name does not tell, or tells a kind that was asked for."""
        if isinstance(verdict, Kind):
            return verdict in TAKEN and self.selection.wants(verdict.mime_type)
        return verdict is None

    def probe(self, each: DriveFile) -> NewFile:
        """A file as `find_entered_objects` takes it; `enqueue_objects` counts it as known, or queues what is stored."""
        pages = EXPORTED_PAGES.get(each.mime_type)
        return NewFile(
            key_of(each), original_filename=clean_filename(each.name), bytes=each.bytes, google_drive_id=each.id,
            source_version=each.version,
            pages_estimate=pages or self.sizes.pages(_mime_type_of(each), each.bytes or 0),
        )  # fmt: skip

    def _store_all(self, files: Sequence[DriveFile], path: str) -> list[Outcome]:
        """Store files at the same time, all or none: a step that cannot be finished leaves no object."""
        outcomes = list(self.pool.map(lambda each: self._try_to_store(each, path), files))
        self._raise_first(outcomes)
        return [each for each in outcomes if not isinstance(each, Exception)]

    def _raise_first(self, outcomes: Sequence[Outcome | Exception]) -> None:
        failures = [each for each in outcomes if isinstance(each, Exception)]
        if failures:
            for each in outcomes:
                if isinstance(each, NewFile):
                    discard(self.storage, each.object_key)
            raise failures[0]

    def _try_to_store(self, each: DriveFile, path: str) -> Outcome | Exception:
        try:
            return self._store(each, path)
        except FileRefused as error:
            if error.is_final:
                log.warning("Drive file skipped", extra={"google_drive_id": each.id, "code": error.code})
                return Skipped(each.id, each.name, error.code)
            return Later(each.id, path, datetime.now(UTC).isoformat(timespec="seconds"), error.code == "file_quota")
        except ControlPlaneError as error:
            return error

    def _store(self, each: DriveFile, path: str) -> NewFile | Skipped | None:
        """The stored file as `enqueue_objects` takes it, or why there is none; None for a kind nobody asked for."""
        name = f"{each.name}.pdf" if each.is_exported else each.name
        try:
            stored = store_file(
                self.storage, self.drive.read_chunks(each), name, self.most_bytes, datetime.now(UTC), self.origin
            )
        except (UnsupportedType, FileTooLarge, BadRequest) as error:
            log.warning("Drive file skipped", extra={"google_drive_id": each.id, "code": error.code})
            kind = error.kind if isinstance(error, UnsupportedType) else None
            return Skipped(each.id, each.name, error.code, kind.mime_type if kind else None)
        if not self.selection.wants(stored.mime_type):  # the name had not told
            discard(self.storage, stored.object_key)
            return None
        pages = self.sizes.pages(stored.mime_type, stored.bytes)
        return replace(
            stored.from_door(Source.DRIVE), google_drive_id=each.id, source_version=each.version,
            pages_estimate=pages, arrival=arrival_of(each, path),
        )  # fmt: skip


def arrival_of(each: DriveFile, path: str) -> dict[str, str]:
    """What Drive says about a file: where it lay, whose it is, and when it was made and changed."""
    said = {
        "path": path, "owner": each.owner, "created_at": each.created_at, "modified_at": each.modified_at,
        "link": each.web_view_link,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}


def kind_by_listing(each: DriveFile) -> Found | None:
    """Its kind, or the code why it has none, where the listing decides; None when the bytes must be looked at."""
    if each.is_google_s:
        return PDF if each.is_exported else "no_export"
    return kind_by_name(each.name, 1 if each.bytes is None else each.bytes)


def _mime_type_of(each: DriveFile) -> str:
    kind = kind_by_listing(each)
    return kind.mime_type if isinstance(kind, Kind) else each.mime_type


def key_of(each: DriveFile) -> str:
    """What stands for a Drive file where an object's key would."""
    return f"drive:{each.id}"


@dataclass(frozen=True)
class DriveSurvey:
    """The same scan for an estimate: its steps have every file that may be a document, and nothing is stored."""

    scan: DriveScan

    def read_step(self, place: str) -> Step:
        """The page after a place. Raises what DriveClient raises."""
        looked = self.scan.look(place)
        return replace(looked.step, files=tuple(self.scan.probe(each) for each in looked.wanted))
