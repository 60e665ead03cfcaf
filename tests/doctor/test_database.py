"""What the doctor says of the database: keys, tokens, migrations, and what must stay closed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from control_plane.clients import build_clients
from control_plane.doctor import database
from control_plane.doctor.probes import Probe
from control_plane.settings import Settings
from local_cloud import Cloud
from local_cloud.keys import make_signing_key
from tests.control_plane.test_worker_keys import WITH_KID

MIGRATIONS = Path(__file__).parents[2] / "supabase" / "migrations"
Examine = Callable[..., dict[str, Probe]]


@pytest.fixture
def examine(clean_cloud: Cloud) -> Examine:
    """The database's probes by what was tried, with these settings."""
    settings = Settings.from_env(clean_cloud.control_plane_environ())

    def ask(**changes: str) -> dict[str, Probe]:
        changed = replace(settings, **changes)
        return {each.tried: each for each in database.examine(changed, build_clients(changed).database)}

    return ask


@pytest.fixture
def change(clean_cloud: Cloud):
    """Runs SQL now, and what takes it back at the end."""
    back = []

    def run(statement: str, undo: str) -> None:
        back.append(undo)
        with psycopg.connect(clean_cloud.postgres_url, autocommit=True) as connection:
            connection.execute(statement)

    yield run
    with psycopg.connect(clean_cloud.postgres_url, autocommit=True) as connection:
        for undo in reversed(back):
            connection.execute(undo)


def not_ok(found: dict[str, Probe]) -> dict[str, str]:
    return {tried: each.code for tried, each in found.items() if each.state != "ok"}


def test_a_sound_database(examine: Examine):
    assert not_ok(examine()) == {}


def test_these_programs_are_of_the_newest_migration():
    newest = max(path.name for path in MIGRATIONS.glob("*.sql"))
    assert newest.partition("_")[0] == database.SCHEMA_VERSION, "raise SCHEMA_VERSION with a new migration"


def test_each_key_that_is_wrong_is_named(examine: Examine, clean_cloud: Cloud):
    assert not_ok(examine(supabase_service_key=clean_cloud.publishable_key)) == {
        "the service key": "database_key_refused"
    }
    assert not_ok(examine(supabase_url="http://127.0.0.1:9")) == {"the service key": "queue_unavailable"}
    found = examine(supabase_jwt_secret="of another project, 32 characters")
    assert not_ok(found)["a machine's token"] == "worker_token_refused"
    assert "without `kid`" in found["a machine's token"].message
    assert not_ok(examine(supabase_publishable_key="sb_publishable_of-another"))["the publishable key"] == (
        "publishable_key_refused"
    )


def test_a_door_left_open_is_named(examine: Examine, change):
    change(
        "grant select on machines to anon; grant execute on function get_totals to gpu_worker",
        "revoke select on machines from anon; revoke execute on function get_totals from gpu_worker",
    )
    assert not_ok(examine()) == {
        "a machine's token elsewhere": "worker_token_opens_more", "the publishable key": "publishable_key_opens",
    }  # fmt: skip


def test_migrations_that_are_missing_or_newer(examine: Examine, change):
    table, aside = "supabase_migrations.schema_migrations", "supabase_migrations.put_aside"
    change(f"insert into {table} (version) values ('29991231')", f"delete from {table} where version = '29991231'")
    assert not_ok(examine()) == {"migrations": "migrations_newer"}
    change(f"alter table {table} rename to put_aside", f"alter table {aside} rename to schema_migrations")
    assert not_ok(examine()) == {"migrations": "migrations_missing"}


@pytest.mark.parametrize(("key", "how"), [(make_signing_key(), "ES256"), (WITH_KID, "HS256")])
def test_a_key_that_the_project_never_imported_is_told_by_its_kind(examine: Examine, key: str, how: str):
    found = examine(supabase_jwt_secret=key)["a machine's token"]
    assert found.code == "worker_token_refused" and f"({how}, with `kid`)" in found.message
