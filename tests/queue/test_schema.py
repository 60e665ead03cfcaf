"""The golden dump is current, and a migration applies once."""

from local_cloud.postgres import migrate
from scripts.dump_schema import GOLDEN, dump_schema


def test_the_golden_dump_is_what_the_migrations_make(cloud):
    current = dump_schema(cloud.postgres_url)
    assert GOLDEN.read_text() == current, "Run `python -m scripts.dump_schema` and read the diff of tests/schema.sql."


def test_migrations_already_applied_are_left_alone(cloud):
    assert migrate(cloud.postgres_url) == []
