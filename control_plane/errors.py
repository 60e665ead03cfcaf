"""What can go wrong at the front desk, with the HTTP status that `http.errors` answers.

ControlPlaneError
├── BadRequest            400  the caller must change the request
├── NotAllowed            401  no token, a wrong token or a dead one
├── NotPermitted          403  known, and not for this
├── NotFound              404
├── Conflict              409  right request, wrong moment
├── FileTooLarge          413
├── ArtifactTooLarge      413
├── UnsupportedType       415
├── KeyRefused            500  a provider refuses our key or our rights: only whoever runs the service can mend it
└── Unavailable           503  ours or a provider's fault: the same request may succeed later
    ├── QueueUnavailable
    │   ├── AnswersCut
    │   └── SessionsShared
    ├── StorageUnavailable
    │   └── StorageFull
    └── VastUnavailable
"""

from __future__ import annotations

from inspector.kinds import Kind, explain_refusal


class ControlPlaneError(Exception):
    """An answer that is not a success: HTTP `status`, a stable `code`, and a sentence that says what to do."""

    status = 500
    code = "internal_error"

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code


class BadRequest(ControlPlaneError):
    """The request cannot be understood or makes no sense; repeating it unchanged won't help."""

    status, code = 400, "bad_request"


class NotAllowed(ControlPlaneError):
    """The token is missing, wrong, expired or belongs to a machine that is gone."""

    status, code = 401, "unauthorized"


class NotPermitted(ControlPlaneError):
    """The caller's role or token does not reach so far."""

    status, code = 403, "role_may_not"


class NotFound(ControlPlaneError):
    """No such job, document, machine or route."""

    status, code = 404, "not_found"


class Conflict(ControlPlaneError):
    """The thing exists, but its state does not allow this now."""

    status, code = 409, "wrong_state"


class FileTooLarge(ControlPlaneError):
    """The file has more bytes than MAX_UPLOAD_BYTES."""

    status, code = 413, "file_too_large"


class ArtifactTooLarge(ControlPlaneError):
    """A machine declares an artifact larger than any sound one."""

    status, code = 413, "artifact_too_large"


class UnsupportedType(ControlPlaneError):
    """The bytes are of no type that a worker can read; `kind` is what they are, where that is known."""

    status, code = 415, "unsupported_type"

    def __init__(self, kind: Kind | None) -> None:
        super().__init__(explain_refusal(kind))
        self.kind = kind


class KeyRefused(ControlPlaneError):
    """A provider answers, and refuses our key or our rights: repeating is useless until a setting is mended.

    Codes: database_key_refused, storage_key_refused, storage_bucket_missing, drive_access_refused, drive_api_off,
    drive_scope_missing, vast_key_refused.
    """

    code = "key_refused"


class Unavailable(ControlPlaneError):
    """A dependency did not answer; nothing was lost, and the same request may be repeated."""

    status, code = 503, "unavailable"


class QueueUnavailable(Unavailable):
    """Postgres or PostgREST did not answer."""

    code = "queue_unavailable"


class AnswersCut(QueueUnavailable):
    """PostgREST gives fewer rows than a function returned: its max-rows is too small, or less is to be asked for."""

    code = "queue_answers_cut"


class SessionsShared(QueueUnavailable):
    """PostgREST prepares statements, and a pooler in transaction mode between it and Postgres keeps none."""

    code = "queue_sessions_shared"


class StorageUnavailable(Unavailable):
    """The object storage did not answer."""

    code = "storage_unavailable"


class StorageFull(StorageUnavailable):
    """The bucket or the account takes no byte more: what is to be written waits."""

    code = "storage_full"


class VastUnavailable(Unavailable):
    """Vast.ai did not answer, or not in a way that can be trusted."""

    code = "vast_unavailable"


# The SQL functions' own SQLSTATEs → (class, code). Any other database error is a defect and answers 500.
SQLSTATES: dict[str, tuple[type[ControlPlaneError], str]] = {
    "AS001": (Conflict, "lease_lost"),
    "AS002": (NotFound, "not_found"),
    "AS003": (Conflict, "wrong_state"),
    "AS004": (NotAllowed, "token_dead"),
    "AS005": (Conflict, "cap_reached"),
    "AS006": (BadRequest, "bad_argument"),
}
