"""Connections to Postgres that outlive a test: a new one costs the server 20 ms to learn the tables anew.

One per address, for the main thread alone: a thread that waits for a lock shall keep nobody else waiting.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.rows import dict_row, tuple_row

from local_cloud.postgres import OWNER, SUPERUSER

# What `discard all` does, but for the statements that psycopg has prepared and counts on.
FORGET = "reset session authorization; reset all; unlisten *; select pg_advisory_unlock_all(); discard temp; close all"
_kept: dict[tuple[str, object], psycopg.Connection] = {}


@contextmanager
def lend(url: str, row_factory=tuple_row, *, as_new: bool = False) -> Iterator[psycopg.Connection]:
    """A connection that commits each statement; `as_new`: without what an earlier test set in it."""
    if threading.current_thread() is not threading.main_thread():
        with psycopg.connect(url, autocommit=True, row_factory=row_factory) as own:
            yield own
        return
    connection = _kept.get((url, row_factory))
    if connection is None or not _lives(connection, FORGET if as_new else "select"):
        connection = psycopg.connect(url, autocommit=True, row_factory=row_factory)
        _kept[url, row_factory] = connection
    yield connection


def lend_rows(url: str) -> psycopg.Connection:
    """As `lend`, with rows as dicts."""
    return lend(url, dict_row)


def as_superuser(owner_url: str) -> str:
    """The same database's address for who may do everything."""
    return owner_url.replace(f"//{OWNER}:", f"//{SUPERUSER}:")


def hang_up() -> None:
    """Close what was kept, for a cloud that ends."""
    for connection in _kept.values():
        connection.close()
    _kept.clear()


def _lives(connection: psycopg.Connection, statement: str) -> bool:
    if connection.closed or connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
        connection.close()
        return False
    try:
        connection.execute(statement)
    except psycopg.OperationalError:  # Postgres was restarted meanwhile
        connection.close()
        return False
    return True
