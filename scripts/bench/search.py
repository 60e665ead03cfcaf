#!/usr/bin/env python3
"""How well search finds: labelled questions through `/api/search`, over the embedded database.

    python scripts/bench/search.py --set FILE.json --json OUT [--misses]

The set is an object: `documents` (name → text, pages parted by form feeds) and `queries` (`kind`, `query` as typed,
`answers` as names). The documents enter through the queue's SQL functions as a worker completes them, with the rules'
analysis and the passages' embeddings, and all under one file name, so that no name of the set helps. Only OCR is left
out. Kinds `phrase`, `number` and `minus` also count the results that break the condition.
Exit 2 when the set has no document or no query.
"""

from __future__ import annotations

import argparse
import hashlib
import json
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
from control_plane.app import build_app  # noqa: E402
from control_plane.clients import build_clients  # noqa: E402
from control_plane.http.tokens import sign_worker_token  # noqa: E402
from control_plane.settings import Settings  # noqa: E402
from gpu_worker.analysis.judging import Judging  # noqa: E402
from gpu_worker.analysis.material import Material, Page  # noqa: E402
from gpu_worker.embedding.minilm import MiniLm  # noqa: E402
from gpu_worker.embedding.passages import cut_passages  # noqa: E402
from scripts.bench.search_metrics import Answered, Question, judge, summarise  # noqa: E402

MACHINE = "aseagi-bench-search"
FILE_NAME = "scan.pdf"
MOST_RESULTS = 20
"""As many as `/api/search` gives unless told otherwise."""



def _hash(name: str, text: str) -> str:
    return hashlib.sha256(f"{name}\0{text}".encode()).hexdigest()


class Library:
    """Documents of a set in a running cloud, and questions about them."""

    def __init__(self, cloud: local_cloud.Cloud) -> None:
        settings = Settings.from_env(cloud.control_plane_environ())
        self._cloud = cloud
        self._app = build_app(settings, build_clients(settings)).test_client()
        self._embedder = MiniLm()
        self._names: dict[str, str] = {}

    def enter(self, documents: Mapping[str, str]) -> None:
        """Put every document through the queue, as a worker that has read it."""
        with psycopg.connect(self._cloud.postgres_url, autocommit=True) as owner:
            owner.execute("insert into machines (label, status) values (%s, 'ready') on conflict do nothing", [MACHINE])
        token = sign_worker_token(MACHINE, self._cloud.jwt_secret, datetime.now(UTC), 3600).token
        with httpx.Client(base_url=f"{self._cloud.supabase_url}/rest/v1/rpc", timeout=60) as http:
            for name, text in documents.items():
                self._enter_one(http, token, name, text)

    def ask(self, query: str) -> list[str]:
        """Names of the documents found, best first."""
        headers = {"Authorization": f"Bearer {self._cloud.control_plane_token}"}
        reply = self._app.get("/api/search", headers=headers, query_string={"q": query, "limit": MOST_RESULTS})
        if reply.status_code != 200:
            raise RuntimeError(f"search answered {reply.status_code}: {reply.text[:200]}")
        return [self._names[hit["document_id"]] for hit in reply.get_json()["results"]]

    def _enter_one(self, http: httpx.Client, token: str, name: str, text: str) -> None:
        document_id = str(uuid.uuid4())
        self._names[document_id] = name
        file = {
            "document_id": document_id, "object_key": f"raw/2026/11/22/{document_id}.pdf", "source": "upload",
            "original_filename": FILE_NAME, "bytes": len(text), "mime_type": "application/pdf",
            "sha256": _hash(name, text),
        }  # fmt: skip
        self._call(http, self._cloud.service_key, "enqueue_jobs", files=[file])
        [job] = self._call(http, token, "claim_jobs", max_jobs=1, lease_seconds=600)
        lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
        result = self._result(job["artifact_prefix"], name, text)
        self._call(http, self._cloud.service_key, "complete_job", machine=MACHINE, **lease, result=result)
        self._call(http, self._cloud.service_key, "index_texts")

    def _result(self, prefix: str, name: str, text: str) -> dict[str, Any]:
        pages = text.split("\f")
        passages = list(cut_passages(pages))
        vectors = self._embedder.embed([passage.text for passage in passages])
        return {
            "sha256": _hash(name, text),
            "mime_type": "application/pdf",
            "pages_total": len(pages),
            "seconds": 1.0,
            "pages": [{"page": n, "outcome": "ocr", "engine": "none", "words": len(page.split())}
                      for n, page in enumerate(pages, 1)],
            "artifacts": {"ocr.txt": {"key": f"{prefix}ocr.txt", "bytes": len(text), "sha256": "0" * 64}},
            "text": text,
            "chunks": [{"page": passage.page, "text": passage.text, "embedding": [round(float(x), 5) for x in vector]}
                       for passage, vector in zip(passages, vectors, strict=True)],
            "analysis": asdict(Judging(Material(name, "text/plain", tuple(map(Page, pages)))).plain),
        }  # fmt: skip

    def _call(self, http: httpx.Client, token: str, function: str, **arguments: Any) -> list[dict[str, Any]]:
        key = self._cloud.service_key if token == self._cloud.service_key else self._cloud.publishable_key
        reply = http.post(f"/{function}", json=arguments, headers={"apikey": key, "Authorization": f"Bearer {token}"})
        if reply.is_error:
            raise RuntimeError(f"{function} answered {reply.status_code}: {reply.text[:200]}")
        rows: list[dict[str, Any]] = reply.json()
        return rows


