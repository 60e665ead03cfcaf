"""The embedded cloud: what starts, where it listens, what it keeps, and how it fails."""

import json
import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from supabase import create_client

import local_cloud
from local_cloud.errors import MigrationFailed, PortTaken, ServiceDidNotStart, StateInUse
from local_cloud.keys import load_keys
from local_cloud.ports import choose_ports
from local_cloud.postgres import MIGRATIONS, UNPRIVILEGED_USER, migrate
from local_cloud.probes import s3_client

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def state_dir(open_folder: Path) -> Path:
    return open_folder


def test_every_service_is_real_and_answers(clean_cloud):
    cloud = clean_cloud
    with psycopg.connect(cloud.postgres_url) as connection:
        version, user, is_superuser, pgvector = connection.execute(
            "select version(), current_user, (select rolsuper from pg_roles where rolname = current_user),"
            " (select extversion from pg_extension where extname = 'vector')"
        ).fetchone()
    assert version.startswith("PostgreSQL 18") and pgvector
    assert (user, is_superuser) == ("postgres", False), "migrations must not need more rights than on Supabase"
    totals = create_client(cloud.supabase_url, cloud.service_key).rpc("get_totals", {}).execute().data
    assert totals[0]["reconciled"] is True
    client = s3_client(cloud.spaces_endpoint, cloud.spaces_region, cloud.spaces_key, cloud.spaces_secret)
    client.put_object(Bucket=cloud.spaces_bucket, Key="cache/test", Body=b"bytes")
    link = client.generate_presigned_url("get_object", Params={"Bucket": cloud.spaces_bucket, "Key": "cache/test"})
    assert httpx.get(link).content == b"bytes"
    headers = {"Authorization": f"Bearer {cloud.vast_api_key}"}
    assert httpx.get(f"{cloud.vast_url}/api/v0/users/current/", headers=headers).json()["credit"] > 0


def test_all_ports_are_on_loopback_only(cloud):
    """Seen from the processes themselves, so that a port nobody thought of counts too."""
    listening = []
    for service in cloud.services.values():
        leader = psutil.Process(service.process.pid)
        for process in (leader, *leader.children(recursive=True)):
            connections = process.net_connections(kind="inet")
            listening += [connection.laddr.ip for connection in connections if connection.status == "LISTEN"]
    assert len(listening) > 10
    assert set(listening) == {"127.0.0.1"}


def test_inner_doors_of_the_storage_are_closed(cloud):
    """SeaweedFS's filer and volume server speak HTTP without S3's keys: they want a token nobody has."""
    client = s3_client(cloud.spaces_endpoint, cloud.spaces_region, cloud.spaces_key, cloud.spaces_secret)
    client.put_object(Bucket=cloud.spaces_bucket, Key="raw/secret.txt", Body=b"secret")
    ports = choose_ports_of(cloud)
    path = f"/buckets/{cloud.spaces_bucket}/raw/secret.txt"
    assert httpx.get(f"http://127.0.0.1:{ports['filer']}{path}").status_code == 401
    assert httpx.put(f"http://127.0.0.1:{ports['filer']}{path}", content=b"x").status_code == 401
    assert httpx.get(f"{cloud.spaces_endpoint}/{cloud.spaces_bucket}/raw/secret.txt").status_code == 403


def choose_ports_of(cloud) -> dict[str, int]:
    return json.loads((cloud.state_dir / "ports.json").read_text())


def test_secrets_are_private_and_never_shown(cloud):
    secrets = cloud.state_dir / "secrets.json"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    hidden = [cloud.service_key, cloud.jwt_secret, cloud.signing_key, cloud.spaces_secret, cloud.vast_api_key,
              cloud.control_plane_token]  # fmt: skip
    command_lines = "".join("\0".join(psutil.Process(s.process.pid).cmdline()) for s in cloud.services.values())
    logs = "".join(path.read_text(errors="replace") for path in (cloud.state_dir / "logs").iterdir())
    for value in hidden:
        assert value not in repr(cloud) and value not in command_lines and value not in logs


def test_the_rest_gateway_wants_a_known_key_and_takes_both_kinds(cloud):
    url = f"{cloud.supabase_url}/rest/v1/rpc/get_totals"
    assert httpx.post(url, json={}).status_code == 401
    assert httpx.post(url, json={}, headers={"apikey": "sb_secret_guessed"}).status_code == 401
    refused = httpx.post(url, json={}, headers={"apikey": cloud.publishable_key})
    assert (refused.status_code, refused.json()["code"]) == (401, "42501")
    legacy = load_keys(cloud.state_dir / "secrets.json").role_jwt("service_role")
    assert cloud.service_key.startswith("sb_secret_") and cloud.publishable_key.startswith("sb_publishable_")
    for headers in (
        {"apikey": cloud.service_key}, {"apikey": cloud.service_key, "Authorization": f"Bearer {cloud.service_key}"},
        {"apikey": cloud.publishable_key, "Authorization": f"Bearer {legacy}"},
    ):  # fmt: skip
        assert httpx.post(url, json={}, headers=headers).status_code == 200
    opaque_alone = {"apikey": cloud.publishable_key, "Authorization": f"Bearer {cloud.service_key}"}
    assert httpx.post(url, json={}, headers=opaque_alone).status_code == 401, "an opaque key is no JWT"


def test_the_rest_gateway_keeps_connections_and_survives_postgrest(cloud):
    headers = {"apikey": cloud.service_key}
    url = f"{cloud.supabase_url}/rest/v1/rpc/get_totals"
    with httpx.Client(headers=headers) as client:
        for _ in range(3):
            assert client.post(url, json={}).status_code == 200
        cloud.services["postgrest"].kill()
        assert client.post(url, json={}).status_code == 502
        cloud.services["postgrest"].restart()
        assert client.post(url, json={}).status_code == 200


