"""Databases and buckets as backup.sh and restore.sh find them: one with documents, and some to bring them back to."""

import contextlib
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import rows, sql

from local_cloud import Cloud
from local_cloud.keys import load_keys
from local_cloud.ports import LOOPBACK
from local_cloud.postgres import BIN, SUPERUSER, make_data_folder, postgres_service, postgres_url
from local_cloud.probes import s3_client
from local_cloud.processes import stop_all, wait_until_ready
from tests.cleaning import empty_versions
from tests.deployment.front import REPOSITORY, free_port

SCRIPTS = REPOSITORY / "scripts"
ORIGINAL = "raw/2026/11/22/a.pdf"
OBJECTS = {ORIGINAL: b"one", "processed/2026/11/22/a/l/ocr.txt": b"two", "cache/x": b"may be lost"}

SAID = [
    {"name": "document_type", "value": "order"}, {"name": "tag:visits", "value": True},
    {"name": "important", "value": True}, {"name": f"note:{uuid.UUID(int=7)}", "value": {"text": "Ask the school."}},
]  # fmt: skip
SAID_OF_ONE = """
select decide(array(select id from master_document_registry order by seq limit 1), jsonb_build_array(
  jsonb_build_object('name', 'exhibit', 'value', 'next'),
  jsonb_build_object('name', 'field:' || f.id, 'value', 'Reyes'),
  jsonb_build_object('name', 'line:1:1', 'value', jsonb_build_object('read', 'He wos there.', 'text', 'He was there.'))
  ), 'Dana') from add_field('{"name": "Judge", "kind": "text"}', 'Dana') f
"""
# Two statements, a term and an event, and what a person said of each.
CASE = """
create temporary table paper on commit drop as select id, row_number() over (order by seq) as n
  from master_document_registry;
insert into case_documents (document_id, witness_id) select id, id from paper on conflict do nothing;
insert into people (name) values ('Ann Lee'), ('A. Lee');
insert into case_names (key, words, form, person_id) select 'full:' || lower(name), name, 'full', id from people;
insert into case_claims (document_id, key, place, page, start, quote, voice)
  select id, 'said', 1, 1, 0, 'It was six.', 'letter' from paper;
insert into order_terms (document_id, key, place, page, start, quote, duty, act, proposed_by)
  select id, 'term', 1, 1, 0, 'He shall pay.', 'shall', 'pay', 'rules' from paper where n = 1;
insert into case_events (starts, ends, precision, known, title)
  values ('2024-01-01', '2024-01-02', 'day', 'stated', 'x');
insert into pairs (id, kind, proposed_by, score, a_document, a_key, a_side, b_document, b_key, b_side, proposer, stands,
    rule_kind)
  select gen_random_uuid(), 'contradiction', 'same_time', 20, a.id, 'said', '{"quote": "It was six."}', b.id, 'said',
    '{"quote": "It was six."}', a.id, true, 'contradiction' from paper a, paper b where (a.n, b.n) = (1, 2);
select decide_pairs(array(select id from pairs), 'accepted', 'Both stand.', 'Dana');
select decide_event((select id from case_events), 'true', 'Dana');
select decide_term((select id from order_terms), 'accepted', 'Dana');
select merge_people((select id from people where name = 'Ann Lee'), (select id from people where name = 'A. Lee'),
  'Dana');
"""


@dataclass
class Place:
    """A database and a bucket, and the scripts' environment for them."""

    environ: dict[str, str]

    def run(self, script: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        if script == "restore.sh":
            arguments = (*arguments, {**self.environ, **more}["IDENTITY"])
        command = ["sh", str(SCRIPTS / script), *arguments]
        return subprocess.run(
            command, env=self.environ | more, capture_output=True, text=True, timeout=120, check=False
        )  # fmt: skip

    def dump(self, *options: str) -> str:
        """The schema or the rows as SQL, without the lines that differ by themselves."""
        command = [str(BIN / "pg_dump"), "--no-owner", "--schema=public", "--schema=private",
                   "--exclude-table-data=public.backups", "--exclude-table-data=public.programs", *options]  # fmt: skip
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        # After a restore the storage's door is closed.
        by_itself = ("--", "\\restrict", "\\unrestrict", "SELECT pg_catalog.setval('public.backups_id_seq'",
                     "storage\t", "INSERT INTO public.doors ")  # fmt: skip
        return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(by_itself))

    def noted(self, kind: str) -> dict[str, object]:
        """The newest backup, trial or restore, as the database took it down."""
        with connect(self) as connection:
            connection.row_factory = rows.dict_row
            row = connection.execute(
                "select * from public.backups where kind = %s order by id desc limit 1", (kind,)
            ).fetchone()
        assert row is not None
        return row


