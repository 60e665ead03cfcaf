"""Makes the bucket, has it keep versions, lets `cache/` expire, and tries every right that is needed.

Settings: SPACES_ENDPOINT, SPACES_REGION, SPACES_KEY, SPACES_SECRET, SPACES_BUCKET, CACHE_DAYS (30) and OBJECT_LOCK_DAYS
(none). Says what the store answered where it cannot protect. Safe to repeat; rules and policies of others stay.
"""

import base64
import hashlib
import json
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
        keeps_versions = keep_versions(client, bucket)
        set_lifecycle(client, bucket, int(environ.get("CACHE_DAYS") or 30), keeps_versions)
        print("lifecycle set")
        if keeps_versions:
            forbid_deleting_versions(client, bucket)
            lock_objects(client, bucket, int(environ.get("OBJECT_LOCK_DAYS") or 0))
        try_rights(client, bucket)
        print("reading, writing, deleting and signed addresses work, and nobody reads without a signature")
        if keeps_versions:
            try_to_delete_a_version(client, bucket)
    except (BotoCoreError, ClientError, OSError, AssertionError) as problem:
        print(f"the storage refuses: {problem}", file=sys.stderr)
        return 1
    return 0


def make_client(environ: Mapping[str, str]) -> Any:
    """An S3 client by path, as the control plane has one, whose settings of a bucket come with their Content-MD5."""
    client = boto3.client(
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
    client.meta.events.register("before-sign.s3", put_md5)
    return client


def put_md5(request: Any, **_: Any) -> None:
    """Gives a request with a CRC the MD5 instead.

    boto3 sends a CRC since 1.36 wherever S3 wants one or the other; Ceph, and so Spaces, knows the MD5 only, and
    refuses lifecycle rules, policies and locks without it.
    """
    crcs = [name for name in request.headers if name.lower().startswith(("x-amz-checksum-", "x-amz-sdk-checksum-"))]
    for name in crcs:
        del request.headers[name]
    if crcs:
        body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        request.headers["Content-MD5"] = base64.b64encode(hashlib.md5(body).digest()).decode()


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


def keep_versions(client: Any, bucket: str) -> bool:
    """Whether the bucket keeps versions from here on: what is deleted or overwritten is then still there.

    Not where the store then lists keys out of their order, as SeaweedFS 4.48 does: a scan would pass over some.
    """
    try:
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        answer = client.get_bucket_versioning(Bucket=bucket).get("Status", "it took that and forgot it")
    except ClientError as problem:
        answer = _code(problem)
    if answer == "Enabled" and not lists_in_order(client, bucket):
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
        answer = "with them it lists keys out of order"
    kept = bool(answer == "Enabled")
    print("versions are kept" if kept else f"no versions are kept ({answer}): objects that others named will be copied")
    return kept


def lists_in_order(client: Any, bucket: str) -> bool:
    """Whether a listing key by key begins with the first of two keys, one of which is the beginning of the other."""
    for key in (PROBE, f"{PROBE}.pdf"):
        client.put_object(Bucket=bucket, Key=key, Body=b"probe")
    listed = client.list_objects_v2(Bucket=bucket, Prefix=PROBE, MaxKeys=1)["Contents"]
    for each in client.list_object_versions(Bucket=bucket, Prefix=PROBE)["Versions"]:
        try:
            client.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
        except ClientError:  # our own policy, where it stands already
            client.delete_object(Bucket=bucket, Key=each["Key"])
    return bool(listed[0]["Key"] == PROBE)


def forbid_deleting_versions(client: Any, bucket: str) -> None:
    """A statement of ours in the bucket's policy: no key deletes a version, while the policy stands."""
    try:
        told = json.loads(client.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as problem:
        told = {"Version": "2012-10-17", "Statement": []}
        if problem.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            return print(f"the store has no policies for buckets ({_code(problem)})")
    ours = {
        "Sid": "aseagi-versions-stay", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObjectVersion",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }  # fmt: skip
    told["Statement"] = [each for each in told["Statement"] if each.get("Sid") != ours["Sid"]] + [ours]
    try:
        client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(told))
    except ClientError as problem:
        return print(f"the store refuses a policy that keeps versions ({_code(problem)})")
    return print("a policy forbids deleting versions")


def lock_objects(client: Any, bucket: str, days: int) -> None:
    """Each object is locked for so many days (governance mode); 0: no lock is set, and one that is set stays."""
    if not days:
        return
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": days}}
    locked = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    try:
        client.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=locked)
    except ClientError as problem:
        return print(f"the store refuses object lock ({_code(problem)})")
    return print(f"objects are locked for {days} days")


def try_to_delete_a_version(client: Any, bucket: str) -> None:
    """Says whether whoever has this key can delete for good."""
    version = client.put_object(Bucket=bucket, Key=PROBE, Body=b"version")["VersionId"]
    try:
        client.delete_object(Bucket=bucket, Key=PROBE, VersionId=version)
    except ClientError as refused:
        client.delete_object(Bucket=bucket, Key=PROBE)
        return print(f"this key cannot delete a version ({_code(refused)})")
    return print("THIS KEY CAN DELETE VERSIONS: give the services one without s3:DeleteObjectVersion (docs/custody.md)")


def _code(problem: ClientError) -> str:
    return str(problem.response.get("Error", {}).get("Code", "?"))


def set_lifecycle(client: Any, bucket: str, cache_days: int, keeps_versions: bool) -> None:
    """Our two rules, beside the rules somebody else made. Versions go under `cache/` only."""
    cache = {"Expiration": {"Days": cache_days}} | (
        {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}} if keeps_versions else {}
    )
    ours = [
        {"ID": "aseagi-cache", "Status": "Enabled", "Filter": {"Prefix": "cache/"}, **cache},
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
