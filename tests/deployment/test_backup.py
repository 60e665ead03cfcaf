"""backup.sh, restore.sh, migrate.sh and setup_spaces.py against the real Postgres and the real S3."""

import contextlib
import re
import subprocess
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from local_cloud import Cloud
from local_cloud.ports import LOOPBACK
from local_cloud.postgres import SUPERUSER, postgres_url
from local_cloud.probes import s3_client
from scripts import setup_spaces
from tests.deployment.backups import OBJECTS, SCRIPTS, Place, connect, make_identity, objects
from tests.deployment.front import REPOSITORY
from tests.fakes.contrary_s3 import contrary_s3
from tests.fakes.pooler import pooler

REBUILD = """
insert into pair_tasks (document_id) select document_id from case_documents on conflict do nothing;
select propose_pairs(10);
"""
JUDGED = """
select (select state || ' ' || decided_by from pairs where stands), (select state from case_events),
  (select state from order_terms), (select count(distinct person_id) from case_names),
  (select count(*) from judgements where name ~ '^(note|important|tag|exhibit|field|line)')
"""


def test_a_backup_brings_everything_back(place: Place, elsewhere: Place, clean_cloud: Cloud) -> None:
    with pooler(int(place.environ["PGPORT"]), {"postgres": place.environ["PGPASSWORD"]}, mode="session") as port:
        saved = place.run("backup.sh", PGPORT=str(port))
    assert saved.returncode == 0, saved.stderr
    (backup,) = Path(place.environ["BACKUP_FOLDER"]).glob("2*Z")
    assert (backup / "database.dump.age").stat().st_mode & 0o077 == 0
    made = subprocess.run(
        ["sh", str(SCRIPTS / "setup_spaces.sh")], env=elsewhere.environ, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    with pooler(int(place.environ["PGPORT"]), {"postgres": place.environ["PGPASSWORD"]}, mode="session") as port:
        restored = elsewhere.run("restore.sh", str(backup), PGPORT=str(port))
    assert restored.returncode == 0, restored.stderr
    assert re.search(
        r"^restored 2 documents from .*: [0-9]+ rows in [0-9]+ tables, as many as it has in each;\n"
        r"2 objects, of 1 originals 1 with the SHA-256 that the ledger knows$", restored.stdout,
    )  # fmt: skip
    assert (elsewhere.noted("restore")["outcome"], elsewhere.noted("restore")["counts"]["objects"]) == ("done", 2)
    assert "FOR ROLE supabase_admin" in elsewhere.dump("--schema-only"), "what Supabase gives there stays given"
    assert elsewhere.dump("--schema-only") == place.dump("--schema-only")
    assert elsewhere.dump("--data-only", "--column-inserts") == place.dump("--data-only", "--column-inserts")
    assert objects(clean_cloud, elsewhere.environ["SPACES_BUCKET"]) == {
        key: body for key, body in OBJECTS.items() if not key.startswith("cache/")
    }
    assert not may_execute_a_later_function(elsewhere, "anon")
    assert type_after_it_is_read_again(elsewhere) == ("order", "motion"), "a correction outlives the restore too"
    assert judged_after_a_rebuild(elsewhere) == ("accepted Dana", "true", "accepted", 1, 9)
    with connect(elsewhere) as connection:
        held = connection.execute("select code from public.doors where name = 'storage'").fetchone()
    assert held == ("choices_unread",), "no machine is given anything before the bucket's choices were heard"
    again = elsewhere.run("restore.sh", str(backup))
    assert (again.returncode, "OVERWRITE=yes" in again.stderr) == (1, True)
    with connect(elsewhere) as connection:
        connection.execute("create table public.of_ours (id int); delete from public.judgements")
    assert elsewhere.run("restore.sh", str(backup), OVERWRITE="yes").returncode == 0
    assert elsewhere.dump() == place.dump()


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
    google = tmp_path / "google"
    google.mkdir(mode=0o700)
    (google / "token.json").write_text('{"refresh_token": "raw/2026"}')
    assert place.run("backup.sh", SETTINGS_FILE=str(settings), GOOGLE_FOLDER=str(google)).returncode == 0
    folder = Path(place.environ["BACKUP_FOLDER"])
    (backup,) = folder.glob("2*Z")
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in ("SHA256SUMS", "recipient")]
    saved = ["000001.tar.age", "counts.txt.age", "database.dump.age", "google.tar.age", "ledger.txt.age",
             "objects.txt.age", "settings.env.age"]  # fmt: skip
    assert sorted(path.name for path in files) == saved
    opened = ["age", "--decrypt", "--identity", place.environ["IDENTITY"], str(backup / "settings.env.age")]
    assert subprocess.run(opened, capture_output=True, text=True, check=True).stdout == settings.read_text()
    there = tmp_path / "there"
    there.mkdir()
    opened[-1] = str(backup / "google.tar.age")
    archive = subprocess.run(opened, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-C", str(there), "-xpf", "-"], input=archive, check=True)
    assert (there / "token.json").read_bytes() == (google / "token.json").read_bytes()
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


def test_after_a_change_of_the_backups_key_each_key_opens_the_backups_of_its_time(
    place: Place, elsewhere: Place, clean_cloud: Cloud, tmp_path: Path
) -> None:
    """Whoever has the new key alone needs no other for what is saved from then on: also what came in before it."""
    client = s3_client(clean_cloud.spaces_endpoint, "us-east-1", clean_cloud.spaces_key, clean_cloud.spaces_secret)
    client.create_bucket(Bucket=elsewhere.environ["SPACES_BUCKET"])
    wanted = {key: body for key, body in OBJECTS.items() if not key.startswith("cache/")}
    renewed, old = make_identity(tmp_path), place.environ["IDENTITY"]
    for hours, keys, count in ((2, {}, 2), (4, renewed, 2), (6, renewed, 0)):  # anew with the new key, and once
        saved = place.run("backup.sh", **keys, PATH=f"{late(tmp_path, hours)}:{place.environ['PATH']}")
        assert (saved.returncode, f"saved the database and {count} of 2 " in saved.stdout) == (0, True), saved.stderr
    before, _, after = sorted(Path(place.environ["BACKUP_FOLDER"]).glob("2*Z"))
    for backup, identity, other in ((after, renewed["IDENTITY"], old), (before, old, renewed["IDENTITY"])):
        refused = elsewhere.run("restore.sh", str(backup), OVERWRITE="yes", IDENTITY=other)
        assert (refused.returncode, "does not open" in refused.stderr) == (1, True)
        restored = elsewhere.run("restore.sh", str(backup), OVERWRITE="yes", IDENTITY=identity)
        assert restored.returncode == 0, restored.stderr
        assert objects(clean_cloud, elsewhere.environ["SPACES_BUCKET"]) == wanted
        for key in wanted:
            client.delete_object(Bucket=elsewhere.environ["SPACES_BUCKET"], Key=key)


def late(folder: Path, hours: int) -> Path:
    """A folder with a `date` whose clock is fast: a backup takes what came since an hour before the one before."""
    path = folder / f"{hours}" / "date"
    path.parent.mkdir()
    path.write_text(f"""#!/bin/sh
case "$*" in *-d*) ;; *) set -- -d '+{hours} hours' "$@" ;; esac
exec /bin/date "$@"
""")
    path.chmod(0o755)
    return path.parent


def test_each_backup_brings_back_the_bytes_of_its_day(place: Place, elsewhere: Place, clean_cloud: Cloud) -> None:
    client = s3_client(clean_cloud.spaces_endpoint, "us-east-1", clean_cloud.spaces_key, clean_cloud.spaces_secret)
    client.create_bucket(Bucket=elsewhere.environ["SPACES_BUCKET"])
    second, first = (key for key in OBJECTS if not key.startswith("cache/"))
    assert place.run("backup.sh").returncode == 0
    client.put_object(Bucket=place.environ["SPACES_BUCKET"], Key=first, Body=b"won")
    client.delete_object(Bucket=place.environ["SPACES_BUCKET"], Key=second)
    saved = place.run("backup.sh")
    assert (saved.returncode, "saved the database and 1 of 1 objects" in saved.stdout) == (0, True), saved.stderr
    older, newer = sorted(Path(place.environ["BACKUP_FOLDER"]).glob("2*Z"))
    for backup, found in ((newer, {first: b"won"}), (older, {first: b"two", second: b"one"})):
        restored = elsewhere.run("restore.sh", str(backup), OVERWRITE="yes")
        assert restored.returncode == 0, restored.stderr
        assert objects(clean_cloud, elsewhere.environ["SPACES_BUCKET"]) == found
    (part,) = (older.parent / "objects" / older.name).glob("*.age")
    part.unlink()
    client.delete_object(Bucket=elsewhere.environ["SPACES_BUCKET"], Key=second)
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
    assert (place.noted("backup")["outcome"], place.noted("backup")["message"]) == (
        "failed", "It stopped while listing the bucket.",
    )  # fmt: skip
    for day in range(6, 10):
        (folder / f"2020010{day}T000000Z").mkdir()
    assert place.run("backup.sh").returncode == 0
    left = sorted(entry.name for entry in folder.glob("2*Z"))
    assert left[:4] == [f"2020010{day}T000000Z" for day in range(6, 10)] and len(left) == 5
    note = place.noted("backup")
    digest = sha256((folder / left[4] / "database.dump.age").read_bytes()).hexdigest()
    assert (note["name"], note["outcome"], note["sha256"]) == (left[4], "done", digest)
    assert note["bytes"] == sum(path.stat().st_size for each in (left[4], f"objects/{left[4]}")
                                for path in (folder / each).iterdir())  # fmt: skip
    rows = note["counts"].pop("rows")
    assert (rows > 100, note["counts"]) == (True, {"documents": 2, "objects": 2, "new": 2, "unlike_ledger": 0})


def test_the_last_backups_and_one_of_each_week_and_month_stay() -> None:
    """Four hundred nights, one after the other, and a second backup on the last day."""
    kept: list[str] = []
    nights = [datetime(2025, 1, 1, 3) + timedelta(days=night) for night in range(400)]
    for moment in (*nights, nights[-1] + timedelta(hours=5)):
        kept.append(f"{moment:%Y%m%dT%H%M%SZ}")
        gone = subprocess.run(
            ["awk", "-f", str(SCRIPTS / "backup" / "kept.awk")], input="\n".join(reversed(kept)), capture_output=True,
            text=True, check=True,
        ).stdout.split()  # fmt: skip
        kept = [name for name in kept if name not in gone]
    ends = ["20250331", "20250430", "20250531", "20250630", "20250731", "20250831", "20250930", "20251031", "20251130"]
    sundays = ["20251221", "20251228", "20260104", "20260111", "20260118"]
    days = [f"{night:%Y%m%d}" for night in nights[-14:]]
    assert [name[:8] for name in kept] == sorted({*ends, "20251231", *sundays, *days}) + [days[-1]]


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


def leave_some_unread(owner: psycopg.Connection) -> set[int]:
    """A consumer that has read one event, in a cluster that has counted two billion transactions more; the others."""
    owner.execute("update events set transaction_id = (transaction_id::text::bigint + 2000000000)::text::xid8")
    (first, *rest) = owner.execute("select id, transaction_id::text from events order by transaction_id, id").fetchall()
    owner.execute("insert into event_cursors (consumer, event_id, transaction_id) values ('notifier', %s, %s)", first)
    return {event for event, _ in rest}


def test_workers_claim_from_a_cluster_that_had_never_seen_us_before_the_restore(
    place: Place, second_cluster: Place
) -> None:
    """Roles are the cluster's and in no dump: the workers', and that PostgREST may become them, are made anew.

    Transactions are, too: events are heard of on both sides of the restore, each once.
    """
    with psycopg.connect(postgres_url(int(place.environ["PGPORT"]), "postgres", place.environ["PGPASSWORD"])) as owner:
        owner.execute("insert into machines (label, status) values ('aseagi-test-00000001', 'ready')")
        unread = leave_some_unread(owner)
    saved = place.run("backup.sh")
    assert saved.returncode == 0, saved.stderr
    (backup,) = Path(place.environ["BACKUP_FOLDER"]).glob("2*Z")
    become_a_new_project(second_cluster)
    same_bucket = {name: value for name, value in place.environ.items() if name.startswith(("SPACES_", "IDENTITY"))}
    restored = second_cluster.run("restore.sh", str(backup), PGUSER="postgres", **same_bucket)
    assert restored.returncode == 0, restored.stderr
    assert roles(second_cluster) == roles(place) != []
    with connect(Place(second_cluster.environ | {"PGUSER": "postgres"})) as owner:
        owner.execute("update public.doors set status = 'open', code = null where name = 'storage'")
    with connect_as_authenticator(second_cluster) as connection:
        connection.execute("set local role gpu_worker")
        connection.execute("""select set_config('request.jwt.claims', '{"machine": "aseagi-test-00000001"}', true)""")
        jobs = connection.execute("select * from public.claim_jobs(max_jobs => 2, lease_seconds => 60)").fetchall()
    assert len(jobs) == 2
    with connect(Place(second_cluster.environ | {"PGUSER": "postgres"})) as owner:
        offered = owner.execute("select id, kind from take_events('notifier', 100)").fetchall()
    assert {event for event, _ in offered} > unread and "job_claimed" in {kind for _, kind in offered}
    assert len(offered) == len({event for event, _ in offered})
