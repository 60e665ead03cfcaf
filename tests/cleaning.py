"""The embedded cloud as right after the migrations, for each test that asks for it: most leave few rows behind."""

import urllib.request
from functools import cache

import psycopg
from psycopg import sql

from local_cloud import Cloud
from local_cloud.probes import s3_client
from tests.connections import as_superuser, lend

# Those, too, that autovacuum has counted: a table it found empty would be planned for one row, whatever comes next.
LARGE_TABLES = """select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
    and (pg_relation_size(oid) > 200000 or reltuples >= 0)"""
FIRST_NUMBERS = """select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    from pg_sequences where schemaname = 'public' and last_value is not null"""


def make_clean(cloud: Cloud, seed_rows: dict[str, bytes]) -> None:
    """No document, no object, a fresh machine market; `seed_rows` as `read_tables` found them."""
    reset_emulator(cloud)
    empty_tables(cloud.postgres_url, seed_rows)
    empty_bucket(cloud)


def read_tables(postgres_url: str) -> dict[str, bytes]:
    """The contents of every table of `public` that has rows."""
    contents = {}
    with psycopg.connect(postgres_url) as connection, connection.cursor() as cursor:
        for name in _list_tables(connection):
            with cursor.copy(sql.SQL("copy (table {}) to stdout").format(sql.Identifier("public", name))) as copy:
                contents[name] = b"".join(bytes(part) for part in copy)
    return {name: rows for name, rows in contents.items() if rows}


def empty_tables(postgres_url: str, seed_rows: dict[str, bytes]) -> None:
    """Empty every table of `public`, begin its numbers anew and put the seed rows back."""
    with (
        lend(as_superuser(postgres_url)) as connection,
        connection.transaction(),
        connection.cursor() as cursor,
    ):
        cursor.execute("set local session_replication_role = replica")  # no trigger, no key asks about the order
        large = [name for (name,) in cursor.execute(LARGE_TABLES).fetchall()]
        if large:
            tables = sql.SQL(", ").join(sql.Identifier("public", name) for name in large)
            cursor.execute(sql.SQL("truncate {} cascade").format(tables))
        # Few rows: to give 80 tables and their 240 indexes new files takes half a second, a thousand times a run.
        used = [name for (name,) in cursor.execute(_ask_for_rows(tuple(_list_tables(connection)))).fetchall()]
        for name in used:
            cursor.execute(sql.SQL("delete from {}").format(sql.Identifier("public", name)))
        cursor.execute(FIRST_NUMBERS)
        for name, rows in seed_rows.items():
            with cursor.copy(sql.SQL("copy {} from stdin").format(sql.Identifier("public", name))) as copy:
                copy.write(rows)
        cursor.execute("select setval(pg_get_serial_sequence('matters', 'seq'), max(seq)) from matters")


@cache
def _ask_for_rows(tables: tuple[str, ...]) -> sql.Composed:
    """The query that names those of the tables that have a row."""
    asked = sql.SQL("select {} where exists (select from {})")
    return sql.SQL(" union all ").join(
        asked.format(sql.Literal(name), sql.Identifier("public", name)) for name in tables
    )  # fmt: skip


def _list_tables(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute("select tablename from pg_tables where schemaname = 'public' order by tablename")
    return [name for (name,) in rows.fetchall()]


def empty_bucket(cloud: Cloud) -> None:
    """Delete every object of the cloud's bucket."""
    client = _client(cloud.spaces_endpoint, cloud.spaces_region, cloud.spaces_key, cloud.spaces_secret)
    empty_versions(client, cloud.spaces_bucket)


_client = cache(s3_client)  # 12 ms each


def empty_versions(client, bucket: str) -> None:
    """Delete every version of every object, and that it was deleted."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        rows = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        keys = [{"Key": row["Key"], "VersionId": row["VersionId"]} for row in rows]
        if keys:
            client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})


def reset_emulator(cloud: Cloud) -> None:
    request = urllib.request.Request(f"{cloud.vast_url}/admin/reset", method="POST", data=b"{}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=30):
        pass
