#!/usr/bin/env python3
"""What a search costs by the number of passages: blocks of 8 KiB that PostgreSQL looks at for each question.

    python scripts/bench/search_cost.py --passages 10000 100000 1000000 --json OUT

The passages are made up in SQL, 25 words each, ten to a document, in a database that is thrown away. A million take
some four minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import local_cloud  # noqa: E402

PER_DOCUMENT = 10
QUESTIONS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "a word in one passage": ("single", {}),
    "a word in one of 1,000": ("seldom", {}),
    "a word in every passage": ("everywhere", {}),
    "two such words": ("everywhere often", {}),
    "a rare and a common word": ("seldom everywhere", {}),
    "five words": ("seldom tenth also often everywhere", {}),
    "a phrase of two common words": ('"often also"', {}),
    "a phrase that stands nowhere, of common words": ('"also often"', {}),
    "a common word without another": ("everywhere -apart", {}),
    "a common word in one case": ("everywhere", {"case_number": "FL-1"}),
    "a common word in documents from a day on": ("everywhere", {"date_from": "2020-01-01"}),
    "a misspelled word": ("sedlom", {}),
    "a word that is not there": ("unicorns", {}),
}
FILL = (
    "alter table document_repository disable trigger document_repository_index",  # the vectors are made here
    "drop index document_passages_search",
    """insert into master_document_registry (id, object_key, original_filename, source, document_type, document_date,
         case_number)
       select md5(n::text)::uuid, 'raw/' || n, 'scan.pdf', 'upload', 'letter', date '2019-01-01' + n %% 2000,
         'FL-' || n %% greatest(2, %(documents)s / 50)
       from generate_series(1, %(documents)s) n""",
    """insert into document_repository (document_id, text)
       select md5(n::text)::uuid, 'everywhere often seldom tenth also' from generate_series(1, %(documents)s) n""",
    """insert into document_passages (document_id, passage, page, start, search)
       select md5((1 + n / %(per_document)s)::text)::uuid, 1 + n %% %(per_document)s, 1, 1, (
         select string_agg(word || ':' || place || 'B,' || place + 60 || 'A', ' ') from (
           select 'w' || abs(hashint4(n * 31 + k)) %% 20000, k from generate_series(1, 20) k
           union all select 'everywher', 31 union all select 'everywhere', 31
           union all select 'often', 33 where n %% 2 = 0
           union all select 'also', case when n %% 6000 = 0 then 34 else 36 end where n %% 3 = 0
           union all select 'tenth', 38 where n %% 10 = 7
           union all select 'apart', 39 where n %% 40 = 7
           union all select 'seldom', 40 where n %% 1000 = 6
           union all select 'singl', 42 where n = %(passages)s / 2
           union all select 'single', 42 where n = %(passages)s / 2
         ) as words(word, place))::tsvector
       from generate_series(0, %(passages)s - 1) n""",
    "set maintenance_work_mem = '512MB'",
    "create index document_passages_search on document_passages using gin (search)",
    """insert into search_words (word, keys) select word, private.spelling_keys(word)
       from unnest(array['everywhere', 'often', 'also', 'tenth', 'apart', 'seldom', 'single']) word""",
    "alter table document_repository enable trigger document_repository_index",
    "vacuum analyze document_passages, master_document_registry, document_repository, search_words",
)


def fill(owner: psycopg.Connection, passages: int) -> None:
    """Made-up documents in an empty database; the index is built after them."""
    numbers = {"passages": passages, "documents": passages // PER_DOCUMENT, "per_document": PER_DOCUMENT}
    for statement in FILL:
        text = statement if "%(" in statement else statement.replace("%%", "%")
        owner.execute(text, numbers if "%(" in statement else None)  # type: ignore[arg-type]


def count_blocks(owner: psycopg.Connection, query: str, filters: Mapping[str, str]) -> tuple[int, int]:
    """Blocks looked at by one search, and how many documents it says it found."""
    call = "select * from search_documents(%s, filters => %s::jsonb)"
    asked = (query, json.dumps(filters))
    owner.execute(call, asked).fetchall()  # plans are made once in a connection
    row = owner.execute(f"explain (analyze, buffers, format json) {call}", asked).fetchone()
    assert row
    plan = row[0][0]["Plan"]
    found = owner.execute(call, asked).fetchone()
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], found[9] if found else 0


def measure(passages: int) -> dict[str, int]:
    """Blocks for each question at this size."""
    with tempfile.TemporaryDirectory(prefix="aseagi-bench-") as name:
        Path(name).chmod(0o711)  # Postgres runs as a user of its own
        with (
            local_cloud.cloud(Path(name)) as cloud,
            psycopg.connect(cloud.postgres_url, autocommit=True) as owner,
        ):
            started = time.monotonic()
            fill(owner, passages)
            print(f"{passages:,} passages, made in {time.monotonic() - started:.0f} s")
            blocks = {}
            for question, (query, filters) in QUESTIONS.items():
                started = time.monotonic()
                blocks[question], matches = count_blocks(owner, query, filters)
                print(f"  {question:50} {blocks[question]:8,} blocks, {matches:6,} found, "
                      f"{(time.monotonic() - started) / 3:.2f} s")  # fmt: skip
            return blocks


def main(argv: Sequence[str] | None = None) -> int:
    """Measure each size in a database of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--passages", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--json", type=Path, help="where the numbers go")
    options = parser.parse_args(argv)
    numbers = {str(passages): measure(passages) for passages in options.passages}
    if options.json:
        options.json.write_text(json.dumps(numbers, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
