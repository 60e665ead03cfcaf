"""The queue on real PostgreSQL."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import dict_row

from local_cloud.keys import load_keys
from tests.connections import lend
from tests.queue.queue_calls import Machine, Queue


@pytest.fixture
def queue(clean_cloud) -> Iterator[Queue]:
    password = load_keys(clean_cloud.state_dir / "secrets.json").authenticator_password
    # Without the role's eight seconds for a statement: a crowded machine needs longer for 250 files. PostgREST keeps to
    # them, and to those of a function: test_hosted.py.
    authenticator_url = psycopg.conninfo.make_conninfo(
        clean_cloud.postgres_url, user="authenticator", password=password, options="-c statement_timeout=10min"
    )
    with (
        lend(clean_cloud.postgres_url, dict_row, as_new=True) as owner,
        lend(authenticator_url, dict_row, as_new=True) as caller,
    ):
        yield Queue(clean_cloud.postgres_url, authenticator_url, owner, caller)


@pytest.fixture
def machine(queue) -> Machine:
    return queue.machine()
