"""Binders over HTTP: what could be put together or apart, doing it, and undoing it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from flask import Blueprint
from pydantic import Field

from control_plane.database.binder_rows import MadeBinder
from control_plane.database.judgement_rows import Change, Decided
from control_plane.database.rows import NewFile
from control_plane.documents.binding import Member, store_binder
from control_plane.documents.proposals import Proposal, mark_dismissed, name_proposal, propose_joins, propose_split
from control_plane.errors import BadRequest, ControlPlaneError, FileTooLarge, NotFound, QueueUnavailable
from control_plane.http.auth import acting_name
from control_plane.http.contract import Body, Query, describe
from control_plane.http.models import Id, path_id
from control_plane.http.wiring import clients, settings
from control_plane.intake.store import discard
from inspector.kinds import PDF

blueprint = Blueprint("binders", __name__)
PICTURES_LOOKED_AT = 999
SCANS_LOOKED_AT = 20
MOST_MEMBERS = 500


class ProposalQuery(Query):
    """Which proposals."""

    kind: Literal["join", "split"] = Field("join", description="join pictures, or split scans")
    state: Literal["open", "dismissed"] = Field("open", description="dismissed: those that a person does not want")
    cursor: int | None = Field(None, ge=1, le=2**62, description="`next` of the page before.")


class DismissalBody(Body):
    """A proposal that is not wanted, by the documents in it."""

    documents: list[Id] = Field(min_length=1, max_length=MOST_MEMBERS)
    why: str = Field("", max_length=500)


class MemberBody(Body):
    """A document, or pages of it in their order."""

    document_id: Id
    pages: list[int] | None = Field(None, min_length=1, max_length=5000)


class BinderBody(Body):
    """A document to be made."""

    name: str = Field(min_length=1, max_length=200)
    members: list[MemberBody] = Field(min_length=1, max_length=MOST_MEMBERS)


class BindersBody(Body):
    """Documents to be made together: pages put together, or all the letters of a scan."""

    binders: list[BinderBody] = Field(min_length=1, max_length=MOST_MEMBERS)


@dataclass(frozen=True)
class Proposals:
    """A page of proposals. What one page has looked at may give none, and `next` still leads on."""

    proposals: list[Proposal]
    next: int | None


@dataclass(frozen=True)
class MadeBinders:
    """The set that was made; dissolving one of it undoes all of it."""

    set_id: str
    binders: list[MadeBinder]


@dataclass(frozen=True)
class DissolvedBinders:
    """The documents that are in no list any more."""

    binders: list[str]


@blueprint.get("/api/proposals")
@describe(
    "What could be put together or apart", "Documents", query=ProposalQuery, answer=Proposals, errors=(400, 503)
)  # fmt: skip
def list_proposals(query: ProposalQuery) -> Proposals:
    """Albums and numbered pictures to join, or scans of several letters to split; nothing happens by itself.

    A page looks at 999 pictures or 20 scans, the newest first. Post a proposal's `binders` as they are.
    """
    if query.kind == "join":
        pictures = clients().database.list_loose_pictures(PICTURES_LOOKED_AT, query.cursor)
        return Proposals(_of_state(propose_joins(pictures.rows), query), pictures.next)
    scans = clients().database.list_long_scans(SCANS_LOOKED_AT, query.cursor)
    return Proposals(_of_state([found for scan in scans.rows if (found := propose_split(scan))], query), scans.next)


@blueprint.post("/api/proposals/dismiss")
@describe(
    "Do not propose this again", "Documents", body=DismissalBody, status=201, answer=Decided,
    errors=(400, 404, 409, 503), needs="decide",
)  # fmt: skip
def dismiss_proposal(body: DismissalBody) -> Decided:
    """A decision about its documents: in their history, and undone as every decision is."""
    change = Change(f"dismissed:{name_proposal(body.documents)}", True)
    return clients().database.decide(list(dict.fromkeys(body.documents)), [change], acting_name(), body.why or None)


@blueprint.post("/api/binders")
@describe(
    "Put pages together or apart", "Documents", body=BindersBody, status=201, answer=MadeBinders,
    errors=(400, 404, 409, 413, 503), needs="decide",
)  # fmt: skip
def make_binders(body: BindersBody) -> tuple[MadeBinders, int]:
    """Each binder becomes a document of its own, read as one; its members stay as they are.

    What was found in a member counts in its binders alone once these are read and judged as well as it was.
    """
    chosen = [list(_members(binder)) for binder in body.binders]
    if sum(each.document.bytes or 0 for members in chosen for each in members) > settings().max_upload_bytes:
        raise FileTooLarge("Together these are larger than MAX_UPLOAD_BYTES; bind fewer at once.")
    set_id = str(uuid.uuid4())
    stored: list[tuple[NewFile, BinderBody]] = []
    try:
        for binder, members in zip(body.binders, chosen, strict=True):
            stored.append((store_binder(clients().storage, binder.name, members), binder))
        made = clients().database.make_binders(set_id, [(file, _as_rows(binder)) for file, binder in stored])
    except QueueUnavailable:
        raise  # it may have heard us: the objects stay
    except ControlPlaneError:
        for file, _ in stored:
            discard(clients().storage, file.object_key)
        raise
    return MadeBinders(set_id, made), 201


@blueprint.post("/api/binders/<document_id>/dissolve")
@describe(
    "Undo a binder, and all that was made with it", "Documents", answer=DissolvedBinders,
    errors=(404, 503), needs="decide",
)  # fmt: skip
def dissolve_binder(document_id: str) -> DissolvedBinders:
    """It and what was found in it leave every list; the members are as before. Again changes nothing."""
    return DissolvedBinders(clients().database.dissolve_binder(path_id(document_id, "binder")))


def _of_state(proposals: list[Proposal], query: ProposalQuery) -> list[Proposal]:
    if not proposals:
        return []
    dismissed = clients().database.find_dismissed([name_proposal(each.documents) for each in proposals])
    marked = mark_dismissed(proposals, dismissed)
    return [each for each in marked if (each.dismissed is None) == (query.state == "open")]


def _members(binder: BinderBody) -> Iterator[Member]:
    if len({member.document_id for member in binder.members}) < len(binder.members):
        raise BadRequest("A binder has each document once.", "bad_argument")
    for member in binder.members:
        document = clients().database.get_document(member.document_id)
        if document is None:
            raise NotFound("There is no such document.")
        if document.mime_type != PDF.mime_type and not (document.mime_type or "").startswith("image/"):
            raise BadRequest("Only PDFs and pictures can be bound.", "bad_argument")
        yield Member(document, member.pages)


def _as_rows(binder: BinderBody) -> list[dict[str, object]]:
    return [{"document_id": member.document_id, "pages": member.pages} for member in binder.members]
