"""`safeupdate`, as Supabase loads it for PostgREST: the C file beside this one, built for the Postgres that runs."""

import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from local_cloud import Cloud
from local_cloud.postgres import BIN, OWNER, SUPERUSER

SOURCE = Path(__file__).with_suffix(".c")
HEADERS = BIN.parent / "include" / "postgresql" / "server"


def load_safeupdate(cloud: Cloud, folder: Path) -> None:
    """From now on every session of PostgREST's role refuses a statement that changes a whole table."""
    library = folder / "safeupdate.so"
    command = ["cc", "-shared", "-fPIC", "-O1", "-I", str(HEADERS), "-o", str(library), str(SOURCE)]
    subprocess.run(command, check=True)
    library.chmod(0o755)
    with psycopg.connect(cloud.postgres_url.replace(f"//{OWNER}:", f"//{SUPERUSER}:"), autocommit=True) as connection:
        loaded = sql.SQL("alter role authenticator set session_preload_libraries to {}")
        connection.execute(loaded.format(sql.Literal(str(library))))
    cloud.services["postgrest"].restart()
