#!/usr/bin/env python3
"""What the case layer finds in a labelled case: copies, people, events, pairs of statements; over the real database.

    python scripts/bench/case.py --case FILE.json --json OUT [--claude URL] [--misses]

The case is an object: `documents` (name → `text`, `date`), `contradictions`, `order_violations`, `rescans`, `traps`,
`events`, `people`, `not_the_same`. The documents enter through the queue's SQL functions as a worker completes them,
all under one file name, with the rules' analysis; only OCR is left out, and each document's date is told as a person
would. Then the analysis worker's own sweep draws the case. With --claude the pairs are judged, too: by the route, the
gateway and the analysis worker, with the key in ANTHROPIC_API_KEY; the dollars are the ledger's. Exit 2 when the file
holds no document, 3 when the pairs could not be judged.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import local_cloud  # noqa: E402
from control_plane.http.tokens import sign_analyst_token, sign_worker_token  # noqa: E402
from gpu_worker.analysis.judging import Judging  # noqa: E402
from gpu_worker.analysis.material import Material, Page  # noqa: E402
from gpu_worker.analysis_worker.case_queue import CaseQueue  # noqa: E402
from gpu_worker.analysis_worker.case_sweep import CaseSweep  # noqa: E402
from gpu_worker.clients.rpc import Rpc  # noqa: E402
from gpu_worker.clients.worker_token import WorkerToken  # noqa: E402
from scripts.bench.case_claude import ANY_KEY, NotJudged, judge_pairs  # noqa: E402
from scripts.bench.case_metrics import (  # noqa: E402
    CaseFound,
    FoundEvent,
    FoundPair,
    are_one,
    has_event,
    name_key,
    summarise,
)
from scripts.bench.case_verdicts import untouched  # noqa: E402

MACHINE = "aseagi-bench-case"
FILE_NAME = "scan.pdf"
TOKEN_SECONDS = 3600


class CaseLibrary:
    """A labelled case in a running cloud."""

    def __init__(self, cloud: local_cloud.Cloud) -> None:
        self._cloud = cloud
        self._names: dict[str, str] = {}
        self._http = httpx.Client(timeout=120)
        self._token = sign_worker_token(MACHINE, cloud.jwt_secret, datetime.now(UTC), TOKEN_SECONDS).token

    def enter(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Put every document through the queue, as a worker that has read it."""
        with psycopg.connect(self._cloud.postgres_url, autocommit=True) as owner:
            owner.execute("insert into machines (label, status) values (%s, 'ready') on conflict do nothing", [MACHINE])
            for name, document in documents.items():
                document_id = self._enter_one(name, document["text"])
                if day := document.get("date"):
                    owner.execute("update master_document_registry set document_date = %s where id = %s",
                                  [day, document_id])  # fmt: skip

    def sweep(self) -> None:
        """Draw and settle all that is due, with the code and the rights of the analysis worker."""
        token = WorkerToken(sign_analyst_token(self._cloud.jwt_secret, datetime.now(UTC), TOKEN_SECONDS).token)
        rpc = Rpc(self._http, self._cloud.supabase_url, self._cloud.publishable_key, token, 60)
        CaseSweep(CaseQueue(rpc)).run()

    def name_of(self, document_id: str) -> str:
        """The case's name of a document."""
        return self._names[document_id]

    def found(self) -> CaseFound:
        """What the database has of it now."""
        with psycopg.connect(self._cloud.postgres_url, autocommit=True) as owner:
            original = {self._names[str(a)]: self._names[str(b)]
                        for a, b in owner.execute("select document_id, witness_id from case_documents")}  # fmt: skip
            people = {key: str(person) for key, person in owner.execute(
                "select key, person_id from case_names where person_id is not null")}  # fmt: skip
            events = [
                FoundEvent(starts, ends, title, frozenset(self._names[str(each)] for each in documents))
                for starts, ends, title, documents in owner.execute(
                    "select e.starts, e.ends, e.title, array_agg(distinct t.document_id::text) from case_events e"
                    " join case_times t on t.event_id = e.id group by e.id order by e.starts"
                )
            ]
            ((usd,),) = owner.execute("select coalesce(sum(cost_usd), 0) from claude_calls")
            return CaseFound(original, people, events, self._pairs(owner), float(usd))

    def _pairs(self, owner: psycopg.Connection[Any]) -> list[FoundPair]:
        """The pairs of statements that are proposed."""
        rows = owner.execute(
            "select a_document, b_document, kind, verdict, a_side ->> 'quote', b_side ->> 'quote'"
            " from pairs where stands"
        ).fetchall()
        return [FoundPair(self._names[str(a)], self._names[str(b)], kind, verdict == "conflict", f"{said} / {other}")
                for a, b, kind, verdict, said, other in rows]  # fmt: skip

    def _enter_one(self, name: str, text: str) -> str:
        document_id = str(uuid.uuid4())
        self._names[document_id] = name
        file = {
            "document_id": document_id, "object_key": f"raw/2026/11/22/{document_id}.pdf", "source": "upload",
            "original_filename": FILE_NAME, "bytes": len(text), "mime_type": "application/pdf",
            "sha256": _hash(name, text),
        }  # fmt: skip
        self._call(self._cloud.service_key, "enqueue_jobs", files=[file])
        [job] = self._call(self._token, "claim_jobs", max_jobs=1, lease_seconds=600)
        lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
        result = _result(job["artifact_prefix"], name, text)
        self._call(self._cloud.service_key, "complete_job", machine=MACHINE, **lease, result=result)
        return document_id

    def _call(self, token: str, function: str, **arguments: Any) -> list[dict[str, Any]]:
        key = self._cloud.service_key if token == self._cloud.service_key else self._cloud.publishable_key
        url = f"{self._cloud.supabase_url}/rest/v1/rpc/{function}"
        reply = self._http.post(url, json=arguments, headers={"apikey": key, "Authorization": f"Bearer {token}"})
        if reply.is_error:
            raise RuntimeError(f"{function} answered {reply.status_code}: {reply.text[:200]}")
        return reply.json() if reply.content else []


