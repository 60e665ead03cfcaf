"""The golden dump is current."""

from scripts.dump_schema import GOLDEN, dump_schema


def test_the_golden_dump_is_what_the_migrations_make(cloud):
    current = dump_schema(cloud.postgres_url)
    assert GOLDEN.read_text() == current, "Run `python -m scripts.dump_schema` and read the diff of tests/schema.sql."
