"""backup.sh, restore.sh, migrate.sh and setup_spaces.py against the real Postgres and the real S3."""

import contextlib
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from local_cloud import Cloud
from local_cloud.keys import load_keys
from local_cloud.ports import LOOPBACK
from local_cloud.postgres import BIN, SUPERUSER, make_data_folder, postgres_service, postgres_url
from local_cloud.probes import s3_client
from local_cloud.processes import stop_all, wait_until_ready
from scripts import setup_spaces
from tests.conftest import empty_versions
from tests.deployment.front import REPOSITORY, free_port
from tests.fakes.contrary_s3 import contrary_s3

SCRIPTS = REPOSITORY / "scripts"
OBJECTS = {"raw/2026/11/22/a.pdf": b"one", "processed/2026/11/22/a/l/ocr.txt": b"two", "cache/x": b"may be lost"}

SAID = [
    {"name": "document_type", "value": "order"}, {"name": "tag:visits", "value": True},
    {"name": "important", "value": True}, {"name": f"note:{uuid.UUID(int=7)}", "value": {"text": "Ask the school."}},
]  # fmt: skip
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
REBUILD = """
insert into pair_tasks (document_id) select document_id from case_documents on conflict do nothing;
select propose_pairs(10);
"""
JUDGED = """
select (select state || ' ' || decided_by from pairs where stands), (select state from case_events),
  (select state from order_terms), (select count(distinct person_id) from case_names),
  (select count(*) from judgements where name ~ '^(note|important|tag)')
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
        command = [str(BIN / "pg_dump"), "--no-owner", "--schema=public", "--schema=private", *options]
        text = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=True).stdout
        by_itself = ("--", "\\restrict", "\\unrestrict")
        return "\n".join(line for line in text.splitlines() if not line.startswith(by_itself))


@pytest.fixture
def place(clean_cloud: Cloud, tmp_path: Path) -> Place:
    """The embedded cloud, holding two documents and three objects."""
    url = urlsplit(clean_cloud.postgres_url)
    client = s3_client(clean_cloud.spaces_endpoint, "us-east-1", clean_cloud.spaces_key, clean_cloud.spaces_secret)
    for key, body in OBJECTS.items():
        client.put_object(Bucket=clean_cloud.spaces_bucket, Key=key, Body=body)
    with psycopg.connect(clean_cloud.postgres_url) as connection:
        for name in ("letter.pdf", "it's ünusual.pdf"):
            connection.execute("select * from public.enqueue_jobs(%s)", (psycopg.types.json.Jsonb([new_file(name)]),))
        connection.execute(
            "select * from public.decide(array(select id from public.master_document_registry), %s, 'Dana')",
            (psycopg.types.json.Jsonb(SAID),),
        )
        connection.execute("set search_path = public")
        connection.execute(CASE)
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
def elsewhere(place: Place, clean_cloud: Cloud) -> Iterator[Place]:
    """A fresh database and a fresh bucket beside the first ones."""
    name = f"restored-{uuid.uuid4().hex[:8]}"
    keys = load_keys(clean_cloud.state_dir / "secrets.json")
    admin = postgres_url(int(place.environ["PGPORT"]), SUPERUSER, keys.postgres_password)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} owner postgres").format(sql.Identifier(name)))
    with psycopg.connect(admin.removesuffix("postgres") + name, autocommit=True) as connection:
        connection.execute("create schema extensions authorization postgres")
        connection.execute("create extension vector with schema extensions")
    yield Place(place.environ | {"PGDATABASE": name, "SPACES_BUCKET": name})
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    client = s3_client(clean_cloud.spaces_endpoint, "us-east-1", clean_cloud.spaces_key, clean_cloud.spaces_secret)
    empty_versions(client, name)
    client.delete_bucket(Bucket=name)


def objects(cloud: Cloud, bucket: str) -> dict[str, bytes]:
    client = s3_client(cloud.spaces_endpoint, "us-east-1", cloud.spaces_key, cloud.spaces_secret)
    rows = client.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {row["Key"]: client.get_object(Bucket=bucket, Key=row["Key"])["Body"].read() for row in rows}


def test_a_backup_brings_everything_back(place: Place, elsewhere: Place, clean_cloud: Cloud) -> None:
    saved = place.run("backup.sh")
    assert saved.returncode == 0, saved.stderr
    (backup,) = Path(place.environ["BACKUP_FOLDER"]).glob("2*Z")
    assert (backup / "database.dump.age").stat().st_mode & 0o077 == 0
    made = subprocess.run(
        ["sh", str(SCRIPTS / "setup_spaces.sh")], env=elsewhere.environ, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    restored = elsewhere.run("restore.sh", str(backup))
    assert restored.returncode == 0, restored.stderr
    assert "restored 2 documents" in restored.stdout
    assert elsewhere.dump("--schema-only") == place.dump("--schema-only")
    assert elsewhere.dump("--data-only", "--column-inserts") == place.dump("--data-only", "--column-inserts")
    assert objects(clean_cloud, elsewhere.environ["SPACES_BUCKET"]) == {
        key: body for key, body in OBJECTS.items() if not key.startswith("cache/")
    }
    assert not may_execute_a_later_function(elsewhere, "anon")
    assert type_after_it_is_read_again(elsewhere) == ("order", "motion"), "a correction outlives the restore too"
    assert judged_after_a_rebuild(elsewhere) == ("accepted Dana", "true", "accepted", 1, 6)
    again = elsewhere.run("restore.sh", str(backup))
    assert (again.returncode, "OVERWRITE=yes" in again.stderr) == (1, True)
    assert elsewhere.run("restore.sh", str(backup), OVERWRITE="yes").returncode == 0


def connect(place: Place) -> psycopg.Connection:
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return psycopg.connect(**{name: place.environ[variable] for name, variable in names.items()})


def type_after_it_is_read_again(place: Place) -> tuple[object, ...]:
    """A document's type, and what was read, once a reading publishes another type."""
    with connect(place) as connection:
        row = connection.execute(
            "update public.master_document_registry set document_type = 'motion' returning document_type, "
            "as_read ->> 'document_type'"
        ).fetchone()
        connection.rollback()
    assert row is not None
    return row


