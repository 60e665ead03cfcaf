"""Builds the real clients from the settings; tests build them the same way against the embedded cloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import httpx
from botocore.config import Config
from supabase import Client, ClientOptions, create_client

from control_plane.database import Database
from control_plane.database.connection import raise_if_refused
from control_plane.mailbox.client import Mailbox
from control_plane.settings import Settings
from control_plane.storage.bucket import Storage
from control_plane.vast.client import VastClient

if TYPE_CHECKING:
    from control_plane.drive.client import DriveClient

QUEUE_TIMEOUT_SECONDS = 35.0  # the SQL functions that take long are given up after 30
STORAGE_CONNECTIONS = 32


@dataclass(frozen=True)
class Clients:
    """Everything outside of the process that a request may touch."""

    database: Database
    storage: Storage
    vast: VastClient


def build_clients(settings: Settings) -> Clients:
    """Real clients. Call it after a fork, never before: neither connection pool survives one."""
    return Clients(Database(build_supabase(settings)), build_storage(settings), build_vast(settings))


def build_supabase(settings: Settings) -> Client:
    """PostgREST through supabase-py, as `service_role`; it is never asked twice behind our back."""
    # HTTP/1.1: an HTTP/2 server closes a connection after so many streams, and a POST then fails for no reason.
    http = httpx.Client(
        http2=False, timeout=httpx.Timeout(QUEUE_TIMEOUT_SECONDS, connect=5.0), follow_redirects=True,
        event_hooks={"response": [raise_if_refused]},
    )  # fmt: skip
    options = ClientOptions(httpx_client=http, postgrest_client_retry=False, auto_refresh_token=False)
    return create_client(settings.supabase_url, settings.supabase_service_key, options)


def build_storage(settings: Settings) -> Storage:
    """S3 through boto3, by path (the embedded S3 has no wildcard DNS)."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=STORAGE_CONNECTIONS,
        # Spaces and SeaweedFS know no CRC trailers; only AWS asks for them.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    client = boto3.client(
        "s3",
        endpoint_url=settings.spaces_endpoint,
        region_name=settings.spaces_region,
        aws_access_key_id=settings.spaces_key,
        aws_secret_access_key=settings.spaces_secret,
        config=config,
    )
    return Storage(client, settings.spaces_bucket)


def build_drive(settings: Settings) -> DriveClient:
    """Google Drive with the credentials as they are on disk now. Raises BadRequest (`drive_not_configured`)."""
    from control_plane.drive.client import DriveClient, load_credentials  # 20 MB that most houses never need

    credentials = load_credentials(settings.google_drive_credentials_file, settings.google_drive_token_file)
    return DriveClient(credentials, settings.google_drive_api_url)


def build_mailbox(settings: Settings) -> Mailbox:
    """The mailbox of IMAP_URL. Raises BadRequest (`mailbox_not_configured`)."""
    return Mailbox.at(settings.imap_url, settings.imap_password)


def build_vast(settings: Settings) -> VastClient:
    """The `vastai` CLI behind `vast.VastClient`."""
    return VastClient(settings.vast_url, settings.vast_api_key, settings.vast_home)
