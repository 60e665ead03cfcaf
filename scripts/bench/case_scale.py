#!/usr/bin/env python3
"""What the case layer costs as documents arrive, and what the case room's pages cost then: blocks and CPU seconds.

    python scripts/bench/case_scale.py --documents 10000 --json OUT [--step 1000] [--claude URL]

Papers of 60 families over six years are drawn from templates (case_papers.py), stored as a reading leaves them, and
drawn by the analysis worker's own sweep, slice by slice. After each `step` a row says the blocks touched per document
in it, function by function, and the blocks of each page (the routes that the case room asks for it). Blocks are 8 KiB,
in memory or not: a cost that grows with what is there already shows in them, on a loaded machine too. With --claude
the pairs are judged at the end, with the key in ANTHROPIC_API_KEY, after a person has decided some: the last row says
how many were asked about and the ledger's dollars; a candidate or a decision that changed by it ends the run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import local_cloud  # noqa: E402
from control_plane.app import build_app  # noqa: E402
from control_plane.clients import build_clients  # noqa: E402
from control_plane.http.tokens import sign_analyst_token  # noqa: E402
from control_plane.settings import Settings  # noqa: E402
from gpu_worker.analysis_worker.case_queue import CaseQueue  # noqa: E402
from gpu_worker.analysis_worker.case_sweep import CaseSweep  # noqa: E402
from scripts.bench.case_claude import ANY_KEY  # noqa: E402
from scripts.bench.case_papers import Paper, draw  # noqa: E402
from scripts.bench.case_verdicts import judge_case  # noqa: E402
from scripts.bench.metered import Meter, count_blocks, counting  # noqa: E402

TOKEN_SECONDS = 6 * 3600
PAGES = {
    "home": ("/api/facets", "/api/refused-files", "/api/findings?limit=3", "/api/analysis",
             "/api/documents?limit=6", "/api/reminders?when=next&limit=5", "/api/case/progress",
             "/api/case/pairs/counts"),
    "papers": ("/api/documents?limit=50", "/api/facets", "/api/tags", "/api/views"),
    "papers of a person and a year": ("/api/documents?limit=50&person={name}&year=2020",
                                      "/api/facets?person={name}&year=2020"),
    "search": ("/api/documents?limit=50&q=late+exchange", "/api/facets?q=late+exchange"),
    "events": ("/api/case/events?limit=50",),
    "events of a person": ("/api/case/events?limit=50&person_id={person}",),
    "events that differ": ("/api/case/events?limit=50&differing=true",),
    "differences": ("/api/case/pairs?limit=50&state=undecided", "/api/case/pairs/counts"),
    "what verdicts would cost": ("/api/case/pairs/estimate",),
    "differences of a person": ("/api/case/pairs?limit=50&person_id={person}",),
    "people": ("/api/case/people?limit=50",),
    "people by a name": ("/api/case/people?limit=50&q=ar",),
    "a person": ("/api/case/people/{person}", "/api/case/statements?person_id={person}&limit=20",
                 "/api/case/pairs?person_id={person}&kind=changed_statement,contradiction&limit=20"),
    "orders": ("/api/case/terms?limit=50",),
    "copies": ("/api/case/duplicates?limit=50",),
    "a document": ("/api/case/statements?document_id={document}&limit=50",
                   "/api/case/events?document_id={document}&limit=50", "/api/case/pairs?document_id={document}"),
}  # fmt: skip
"""What the case room asks for its pages: {person} is the one in most documents, {document} theirs."""
READ = """
with lane as (insert into lanes (name, priority, placement) values ('papers', 'normal', 'any_host')
    on conflict (name, priority, placement) do update set name = excluded.name returning id),
  job as (insert into processing_jobs (document_id, lane_id, status, priority, placement, finished_at)
    select d.id, lane.id, 'completed', 'normal', 'any_host', now() from master_document_registry d, lane
    where d.job_id is null returning id, document_id)