def measure(cloud: local_cloud.Cloud, labelled: Mapping[str, Any]) -> list[Answered]:
    """Enter the documents into an empty cloud and put every question."""
    library = Library(cloud)
    library.enter(labelled["documents"])
    questions = [Question.from_row(row) for row in labelled["queries"]]
    return [judge(question, library.ask(question.query), labelled["documents"]) for question in questions]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table, write the numbers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--set", type=Path, required=True, help="documents and questions, one JSON object")
    parser.add_argument("--json", type=Path, help="where the numbers go")
    parser.add_argument("--misses", action="store_true", help="print the questions that were not answered in full")
    options = parser.parse_args(argv)
    labelled = json.loads(options.set.read_text("utf-8"))
    if not labelled.get("documents") or not labelled.get("queries"):
        print(f"{options.set} holds no document or no query", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="aseagi-bench-") as name:
        Path(name).chmod(0o711)  # Postgres runs as a user of its own
        with local_cloud.cloud(Path(name)) as cloud:
            answered = measure(cloud, labelled)
    numbers = summarise(answered)
    if options.misses:
        _print_misses(answered)
    _print_table(numbers)
    if options.json:
        kept = {key: numbers[key] for key in ("recall_at_10", "mrr", "by_kind")}
        options.json.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    return 0


def _print_misses(answered: Sequence[Answered]) -> None:
    for each in answered:
        if each.recall_at_10 < 1 or each.reciprocal_rank < 1 or each.violations:
            print(f"{each.question.kind}: {each.question.query!r} wants {sorted(each.question.answers)}, "
                  f"found {list(each.found[:10])}, {each.violations} break the condition")  # fmt: skip


def _print_table(numbers: Mapping[str, Any]) -> None:
    print(f"{'kind':10} {'n':>3} {'recall@10':>10} {'MRR':>6} {'violations':>11}")
    for kind, row in numbers["by_kind"].items():
        print(f"{kind:10} {row['n']:3} {row['recall_at_10']:10.3f} {row['mrr']:6.3f} {row['violations']:11}")
    count = sum(row["n"] for row in numbers["by_kind"].values())
    print(f"{'all':10} {count:3} {numbers['recall_at_10']:10.3f} {numbers['mrr']:6.3f} {numbers['violations']:11}")


if __name__ == "__main__":
    sys.exit(main())