def judged_after_a_rebuild(place: Place) -> tuple[object, ...]:
    """What people said of the case, once the pairs are drawn anew."""
    with connect(place) as connection:
        connection.execute("set search_path = public")
        connection.execute(REBUILD)
        row = connection.execute(JUDGED).fetchone()
        connection.rollback()
    assert row is not None
    return row


def may_execute_a_later_function(place: Place, role: str) -> bool:
    """Whether a function that somebody makes after the restore is open to this role."""
    with connect(place) as connection:
        connection.execute("create function public.later() returns int language sql return 1")
        row = connection.execute("select has_function_privilege(%s, 'public.later()', 'execute')", (role,)).fetchone()
        connection.rollback()
    assert row is not None
    return bool(row[0])


def test_without_the_identity_a_backup_shows_nothing_and_is_not_brought_back(place: Place, tmp_path: Path) -> None:
    settings = tmp_path / ".env"
    settings.write_text("PASSWORDS_KEY=raw/2026\nWORKER_IMAGE_LOGIN=-u me $(x)\n")
    assert place.run("backup.sh", SETTINGS_FILE=str(settings)).returncode == 0
    folder = Path(place.environ["BACKUP_FOLDER"])
    (backup,) = folder.glob("2*Z")
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
    saved = ["000001.tar.age", "database.dump.age", "objects.txt.age", "settings.env.age"]
    assert sorted(path.name for path in files) == saved
    opened = ["age", "--decrypt", "--identity", place.environ["IDENTITY"], str(backup / "settings.env.age")]
    assert subprocess.run(opened, capture_output=True, text=True, check=True).stdout == settings.read_text()
    for path in files:
        content = path.read_bytes()
        assert content.startswith(b"age-encryption.org/v1\n-> X25519 ")
        for word in (b"letter.pdf", b"ocr.txt", b"raw/2026", b"master_document_registry", b"PGDMP"):
            assert word not in content
    before = place.dump("--data-only")
    for other in (make_identity(tmp_path)["IDENTITY"], str(tmp_path / "none")):
        refused = Place(place.environ | {"IDENTITY": other}).run("restore.sh", str(backup), OVERWRITE="yes")
        assert (refused.returncode, "does not open" in refused.stderr) == (1, True)
    assert place.dump("--data-only") == before
    without = {name: value for name, value in place.environ.items() if name != "BACKUP_RECIPIENT"}
    said = Place(without).run("backup.sh")
    assert (said.returncode, "age-keygen" in said.stderr) == (2, True)


