"""Backups and restores that go wrong: nothing is lost by one that stops half way, nor by bytes that rot."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from local_cloud import Cloud
from local_cloud.postgres import UNPRIVILEGED_USER, postgres_url
from local_cloud.probes import s3_client
from tests.conftest import living_children
from tests.deployment.backups import OBJECTS, ORIGINAL, SCRIPTS, Place, connect, objects
from tests.deployment.front import REPOSITORY
from tests.patience import wait_until
from tests.tiny_disk import fill, tiny_disk

MIGRATIONS = REPOSITORY / "supabase" / "migrations"
ROTTEN = b"0n3"


def newest(place: Place) -> Path:
    return max(Path(place.environ["BACKUP_FOLDER"]).glob("2*Z"))


def seal_again(place: Place, file: Path, change: Callable[[bytes], bytes]) -> None:
    """Change what is in a file of a backup, as if it had been made so, sums and all."""
    identity, recipient = place.environ["IDENTITY"], place.environ["BACKUP_RECIPIENT"]
    content = subprocess.run(["age", "-d", "-i", identity, str(file)], check=True, capture_output=True).stdout
    subprocess.run(["age", "-r", recipient, "-o", str(file)], input=change(content), check=True)
    with (file.parent / "SHA256SUMS").open("w") as sums:
        files = [f"./{path.name}" for path in file.parent.glob("*.age")]
        subprocess.run(["sha256sum", *files], cwd=file.parent, stdout=sums, check=True)


def lose_a_row(counts: bytes) -> bytes:
    return counts.replace(b"public.document_journal|2\n", b"public.document_journal|3\n")


FAULTS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a dump that was cut off in its rows": ("database.dump.age", lambda dump: dump[: len(dump) * 9 // 10]),
    "a dump that lost its last byte": ("database.dump.age", lambda dump: dump[:-1]),
    "a dump that has another number of rows than it had": ("counts.txt.age", lose_a_row),
}


def test_a_restore_that_fails_half_way_leaves_the_database_as_it_was(place: Place) -> None:
    assert place.run("backup.sh").returncode == 0
    sound = newest(place)
    before = place.dump()
    for number, (fault, (file, change)) in enumerate(FAULTS.items()):
        backup = sound.with_name(f"2099010{number + 1}T000000Z")
        shutil.copytree(sound, backup)
        seal_again(place, backup / file, change)
        failed = place.run("restore.sh", str(backup), OVERWRITE="yes")
        assert (failed.returncode, failed.stderr.splitlines()[-1]) == (
            1, "nothing was restored: the database is as it was",
        ), fault  # fmt: skip
        assert place.dump() == before, fault
        assert (place.noted("restore")["outcome"], place.noted("restore")["name"]) == ("failed", backup.name)


def test_a_backup_that_finds_no_room_is_marked_failed_and_takes_nothing_away(place: Place, tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "volume", "4m") as volume:
        backup = place.environ | {"BACKUP_FOLDER": str(volume)}
        earlier = volume / "20260101T000000Z"
        earlier.mkdir()
        (earlier / "database.dump.age").write_bytes(b"sealed")
        filler = fill(volume)
        failed = Place(backup).run("backup.sh")
        noted = place.noted("backup")
        assert (failed.returncode != 0, noted["outcome"]) == (True, "failed"), failed.stderr
        assert str(noted["message"]).startswith("It stopped while ")
        assert sorted(path.name for path in volume.iterdir()) == [earlier.name, "filler", "objects"]
        assert (earlier / "database.dump.age").read_bytes() == b"sealed" and not list((volume / "objects").iterdir())
        filler.unlink()
        assert Place(backup).run("backup.sh").returncode == 0
        assert place.noted("backup")["outcome"] == "done"


def test_without_the_extension_nothing_is_restored_and_it_is_said_which(place: Place, elsewhere: Place) -> None:
    assert place.run("backup.sh").returncode == 0
    with connect(elsewhere) as connection:
        connection.execute("create table public.kept_by_them (id int)")
    with psycopg.connect(postgres_url(int(place.environ["PGPORT"]), "supabase_admin", place.environ["PGPASSWORD"]),
                         autocommit=True) as admin:  # fmt: skip
        name = sql.Identifier(elsewhere.environ["PGDATABASE"])
        admin.execute(sql.SQL("alter database {} reset extension_control_path").format(name))
    before = elsewhere.dump("--schema-only")
    make_bucket(place, elsewhere)
    failed = elsewhere.run("restore.sh", str(newest(place)))
    assert (failed.returncode, 'extension "vector"' in failed.stderr) == (1, True), failed.stderr
    assert elsewhere.dump("--schema-only") == before


def make_bucket(place: Place, elsewhere: Place) -> None:
    client = s3_client(*(place.environ[f"SPACES_{name}"] for name in ("ENDPOINT", "REGION", "KEY", "SECRET")))
    client.create_bucket(Bucket=elsewhere.environ["SPACES_BUCKET"])


def test_a_restore_that_is_killed_leaves_the_database_as_it_was(place: Place) -> None:
    """Killed while it waits for a table that somebody reads, with all that came before it dropped already."""
    assert place.run("backup.sh").returncode == 0
    before = place.dump()
    with connect(place) as reader:
        reader.execute("select * from public.document_journal")
        command = ["sh", str(SCRIPTS / "restore.sh"), str(newest(place)), place.environ["IDENTITY"]]
        environ = place.environ | {"OVERWRITE": "yes"}
        running = subprocess.Popen(command, env=environ, start_new_session=True, stderr=subprocess.DEVNULL)
        with psycopg.connect(reader.info.dsn, password=place.environ["PGPASSWORD"], autocommit=True) as watcher:
            waiting = wait_until(lambda: watcher.execute(
                "select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
            ).fetchall(), "the restore waits for the reader")  # fmt: skip
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    with connect(place) as watcher:  # the server goes on with the statement that it has, and would deadlock with a dump
        watcher.autocommit = True
        left = "select 1 from pg_stat_activity where pid = any (%s)"
        pids = [pid for (pid,) in waiting]
        wait_until(lambda: not watcher.execute(left, [pids]).fetchall(), "the restore's own connection ends")
    assert place.dump() == before


def test_an_older_backup_is_brought_to_the_newest_migration_or_not_at_all(
    place: Place, elsewhere: Place, tmp_path: Path
) -> None:
    assert place.run("backup.sh").returncode == 0
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    newer = folder / "20991231000000_add_something.sql"
    newer.write_text("create table something (id int); insert into something values (1);")
    make_bucket(place, elsewhere)
    restored = elsewhere.run("restore.sh", str(newest(place)), MIGRATIONS=str(folder))
    assert restored.returncode == 0, restored.stderr
    assert restored.stdout.startswith("applying 20991231000000_add_something\nrestored 2 documents ")
    with connect(elsewhere) as connection:
        assert connection.execute("select id from public.something").fetchall() == [(1,)]
        version = "select name from supabase_migrations.schema_migrations where version = '20991231000000'"
        assert connection.execute(version).fetchall() == [("add_something",)]
    before = place.dump()
    newer.write_text("create table something (id int); select 1 / 0;")
    failed = place.run("restore.sh", str(newest(place)), MIGRATIONS=str(folder), OVERWRITE="yes")
    assert (failed.returncode, "division by zero" in failed.stderr) == (1, True)
    assert place.dump() == before


def test_an_original_of_the_same_size_with_other_bytes_is_found_and_does_not_replace_the_right_ones(
    place: Place, clean_cloud: Cloud
) -> None:
    client = s3_client(*(place.environ[f"SPACES_{name}"] for name in ("ENDPOINT", "REGION", "KEY", "SECRET")))
    bucket = place.environ["SPACES_BUCKET"]
    assert place.run("backup.sh").returncode == 0
    assert len(ROTTEN) == len(OBJECTS[ORIGINAL])
    client.put_object(Bucket=bucket, Key=ORIGINAL, Body=ROTTEN)
    assert place.run("restore.sh", str(newest(place)), OVERWRITE="yes").returncode == 0
    assert objects(clean_cloud, bucket) == OBJECTS, "compared by bytes with what is in the bucket"
    client.put_object(Bucket=bucket, Key=ORIGINAL, Body=ROTTEN)
    second = place.run("backup.sh")
    assert (second.returncode, second.stderr) == (0, "1 new objects have other bytes than the ledger knows.\n")
    noted = place.noted("backup")
    assert (noted["outcome"], noted["counts"]["unlike_ledger"]) == ("damaged", 1)
    restored = place.run("restore.sh", str(newest(place)), OVERWRITE="yes")
    assert restored.stdout.endswith("2 objects, of 1 originals 1 with the SHA-256 that the ledger knows\n")
    assert objects(clean_cloud, bucket) == OBJECTS, "the newest bytes of its name are not the ledger's"


def test_a_part_that_rots_where_it_lies_is_found_and_its_objects_are_saved_anew(
    place: Place, clean_cloud: Cloud
) -> None:
    client = s3_client(*(place.environ[f"SPACES_{name}"] for name in ("ENDPOINT", "REGION", "KEY", "SECRET")))
    assert place.run("backup.sh").returncode == 0
    rot(newest(place))
    second = place.run("backup.sh")
    told = "1 parts of earlier backups had rotted; everything was saved anew.\n"
    assert second.stderr == told
    assert "saved the database and 2 of 2 objects" in second.stdout
    since = datetime.now(UTC) - timedelta(days=3)  # not its day: a seventh of them is read each night
    rot(newest(place)).parent.rename(newest(place).parent / "objects" / since.strftime("%Y%m%dT%H%M%SZ"))
    assert place.run("backup.sh").stderr == "", "told once"
    assert place.run("backup.sh", EVERY_PART="yes").stderr == told
    for key in OBJECTS:
        client.delete_object(Bucket=place.environ["SPACES_BUCKET"], Key=key)
    restored = place.run("restore.sh", str(newest(place)), OVERWRITE="yes")
    assert restored.returncode == 0, restored.stderr
    assert objects(clean_cloud, place.environ["SPACES_BUCKET"]).keys() == OBJECTS.keys() - {"cache/x"}


def rot(backup: Path) -> Path:
    """One bit of the part with a backup's objects falls over."""
    (part,) = (backup.parent / "objects" / backup.name).glob("*.age")
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    return part


