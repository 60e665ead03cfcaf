"""How fast a full bucket enters the queue, and in how much memory: `python -m scripts.bench.bulk --objects 70000`.

Starts an embedded cloud of its own, fills the bucket, runs the real `python -m control_plane import`, kills it once in
the middle, and prints what entered, how long it took and the most memory the importer had.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

import local_cloud
from control_plane.clients import build_clients
from control_plane.settings import Settings
from local_cloud import Cloud

PREFIX = "inbox/"


def main() -> None:
    """Parse arguments, measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=70_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, local_cloud.cloud(Path(folder)) as cloud:
        found = measure(cloud, arguments.objects)
    for name, value in found.items():
        print(f"{name:28} {value:>14,}" if isinstance(value, int) else f"{name:28} {value:>14,.1f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")
    if found["entered"] != arguments.objects or found["distinct_keys"] != arguments.objects:
        sys.exit("objects were lost or repeated")


def measure(cloud: Cloud, objects: int) -> dict[str, float]:
    """Fill, start the batch, import with one kill, and count."""
    settings = Settings.from_env(cloud.control_plane_environ())
    clients = build_clients(settings)
    filled = timed(lambda: fill(clients.storage._client, settings.spaces_bucket, objects))
    request = {"name": "bench", "status": "running", "source": "bucket", "limits": {"prefix": PREFIX}}
    clients.database.start_batch(request)
    begun = time.monotonic()
    first = importing(cloud, lambda: count(cloud) > objects * 0.4)
    second = importing(cloud, lambda: finished(cloud))
    seconds = time.monotonic() - begun
    known = timed(lambda: import_again(cloud, clients))
    [(entered, distinct)] = query(cloud, "select count(*), count(distinct object_key) from document_journal")
    return {
        "objects": objects, "fill_seconds": filled, "import_seconds": seconds, "objects_per_second": objects / seconds,
        "peak_memory_mib": max(first, second) / 2**20, "rescan_of_known_seconds": known, "entered": entered,
        "distinct_keys": distinct,
    }  # fmt: skip


def import_again(cloud: Cloud, clients) -> None:
    """Scan the same prefix once more: everything is known."""
    request = {"name": "again", "status": "running", "source": "bucket", "limits": {"prefix": PREFIX}}
    clients.database.start_batch(request)
    importing(cloud, lambda: finished(cloud))


def importing(cloud: Cloud, enough) -> int:
    """Run the importer until a condition holds, kill it, and return its peak memory in bytes."""
    environ = cloud.control_plane_environ() | {"PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "control_plane", "import"]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    try:
        while not enough():
            if process.poll() is not None:
                sys.exit("the importer ended by itself")
            time.sleep(0.25)
        return peak_memory(process.pid)
    finally:
        process.kill()
        process.wait()


def fill(client, bucket: str, objects: int) -> None:
    """Put small distinct PDFs, in folders of a thousand."""

    def put(number: int) -> None:
        key = f"{PREFIX}{number // 1000:04}/document {number:06}.pdf"
        client.put_object(Bucket=bucket, Key=key, Body=b"%%PDF-1.4\n%d\n%%%%EOF" % number)

    with ThreadPoolExecutor(16) as pool:
        for _ in pool.map(put, range(objects), chunksize=100):
            pass


def count(cloud: Cloud) -> int:
    """Journal entries."""
    return query(cloud, "select coalesce(sum(queued), 0) from batch_checkpoints")[0][0]


def finished(cloud: Cloud) -> bool:
    """Whether every scan has come to its end."""
    return query(cloud, "select count(*) from get_scans()")[0][0] == 0


def query(cloud: Cloud, statement: str) -> list[tuple]:
    """Rows of one statement."""
    with psycopg.connect(cloud.postgres_url) as connection:
        return connection.execute(statement).fetchall()


def timed(action) -> float:
    """Seconds that an action takes."""
    begun = time.monotonic()
    action()
    return time.monotonic() - begun


def peak_memory(pid: int) -> int:
    """The most memory a process has had, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
