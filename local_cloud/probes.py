"""Readiness: does a service answer over the wire?"""

import urllib.error
import urllib.request

import boto3
import psycopg
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

PROBE_SECONDS = 2
PROBE_KEY = "cache/ready"


def http_answers(url: str, status: int = 200) -> bool:
    """Whether a GET of `url` gives this status."""
    try:
        with urllib.request.urlopen(url, timeout=PROBE_SECONDS) as answer:
            return answer.status == status
    except urllib.error.HTTPError as error:
        return error.code == status
    except OSError:
        return False


def postgres_answers(url: str) -> bool:
    """Whether Postgres lets us in."""
    try:
        with psycopg.connect(url, connect_timeout=PROBE_SECONDS):
            return True
    except psycopg.OperationalError:
        return False


def s3_client(endpoint: str, region: str, key: str, secret: str):
    """A boto3 client for an S3 with path addressing; it does not retry."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        retries={"max_attempts": 1, "mode": "standard"},
        connect_timeout=PROBE_SECONDS,
    )
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=config,
    )


def bucket_answers(client, bucket: str) -> bool:
    """Whether an object can be written, read and deleted.

    A bucket may be there seconds before its contents: SeaweedFS answers InternalError until its volumes have reported.
    """
    try:
        client.put_object(Bucket=bucket, Key=PROBE_KEY, Body=b"ready")
        is_there = client.get_object(Bucket=bucket, Key=PROBE_KEY)["Body"].read() == b"ready"
        client.delete_object(Bucket=bucket, Key=PROBE_KEY)
    except (BotoCoreError, ClientError):
        return False
    return is_there
