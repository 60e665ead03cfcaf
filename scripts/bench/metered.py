"""Counts the blocks of 8 KiB that Postgres touches, in memory or not, for each call through PostgREST (wire)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
import psycopg
from pydantic import TypeAdapter

from gpu_worker.clients.rpc import Rpc
from gpu_worker.clients.worker_token import WorkerToken
from local_cloud import Cloud
from local_cloud.keys import load_keys
from local_cloud.postgres import SUPERUSER

T = TypeVar("T")
MARK = "X-Blocks-Counted"
READ = "select blks_hit + blks_read from pg_stat_database where datname = current_database()"
# Without it, what a request touched shows up to ten seconds later.
BEGIN = f"""
create or replace function private.count_at_once() returns void language plpgsql as $$ begin
  perform pg_stat_force_next_flush();
  perform set_config('response.headers', '[{{"{MARK}": "1"}}]', true);
end $$;
grant usage on schema private to public;
grant execute on function private.count_at_once() to public;
alter role authenticator set pgrst.db_pre_request = 'private.count_at_once';
notify pgrst, 'reload config'
"""
END = """
alter role authenticator reset pgrst.db_pre_request;
drop function private.count_at_once();
revoke usage on schema private from public;
notify pgrst, 'reload config'
"""


@contextmanager
def counting(cloud: Cloud) -> Iterator[psycopg.Connection[Any]]:
    """While it lasts, every request's blocks are told when it is answered; gives a connection to read them with."""
    password = load_keys(cloud.state_dir / "secrets.json").postgres_password
    url = psycopg.conninfo.make_conninfo(cloud.postgres_url, user=SUPERUSER, password=password)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(BEGIN)
        try:
            _wait_until_marked(cloud, marked=True)
            yield owner
        finally:
            owner.execute(END)
            _wait_until_marked(cloud, marked=False)


def count_blocks(owner: psycopg.Connection[Any]) -> int:
    """Blocks touched in this database so far."""
    return int(owner.execute(READ).fetchone()[0])  # type: ignore[index]


class Meter(Rpc):
    """A worker's calls, with each function's blocks."""

    def __init__(self, cloud: Cloud, owner: psycopg.Connection[Any], token: str) -> None:
        client = httpx.Client(timeout=120)
        super().__init__(client, cloud.supabase_url, cloud.publishable_key, WorkerToken(token), 60)
        self._owner = owner
        self.blocks: Counter[str] = Counter()

    def call(
        self, function: str, arguments: Mapping[str, object], answer: TypeAdapter[T], retry_seconds: float | None = None
    ) -> T:
        """As a worker calls it."""
        before = count_blocks(self._owner)
        try:
            return super().call(function, arguments, answer, retry_seconds)
        finally:
            self.blocks[function] += count_blocks(self._owner) - before


def _wait_until_marked(cloud: Cloud, *, marked: bool) -> None:
    """PostgREST reads its settings again a moment after it is told to."""
    deadline = time.monotonic() + 30
    headers = {"apikey": cloud.service_key, "Authorization": f"Bearer {cloud.service_key}"}
    while time.monotonic() < deadline:
        reply = httpx.get(f"{cloud.supabase_url}/rest/v1/matters", params={"limit": 1}, headers=headers)
        if reply.is_success and (MARK in reply.headers) == marked:
            return
        time.sleep(0.05)
    raise RuntimeError("PostgREST did not take its settings over")
