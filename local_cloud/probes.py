"""Readiness: does a service answer over the wire?"""

import urllib.error
import urllib.request

import boto3
import psycopg
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

PROBE_SECONDS = 2


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
    """Whether the bucket is there and the keys open it."""
    try:
        client.head_bucket(Bucket=bucket)
    except (BotoCoreError, ClientError):
        return False
    return True
