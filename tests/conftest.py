"""Fixtures every room shares: one embedded cloud per test run, emptied for each test that asks for a clean one."""

import ctypes
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg import sql

import local_cloud
from local_cloud.probes import s3_client

# A test sees only the settings it makes itself.
OWN_VARIABLES = ("SUPABASE_", "SPACES_", "VAST_", "ANTHROPIC_", "TELEGRAM_", "GOOGLE_DRIVE_", "CONTROL_PLANE_", "MAX_")
PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>
LEFTOVER_SECONDS = 15


def pytest_configure() -> None:
    for name in [name for name in os.environ if name.startswith(OWN_VARIABLES)]:
        del os.environ[name]
    if sys.platform == "linux":  # an orphan of any program we start becomes our child, so that we see it at the end
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that leaves a process behind is a failed run."""
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while (left := living_children()) and time.monotonic() < deadline:
        time.sleep(0.1)
    if left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        session.config.get_terminal_writer().line(f"\nProcesses left behind: {'; '.join(left)}", red=True)
        for process in psutil.Process().children(recursive=True):
            process.kill()


def living_children() -> list[str]:
    """Programs below this process that still run, by their command lines."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline())[:120])
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.fixture(scope="session")
def cloud() -> Iterator[local_cloud.Cloud]:
    """A running embedded cloud in a temporary folder, shared by the whole run."""
    # Not below pytest's own folder: every other pytest run of the same user closes that to Postgres's user.
    with tempfile.TemporaryDirectory(prefix="aseagi-") as folder, local_cloud.cloud(Path(folder)) as running:
        yield running


@pytest.fixture(scope="session")
def seed_rows(cloud: local_cloud.Cloud) -> dict[str, bytes]:
    """What the migrations put into tables of `public`, as COPY text per table."""
    return read_tables(cloud.postgres_url)


@pytest.fixture
def clean_cloud(cloud: local_cloud.Cloud, seed_rows: dict[str, bytes]) -> local_cloud.Cloud:
    """The same cloud as right after the migrations: no document, no object, a fresh machine market."""
    make_clean(cloud, seed_rows)
    return cloud


def make_clean(cloud: local_cloud.Cloud, seed_rows: dict[str, bytes]) -> None:
    reset_emulator(cloud)
    empty_tables(cloud.postgres_url, seed_rows)
    empty_bucket(cloud)


def read_tables(postgres_url: str) -> dict[str, bytes]:
    """The contents of every table of `public` that has rows."""
    contents = {}
    with psycopg.connect(postgres_url) as connection, connection.cursor() as cursor:
        for name in _table_names(connection):
            with cursor.copy(sql.SQL("copy {} to stdout").format(sql.Identifier("public", name))) as copy:
                contents[name] = b"".join(bytes(part) for part in copy)
    return {name: rows for name, rows in contents.items() if rows}


def empty_tables(postgres_url: str, seed_rows: dict[str, bytes]) -> None:
    """Empty every table of `public` and put the seed rows back."""
    with psycopg.connect(postgres_url) as connection, connection.cursor() as cursor:
        tables = sql.SQL(", ").join(sql.Identifier("public", name) for name in _table_names(connection))
        cursor.execute(sql.SQL("truncate {} restart identity cascade").format(tables))
        for name, rows in seed_rows.items():
            with cursor.copy(sql.SQL("copy {} from stdin").format(sql.Identifier("public", name))) as copy:
                copy.write(rows)


def _table_names(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute("select tablename from pg_tables where schemaname = 'public' order by tablename")
    return [name for (name,) in rows.fetchall()]


def empty_bucket(cloud: local_cloud.Cloud) -> None:
    client = s3_client(cloud.spaces_endpoint, cloud.spaces_region, cloud.spaces_key, cloud.spaces_secret)
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=cloud.spaces_bucket):
        keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
        if keys:
            client.delete_objects(Bucket=cloud.spaces_bucket, Delete={"Objects": keys, "Quiet": True})


def reset_emulator(cloud: local_cloud.Cloud) -> None:
    request = urllib.request.Request(f"{cloud.vast_url}/admin/reset", method="POST", data=b"{}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=30):
        pass