def test_each_backup_brings_back_the_bytes_of_its_day(place: Place, elsewhere: Place, clean_cloud: Cloud) -> None:
    client = s3_client(clean_cloud.spaces_endpoint, "us-east-1", clean_cloud.spaces_key, clean_cloud.spaces_secret)
    client.create_bucket(Bucket=elsewhere.environ["SPACES_BUCKET"])
    first, second = (key for key in OBJECTS if not key.startswith("cache/"))
    assert place.run("backup.sh").returncode == 0
    client.put_object(Bucket=place.environ["SPACES_BUCKET"], Key=first, Body=b"won")
    client.delete_object(Bucket=place.environ["SPACES_BUCKET"], Key=second)
    saved = place.run("backup.sh")
    assert (saved.returncode, "saved the database and 1 of 1 objects" in saved.stdout) == (0, True), saved.stderr
    older, newer = sorted(Path(place.environ["BACKUP_FOLDER"]).glob("2*Z"))
    for backup, found in ((newer, {first: b"won"}), (older, {first: b"one", second: b"two"})):
        restored = elsewhere.run("restore.sh", str(backup), OVERWRITE="yes")
        assert restored.returncode == 0, restored.stderr
        assert objects(clean_cloud, elsewhere.environ["SPACES_BUCKET"]) == found
    (part,) = (older.parent / "objects" / older.name).glob("*.age")
    part.unlink()
    refused = elsewhere.run("restore.sh", str(older), OVERWRITE="yes")
    assert (refused.returncode, "damaged" in refused.stderr) == (1, True)


def test_a_damaged_backup_is_refused_and_nothing_is_touched(place: Place) -> None:
    place.run("backup.sh")
    (backup,) = Path(place.environ["BACKUP_FOLDER"]).glob("2*Z")
    with (backup / "database.dump.age").open("ab") as dump:
        dump.write(b"x")
    before = place.dump("--data-only")
    refused = place.run("restore.sh", str(backup), OVERWRITE="yes")
    assert (refused.returncode, "damaged" in refused.stderr) == (1, True)
    assert place.dump("--data-only") == before


def test_a_backup_that_fails_leaves_nothing_half_done_and_old_ones_make_room(place: Place) -> None:
    folder = Path(place.environ["BACKUP_FOLDER"])
    failed = place.run("backup.sh", SPACES_SECRET="wrong")
    assert failed.returncode != 0
    assert [entry.name for entry in folder.iterdir()] == ["objects"]
    for day in range(1, 5):
        (folder / f"2020010{day}T000000Z").mkdir()
    assert place.run("backup.sh", BACKUPS_KEPT="3").returncode == 0
    left = sorted(entry.name for entry in folder.glob("2*Z"))
    assert left[:2] == ["20200103T000000Z", "20200104T000000Z"] and len(left) == 3


def test_secrets_stay_out_of_the_output_and_missing_settings_are_named(place: Place) -> None:
    said = place.run("backup.sh", SPACES_SECRET="very-wrong-secret")
    assert "very-wrong-secret" not in said.stdout + said.stderr
    for script in ("backup.sh", "restore.sh"):
        without = {name: value for name, value in place.environ.items() if name != "PGHOST"}
        said = Place(without).run(script, "/nowhere")
        assert said.returncode != 0 and "PGHOST" in said.stderr


def test_the_bucket_gets_its_rules_and_keeps_those_of_others(elsewhere: Place, clean_cloud: Cloud) -> None:
    client = s3_client(clean_cloud.spaces_endpoint, "us-east-1", clean_cloud.spaces_key, clean_cloud.spaces_secret)
    bucket = elsewhere.environ["SPACES_BUCKET"]
    assert setup(elsewhere.environ).stdout.startswith("bucket made\n")
    rules = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    other = {"ID": "mine", "Status": "Enabled", "Filter": {"Prefix": "mine/"}, "Expiration": {"Days": 9}}
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [*rules, other]})
    repeated = setup(elsewhere.environ | {"CACHE_DAYS": "7"})
    assert repeated.stdout.startswith("bucket is there\n")
    found = {rule["ID"]: rule for rule in client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]}
    assert found["aseagi-cache"]["Expiration"]["Days"] == 7
    assert found["aseagi-cache"]["Filter"]["Prefix"] == "cache/"
    assert found["mine"]["Expiration"]["Days"] == 9
    assert objects(clean_cloud, bucket) == {}


