"""Documents that were read and wait to be judged, and the analysis worker in the test's own process, step by step."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import httpx

from gpu_worker.analysis.judging import Judging
from gpu_worker.analysis.material import Material, Page
from gpu_worker.analysis_worker.__main__ import build
from gpu_worker.analysis_worker.settings import Settings
from gpu_worker.analysis_worker.worker import AnalysisWorker
from tests.claude.conftest import SECRET, Gateway
from tests.control_plane.desk import PDF, Desk, declare

FILING = (
    "SUPERIOR COURT OF CALIFORNIA. DECLARATION OF DANA WHITFIELD. I, Dana Whitfield, declare under penalty of perjury "
    "that I was at the exchange on 8 March 2024 with both children. Case No. FL-2023-004417. "
) + "We waited at the library until nine, and nobody came. " * 20


@dataclass
class Office:
    """A gateway, the reader's machine, and the way to the queue."""

    gateway: Gateway

    @classmethod
    def empty(cls, gateway: Gateway) -> "Office":
        """Without the job that the gateway's machine holds."""
        gateway.desk.sql("update processing_jobs set status = 'cancelled', lease_token = null, "
                         "lease_expires_at = null, finished_at = now()")  # fmt: skip
        return cls(gateway)

    @property
    def desk(self) -> Desk:
        return self.gateway.desk

    def read(self, *texts: str, pictures: Sequence[int] = (), priority: str = "normal") -> str:
        """A document enters, is read (not judged), and waits; its id."""
        number = len(self.sql("select id from processing_jobs"))
        sent = self.desk.upload(PDF + str(number).encode(), f"filing {number}.pdf", priority=priority)
        worker = self.desk.worker("aseagi-test-00000001")
        job = self.desk.claim(worker)
        pages = [{"page": page, "outcome": "ocr", "confidence": 0.95} for page in range(1, len(texts) + 1)]
        described = '{"pages": [\n' + ",\n".join(map(json.dumps, pages)) + '\n], "document": {}}\n'
        contents = {"ocr.txt": "\f\n".join(texts).encode(), "metadata.json": described.encode()}
        contents |= {f"page-{page:04}.jpg": b"\xff\xd8\xff\xe0 a picture \xff\xd9" for page in pictures}
        plain = Judging(Material("filing.pdf", "application/pdf", tuple(map(Page, texts)))).plain
        self._finish(worker, job, texts, contents, json.loads(json.dumps(asdict(plain))))
        return sent.json["document_id"]

    def _finish(self, worker: dict, job: dict, texts: Sequence[str], contents: dict[str, bytes], found: dict) -> None:
        lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
        urls = self.desk.http.post("/api/worker/urls", headers=worker, json={**lease, "put": declare(contents)}).json
        for name, content in contents.items():
            target = urls["put"][name]
            httpx.put(target["url"], content=content, headers=target["headers"]).raise_for_status()
        pages = [
            {"page": page, "outcome": "ocr", "engine": "onnx", "confidence": 0.9, "seconds": 1, "words": 2}
            for page in range(1, len(texts) + 1)
        ]
        result = {
            "sha256": job["sha256"], "mime_type": "application/pdf", "seconds": 1.5, "pages": pages, "analysis": found,
            "artifacts": {
                name: {"bytes": len(content), "sha256": sha256(content).hexdigest()}
                for name, content in contents.items()
            },
        }  # fmt: skip
        headers = {**worker, "x-aseagi-job-id": job["job_id"], "x-aseagi-lease-token": job["lease_token"]}
        reply = self.desk.http.post("/api/worker/complete", headers=headers, json=result)
        assert reply.status_code == 200, reply.text

    def environ(self) -> dict[str, str]:
        """What the analysis worker's process is started with."""
        return {
            "CONTROL_PLANE_URL": self.gateway.url,
            "SUPABASE_URL": self.desk.settings.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": self.desk.settings.supabase_publishable_key,
            "ANALYSIS_WORKER_SECRET": SECRET,
            "ANALYSIS_COLLECT_SECONDS": "0",
            "ANALYSIS_POLL_SECONDS": "0",
        }

    def worker(self, folder: Path) -> "Steps":
        """The analysis worker, which moves when the test says so."""
        return Steps(build(Settings.from_env(self.environ()), SECRET, folder))

    def sql(self, statement: str, *values) -> list[tuple]:
        return self.desk.sql(statement, *values)

    def judged(self) -> list[tuple]:
        """Analyst, model and reason of every document, in the order in which they came."""
        return self.sql("select analyst, model, fallback_reason from master_document_registry order by seq")

    def jobs(self) -> list[tuple]:
        """Status of every job to judge, in order."""
        own = "kind = 'analyse' and status <> 'cancelled'"  # the gateway's document was cancelled
        return self.sql(f"select status, error_code from processing_jobs where {own} order by seq")

    def ledger_usd(self) -> float:
        """What all calls came to."""
        return float(self.sql("select coalesce(sum(cost_usd), 0) from claude_calls")[0][0])


@dataclass
class Steps:
    """One round of the worker at a time; the case is drawn only where a test is about it, for it costs seconds."""

    worker: AnalysisWorker

    def step(self, rounds: int = 1, draws: bool = False) -> None:
        with ThreadPoolExecutor(2) as urgent:
            for _ in range(rounds):
                self.worker._tick(urgent) if draws else self.worker._judge(urgent)