update master_document_registry d set job_id = job.id from job where d.id = job.document_id
"""


class ScaleCase:
    """A case that grows in a running cloud, with what its growing and its pages cost."""

    def __init__(self, cloud: local_cloud.Cloud, owner: psycopg.Connection[Any]) -> None:
        token = sign_analyst_token(cloud.jwt_secret, datetime.now(UTC), TOKEN_SECONDS).token
        settings = Settings.from_env(cloud.control_plane_environ())
        self._meter, self._owner = Meter(cloud, owner, token), owner
        self._app = build_app(settings, build_clients(settings)).test_client()
        self._auth = {"Authorization": f"Bearer {cloud.control_plane_token}"}

    def enter(self, papers: Iterable[Paper]) -> None:
        """Documents as they stand after reading."""
        rows = [(str(uuid.uuid4()), paper) for paper in papers]
        with self._owner.cursor() as cursor:
            cursor.executemany(
                "insert into master_document_registry (id, original_filename, source, object_key, sha256, bytes, "
                "mime_type, document_type, document_date) values (%s, %s, 'upload', %s, %s, 1, 'application/pdf', %s, "
                "%s)",
                [
                    (row, f"{paper.kind}.pdf", f"raw/{row}", sha256(row.encode()).hexdigest(), paper.kind, paper.day)
                    for row, paper in rows
                ],
            )
            cursor.executemany("insert into document_repository (document_id, text) values (%s, %s)",
                               [(row, paper.text) for row, paper in rows])  # fmt: skip
        self._owner.execute(READ)
        self._owner.execute("analyze")

    def sweep(self) -> dict[str, int]:
        """Draw all that is due; blocks by function."""
        self._meter.blocks.clear()
        CaseSweep(CaseQueue(self._meter)).run()
        return dict(self._meter.blocks)

    def pages(self) -> dict[str, int]:
        """Blocks by page, the least of four askings: the first one of each connection of the database makes plans
        and reads the catalogue, 3,000 blocks, and which connection is asked is not ours to say."""
        wanted = self._somebody()
        blocks = {}
        for page, routes in PAGES.items():
            asked = []
            for _ in range(4):
                before = count_blocks(self._owner)
                for route in routes:
                    self._ask(route.format(**wanted))
                asked.append(count_blocks(self._owner) - before)
            blocks[page] = min(asked)
        return blocks

    def _somebody(self) -> dict[str, str]:
        person, name = self._one("select id, name from people where merged_into is null order by rank desc limit 1")
        (document,) = self._one("select document_id from people_documents where person_id = %s limit 1", person)
        return {"person": str(person), "name": name, "document": str(document)}

    def _one(self, query: str, *values: object) -> tuple[Any, ...]:
        return self._owner.execute(query, values).fetchone()  # type: ignore[return-value, arg-type]

    def _ask(self, route: str) -> None:
        reply = self._app.get(route, headers=self._auth)
        if reply.status_code != 200:
            raise RuntimeError(f"{route} answered {reply.status_code}: {reply.text[:200]}")


def cpu_seconds(cloud: local_cloud.Cloud) -> float:
    """Of this process and of Postgres with all its processes so far."""
    server = cloud.services["postgres"].process
    assert server
    postgres = psutil.Process(server.pid)
    each = [psutil.Process(), postgres, *postgres.children(recursive=True)]
    times = [process.cpu_times() for process in each]
    ended = postgres.cpu_times()
    return sum(time.user + time.system for time in times) + ended.children_user + ended.children_system


def measure(
    cloud: local_cloud.Cloud, papers: Sequence[Paper], step: int, claude: tuple[str, str] | None = None
) -> list[dict[str, Any]]:
    """A row for each step; with Claude's address and a key one more, of the verdicts. Raises NotJudged, Touched."""
    rows = []
    with counting(cloud) as owner:
        case = ScaleCase(cloud, owner)
        for first in range(0, len(papers), step):
            batch = papers[first : first + step]
            case.enter(batch)
            before = cpu_seconds(cloud)
            by_function = {name: round(blocks / len(batch)) for name, blocks in case.sweep().items()}
            seconds = (cpu_seconds(cloud) - before) * 1000 / len(batch)
            rows.append({"documents": first + len(batch), "cpu_seconds_per_1000": round(seconds, 1),
                         "blocks_a_document": sum(by_function.values()), "by_function": by_function,
                         "pages": case.pages()})  # fmt: skip
            print(json.dumps(rows[-1], indent=1), flush=True)
        (held,) = owner.execute("select row_to_json(p) from get_case_progress() p").fetchone()  # type: ignore[misc]
        print(held)
        if claude:
            judged = judge_case(cloud, owner, case.sweep, claude)
            rows.append(asdict(judged) | {"usd_per_document": judged.usd_per_document})
            print(json.dumps(rows[-1], indent=1))
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Enter and draw step by step, print a row each, write the numbers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--step", type=int, default=1000)
    parser.add_argument("--json", type=Path, help="where the numbers go")
    parser.add_argument("--claude", help="address of Anthropic's interface, or of a stand-in, that judges the pairs")
    options = parser.parse_args(argv)
    claude = (options.claude.rstrip("/"), os.environ.get("ANTHROPIC_API_KEY") or ANY_KEY) if options.claude else None
    with tempfile.TemporaryDirectory(prefix="aseagi-bench-") as name:
        Path(name).chmod(0o711)  # Postgres runs as a user of its own
        with local_cloud.cloud(Path(name)) as cloud:
            rows = measure(cloud, list(draw(options.documents)), options.step, claude)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
