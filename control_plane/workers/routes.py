"""What a rented machine may ask of us, with the token that names it: URLs for its own leases, and little else."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify

from control_plane.errors import BadRequest, Conflict, NotAllowed
from control_plane.http.auth import worker_instance
from control_plane.http.requests import check_uuid, json_body
from control_plane.http.schemas import INTEGER, LINK, STRING, TIME, mapping, obj
from control_plane.http.tokens import sign_worker_token
from control_plane.http.wiring import clients, describe, settings
from control_plane.storage.artifacts import check_artifacts

blueprint = Blueprint("workers", __name__)
URL_SECONDS = 300  # a URL cannot be called back when the lease ends; a worker asks anew when one has expired
# What a worker may say of its own machine; the words are ours, because a stranger's would reach people's screens.
FAULTS = {
    "gpu_unusable": "its worker cannot use the GPU",
    "broken": "its worker cannot read pages there",
}
LIVE_STATES = ("intent", "booting", "ready")


@blueprint.post("/api/worker/urls")
@describe(
    "Presigned URLs of a job that this machine holds", "Workers", auth="worker",
    body={
        "type": "object",
        "required": ["job_id", "lease_token"],
        "properties": {
            "job_id": STRING, "lease_token": STRING,
            "put": {"type": "array", "items": obj(name=STRING, bytes=INTEGER, md5=STRING)},
        },
    },
    answer=obj(get=LINK, put=mapping(obj(url=LINK, key=STRING, headers=mapping(STRING))), expires_in=INTEGER),
    errors=(400, 401, 409, 413, 503),
)  # fmt: skip
def urls() -> Response:
    """One URL to read the document, one to write each artifact: those very bytes, once, while the lease is held.

    `md5` is base64. A put must send the `headers` that come with its URL; they are part of the signature.
    """
    instance = worker_instance()
    body = json_body()
    job_id, lease_token = check_uuid(body.get("job_id"), "job_id"), check_uuid(body.get("lease_token"), "lease_token")
    artifacts = check_artifacts(body.get("put", []))
    lease = clients().database.check_lease(instance, job_id, lease_token)
    if lease is None:
        raise Conflict("This machine does not hold that job (any more); drop its result.", "lease_lost")
    prefix = lease.artifact_prefix.rstrip("/")
    storage = clients().storage
    put = {each.name: vars(storage.presign_put(f"{prefix}/{each.name}", each, URL_SECONDS)) for each in artifacts}
    return jsonify(get=storage.presign_get(lease.object_key, URL_SECONDS), put=put, expires_in=URL_SECONDS)


@blueprint.post("/api/worker/token")
@describe(
    "A fresh token while the machine is in the ledger", "Workers", auth="worker",
    answer=obj(token=STRING, expires_at=TIME), errors=(401, 503),
)  # fmt: skip
def renew_token() -> Response:
    """A new token for a live machine; 401 `token_dead` once it is being destroyed."""
    instance = worker_instance()
    machine = clients().database.get_machine(instance)
    if machine is None or machine.state not in LIVE_STATES:
        raise NotAllowed("This machine is not in the ledger any more; stop working.", "token_dead")
    fresh = sign_worker_token(
        instance, settings().supabase_jwt_secret, datetime.now(UTC), settings().worker_token_seconds
    )
    return jsonify(token=fresh.token, expires_at=fresh.expires_at.isoformat())


@blueprint.post("/api/worker/goodbye")
@describe(
    "Ask to be destroyed", "Workers", auth="worker", status=202,
    body={"type": "object", "properties": {"fault": {"type": "string", "enum": list(FAULTS)}}},
    answer=obj(label=STRING), errors=(400, 401, 503),
)  # fmt: skip
def goodbye() -> tuple[Response, int]:
    """Mark the calling machine for destruction; asking twice is fine. With a `fault` its hardware is to blame."""
    instance = worker_instance()
    fault = json_body(required=False).get("fault")
    if fault is not None and (not isinstance(fault, str) or fault not in FAULTS):
        raise BadRequest(f"fault must be one of {', '.join(FAULTS)}.", "bad_argument")
    reason, blame = (FAULTS[fault], "machine") if fault else ("the worker asked to be destroyed", None)
    clients().database.mark_destroying(instance, reason, blame)
    return jsonify(label=instance), 202
