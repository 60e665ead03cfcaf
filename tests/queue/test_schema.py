"""The migrations: what they make, by whom they can be applied, and that each thing is written once."""

import re
import uuid
from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from local_cloud import Cloud
from local_cloud.keys import load_keys
from local_cloud.postgres import BOOTSTRAP, MIGRATIONS, SUPERUSER, migrate
from scripts.dump_schema import GOLDEN, dump_schema

FIRST_SET = sorted(MIGRATIONS.glob("20261126001*.sql"))
DEFINED = re.compile(r"^create (?:or replace )?(?:function|view) ([\w.]+)", re.MULTILINE)
NOISE = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
CHANGES = re.compile(r"\b(?<!do )(?:update\s+[\w.]+(?:\s+(?:as\s+)?\w+)?\s+set|delete\s+from)\b", re.IGNORECASE)
SESSION = re.compile(
    r"\bpg_(?:try_)?advisory_(?:un)?lock(?:_shared)?\(|\bcreate temp\w* |\blisten\b|\bprepare\b"
    r"|set_config\([^)]*false\)",
    re.IGNORECASE,
)
LONGEST_LINE = 120


@pytest.fixture
def fresh_database(cloud: Cloud) -> Iterator[str]:
    """A database as Supabase hands it over, to its own `postgres`, who is no superuser."""
    name = f"fresh-{uuid.uuid4().hex[:8]}"
    password = load_keys(cloud.state_dir / "secrets.json").postgres_password
    admin = psycopg.conninfo.make_conninfo(cloud.postgres_url, user=SUPERUSER, password=password)
    inside = psycopg.conninfo.make_conninfo(admin, dbname=name)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} owner postgres").format(sql.Identifier(name)))
        with psycopg.connect(inside, autocommit=True) as other:
            other.execute(BOOTSTRAP.read_text())
        yield psycopg.conninfo.make_conninfo(cloud.postgres_url, dbname=name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_the_golden_dump_is_what_the_migrations_make(cloud):
    current = dump_schema(cloud.postgres_url)
    assert GOLDEN.read_text() == current, "Run `python -m scripts.dump_schema` and read the diff of tests/schema.sql."


def test_supabase_s_own_postgres_can_apply_them(fresh_database):
    with psycopg.connect(fresh_database) as connection:
        who = "select rolname, rolsuper, rolcreaterole from pg_roles where rolname = current_user"
        assert connection.execute(who).fetchone() == ("postgres", False, True)
    assert migrate(fresh_database) == [path.stem.partition("_")[0] for path in sorted(MIGRATIONS.glob("*.sql"))]
    assert dump_schema(fresh_database) == GOLDEN.read_text()


def test_each_function_and_view_is_defined_once():
    """In the first set; a released migration is never edited, so a later one replaces what it changes."""
    assert FIRST_SET
    counted = Counter(name for path in FIRST_SET for name in DEFINED.findall(path.read_text()))
    assert len(counted) > 100
    assert {name for name, times in counted.items() if times > 1} == set()


def changes_of_whole_tables(text: str) -> list[str]:
    """Statements `update` and `delete` without a `where` of their own."""
    text = NOISE.sub("''", text)
    found = []
    for match in CHANGES.finditer(text):
        depth = 0
        for end in range(match.start(), len(text)):
            depth += (text[end] == "(") - (text[end] == ")")
            if depth < 0 or (depth == 0 and text[end] == ";"):
                break
        statement = text[match.start() : end]
        if not re.search(r"\bwhere\b", statement, re.IGNORECASE):
            found.append(" ".join(statement.split()))
    return found


def test_no_statement_changes_a_whole_table():
    """Supabase's `safeupdate` refuses such a statement. Each test's cloud has it; this is for what no test runs."""
    assert changes_of_whole_tables("update a set b = 1; delete from c; update a set b = 1 where d;") == [
        "update a set b = 1", "delete from c",
    ]  # fmt: skip
    for path in MIGRATIONS.glob("*.sql"):
        assert changes_of_whole_tables(path.read_text()) == [], path.name


def test_nothing_rests_on_a_session():
    """The next call may come over another connection: a pooler in transaction mode gives none twice."""
    for path in MIGRATIONS.glob("*.sql"):
        assert SESSION.findall(NOISE.sub("''", path.read_text())) == [], path.name


def test_no_line_is_longer_than_python_s():
    for path in MIGRATIONS.glob("*.sql"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert len(line) <= LONGEST_LINE, f"{path.name}:{number}"
