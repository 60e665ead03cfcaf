"""Write tests/schema.sql, the golden dump of what the migrations make, so that a change of schema is read as a diff.

Run `python -m scripts.dump_schema` after adding a migration; a test compares the two.
"""

import re
import subprocess
import tempfile
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

import local_cloud
from local_cloud.postgres import BIN

SCHEMAS = ("public", "private")
GOLDEN = Path(__file__).parent.parent / "tests" / "schema.sql"
# Comments, session settings, the random word with which pg_dump fences psql, and what Supabase gives by default in each
# project: nothing of the schema's own.
NOISE = re.compile(
    r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*"
    r"|ALTER DEFAULT PRIVILEGES FOR ROLE supabase_admin .*)\n", re.MULTILINE,
)  # fmt: skip
MONTH = re.compile(r"(_event_month\(\) RETURNS integer\n(?:    LANGUAGE .*\n)+    RETURN )\d+")


def dump_schema(postgres_url: str) -> str:
    """The schema of a migrated database as SQL, the same text for the same migrations, whatever month they ran in."""
    command = [str(BIN / "pg_dump"), "--schema-only", "--no-owner", "--exclude-table=private.events_2*"]
    command += [f"--schema={name}" for name in SCHEMAS]
    # Not in the arguments, which anyone on the machine can list.
    target = conninfo_to_dict(postgres_url)
    environ = {"LC_ALL": "C", "PGHOST": target["host"], "PGPORT": target["port"], "PGDATABASE": target["dbname"]}
    environ |= {"PGUSER": target["user"], "PGPASSWORD": target["password"]}
    dump = subprocess.run(command, check=True, capture_output=True, text=True, env=environ, timeout=120).stdout
    return re.sub(r"\n{3,}", "\n\n", MONTH.sub(r"\1 0", NOISE.sub("", dump))).strip() + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, local_cloud.cloud(Path(folder)) as cloud:
        GOLDEN.write_text(dump_schema(cloud.postgres_url))
    print(f"{GOLDEN.name}: {len(GOLDEN.read_text().splitlines())} lines")


if __name__ == "__main__":
    main()
