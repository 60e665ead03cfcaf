"""Debian's PgBouncer before a Postgres, as Supabase's pooler: by transactions on 6543, by sessions on 5432.

By transactions, the server's connections go round: whoever asks next gets another one than before, as the last one left
it. What a session keeps is gone, or somebody else's. Like Supabase's it knows nothing of prepared statements.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from local_cloud.ports import LOOPBACK
from local_cloud.postgres import UNPRIVILEGED_USER, postgres_url
from local_cloud.probes import postgres_answers
from local_cloud.processes import Service, stop_all, wait_until_ready
from tests.conftest import make_open_folder
from tests.deployment.front import free_port

CONNECTIONS = 3
SETTINGS = """
[databases]
* = host={host} port={postgres}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
pool_mode = {mode}
default_pool_size = {connections}
server_round_robin = 1
{more}
"""


@contextmanager
def pooler(
    postgres: int, passwords: Mapping[str, str], mode: str = "transaction", database: str = "postgres", more: str = ""
) -> Iterator[int]:
    """The port of a pooler before this Postgres, for these roles. `more`: further settings of PgBouncer's."""
    with make_open_folder() as folder:
        port, settings = free_port(), folder / "pgbouncer.ini"
        parts = {"host": LOOPBACK, "postgres": postgres, "port": port, "folder": folder, "mode": mode, "more": more}
        settings.write_text(SETTINGS.format(**parts, connections=CONNECTIONS))
        users = [f'"{role}" "{password}"\n' for role, password in passwords.items()]
        (folder / "users.txt").write_text("".join(users))
        urls = [make_conninfo(postgres_url(port, *each), dbname=database) for each in passwords.items()]
        service = _service(settings, folder / "log", urls[0])
        service.start()
        try:
            wait_until_ready([service])
            for url in urls if mode == "transaction" else ():
                _fill(url)
            yield port
        finally:
            stop_all([service])


def _fill(url: str) -> None:
    """Have the pooler open all of its connections."""
    with ExitStack() as opened:
        for _ in range(CONNECTIONS):
            opened.enter_context(psycopg.connect(url)).execute("select 1")


def _service(settings: Path, log: Path, url: str) -> Service:
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    as_root = ["-u", UNPRIVILEGED_USER] if settings.owner() == "root" else []
    return Service(
        name="pgbouncer", command=[program, *as_root, str(settings)], environ={"PATH": "/usr/bin:/bin"}, log=log,
        ready=lambda: postgres_answers(url), advice="Read the log.",
    )  # fmt: skip
