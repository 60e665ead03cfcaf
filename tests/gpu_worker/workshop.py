"""What tests of the worker share: the cloud as they see it, and real workers on demand."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt

from local_cloud import Cloud
from local_cloud.probes import s3_client
from tests.connections import lend_rows
from tests.patience import wait_for_end, wait_until

REPOSITORY = Path(__file__).parents[2]
DOCUMENTS = REPOSITORY / "tests" / "documents"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class WorkerProcess:
    """A `python -m gpu_worker` process and its log."""

    process: subprocess.Popen
    log_path: Path

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    def stop(self) -> int:
        """SIGTERM, and the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """The exit status, once it has ended."""
        return wait_for_end(self.process, "the worker ends")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Workshop:
    """The cloud and the control plane as tests see them, and workers on demand."""

    cloud: Cloud
    control_plane_url: str
    folder: Path
    workers: list[WorkerProcess] = field(default_factory=list)

    def sql(self, query: str, *values: object) -> list[dict]:
        with lend_rows(self.cloud.postgres_url) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def upload(self, content: bytes, filename: str, **said: str) -> str:
        """Send a file in as a user does; returns the job's id."""
        answer = httpx.post(
            f"{self.control_plane_url}/api/upload",
            headers={"Authorization": f"Bearer {self.cloud.control_plane_token}"},
            files={"file": (filename, content)},
            data=said,
            timeout=60,
        )
        assert answer.is_success, answer.text
        return answer.json()["job_id"]

    def put_object(self, key: str, content: bytes) -> None:
        self._s3().put_object(Bucket=self.cloud.spaces_bucket, Key=key, Body=content)

    def object(self, key: str) -> bytes:
        content: bytes = self._s3().get_object(Bucket=self.cloud.spaces_bucket, Key=key)["Body"].read()
        return content

    def objects(self, prefix: str) -> list[str]:
        """Keys in the bucket; at most 1,000."""
        rows = self._s3().list_objects_v2(Bucket=self.cloud.spaces_bucket, Prefix=prefix).get("Contents", [])
        return [row["Key"] for row in rows]

    def _s3(self) -> Any:
        cloud = self.cloud
        return s3_client(cloud.spaces_endpoint, cloud.spaces_region, cloud.spaces_key, cloud.spaces_secret)

    def enqueue_object(self, key: str, content: bytes | None, filename: str) -> str:
        """Queue an object of the bucket, as the bulk door does; None: there is no such object (any more)."""
        if content is None:
            content, size = f"what lay at {key}".encode(), None
        else:
            self.put_object(key, content)
            size = len(content)
        rows = self.sql(
            "select * from enqueue_jobs(jsonb_build_array(jsonb_build_object('document_id', gen_random_uuid(),"
            " 'object_key', %s::text, 'original_filename', %s::text, 'source', 'bucket', 'bytes', %s::int,"
            " 'sha256', %s::text, 'mime_type', 'application/octet-stream')))",
            key, filename, size, hashlib.sha256(content).hexdigest(),
        )  # fmt: skip
        return rows[0]["job_id"]

    def job(self, job_id: str) -> dict:
        return self.sql("select * from processing_jobs where id = %s", job_id)[0]

    def finish(self, job_id: str) -> dict:
        """Wait until the job ended and return its row; fails at once when the last worker broke."""

        def ended() -> dict | None:
            assert not self.workers or "cannot work" not in self.workers[-1].log, self.workers[-1].log
            job = self.job(job_id)
            return job if job["status"] in ("completed", "failed", "cancelled") else None

        return wait_until(ended, f"job {job_id} ends")

    def document(self, job: Mapping) -> dict:
        return self.sql("select * from master_document_registry where id = %s", job["document_id"])[0]

    def pages(self, job: Mapping) -> list[dict]:
        return self.sql("select * from document_pages where document_id = %s order by page", job["document_id"])

    def artifact(self, job: Mapping, name: str) -> bytes:
        """An artifact of a document, read as a user does."""
        answer = httpx.get(
            f"{self.control_plane_url}/api/documents/{job['document_id']}",
            headers={"Authorization": f"Bearer {self.cloud.control_plane_token}"},
            timeout=60,
        )
        assert answer.is_success, answer.text
        return httpx.get(answer.json()["artifacts"][name], timeout=60).raise_for_status().content

    def environ(self, label: str | None = None, token_seconds: int = 3600, **changes: str) -> dict[str, str]:
        """The environment of a rented machine that is in the ledger under `label`."""
        label = label or f"aseagi-test-{uuid.uuid4().hex[:8]}"
        self.sql(  # in a data centre: it may read papers that speak of a child, of health or of money
            "insert into machines (label, status, hosting) values (%s, 'booting', 'datacenter')"
            " on conflict do nothing", label,
        )  # fmt: skip
        now = int(datetime.now(UTC).timestamp())
        claims = {"role": "gpu_worker", "machine": label, "iat": now, "exp": now + token_seconds}
        return {
            "PATH": os.environ["PATH"],
            "CONTROL_PLANE_URL": self.control_plane_url,
            "SUPABASE_URL": self.cloud.supabase_url,
            "SUPABASE_KEY": self.cloud.publishable_key,
            "WORKER_TOKEN": jwt.encode(claims, self.cloud.jwt_secret, algorithm="HS256"),
            "VAST_BASE_URL": self.cloud.vast_url,
            "IDLE_SECONDS": "300",
            "OCR_ENGINE": "onnx",
            "TMPDIR": str(self.folder),
            **changes,
        }

    def start_worker(self, environ: Mapping[str, str] | None = None, **changes: str) -> WorkerProcess:
        """Start a real worker; it ends with the test."""
        log_path = self.folder / f"worker-{len(self.workers)}.log"
        with log_path.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "gpu_worker"],
                cwd=REPOSITORY,
                env=dict(environ or self.environ(**changes)),
                stdout=output,
                stderr=output,
            )
        worker = WorkerProcess(process, log_path)
        self.workers.append(worker)
        return worker
