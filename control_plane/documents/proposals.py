"""What a person may want to put together or apart, by names, times and words on pages; nothing is done by itself. Pure.

Albums of a messenger and runs of numbered names become one document; a scan of several letters becomes several.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from control_plane.database.binder_rows import Dismissal, DismissedProposal, LongScan, LoosePicture

Reason = Literal["album", "numbered_names", "page_1_of_n", "bar_code", "blank_page", "letter_begins"]
MOST_APART = timedelta(minutes=10)
"""Between two pictures of a stack: slow hands at a copier, and one upload."""
HEAD_LINES = 25
"""Where a letter's date and salutation stand: with a letterhead of ten lines and an address of five before them."""
MOST_BLANK_SHARE = 1 / 3
"""With more blank pages than this the blanks are backs of sheets and part nothing."""
MOST_WORDS_BESIDE_A_CODE = 12
"""Of a sheet that only parts others: "Separator sheet", "PATCH T"; a parcel's label and a ticket say more."""
_BAR_CODE = re.compile(r"^\[bar code\] .*$", re.MULTILINE)
_NUMBERED = re.compile(r"(.*?)(\d{1,6})(\D*)")
_PAGE_OF = re.compile(r"\bpage\s{1,3}(\d{1,3})\s{1,3}of\s{1,3}\d{1,3}\b", re.IGNORECASE)
_SALUTATION = re.compile(r"^\s*(dear\s+\w|to whom it may concern|re:\s)", re.IGNORECASE)
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DATE_LINE = re.compile(
    rf"^\s*(date:?\s*)?((?:{_MONTHS})\s+\d{{1,2}},?\s+\d{{4}}|\d{{1,2}}\s+(?:{_MONTHS})\s+\d{{4}}"
    r"|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2})\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ProposedMember:
    """A document, or pages of it, that would be in a binder."""

    document_id: str
    original_filename: str
    pages: list[int] | None


@dataclass(frozen=True)
class ProposedBinder:
    """A document that would be made."""

    name: str
    members: list[ProposedMember]


@dataclass(frozen=True)
class Proposal:
    """Binders that POST /api/binders would make, and why; `dismissed`: a person does not want them."""

    reason: Reason
    binders: list[ProposedBinder]
    dismissed: Dismissal | None = None

    @property
    def documents(self) -> list[str]:
        """Whose pages it is about."""
        return [member.document_id for binder in self.binders for member in binder.members]


def name_proposal(documents: Iterable[str]) -> str:
    """What a dismissal is remembered by: documents alone, so that other words read on their pages do not propose it
    again, and another picture of the stack does."""
    return hashlib.sha256("\n".join(sorted(set(documents))).encode()).hexdigest()[:32]


def mark_dismissed(proposals: Iterable[Proposal], dismissed: Iterable[DismissedProposal]) -> list[Proposal]:
    """The proposals, each with its dismissal, where there is one."""
    known = {each.proposal: Dismissal(each.decision_id, each.decided_by, each.decided_at, each.why)
             for each in dismissed}  # fmt: skip
    return [replace(each, dismissed=known.get(name_proposal(each.documents))) for each in proposals]


def propose_joins(pictures: Iterable[LoosePicture]) -> list[Proposal]:
    """Albums and runs of at least two pictures, the newest first."""
    albums, rest = defaultdict(list), []
    for picture in sorted(pictures, key=lambda each: each.seq):
        if picture.album:
            albums[picture.telegram_chat_id, picture.album].append(picture)
        else:
            rest.append(picture)
    found: list[tuple[Reason, list[LoosePicture]]] = [("album", album) for album in albums.values() if len(album) > 1]
    found += [("numbered_names", run) for run in _find_runs(rest)]
    found.sort(key=lambda each: each[1][-1].seq, reverse=True)
    return [Proposal(reason, [_join(group)]) for reason, group in found]


def propose_split(scan: LongScan) -> Proposal | None:
    """The letters of a scan, where at least two begin in it; every page is in one of them but blank ones and sheets
    with a bar code that only part others."""
    pages = scan.text.split("\f")
    if len(pages) != scan.pages_total:
        return None
    blank = [page in scan.blank_pages for page in range(1, len(pages) + 1)]
    parting = [_only_parts(page) for page in pages]
    starts = _find_starts(pages, blank, parting)
    if len(starts) < 2:
        return None
    places = sorted(starts)
    pieces = [
        [page + 1 for page in range(start, end) if not blank[page] and not parting[page]]
        for start, end in zip(places, [*places[1:], len(pages)], strict=True)
    ]
    return Proposal(starts[places[1]], [_piece(scan, piece) for piece in pieces])


def _find_runs(pictures: Iterable[LoosePicture]) -> list[list[LoosePicture]]:
    """Pictures of one batch or door whose names count on by one within minutes, in the order of their numbers."""
    alike: dict[tuple[str, ...], list[tuple[int, LoosePicture]]] = defaultdict(list)
    for picture in pictures:
        if named := _NUMBERED.fullmatch(picture.original_filename.rpartition(".")[0]):
            place = picture.batch_id or "", str(picture.telegram_chat_id or "")
            alike[*place, named[1].casefold(), named[3].casefold()].append((int(named[2]), picture))
    runs = []
    for numbered in alike.values():
        numbered.sort(key=lambda each: (each[0], each[1].seq))
        run = [numbered[0]]
        for each in numbered[1:]:
            if each[0] != run[-1][0] + 1 or abs(each[1].created_at - run[-1][1].created_at) > MOST_APART:
                runs.append(run)
                run = []
            run.append(each)
        runs.append(run)
    return [[picture for _, picture in run] for run in runs if len(run) > 1]


def _join(pictures: Sequence[LoosePicture]) -> ProposedBinder:
    first, last = (each.original_filename.rpartition(".")[0] for each in (pictures[0], pictures[-1]))
    members = [ProposedMember(each.document_id, each.original_filename, None) for each in pictures]
    return ProposedBinder(f"{first} … {last}", members)


def _piece(scan: LongScan, pages: list[int]) -> ProposedBinder:
    span = f"page {pages[0]}" if len(pages) == 1 else f"pages {pages[0]}–{pages[-1]}"
    member = ProposedMember(scan.document_id, scan.original_filename, pages)
    return ProposedBinder(f"{scan.original_filename}, {span}", [member])


def _only_parts(page: str) -> bool:
    """Whether a page has a bar code and next to nothing else."""
    rest, codes = _BAR_CODE.subn("", page)
    return codes > 0 and len(rest.split()) <= MOST_WORDS_BESIDE_A_CODE


def _find_starts(pages: Sequence[str], blank: Sequence[bool], parting: Sequence[bool]) -> dict[int, Reason]:
    """Where a letter begins, from 0, and why; the first page that says something always does."""
    blanks_part = sum(blank) <= len(pages) * MOST_BLANK_SHARE
    starts: dict[int, Reason] = {}
    before: Reason | None = None
    for index, page in enumerate(pages):
        if parting[index]:
            before = "bar_code"
        elif blank[index]:
            before = before or ("blank_page" if blanks_part and index > 0 else None)
        else:
            reason = before if before == "bar_code" else _begins(page, before)
            if reason or not starts:
                starts[index] = reason or "letter_begins"
            before = None
    return starts


def _begins(page: str, before: Reason | None) -> Reason | None:
    """Why a page begins a letter; one that says "page 2 of 3" does not, whatever else is on it."""
    if said := _PAGE_OF.search(page):
        return "page_1_of_n" if int(said[1]) == 1 else None
    if before:
        return before
    head = page.splitlines()[:HEAD_LINES]
    is_letter = any(map(_DATE_LINE.match, head)) and any(map(_SALUTATION.match, head))
    return "letter_begins" if is_letter else None