def test_a_store_that_lists_versions_out_of_order_is_left_without_them(elsewhere: Place, clean_cloud: Cloud) -> None:
    said = setup(elsewhere.environ)
    assert "no versions are kept (with them it lists keys out of order)" in said.stdout
    client = s3_client(clean_cloud.spaces_endpoint, "us-east-1", clean_cloud.spaces_key, clean_cloud.spaces_secret)
    bucket = elsewhere.environ["SPACES_BUCKET"]
    assert client.get_bucket_versioning(Bucket=bucket)["Status"] == "Suspended"
    assert "Versions" not in client.list_object_versions(Bucket=bucket)


def test_what_is_deleted_from_a_bucket_with_versions_stays_and_no_key_deletes_it(
    elsewhere: Place, clean_cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    client = s3_client(clean_cloud.spaces_endpoint, "us-east-1", clean_cloud.spaces_key, clean_cloud.spaces_secret)
    bucket = elsewhere.environ["SPACES_BUCKET"]
    client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    setup_spaces.try_to_delete_a_version(client, bucket)
    setup_spaces.set_lifecycle(client, bucket, 30, keeps_versions=True)
    setup_spaces.forbid_deleting_versions(client, bucket)
    setup_spaces.lock_objects(client, bucket, 1)
    setup_spaces.try_to_delete_a_version(client, bucket)
    assert [line.partition(" (")[0].partition(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "THIS KEY CAN DELETE VERSIONS", "a policy forbids deleting versions", "objects are locked for 1 days",
        "this key cannot delete a version",
    ]  # fmt: skip
    named = {"Bucket": bucket, "Key": "raw/a.pdf"}
    first = client.put_object(**named, Body=b"one")["VersionId"]
    client.put_object(**named, Body=b"two")
    client.delete_object(**named)
    for _ in ("the policy", "the lock without the policy"):
        with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
            client.delete_object(**named, VersionId=first)
        with contextlib.suppress(client.exceptions.ClientError):
            client.delete_bucket_policy(Bucket=bucket)
    assert client.get_object(**named, VersionId=first)["Body"].read() == b"one"
    for each in client.list_object_versions(Bucket=bucket)["Versions"]:
        client.delete_object(
            Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"], BypassGovernanceRetention=True
        )  # fmt: skip


def test_a_ceph_gateway_gets_the_md5_that_it_wants(elsewhere: Place, clean_cloud: Cloud) -> None:
    with contrary_s3(clean_cloud.spaces_endpoint, "wants_md5") as ceph:
        said = setup(elsewhere.environ | {"SPACES_ENDPOINT": ceph.url})
    assert (said.returncode, "lifecycle set" in said.stdout) == (0, True), said.stderr


def test_wrong_keys_and_missing_settings_are_said_so(elsewhere: Place) -> None:
    assert setup(elsewhere.environ).returncode == 0
    wrong = setup(elsewhere.environ | {"SPACES_SECRET": "nonsense"})
    assert (wrong.returncode, "refuses" in wrong.stderr, "nonsense" in wrong.stderr) == (1, True, False)
    missing = setup({name: value for name, value in elsewhere.environ.items() if name != "SPACES_KEY"})
    assert (missing.returncode, missing.stderr) == (2, "set SPACES_KEY\n")


def setup(environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(SCRIPTS / "setup_spaces.sh")]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


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


def connect_as_authenticator(cluster: Place) -> psycopg.Connection:
    environ = cluster.environ
    return psycopg.connect(host=LOOPBACK, port=environ["PGPORT"], dbname="postgres", user="authenticator",
                           password=environ["AUTHENTICATOR_PASSWORD"])  # fmt: skip


def test_a_bare_postgres_becomes_what_supabase_would_be(place: Place, second_cluster: Place) -> None:
    first = second_cluster.run("migrate.sh")
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("applying") == len(list((REPOSITORY / "supabase" / "migrations").glob("*.sql")))
    second = second_cluster.run("migrate.sh")
    assert (second.returncode, second.stdout) == (0, "the database is up to date\n")
    owner = Place(second_cluster.environ | {"PGUSER": "postgres"})
    # Every start of the service applies both again, and must not open again what the first migration closed.
    assert not may_execute_a_later_function(owner, "anon")
    assert owner.dump("--schema-only") == place.dump("--schema-only")
    with connect_as_authenticator(second_cluster) as connection:
        assert connection.execute("select current_user").fetchone() == ("authenticator",)


def test_the_roles_passwords_follow_the_settings(second_cluster: Place, open_folder: Path) -> None:
    """The compose file lets `migrate` in by the socket, where nobody is asked for a password; here it is an address."""
    assert second_cluster.run("migrate.sh").returncode == 0
    port, before = int(second_cluster.environ["PGPORT"]), second_cluster.environ["PGPASSWORD"]
    rules = open_folder / "data" / "pg_hba.conf"
    asked = rules.read_text()

    def let_in(text: str, password: str) -> None:
        rules.write_text(text)
        with psycopg.connect(postgres_url(port, SUPERUSER, password)) as connection:
            connection.execute("select pg_reload_conf()")

    let_in(f"host all {SUPERUSER} {LOOPBACK}/32 trust\n{asked}", before)
    changed = Place(second_cluster.environ | {"PGPASSWORD": "owner's", "AUTHENTICATOR_PASSWORD": "new $door"})
    assert changed.run("migrate.sh").returncode == 0
    let_in(asked, "owner's")
    for role, password in ((SUPERUSER, "owner's"), ("postgres", "owner's"), ("authenticator", "new $door")):
        psycopg.connect(host=LOOPBACK, port=port, dbname="postgres", user=role, password=password).close()
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            psycopg.connect(host=LOOPBACK, port=port, dbname="postgres", user=role, password=before)


def become_a_new_project(cluster: Place) -> None:
    """What every Supabase project has, before a first migration of ours."""
    password = cluster.environ["PGPASSWORD"]
    with psycopg.connect(postgres_url(int(cluster.environ["PGPORT"]), SUPERUSER, password)) as connection:
        connection.execute((REPOSITORY / "local_cloud" / "bootstrap.sql").read_text())
        for role, secret in (("postgres", password), ("authenticator", cluster.environ["AUTHENTICATOR_PASSWORD"])):
            statement = "alter role {} with login password {}"
            connection.execute(sql.SQL(statement).format(sql.Identifier(role), sql.Literal(secret)))


def roles(cluster: Place) -> list[tuple[object, ...]]:
    """What a worker's role may do, who may become it, and its settings."""
    password = cluster.environ["PGPASSWORD"]
    with psycopg.connect(postgres_url(int(cluster.environ["PGPORT"]), "postgres", password)) as connection:
        return connection.execute(
            "select rolcanlogin, rolinherit, rolsuper, rolbypassrls, rolconfig, array(select m.member::regrole::text"
            " from pg_auth_members m where m.roleid = r.oid and m.member::regrole::text <> 'postgres' order by 1)"
            " from pg_roles r where rolname in ('gpu_worker', 'analysis_worker') order by rolname"
        ).fetchall()


def test_workers_claim_from_a_cluster_that_had_never_seen_us_before_the_restore(
    place: Place, second_cluster: Place
) -> None:
    """Roles are the cluster's and in no dump: the workers', and that PostgREST may become them, are made anew."""
    with psycopg.connect(postgres_url(int(place.environ["PGPORT"]), "postgres", place.environ["PGPASSWORD"])) as owner:
        owner.execute("insert into machines (label, status) values ('aseagi-test-00000001', 'ready')")
    saved = place.run("backup.sh")
    assert saved.returncode == 0, saved.stderr
    (backup,) = Path(place.environ["BACKUP_FOLDER"]).glob("2*Z")
    become_a_new_project(second_cluster)
    same_bucket = {name: value for name, value in place.environ.items() if name.startswith(("SPACES_", "IDENTITY"))}
    restored = second_cluster.run("restore.sh", str(backup), PGUSER="postgres", **same_bucket)
    assert restored.returncode == 0, restored.stderr
    assert roles(second_cluster) == roles(place) != []
    with connect_as_authenticator(second_cluster) as connection:
        connection.execute("set local role gpu_worker")
        connection.execute("""select set_config('request.jwt.claims', '{"machine": "aseagi-test-00000001"}', true)""")
        jobs = connection.execute("select * from public.claim_jobs(max_jobs => 2, lease_seconds => 60)").fetchall()
    assert len(jobs) == 2