def try_backup(place: Place, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """With what root may do in the compose file's container, and no more."""
    bootstrap = str(REPOSITORY / "local_cloud" / "bootstrap.sql")
    environ = place.environ | {"BOOTSTRAP": bootstrap, "SCRATCH_USER": UNPRIVILEGED_USER} | more
    bounded = ["setpriv", "--bounding-set=-all,+chown,+setgid,+setuid"] if os.geteuid() == 0 else []
    command = [*bounded, "sh", str(SCRIPTS / "try_backup.sh"), *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert [line for line in living_children() if "/server/data" in line] == [], "the scratch server is stopped"
    return done


def test_a_trial_shows_that_the_backup_of_tonight_comes_back_and_that_one_that_does_not_is_told(place: Place) -> None:
    tried = try_backup(place)
    assert tried.returncode == 0, tried.stderr
    assert re.search(
        r"^tried .*: 2 documents, [0-9]+ rows in [0-9]+ tables, as many as it has in each;\n"
        r"2 objects read, 0 of them unlike the ledger$", tried.stdout, re.MULTILINE,
    )  # fmt: skip
    noted = place.noted("trial")
    assert (noted["outcome"], noted["name"], noted["counts"]["documents"]) == ("done", newest(place).name, 2)
    seal_again(place, newest(place) / "counts.txt.age", lose_a_row)
    failed = try_backup(place, str(newest(place)), place.environ["IDENTITY"])
    assert failed.returncode != 0
    assert (place.noted("trial")["outcome"], place.noted("trial")["message"]) == (
        "failed", "It stopped while restoring the database.",
    )  # fmt: skip


def test_a_trial_leaves_no_key_that_opens_the_backup(place: Place, tmp_path: Path) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir(mode=0o711)
    assert try_backup(place, str(newest_or_none(place)), "no identity", TMPDIR=str(scratch)).returncode != 0
    assert list(scratch.iterdir()) == []


def newest_or_none(place: Place) -> Path:
    return Path(place.environ["BACKUP_FOLDER"]) / "none"
