"""Makes the bucket, lets `cache/` expire and unfinished uploads be dropped, and tries every right that is needed.

Settings: SPACES_ENDPOINT, SPACES_REGION, SPACES_KEY, SPACES_SECRET, SPACES_BUCKET and CACHE_DAYS (30). Safe to repeat;
other lifecycle rules of the bucket stay.
"""

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

NAMES = ("SPACES_ENDPOINT", "SPACES_REGION", "SPACES_KEY", "SPACES_SECRET", "SPACES_BUCKET")
PROBE = "cache/setup-probe"
UNFINISHED_UPLOAD_DAYS = 2


def main(environ: Mapping[str, str]) -> int:
    """Set the bucket up; 2 for missing settings, 1 for a storage that refuses something."""
    missing = [name for name in NAMES if not environ.get(name)]
    if missing:
        print(f"set {', '.join(missing)}", file=sys.stderr)
        return 2
    client, bucket = make_client(environ), environ["SPACES_BUCKET"]
    try:
        print("bucket made" if make_bucket(client, bucket) else "bucket is there")
        set_lifecycle(client, bucket, int(environ.get("CACHE_DAYS") or 30))
        print("lifecycle set")
        try_rights(client, bucket)
        print("reading, writing, deleting and signed addresses work, and nobody reads without a signature")
    except (BotoCoreError, ClientError, OSError, AssertionError) as problem:
        print(f"the storage refuses: {problem}", file=sys.stderr)
        return 1
    return 0


def make_client(environ: Mapping[str, str]) -> Any:
    """An S3 client by path, as the control plane has one."""
    return boto3.client(
        "s3",
        endpoint_url=environ["SPACES_ENDPOINT"],
        region_name=environ["SPACES_REGION"],
        aws_access_key_id=environ["SPACES_KEY"],
        aws_secret_access_key=environ["SPACES_SECRET"],
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def make_bucket(client: Any, bucket: str) -> bool:
    """Whether it had to be made."""
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as problem:
        if problem.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        client.create_bucket(Bucket=bucket, ACL="private")
        return True
    return False


def set_lifecycle(client: Any, bucket: str, cache_days: int) -> None:
    """Our two rules, beside the rules somebody else made."""
    ours = [
        {"ID": "aseagi-cache", "Status": "Enabled", "Filter": {"Prefix": "cache/"}, "Expiration": {"Days": cache_days}},
        {
            "ID": "aseagi-unfinished-uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": UNFINISHED_UPLOAD_DAYS},
        },
    ]
    names = {rule["ID"] for rule in ours}
    others = [rule for rule in _rules(client, bucket) if rule.get("ID") not in names]
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [*others, *ours]})


def _rules(client: Any, bucket: str) -> list[dict[str, Any]]:
    try:
        return client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as problem:
        if problem.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        return []


def try_rights(client: Any, bucket: str) -> None:
    """Write, read by a signed address, be refused without one, delete; raises AssertionError for an open bucket."""
    client.put_object(Bucket=bucket, Key=PROBE, Body=b"probe")
    address = client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": PROBE}, ExpiresIn=60)
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert answer.read() == b"probe", "a signed address gives something else"
        try:
            with urllib.request.urlopen(address.partition("?")[0], timeout=30):
                raise AssertionError("the bucket can be read by anybody: make it private")
        except urllib.error.HTTPError as refused:
            refused.close()
    finally:
        client.delete_object(Bucket=bucket, Key=PROBE)


if __name__ == "__main__":
    sys.exit(main(os.environ))
