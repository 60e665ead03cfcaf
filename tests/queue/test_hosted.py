"""A project at Supabase: time is short, answers end after 1,000 rows, and two droplets may stand before it."""

import httpx
import psycopg
import pytest

from control_plane.clients import build_supabase
from control_plane.database import Database
from control_plane.record.export import export_rows
from control_plane.settings import Settings
from tests.patience import wait_until
from tests.queue.transactions import call_while_open


def ask(cloud, function: str) -> httpx.Response:
    return httpx.post(
        f"{cloud.supabase_url}/rest/v1/rpc/{function}", json={}, headers={"apikey": cloud.service_key}, timeout=30
    )


@pytest.fixture
def short_of_time(clean_cloud):
    """The service's calls end after a quarter of a second, in place of 8; and functions that take half of one."""
    made = """
        create function public.slow() returns text language sql as $$ select pg_sleep(0.5)::text $$;
        create function public.patient() returns text language sql set statement_timeout = '5s'
          as $$ select pg_sleep(0.5)::text $$;
        grant execute on function public.slow, public.patient to service_role;
        alter role service_role set statement_timeout = '250ms';
        notify pgrst, 'reload config'; notify pgrst, 'reload schema';
    """
    ended = """
        drop function public.slow, public.patient; alter role service_role reset statement_timeout;
        notify pgrst, 'reload config'; notify pgrst, 'reload schema';
    """
    with psycopg.connect(clean_cloud.postgres_url, autocommit=True) as connection:
        connection.execute(made)
        try:
            wait_until(lambda: ask(clean_cloud, "slow").status_code == 500, "the role's limit is known")
            yield clean_cloud
        finally:
            connection.execute(ended)
            wait_until(lambda: ask(clean_cloud, "slow").status_code == 404, "the functions are gone")


def test_a_call_that_takes_too_long_is_ended_but_a_function_may_say_how_long_it_takes(short_of_time):
    """So stands `set statement_timeout` on the functions that take longer than the 8 s of every project."""
    assert ask(short_of_time, "slow").json()["code"] == "57014"
    assert ask(short_of_time, "patient").status_code == 200


def test_an_export_has_every_row_though_an_answer_ends_after_a_thousand(queue, clean_cloud):
    queue.rows("select count(*) from generate_series(1, 1100) n, lateral make_matter('Matter ' || n, 'Dana')")
    database = Database(build_supabase(Settings.from_env(clean_cloud.control_plane_environ())))
    lines = list(export_rows(database, None))
    assert len(lines) == len(set(lines)) == 1100


def test_of_two_scalers_only_one_leads_also_while_neither_has_committed(queue):
    def take(holder: str, seconds: int = 60):
        return lambda connection: queue.as_role(
            "service_role", "take_leadership", connection=connection, name="scaler", holder=holder, seconds=seconds
        )

    (late,) = call_while_open(queue, take("one"), take("two"))
    assert (late["held"], late["leader"]) == (False, "one")
    (renewed,) = call_while_open(queue, take("one"), take("one"))
    assert renewed["held"]
    queue.rows("update leaders set expires_at = now() - interval '1 second' where true")
    (late,) = call_while_open(queue, take("two"), take("one"))
    assert (late["held"], late["leader"]) == (False, "two"), "the second finds the lease of the first, not the end"
    queue.service("give_up_leadership", name="scaler", holder="one")
    assert queue.row("select holder from leaders")["holder"] == "two", "nobody ends another's lease"
    queue.service("give_up_leadership", name="scaler", holder="two")
    assert queue.service("take_leadership", name="scaler", holder="one", seconds=60)[0]["held"]


def test_no_session_of_postgrests_changes_a_whole_table(clean_cloud):
    """So Supabase has it (`safeupdate`), also within functions: whatever the suite calls was called under it."""
    made = """
        create function public.careless() returns void language plpgsql security definer set search_path = public
          as $$ begin with gone as (delete from machines returning 1) insert into leaders select from gone; end $$;
        create function public.careful() returns void language sql security definer set search_path = public
          as $$ delete from machines where true $$;
        grant execute on function public.careless, public.careful to service_role;
        notify pgrst, 'reload schema';
    """
    with psycopg.connect(clean_cloud.postgres_url, autocommit=True) as connection:
        connection.execute(made)
        try:
            wait_until(lambda: ask(clean_cloud, "careful").status_code == 204, "the functions are known")
            refused = ask(clean_cloud, "careless")
            assert (refused.json()["code"], refused.json()["message"]) == ("21000", "DELETE requires a WHERE clause")
        finally:
            connection.execute("drop function public.careless, public.careful; notify pgrst, 'reload schema'")
            wait_until(lambda: ask(clean_cloud, "careful").status_code == 404, "the functions are gone")
