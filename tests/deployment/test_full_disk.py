"""A disk of the droplet is full: the database's own, where it is selfhosted, and nginx's, for bodies on their way."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg

from local_cloud.keys import load_keys
from local_cloud.postgres import BIN, SUPERUSER, UNPRIVILEGED_USER, postgres_service, postgres_url
from local_cloud.processes import stop_all, wait_until_ready
from tests.deployment.front import Front, free_port
from tests.patience import wait_until
from tests.tiny_disk import fill, tiny_disk

CHANGE = "update papers set n = %s where pg_logical_emit_message(true, '', text) is not null"


def test_a_full_volume_of_nginx_lets_uploads_pass_and_says_of_the_rest_to_try_again(
    make_front: Callable[..., Front],
) -> None:
    front = make_front()
    results = b"x" * 1_000_000  # a machine's, which nginx keeps on its volume until it is whole
    with tiny_disk(front.folder / "body", "64k") as volume:
        filler = fill(volume)
        assert front.ask("POST", "/api/upload", b"x" * 2_000_000)[1]["bytes"] == 2_000_000
        assert front.ask("GET", "/ready")[0] == 200
        status, error, _ = front.ask("POST", "/api/worker/complete", results)
        assert (status, error["code"], "full" in error["message"]) == (500, "away", True)
        filler.unlink()
    assert front.ask("POST", "/api/worker/complete", results)[1]["bytes"] == 1_000_000


def test_a_full_disk_under_a_database_of_one_s_own_loses_nothing_that_was_taken(open_folder: Path) -> None:
    keys, port = load_keys(open_folder / "secrets.json"), free_port()
    with tiny_disk(open_folder / "data", "80m") as disk:
        data = disk / "pg"
        subprocess.run(
            [BIN / "initdb", "-D", data, "-U", SUPERUSER, "--auth=trust", "--no-sync", "--wal-segsize=1", "--locale=C",
             "--encoding=UTF8", "--no-instructions"],
            check=True, capture_output=True, cwd="/", user=UNPRIVILEGED_USER, group=UNPRIVILEGED_USER, extra_groups=[],
        )  # fmt: skip
        service = postgres_service(data, open_folder / "log", port, keys, UNPRIVILEGED_USER)
        service.start()
        try:
            wait_until_ready([service])
            url = postgres_url(port, SUPERUSER, "")
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("create table papers (n int, text text)")
                connection.execute("insert into papers values (0, repeat('x', 1000000))")
                filler = fill(disk)
                taken, code = take_until_refused(connection)
            log = open_folder / "log"
            assert (code, "PANIC" in log.read_text()) == ("53100", True), "its log, too"
            filler.unlink()
            if service.process.poll() is not None:  # Docker does so, too
                service.start()
            # It may still answer where it has not seen yet that it broke down.
            wait_until(lambda: "ready to accept connections" in log.read_text().rpartition("PANIC")[2], "it is back")
            with psycopg.connect(url, autocommit=True) as connection:
                assert connection.execute("select n from papers").fetchone() == (taken,)
                assert take(connection, taken + 1) is None
        finally:
            stop_all([service])


def take_until_refused(connection: psycopg.Connection) -> tuple[int, str | None]:
    """The last change that was taken, and the code of what was said of the next."""
    for number in range(1, 1000):
        if refused := take(connection, number):
            return number - 1, refused
    raise AssertionError("it takes more than there is room for")


def take(connection: psycopg.Connection, number: int) -> str | None:
    """A change in place of the one before, of which a megabyte goes to the database's log; its error's code."""
    try:
        connection.execute(CHANGE, [number])
    except psycopg.Error as error:
        return error.sqlstate
    return None
