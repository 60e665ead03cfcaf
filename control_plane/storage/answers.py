"""What an S3 answers: its errors as ours, and the name it gives to bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from control_plane.errors import Conflict, KeyRefused, NotFound, StorageFull, StorageUnavailable

BUCKET_MISSING = "The storage has no bucket named as SPACES_BUCKET."
AWAY = "The object storage does not answer; try again in a minute."
REFUSED = (
    "The object storage refuses our key: check SPACES_KEY, SPACES_SECRET, the key's rights to SPACES_BUCKET, and this "
    "machine's clock."
)
FULL = (
    "The object storage takes nothing more: its quota is used up or its disk is full. Make room or raise the quota; "
    "what waits goes on by itself."
)
# Ceph's and Spaces' words (403), MinIO's and SeaweedFS' (507, 500).
FULL_CODES = ("QuotaExceeded", "QuotaExceededException", "InsufficientStorage", "InsufficientCapacity",
              "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "TotalRequestsQuotaExceeded")  # fmt: skip


@contextmanager
def translated() -> Iterator[None]:
    """Turn botocore's errors into ours."""
    try:
        yield
    except ClientError as error:
        status, code = status_of(error), error.response.get("Error", {}).get("Code")
        if status == 507 or code in FULL_CODES:
            raise StorageFull(FULL) from error
        if code == "NoSuchBucket":
            raise KeyRefused(BUCKET_MISSING, "storage_bucket_missing") from error
        if status == 412:
            raise Conflict("The object was changed while it was being copied.", "object_changed") from error
        if status == 404:
            raise NotFound("There is no such object in the bucket.", "object_missing") from error
        if status in (401, 403):
            raise KeyRefused(REFUSED, "storage_key_refused") from error
        raise StorageUnavailable("The object storage refused the request; try again in a minute.") from error
    except (BotoCoreError, OSError) as error:
        raise StorageUnavailable(AWAY) from error


def status_of(error: ClientError) -> int | None:
    status: int | None = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status


def etag_of(reply: Mapping[str, Any]) -> str:
    return str(reply["ETag"]).strip('"')
