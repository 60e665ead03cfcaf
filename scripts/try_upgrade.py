"""An upgrade and back while a batch runs: `python -m scripts.try_upgrade COMMIT`, programs of that commit and of today.

On today's database. The house and a worker of then begin; today's house takes its place, and a worker of today comes to
the other; the house of then comes back, and goes again. No document may fail or be tried twice for it. It needs the
repository's history, so it is no test: `tests/control_plane/test_worker_versions.py` replays what was recorded.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg

import local_cloud
from control_plane.http.tokens import sign_worker_token
from local_cloud.processes import stop_all, wait_until_ready
from local_cloud.programs import programs

REPOSITORY = Path(__file__).parents[1]
PAPERS = 40
TURNS = (8, 20, 30)
"""Of so many papers read, the next house takes over."""
PATIENCE_SECONDS = 300
DONE = "select count(*) from processing_jobs where status in ('completed', 'failed')"
LEDGER = "select status, max(attempt), count(*) from processing_jobs group by 1"
READERS = "select split_part(machine, '-', 2), count(*) from processing_jobs group by 1"
MACHINE = "insert into machines (label, status, hosting) values (%s, 'booting', 'datacenter')"


def unpack(commit: str, folder: Path) -> Path:
    """The tree of a commit."""
    archive = subprocess.run(["git", "archive", commit], cwd=REPOSITORY, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tree:
        tree.extractall(folder, filter="data")
    return folder


@contextmanager
def house(cloud: local_cloud.Cloud, tree: Path) -> Iterator[None]:
    """The control plane of a tree, at the cloud's address."""
    service = programs(cloud, {})["control_plane"]
    service.cwd, service.environ = tree, {**service.environ, "PYTHONPATH": str(tree)}
    service.start()
    try:
        wait_until_ready([service])
        yield
    finally:
        stop_all([service])


@contextmanager
def worker(cloud: local_cloud.Cloud, tree: Path, label: str, log: Path) -> Iterator[None]:
    """A worker of a tree, on a machine of the ledger."""
    with psycopg.connect(cloud.postgres_url, autocommit=True) as connection:
        connection.execute(MACHINE, (label,))
    service = programs(cloud, {})["analyst"]
    token = sign_worker_token(label, cloud.jwt_secret, datetime.now(UTC), 3600).token
    service.name, service.command, service.log, service.cwd = label, [sys.executable, "-m", "gpu_worker"], log, tree
    service.environ = {
        **service.environ, "PYTHONPATH": str(tree), "CONTROL_PLANE_URL": cloud.control_plane_url, "WORKER_TOKEN": token,
        "SUPABASE_URL": cloud.supabase_url, "SUPABASE_KEY": cloud.publishable_key, "OCR_ENGINE": "onnx",
    }  # fmt: skip
    service.start()
    try:
        yield
    finally:
        stop_all([service])


def send(cloud: local_cloud.Cloud) -> None:
    texts = [f"SUPERIOR COURT\nCase No. FL-2024-{n:06}\nLetter {n}, May 1, 2024.\n".encode() * 3 for n in range(PAPERS)]
    files = [("files", (f"letter {n}.txt", text)) for n, text in enumerate(texts)]
    headers = {"Authorization": f"Bearer {cloud.control_plane_token}"}
    url = f"{cloud.control_plane_url}/api/batch-upload"
    httpx.post(url, headers=headers, files=files, timeout=120).raise_for_status()


def wait_for(cloud: local_cloud.Cloud, papers: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    with psycopg.connect(cloud.postgres_url, autocommit=True) as connection:
        while (done := connection.execute(DONE).fetchone()[0]) < papers:
            if time.monotonic() > deadline:
                sys.exit(f"{done} of {papers} after {PATIENCE_SECONDS} s")
            time.sleep(0.1)


def main() -> None:
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="aseagi-")))
        folder.chmod(0o711)
        then = unpack(sys.argv[1], folder / "then")
        cloud = opened.enter_context(local_cloud.cloud(folder / "cloud"))
        with worker(cloud, then, "aseagi-then-00000001", folder / "then.log"):
            with house(cloud, then):
                send(cloud)
                wait_for(cloud, TURNS[0])
            print("forward: today's house, beside it a worker of today")
            with worker(cloud, REPOSITORY, "aseagi-today-0000001", folder / "today.log"):
                with house(cloud, REPOSITORY):
                    wait_for(cloud, TURNS[1])
                print("back: the house of then, with both workers")
                with house(cloud, then):
                    wait_for(cloud, TURNS[2])
                print("forward again")
                with house(cloud, REPOSITORY):
                    wait_for(cloud, PAPERS)
        with psycopg.connect(cloud.postgres_url) as connection:
            ledger = connection.execute(LEDGER).fetchall()
            read = dict(connection.execute(READERS).fetchall())
    print(f"{ledger}, read by {read}")
    if ledger != [("completed", 1, PAPERS)]:
        sys.exit("not every paper was read at its first try")


if __name__ == "__main__":
    main()
