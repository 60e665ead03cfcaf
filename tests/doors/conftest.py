"""A house whose vendors have manners: the control plane in this process, a contrary S3 and a Drive before it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pytest

from control_plane.batches.importer import Importer, tick
from gpu_worker.clients.job_queue import JobQueue
from gpu_worker.clients.rpc import Rpc
from gpu_worker.clients.storage import Storage, UploadTarget, describe_file
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.errors import TransientError
from gpu_worker.job import Job
from local_cloud.probes import s3_client
from tests.control_plane.conftest import drive, drive_settings, private_key
from tests.control_plane.desk import Desk, declare, make_desk
from tests.fakes.contrary_s3 import ContraryS3, contrary_s3
from tests.fakes.drive import FakeDrive
from tests.security.host import TEXT, Host, new_result

__all__ = ["drive", "drive_settings", "private_key"]


@dataclass
class House:
    """The desk, the program that imports, one machine, and the vendors' handles."""

    desk: Desk
    importer: Importer
    host: Host
    s3: ContraryS3
    drive: FakeDrive

    def turn(self) -> None:
        """The importer works until nothing moves."""
        while tick(self.importer):
            pass

    def read(self, tmp_path) -> str | None:
        """One document as a machine reads it, by the worker's own clients; what it says of it, None without work."""
        reader = WorkerClients.of(self)
        jobs = reader.queue.claim_jobs(1, 60)
        if not jobs:
            return None
        try:
            reader.hand_in(jobs[0], self, tmp_path)
        except TransientError as error:
            reader.queue.fail_job(jobs[0], error.code, str(error), retry=True)
            return error.code
        return "completed"

    def read_all(self, tmp_path) -> list[str]:
        """All that is to be had."""
        self.desk.sql("update processing_jobs set run_after = now() where run_after is not null")
        outcomes = []
        while (outcome := self.read(tmp_path)) is not None:
            outcomes.append(outcome)
        return outcomes

    def start(self, **request) -> str:
        reply = self.desk.post("/batch/start", **request)
        assert reply.status_code == 201, reply.text
        return reply.json["id"]

    def batch(self, batch_id: str) -> dict:
        return self.desk.get("/batch/status", batch_id=batch_id).json["batches"][0]

    def skipped(self, batch_id: str) -> dict[str, str]:
        listed = self.desk.get("/batch/skipped", batch_id=batch_id).json["skipped"]
        return {file["name"]: file["code"] for file in listed}

    def jobs(self) -> list[tuple[str, int]]:
        return self.desk.sql("select status, attempt from processing_jobs where kind = 'read' order by seq")

    def put(self, **objects: bytes) -> None:
        for name, content in objects.items():
            self.desk.clients.storage._client.put_object(
                Bucket=self.desk.settings.spaces_bucket, Key=name.replace("__", "/"), Body=content
            )


@dataclass(frozen=True)
class WorkerClients:
    """What a worker speaks through, with no patience of its own: here nothing passes while it waits."""

    queue: JobQueue
    storage: Storage

    @classmethod
    def of(cls, house: House) -> WorkerClients:
        client, settings = httpx.Client(timeout=20), house.desk.settings
        token = WorkerToken(house.host.headers["Authorization"].removeprefix("Bearer "))
        rpc = Rpc(client, settings.supabase_url, settings.supabase_publishable_key, token, 0)
        return cls(JobQueue(rpc), Storage(client, 0))

    def hand_in(self, job: Job, house: House, tmp_path) -> None:
        """Fetch, store the text, and say what was read."""
        content, held = TEXT.encode(), {"job_id": job.job_id, "lease_token": job.lease_token}
        urls = house.desk.http.post(
            "/api/worker/urls", headers=house.host.headers, json={**held, "put": declare({"ocr.txt": content})}
        )
        assert urls.status_code == 200, urls.text
        self.storage.download(lambda: urls.json["get"], tmp_path / "file")
        (tmp_path / "ocr.txt").write_bytes(content)
        put = urls.json["put"]["ocr.txt"]
        self.storage.upload(tmp_path / "ocr.txt", lambda: UploadTarget(put["url"], put["headers"], put["key"]))
        result = new_result({**held, "sha256": describe_file(tmp_path / "file").sha256})
        reply = house.host.hand_in(held, result)
        assert reply.status_code == 200, reply.text


@pytest.fixture
def house(clean_cloud, drive: FakeDrive, drive_settings: dict[str, str]) -> Iterator[House]:
    with contrary_s3(clean_cloud.spaces_endpoint) as s3, ThreadPoolExecutor(4) as pool:
        desk = make_desk(clean_cloud, SPACES_ENDPOINT=s3.url, **drive_settings)
        s3.list_url = lambda prefix, after: behind(clean_cloud).generate_presigned_url(
            "list_objects_v2", Params={"Bucket": clean_cloud.spaces_bucket, "Prefix": prefix, "StartAfter": after}
        )
        clients = desk.clients
        importer = Importer(
            desk.settings, clients.database, clients.storage, pool, pool, strays_due=float("inf")
        )
        yield House(desk, importer, Host.rent(desk), s3, drive)


def behind(cloud):
    return s3_client(cloud.spaces_endpoint, cloud.spaces_region, cloud.spaces_key, cloud.spaces_secret)
