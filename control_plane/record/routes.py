"""The record over HTTP: how far it goes and what it was checked for, and all of it as a folder for a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from flask import Blueprint, Response
from pydantic import Field

from control_plane.database.record_rows import Record
from control_plane.database.rows import Fault
from control_plane.errors import BadRequest, NotFound
from control_plane.http.contract import Query, describe
from control_plane.http.wiring import clients, settings
from control_plane.record.export import export
from control_plane.record.heads import append_all, find_newer_outside, sign_now
from control_plane.record.signing import load_key, public_hex

blueprint = Blueprint("record", __name__)


@dataclass(frozen=True)
class RecordState:
    """How far the record goes, and what is wrong with its log. Each document is checked at its own address."""

    record: Record
    public_key: str | None
    faults: list[Fault]
    outside: str | None


class ExportQuery(Query):
    """Of which documents."""

    case_number: Annotated[str | None, Field(max_length=200, description="Only of this case; default: of all.")] = None
    originals: Annotated[bool, Field(description="With the bytes of the originals.")] = False


@blueprint.get("/api/record")
@describe("How far the record goes, and whether its log is whole", "Documents", answer=RecordState, errors=(503,))
def get_record() -> RecordState:
    """Recomputes the whole log. `outside`: why it is not what was sent outside, for example after a restore."""
    database, faults, after = clients().database, [], 0
    append_all(database)
    while (checked := database.verify_record(after)).checked_to is not None:
        faults += checked.faults
        if checked.checked_to == after:
            break
        after = checked.checked_to
    key = settings().record_signing_key
    outside = find_newer_outside(database, clients().storage)
    return RecordState(database.get_record(), public_hex(load_key(key)) if key else None, faults, outside)


@blueprint.get("/api/custody/export")
@describe(
    "The record as a folder that a stranger can check", "Documents", answer=bytes, answer_type="application/zip",
    query=ExportQuery, errors=(400, 404, 503), trace="downloaded",
)  # fmt: skip
def export_record(query: ExportQuery) -> Response:
    """A ZIP with the log, the events, every row they seal, signed heads and the public key; scripts/verify_custody.py

    checks it without this house. With `originals`, their bytes are in originals/, named by their SHA-256.
    """
    setting = settings().record_signing_key
    if setting is None:
        raise BadRequest("Set RECORD_SIGNING_KEY first: an export is signed with it.", "record_key_missing")
    database, storage, now = clients().database, clients().storage, datetime.now(UTC)
    documents = None if query.case_number is None else database.list_case(query.case_number)
    if documents == []:
        raise NotFound("No document has this case number.", "not_found")
    sign_now(settings(), database, storage, append_all(database), now)
    append_all(database)
    pieces = export(
        settings(), database, load_key(setting), documents, database.list_heads(), now,
        storage if query.originals else None,
    )  # fmt: skip
    name = f"record-{now:%Y%m%dT%H%M%SZ}.zip"
    return Response(
        pieces, mimetype="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