def test_migrations_are_applied_once_and_recorded(cloud):
    assert migrate(cloud.postgres_url) == []
    with psycopg.connect(cloud.postgres_url) as connection:
        rows = connection.execute("select version from supabase_migrations.schema_migrations order by 1").fetchall()
    assert [version for (version,) in rows] == sorted(path.name.split("_")[0] for path in MIGRATIONS.glob("*.sql"))


def test_a_database_made_by_other_migrations_is_left_alone(cloud, tmp_path):
    first = min(MIGRATIONS.glob("*.sql"))
    (tmp_path / first.name).write_text(first.read_text() + "create table never_made ();")
    with pytest.raises(MigrationFailed, match="set its folder aside"):
        migrate(cloud.postgres_url, tmp_path)
    with psycopg.connect(cloud.postgres_url) as connection:
        assert connection.execute("select to_regclass('never_made')").fetchone() == (None,)


def test_a_migration_that_fails_changes_nothing_and_says_which(cloud, tmp_path):
    (tmp_path / "20990101000000_break_things.sql").write_text("create table half_done (id int); select * from nowhere;")
    with pytest.raises(MigrationFailed, match="20990101000000_break_things.sql does not apply.*nowhere"):
        migrate(cloud.postgres_url, tmp_path)
    with psycopg.connect(cloud.postgres_url) as connection:
        assert connection.execute("select to_regclass('public.half_done')").fetchone() == (None,)


def test_a_restart_keeps_data_keys_and_ports_and_moves_off_a_taken_port(state_dir):
    state_dir.chmod(0o755)  # made looser, by hand or by an earlier version
    with local_cloud.cloud(state_dir) as first:
        # Root's Postgres is a user of its own: its group alone passes through, and lists nothing.
        group = pwd.getpwnam(UNPRIVILEGED_USER).pw_gid if os.geteuid() == 0 else os.getegid()
        found = state_dir.stat()
        assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o710 if os.geteuid() == 0 else 0o700, group)
        client = s3_client(first.spaces_endpoint, first.spaces_region, first.spaces_key, first.spaces_secret)
        client.put_object(Bucket=first.spaces_bucket, Key="raw/kept.txt", Body=b"kept")
        with psycopg.connect(first.postgres_url) as connection:
            connection.execute("create table kept (word text); insert into kept values ('kept')")
        with pytest.raises(StateInUse, match="another copy is running"):
            local_cloud.start_cloud(state_dir)
    ports = choose_ports_of(first)
    with socket.create_server(("127.0.0.1", ports["s3"])), local_cloud.cloud(state_dir) as second:
        assert choose_ports_of(second) | {"s3": 0} == ports | {"s3": 0}
        assert second.spaces_endpoint != first.spaces_endpoint
        assert second.jwt_secret == first.jwt_secret
        client = s3_client(second.spaces_endpoint, second.spaces_region, second.spaces_key, second.spaces_secret)
        assert client.get_object(Bucket=second.spaces_bucket, Key="raw/kept.txt")["Body"].read() == b"kept"
        with psycopg.connect(second.postgres_url) as connection:
            assert connection.execute("select word from kept").fetchone() == ("kept",)


def test_a_service_that_cannot_start_says_which_and_why(state_dir):
    """And nothing else stays running: the check at the end of the whole test run would see it."""
    (state_dir / "postgres").mkdir()
    (state_dir / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(ServiceDidNotStart) as caught:
        local_cloud.start_cloud(state_dir)
    message = str(caught.value)
    assert message.startswith("postgres did not start: it ended with exit status 2")
    assert "could not access the server configuration file" in message, "the last lines of its log are in the message"
    assert str(state_dir / "logs" / "postgres.log") in message
    assert f"move {state_dir} (with the documents) away" in message


def test_a_port_asked_for_and_taken_is_told_at_once(state_dir, cloud):
    taken = choose_ports_of(cloud)["supabase"]
    with pytest.raises(PortTaken, match=f"port {taken} for dashboard is in use"):
        local_cloud.start_cloud(state_dir, ports={"dashboard": taken})


def test_killing_the_parent_leaves_no_process(state_dir):
    """Not even `kill -9`: the kernel tells the children."""
    code = (
        "import sys, time, local_cloud; from pathlib import Path;"
        f"cloud = local_cloud.start_cloud(Path({str(state_dir)!r})); print('up', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout.readline() == "up\n"
        family = psutil.Process(parent.pid).children(recursive=True)
        os.kill(parent.pid, signal.SIGKILL)
    assert len(family) >= 5
    gone, alive = psutil.wait_procs(family, timeout=30)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    with local_cloud.cloud(state_dir) as again:  # the data is sound
        assert psycopg.connect(again.postgres_url).execute("select 1").fetchone() == (1,)


def test_ports_are_remembered_and_distinct(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        wanted = free.getsockname()[1]
    first, guard = choose_ports(tmp_path / "ports.json", {"dashboard": wanted})
    guard.close()
    assert first["dashboard"] == wanted
    assert len(set(first.values())) == len(first)
    again, guard = choose_ports(tmp_path / "ports.json", {})
    guard.close()
    assert again == first


def test_two_clouds_that_start_at_once_never_choose_the_same_port(tmp_path):
    """Nothing listens yet: each guards its block. One that comes back after its block was taken moves as a whole."""
    chosen, guards = zip(*(choose_ports(tmp_path / f"{number}.json", {}) for number in range(100)), strict=True)
    ports = [port for each in chosen for port in each.values()]
    assert len(set(ports)) == len(ports)
    moved, guard = choose_ports(tmp_path / "0.json", {})
    assert not set(moved.values()) & set(ports)
    for held in (*guards, guard):
        held.close()
