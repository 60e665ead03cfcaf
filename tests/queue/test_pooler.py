"""A pooler by transactions before the database, as Supabase's on 6543: what we ask works, or is refused by name."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from control_plane.doctor import database as doctor
from control_plane.errors import SessionsShared
from local_cloud import Cloud
from local_cloud.keys import load_keys
from local_cloud.postgres import MIGRATIONS, migrate, postgres_url
from scripts.dump_schema import GOLDEN, dump_schema
from tests.control_plane.desk import Desk, complete_a_document, make_desk
from tests.fakes.pooler import pooler
from tests.queue.test_schema import fresh_database

__all__ = ["fresh_database"]


def port_of(url: str) -> int:
    return int(conninfo_to_dict(url)["port"])


@contextmanager
def pooled(cloud: Cloud, **settings: str) -> Iterator[Desk]:
    """A desk whose PostgREST speaks through a pooler."""
    keys, service = load_keys(cloud.state_dir / "secrets.json"), cloud.services["postgrest"]
    usual = service.environ
    with pooler(port_of(cloud.postgres_url), {"authenticator": keys.authenticator_password}) as port:
        url = postgres_url(port, "authenticator", keys.authenticator_password)
        service.environ = {**usual, "PGRST_DB_URI": url, "PGRST_DB_CHANNEL_ENABLED": "false", **settings}
        service.restart()
        try:
            yield make_desk(cloud)
        finally:
            service.environ = usual
            service.restart()


def test_nothing_that_postgrest_asks_rests_on_a_session(clean_cloud: Cloud):
    with pooled(clean_cloud, PGRST_DB_PREPARED_STATEMENTS="false") as desk:
        document_id = complete_a_document(desk)
        assert desk.get(f"/api/documents/{document_id}").json["status"] == "completed"
        database = desk.clients.database
        assert database.take_leadership("scaler", "one", 60) and not database.take_leadership("scaler", "two", 60)
        assert {each.state for each in doctor.examine(desk.settings, database)} == {"ok"}


def test_where_postgrest_prepares_statements_that_the_pooler_loses_the_fault_has_a_name(clean_cloud: Cloud):
    with pooled(clean_cloud) as desk:
        with pytest.raises(SessionsShared):
            for _ in range(50):  # some answer still comes over the connection that has it prepared
                desk.clients.database.list_matters()
        answers = [desk.get("/api/documents") for _ in range(50)]
        refused = next(each for each in answers if each.status_code != 200)
        assert (refused.status_code, refused.json["code"]) == (503, "queue_sessions_shared")


def test_migrations_apply_through_it(fresh_database: str):
    """Each file is one transaction, and needs nothing that an earlier one left in the session."""
    owner = conninfo_to_dict(fresh_database)
    with pooler(port_of(fresh_database), {owner["user"]: owner["password"]}, database=owner["dbname"]) as port:
        through = make_conninfo(fresh_database, port=port)
        with psycopg.connect(through, autocommit=True) as connection:
            who = {connection.execute("select pg_backend_pid()", prepare=False).fetchone() for _ in range(4)}
        assert len(who) > 1, "each transaction has another connection"
        assert len(migrate(through)) == len([*MIGRATIONS.glob("*.sql")])
        assert migrate(through) == []
    assert dump_schema(fresh_database) == GOLDEN.read_text()
