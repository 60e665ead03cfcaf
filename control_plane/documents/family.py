"""What lies in a document and what it lies in; of an e-mail its header and its thread (story)."""

from __future__ import annotations

from dataclasses import dataclass

from control_plane.database import Database
from control_plane.database.part_rows import Companion, Mail, Parent, Part, ThreadMail
from inspector.kinds import explain_refusal, kind_of

SHOWN_PARTS = 200
SHOWN_PARENTS = 20
SHOWN_THREAD = 100
SHOWN_COMPANIONS = 20
LEFT_OUT = {
    "empty_file": "The file is empty.",
    "link": "It is no file but a link, and nothing is ever followed.",
    "system_file": "Computers write such files for themselves; nobody wrote in it.",
    "password_protected": "It is locked with a password. Unlock it and upload it by itself.",
    "unknown_packing": "It is packed in a way that is not known here. Unpack the archive and upload it by itself.",
    "part_damaged": "It is damaged and cannot be taken out.",
    "part_too_large": "It is larger than 2 GB. Unpack it and upload it by itself.",
    "ratio_too_high": "It unpacks to far more than honest files do. Unpack it and upload it by itself.",
    "too_deep": "It lies too deep in files that lie in files. Unpack it and upload it by itself.",
    "too_many_parts": "There are more files inside than can be taken in at once. Unpack it and upload the rest.",
    "contains_itself": "It is the very file that it lies in.",
}
"""Why a file inside was not taken, by code, and what to do."""


@dataclass(frozen=True)
class InnerFile(Part):
    """A file inside a document; `reason` says why it was not taken, where it was not."""

    reason: str | None


@dataclass(frozen=True)
class Family:
    """What lies in a document, the first of it, and what it lies in; of an e-mail its header and its thread, of a live
    photo's picture the clip and the other way."""

    parts: list[InnerFile]
    parts_next: int | None
    part_of: list[Parent]
    belongs_with: list[Companion]
    mail: Mail | None
    thread: list[ThreadMail]


def read_family(database: Database, document_id: str) -> Family:
    """What lies in a document and what it lies in."""
    page = database.list_parts(document_id, SHOWN_PARTS)
    mail = database.get_mail(document_id)
    return Family(
        parts=[explain(part) for part in page.rows],
        parts_next=page.next,
        part_of=database.list_parents(document_id, SHOWN_PARENTS),
        belongs_with=database.list_companions(document_id, SHOWN_COMPANIONS),
        mail=mail,
        thread=database.get_thread(document_id, SHOWN_THREAD) if mail else [],
    )


def explain(part: Part) -> InnerFile:
    """The part with the reason why it was not taken."""
    if part.code is None:
        reason = None
    elif part.code == "unsupported_type":
        reason = explain_refusal(kind_of(part.mime_type))
    else:
        reason = LEFT_OUT.get(part.code, "It was not taken.")
    return InnerFile(**vars(part), reason=reason)
