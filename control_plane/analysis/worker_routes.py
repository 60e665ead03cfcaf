"""What the analysis worker may ask of us: its token, and URLs of what was read of the documents it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint

from control_plane.analysis.door import announce
from control_plane.errors import BadRequest, Conflict
from control_plane.http.contract import Body, describe
from control_plane.http.models import Id
from control_plane.http.tokens import sign_analyst_token
from control_plane.http.wiring import clients, settings
from control_plane.storage.artifacts import Artifact, check_artifacts
from control_plane.storage.bucket import PutTarget

blueprint = Blueprint("analysis_worker", __name__)
URL_SECONDS = 900  # a document's text and pictures are fetched at once, in a line of a hundred
LEFT_BY_ANALYSTS = "analysis.json"


class AnalysisLeaseBody(Body):
    """A lease on a document to be judged, and what will be put."""

    job_id: Id
    lease_token: Id
    put: list[Artifact] = []


@dataclass(frozen=True)
class AnalysisUrls:
    """One URL to read each artifact of the document, one to write each that is put; good for so many seconds."""

    get: Mapping[str, str]
    put: Mapping[str, PutTarget]
    expires_in: int


@dataclass(frozen=True)
class AnalystToken:
    """A token and its end."""

    token: str
    expires_at: datetime


@blueprint.post("/api/analysis/token")
@describe(
    "A token for the analysis worker", "Workers", auth="analysis_secret", answer=AnalystToken, errors=(401, 503)
)  # fmt: skip
def token() -> AnalystToken:
    """For who sends ANALYSIS_WORKER_SECRET: good for the verbs of documents to be judged, and for nothing else."""
    now = settings()
    announce(now, clients().database)
    fresh = sign_analyst_token(now.supabase_jwt_secret, datetime.now(UTC), now.worker_token_seconds)
    return AnalystToken(fresh.token, fresh.expires_at)


@blueprint.post("/api/analysis/urls")
@describe(
    "Presigned URLs of a document that the analysis worker holds", "Workers", auth="analyst", body=AnalysisLeaseBody,
    answer=AnalysisUrls, errors=(400, 401, 409, 413, 503),
)  # fmt: skip
def urls(body: AnalysisLeaseBody) -> AnalysisUrls:
    """What the reading left (text, boxes, pictures of pages), never the original; and where `analysis.json` goes."""
    check_artifacts(body.put)
    if any(each.name != LEFT_BY_ANALYSTS for each in body.put):
        raise BadRequest(f"An analysis leaves {LEFT_BY_ANALYSTS} and no other file.", "bad_argument")
    lease = clients().database.check_lease(None, body.job_id, body.lease_token)
    if lease is None:
        raise Conflict("This job is not held under that lease (any more); drop its result.", "lease_lost")
    storage, document = clients().storage, clients().database.get_document(lease.document_id)
    read = {} if document is None else document.artifacts
    prefix = lease.artifact_prefix.rstrip("/")
    return AnalysisUrls(
        {name: storage.presign_get(key, URL_SECONDS) for name, key in read.items()},
        {each.name: storage.presign_put(f"{prefix}/{each.name}", each, URL_SECONDS) for each in body.put},
        URL_SECONDS,
    )