@pytest.fixture
def place(clean_cloud: Cloud, tmp_path: Path) -> Place:
    """The embedded cloud, holding two documents and three objects."""
    url = urlsplit(clean_cloud.postgres_url)
    client = s3_client(clean_cloud.spaces_endpoint, "us-east-1", clean_cloud.spaces_key, clean_cloud.spaces_secret)
    for key, body in OBJECTS.items():
        client.put_object(Bucket=clean_cloud.spaces_bucket, Key=key, Body=body)
    with psycopg.connect(clean_cloud.postgres_url) as connection:
        letter = new_file("letter.pdf") | {"object_key": ORIGINAL, "sha256": sha256(OBJECTS[ORIGINAL]).hexdigest()}
        for file in (letter, new_file("it's ünusual.pdf")):
            connection.execute("select * from public.enqueue_jobs(%s)", (psycopg.types.json.Jsonb([file]),))
        connection.execute(
            "select * from public.decide(array(select id from public.master_document_registry), %s, 'Dana')",
            (psycopg.types.json.Jsonb(SAID),),
        )
        connection.execute("set search_path = public")
        connection.execute(CASE)
        connection.execute(SAID_OF_ONE)
    return Place({
        "PATH": f"{BIN}:{os.environ['PATH']}", "PGHOST": url.hostname, "PGPORT": str(url.port), "PGUSER": url.username,
        "PGPASSWORD": url.password, "PGDATABASE": "postgres", "SPACES_ENDPOINT": clean_cloud.spaces_endpoint,
        "SPACES_REGION": clean_cloud.spaces_region, "SPACES_KEY": clean_cloud.spaces_key,
        "SPACES_SECRET": clean_cloud.spaces_secret, "SPACES_BUCKET": clean_cloud.spaces_bucket,
        "BACKUP_FOLDER": str(tmp_path / "backups"), "PYTHON": sys.executable, **make_identity(tmp_path),
    })  # fmt: skip


def make_identity(folder: Path) -> dict[str, str]:
    """A key pair of age: BACKUP_RECIPIENT, and IDENTITY, which only the tests have in their environment."""
    path = folder / f"{uuid.uuid4().hex[:8]}.txt"
    subprocess.run(["age-keygen", "-o", path], check=True, capture_output=True)
    (recipient,) = [line for line in path.read_text().splitlines() if line.startswith("# public key: ")]
    return {"BACKUP_RECIPIENT": recipient.removeprefix("# public key: "), "IDENTITY": str(path)}


def new_file(name: str) -> dict[str, object]:
    document = str(uuid.uuid4())
    return {
        "document_id": document, "object_key": f"raw/2026/11/22/{document}.pdf", "original_filename": name,
        "source": "upload", "sha256": uuid.uuid4().hex * 2, "bytes": 10, "mime_type": "application/pdf",
    }  # fmt: skip


@pytest.fixture
def elsewhere(place: Place, clean_cloud: Cloud, open_folder: Path) -> Iterator[Place]:
    """A new project beside the first one, as Supabase makes it: `postgres` may make the extension there."""
    name = f"restored-{uuid.uuid4().hex[:8]}"
    keys = load_keys(clean_cloud.state_dir / "secrets.json")
    admin = postgres_url(int(place.environ["PGPORT"]), SUPERUSER, keys.postgres_password)
    shutil.copytree(BIN.parent / "share" / "postgresql" / "extension", open_folder / "extension")
    with (open_folder / "extension" / "vector.control").open("a") as control:
        control.write("trusted = true\n")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} owner postgres").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("alter database {} set extension_control_path to {}").format(
                sql.Identifier(name), sql.Literal(f"{open_folder}:$system")
            )
        )
    with psycopg.connect(admin.removesuffix("postgres") + name, autocommit=True) as connection:
        connection.execute((REPOSITORY / "local_cloud" / "bootstrap.sql").read_text())
        connection.execute("drop extension vector")
    yield Place(place.environ | {"PGDATABASE": name, "SPACES_BUCKET": name})
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    client = s3_client(clean_cloud.spaces_endpoint, "us-east-1", clean_cloud.spaces_key, clean_cloud.spaces_secret)
    with contextlib.suppress(client.exceptions.NoSuchBucket):
        empty_versions(client, name)
        client.delete_bucket(Bucket=name)


def objects(cloud: Cloud, bucket: str) -> dict[str, bytes]:
    client = s3_client(cloud.spaces_endpoint, "us-east-1", cloud.spaces_key, cloud.spaces_secret)
    rows = client.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {row["Key"]: client.get_object(Bucket=bucket, Key=row["Key"])["Body"].read() for row in rows}


def connect(place: Place) -> psycopg.Connection:
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return psycopg.connect(**{name: place.environ[variable] for name, variable in names.items()})


@pytest.fixture
def second_cluster(open_folder: Path) -> Iterator[Place]:
    """A Postgres of its own that has nothing of ours: no table, no role."""
    keys, port = load_keys(open_folder / "secrets.json"), free_port()
    user = make_data_folder(open_folder / "data", keys.postgres_password)
    service = postgres_service(open_folder / "data", open_folder / "log", port, keys, user)
    service.start()
    try:
        wait_until_ready([service])
        yield Place({
            "PATH": f"{BIN}:{os.environ['PATH']}", "PGHOST": LOOPBACK, "PGPORT": str(port), "PGDATABASE": "postgres",
            "PGPASSWORD": keys.postgres_password, "AUTHENTICATOR_PASSWORD": "it's $ecret",
            "BOOTSTRAP": str(REPOSITORY / "local_cloud" / "bootstrap.sql"),
            "MIGRATIONS": str(REPOSITORY / "supabase" / "migrations"),
        })  # fmt: skip
    finally:
        stop_all([service])