def _hash(name: str, text: str) -> str:
    return hashlib.sha256(f"{name}\0{text}".encode()).hexdigest()


def _result(prefix: str, name: str, text: str) -> dict[str, Any]:
    pages = text.split("\f")
    return {
        "sha256": _hash(name, text),
        "mime_type": "application/pdf",
        "pages_total": len(pages),
        "seconds": 1.0,
        "pages": [{"page": n, "outcome": "ocr", "engine": "none", "words": len(page.split())}
                  for n, page in enumerate(pages, 1)],
        "artifacts": {"ocr.txt": {"key": f"{prefix}ocr.txt", "bytes": len(text), "sha256": "0" * 64}},
        "text": text.replace("\f", "\f\n"),
        "chunks": [],
        "analysis": asdict(Judging(Material(name, "text/plain", tuple(map(Page, pages)))).plain),
    }  # fmt: skip


def measure(cloud: local_cloud.Cloud, case: Mapping[str, Any], claude: tuple[str, str] | None = None) -> CaseFound:
    """Everything found in the case; with an address and a key of Claude's the pairs are judged. Raises NotJudged, and
    Touched where a verdict changed more than the verdict."""
    library = CaseLibrary(cloud)
    library.enter(case["documents"])
    library.sweep()
    if claude:
        with psycopg.connect(cloud.postgres_url, autocommit=True) as owner, untouched(owner):
            judge_pairs(cloud, *claude)
    return library.found()


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table, write the numbers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--case", type=Path, required=True, help="documents and what was planted in them")
    parser.add_argument("--json", type=Path, help="where the numbers go")
    parser.add_argument("--claude", help="address of Anthropic's interface, or of a stand-in, that judges the pairs")
    parser.add_argument("--misses", action="store_true", help="print what was not found, and what was wrongly joined")
    options = parser.parse_args(argv)
    case = json.loads(options.case.read_text("utf-8"))
    if not case.get("documents"):
        print(f"{options.case} holds no document", file=sys.stderr)
        return 2
    claude = (options.claude.rstrip("/"), os.environ.get("ANTHROPIC_API_KEY") or ANY_KEY) if options.claude else None
    with tempfile.TemporaryDirectory(prefix="aseagi-bench-") as name:
        Path(name).chmod(0o711)  # Postgres runs as a user of its own
        with local_cloud.cloud(Path(name)) as cloud:
            try:
                found = measure(cloud, case, claude)
            except NotJudged as error:
                print(f"the pairs could not be judged: {error}", file=sys.stderr)
                return 3
    numbers = summarise(case, found)
    if options.misses:
        _print_misses(case, found)
    for key, value in numbers.items():
        print(f"{key:32} {value}")
    if options.json:
        options.json.write_text(json.dumps(numbers, indent=1) + "\n", "utf-8")
    return 0


def _print_misses(case: Mapping[str, Any], found: CaseFound) -> None:
    for event in case["events"]:
        if not has_event(event, found):
            print(f"event missed: {event}")
    for a, b in case["people"]:
        if not are_one(a, b, found):
            print(f"people apart: {a} ({found.person_of.get(name_key(a))}), {b} ({found.person_of.get(name_key(b))})")
    for a, b in case["not_the_same"]:
        if are_one(a, b, found):
            print(f"people wrongly one: {a}, {b}")
    for pair in sorted((p.a, p.b, p.kind, p.words) for p in found.pairs if p.is_conflict):
        print(f"asserted: {pair}")
    proposed = {frozenset((found.original.get(p.a, p.a), found.original.get(p.b, p.b))) for p in found.pairs}
    for each in [*case["contradictions"], *case["order_violations"]]:
        a, b = each.get("a") or each["order"], each.get("b") or each["event"]
        if frozenset((found.original.get(a, a), found.original.get(b, b))) not in proposed:
            print(f"pair missed: {each}")
    joined = {copy: original for copy, original in found.original.items() if copy != original}
    print(f"joined: {joined}")
    for each in found.events:
        when = f"{each.starts:%Y-%m-%d %H:%M} to {each.ends:%Y-%m-%d %H:%M}"
        print(f"event {when} {sorted(each.documents)} {each.title[:60]}")


if __name__ == "__main__":
    sys.exit(main())
