#!/usr/bin/env python3
"""What the case layer costs as documents arrive: seconds and blocks touched per document, thousand by thousand.

    python scripts/bench/case_scale.py --documents 10000 --json OUT

Documents are drawn from templates (bank rows, chats, school notes, declarations, police cards, rescans) about 40
families over three years, and entered by thousands; after each the analysis worker's own sweep draws them. Blocks are
those that Postgres read or hit (`pg_stat_database`): a cost that grows with what is there already shows in them.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import local_cloud  # noqa: E402
from scripts.bench.case import CaseLibrary  # noqa: E402

STEP = 1000
_FIRSTS = "Arlo Brisa Cato Delia Ennis Fiora Gideon Hesper Ivo Junia Kester Liora Merrick Nerys Osric Perpetua"
FIRSTS = _FIRSTS.split()
LASTS = """
Abernathy Bellweather Crosswick Dunmore Eastlake Fairholm Garrowby Hathersage Inglethorpe Jessamy Kirkbride Lanyon
Merriwether Northcott Oakeshott Penhale Quarrington Ravensworth Selwood Thackery Underhill Vanterpool Wetherby Yarrow
Ashcombe Brightwell Coverdale Driscoll Elphinstone Farthing Greatorex Hollingworth Ibbotson Jolliffe Kellaway
Lockridge Mandeville Nethercott Osgood Pemberton
""".split()  # noqa: SIM905
_DOINGS = "a late exchange|a missed visit|a parent meeting|a dentist visit|a football match|a school concert"
DOINGS = _DOINGS.split("|")


def draw(count: int, seed: int = 7) -> Iterator[tuple[str, str, date]]:
    """Documents: text, kind and day; every twentieth is a rescan of the one before."""
    chance, text, kind, day = random.Random(seed), "", "other", date(2021, 1, 1)
    for number in range(count):
        if number % 20 == 19:
            yield "COPY\n" + text.replace("the ", "tbe ", 1), kind, day
            continue
        last = LASTS[chance.randrange(len(LASTS))]
        a, b = chance.sample(FIRSTS, 2)
        day = date(2021, 1, 1) + timedelta(days=chance.randrange(1095))
        kind, text = _document(chance, number, a, b, last, day)
        yield text, kind, day


def _document(chance: random.Random, number: int, a: str, b: str, last: str, day: date) -> tuple[str, str]:
    written, clock = f"{day:%B} {day.day}, {day.year}", f"{chance.randrange(1, 12)}:{chance.randrange(10, 59)} p.m."
    amount, doing = f"{chance.randrange(10, 900)}.{chance.randrange(10, 99)}", chance.choice(DOINGS)
    rows = [f"{day:%m/%d} transfer from {a[0]}. {last} reference {number * 7 + n}  {amount}" for n in range(6)]
    stamp = f"{day:%b} {day.day}, {day.year}"
    chat = [f"{stamp} {4 + n}:{chance.randrange(10, 59)} PM {who}: about {doing} no {number}"
            for n, who in enumerate((a, b) * 4)]  # fmt: skip
    return (
        ("financial_record", f"COUNTY BANK   Statement of {b} {last}   account {number}\n" + "\n".join(rows)),
        ("text_messages", "Messages, exported\n" + "\n".join(chat)),
        ("letter", f"{written}\nDear Ms. {last}: on {written} at {clock} there was {doing} with {a} {last}, "
                   f"file {number}.\nHe paid ${amount}. Please answer.\nSincerely\n{chance.choice(FIRSTS)} Harkness"),
        ("declaration", f"DECLARATION OF {a.upper()} {last.upper()}   case {number}\n1. On {written} at {clock} I was "
                        f"at {doing}.\n2. {b} {last} was not there.\n3. I paid ${amount} in {day:%B} {day.year}.\n"
                        f"I declare under penalty of perjury that this is true. {written}"),
        ("police_report", f"POLICE DEPARTMENT  Incident {number}\n{written}  1840 hours. Mr. {last} came late to "
                          f"{doing}. {b} {last} said that he owed ${amount}."),
    )[number % 5]  # fmt: skip


def enter(owner: psycopg.Connection[Any], documents: Sequence[tuple[str, str, date]]) -> None:
    """Documents as they stand after reading; the search index is left out."""
    rows = [(str(uuid.uuid4()), text, kind, day) for text, kind, day in documents]
    with owner.cursor() as cursor:
        cursor.executemany(
            "insert into master_document_registry (id, original_filename, source, object_key, bytes, mime_type, "
            "document_type, document_date) values (%s, 'scan.pdf', 'upload', %s, 1, 'application/pdf', %s, %s)",
            [(row[0], f"raw/{row[0]}", row[2], row[3]) for row in rows],
        )
        cursor.executemany("insert into document_repository (document_id, text) values (%s, %s)",
                           [(row[0], row[1]) for row in rows])  # fmt: skip


def blocks(owner: psycopg.Connection[Any]) -> int:
    """Blocks that this database has read or hit so far."""
    owner.execute("select pg_stat_clear_snapshot()")
    query = "select blks_hit + blks_read from pg_stat_database where datname = current_database()"
    return int(owner.execute(query).fetchone()[0])  # type: ignore[index]


def main(argv: Sequence[str] | None = None) -> int:
    """Enter and draw thousand by thousand, print a row each, write the numbers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--json", type=Path, help="where the numbers go")
    options = parser.parse_args(argv)
    documents, steps = list(draw(options.documents)), []
    with tempfile.TemporaryDirectory(prefix="aseagi-bench-") as name:
        Path(name).chmod(0o711)  # Postgres runs as a user of its own
        with local_cloud.cloud(Path(name)) as cloud, psycopg.connect(cloud.postgres_url, autocommit=True) as owner:
            owner.execute("alter table document_repository disable trigger document_repository_index")
            library = CaseLibrary(cloud)
            for first in range(0, len(documents), STEP):
                batch = documents[first : first + STEP]
                enter(owner, batch)
                owner.execute("analyze")
                before, began = blocks(owner), time.perf_counter()
                library.sweep()
                steps.append({"documents": first + len(batch), "seconds": round(time.perf_counter() - began, 1),
                              "blocks_a_document": round((blocks(owner) - before) / len(batch))})  # fmt: skip
                print(steps[-1], flush=True)
            (held,) = owner.execute("select row_to_json(p) from get_case_progress() p").fetchone()  # type: ignore[misc]
    print(held)
    if options.json:
        options.json.write_text(json.dumps({"steps": steps, "held": held}, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
