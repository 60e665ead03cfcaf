"""Documents over HTTP: one document with its pages and findings, and short-lived links to its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from flask import Blueprint

from control_plane.database.binder_rows import Binder
from control_plane.database.part_rows import Companion, Mail, Parent, ThreadMail
from control_plane.database.rows import (
    Arrival,
    Claim,
    Custody,
    Disagreement,
    Document,
    DocumentFacts,
    Evidence,
    Finding,
    ReadPage,
    Transcription,
)
from control_plane.documents.family import InnerFile, read_family
from control_plane.documents.judgement import DocumentJudgement, read_judgement
from control_plane.documents.lookup import find_document
from control_plane.http.contract import describe
from control_plane.http.models import path_id
from control_plane.http.wiring import clients

blueprint = Blueprint("documents", __name__)
LINK_SECONDS = 900
EXCERPT_CHARACTERS = 20_000
THUMBNAIL = "thumbnail.jpg"
SEARCHABLE = "searchable.pdf"
SHOWN_BY_BROWSERS = ("application/pdf", "image/jpeg", "image/png", "image/webp", "image/gif")


@dataclass(frozen=True)
class ListedDocument(DocumentFacts):
    """A document as a list shows it; links live 15 minutes."""

    thumbnail: str | None


@dataclass(frozen=True)
class Chain:
    """A document's chain of events: how long, whether intact, and where it is broken."""

    events: int
    intact: bool
    broken_at: int | None


@dataclass(frozen=True)
class ArtifactFile:
    """A stored artifact as the chain of events has it."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class WholeDocument(ListedDocument):
    """A document with all that is known of it; links live 15 minutes."""

    pages: list[ReadPage]
    findings: list[Finding]
    score_evidence: list[Evidence]
    claims: list[Claim]
    transcriptions: list[Transcription]
    disagreements: list[Disagreement]
    artifacts: Mapping[str, str]
    artifact_files: Mapping[str, ArtifactFile]
    custody: Chain
    original: str
    view: str | None
    arrivals: list[Arrival]
    parts: list[InnerFile]
    parts_next: int | None
    part_of: list[Parent]
    belongs_with: list[Companion]
    mail: Mail | None
    thread: list[ThreadMail]
    binder: Binder | None
    judgement: DocumentJudgement


@blueprint.get("/api/documents/<document_id>")
@describe("One document, with links that live 15 minutes", "Documents", answer=WholeDocument, errors=(404, 503))
def get_document(document_id: str) -> WholeDocument:
    """Scores, pages, findings, an excerpt of the text, signed links to the artifacts and the original.

    `parts` are the first files inside it (`parts_next` asks for more), `part_of` what it lies in itself,
    `belongs_with` the other file of a live photo.
    """
    document = find_document(path_id(document_id, "document"))
    database = clients().database
    custody = database.verify_custody(document.id)
    text, pages = database.get_text(document.id), _pages(document)
    excerpt = None if text is None else text[:EXCERPT_CHARACTERS]
    return WholeDocument(
        **_listed(document) | {"text_excerpt": excerpt},
        pages=pages,
        findings=database.list_document_findings(document.id),
        score_evidence=document.score_evidence,
        claims=database.list_claims(document.id),
        transcriptions=database.list_transcriptions(document.id),
        disagreements=document.disagreements,
        artifacts={name: _link(key, _download_name(document, name)) for name, key in document.artifacts.items()},
        artifact_files={name: ArtifactFile(file.bytes, file.sha256) for name, file in custody.artifacts.items()},
        custody=chain_of(custody),
        original=_link(document.object_key, document.original_filename, document.version_id),
        view=_view(document, lies_on_its_side=bool(pages and pages[0].rotation)),
        arrivals=database.list_arrivals(document.id),
        binder=database.get_binder(document.id),
        judgement=read_judgement(database.list_judgements(document.id), document.as_read, text),
        **vars(read_family(database, document.id)),
    )


def _pages(document: Document) -> list[ReadPage]:
    return clients().database.list_pages(document.job_id) if document.job_id else []


def chain_of(custody: Custody) -> Chain:
    """What callers are told of a document's chain of events. Pure."""
    return Chain(custody.events, custody.intact, custody.broken_at)


def as_listed(document: Document) -> ListedDocument:
    """A document as a list shows it."""
    return ListedDocument(**_listed(document))


def _listed(document: Document) -> dict[str, Any]:
    """The fields of a ListedDocument: keys of objects become links."""
    thumbnail = document.artifacts.get(THUMBNAIL)
    facts = {each.name: getattr(document, each.name) for each in fields(DocumentFacts)}
    return facts | {"thumbnail": _link(thumbnail) if thumbnail else None}


def _link(key: str, download_name: str | None = None, version_id: str | None = None) -> str:
    return clients().storage.presign_get(key, LINK_SECONDS, download_name, version_id)


def _view(document: Document, lies_on_its_side: bool) -> str | None:
    """A link that a browser opens in place: the original, or else its pages upright as a PDF; null without either."""
    turn = lies_on_its_side and SEARCHABLE in document.artifacts
    view = clients().storage.presign_view
    if document.mime_type in SHOWN_BY_BROWSERS and not turn:
        return view(document.object_key, LINK_SECONDS, document.mime_type, document.version_id)
    if SEARCHABLE in document.artifacts:
        return view(document.artifacts[SEARCHABLE], LINK_SECONDS, "application/pdf")
    return None


def _download_name(document: Document, artifact: str) -> str:
    return f"{document.original_filename or document.id}.{artifact}"
