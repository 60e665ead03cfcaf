"""What large uploads cost the front desk: `python -m scripts.bench.uploads --files 10000 --gigabytes 2 --json OUT`.

Starts an embedded cloud and the real server, sends so many small files in one request, then one file so large, and
prints how long each took, what was taken, and the most memory a process of the server had meanwhile.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

import local_cloud
from local_cloud import Cloud

BOUNDARY = "----aseagi-uploads"
CHUNK = bytes(range(256)) * 4096


def main() -> None:
    """Parse arguments, measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--gigabytes", type=float, default=2)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, local_cloud.cloud(Path(folder)) as cloud:
        whole_chunks = round(arguments.gigabytes * 1024**3) // len(CHUNK) - 1
        found = measure(cloud, arguments.files, whole_chunks * len(CHUNK))
    for name, value in found.items():
        print(f"{name:28} {value:>14,.1f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")
    if found["small_files_taken"] != arguments.files or not found["large_file_hash_equal"]:
        sys.exit("files were lost or changed")


def measure(cloud: Cloud, files: int, large_bytes: int) -> dict[str, float]:
    """Both uploads, one after the other."""
    environ = {**cloud.control_plane_environ(), "PORT": str(cloud.control_plane_port), "PATH": os.environ["PATH"]}
    url = f"http://127.0.0.1:{cloud.control_plane_port}"
    server = subprocess.Popen(
        [sys.executable, "-m", "control_plane", "serve"], env=environ, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {cloud.control_plane_token}"}) as client:
            wait_until_up(client)
            before = peak_memory(server.pid)
            begun = time.monotonic()
            many = send(client, "/api/batch-upload", small_files(files))
            small_seconds, small_peak, begun = time.monotonic() - begun, peak_memory(server.pid), time.monotonic()
            large = send(client, "/api/upload", large_file(large_bytes))
            large_seconds = time.monotonic() - begun
            peak = peak_memory(server.pid)
            document = client.get(f"/api/documents/{large['document_id']}").json()
    finally:
        server.terminate()
        server.wait()
    return {
        "small_files": files, "small_files_taken": sum(each["status"] == "queued" for each in many["files"]),
        "small_files_seconds": small_seconds, "idle_memory_mib": before / 2**20,
        "small_files_peak_mib": small_peak / 2**20,
        "large_file_gib": large_bytes / 2**30, "large_file_seconds": large_seconds,
        "large_file_hash_equal": document["sha256"] == hash_of(large_bytes), "peak_mib": peak / 2**20,
    }  # fmt: skip


def wait_until_up(client: httpx.Client) -> None:
    """Ask until the server answers."""
    while True:
        try:
            client.get("/health").raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.2)


def send(client: httpx.Client, path: str, body: Iterator[bytes]) -> dict:
    """One request whose body is made while it is sent."""
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = client.post(path, content=body, headers=kind, timeout=3600)
    answer.raise_for_status()
    return answer.json()


def small_files(count: int) -> Iterator[bytes]:
    """A form of small distinct PDFs."""
    for number in range(count):
        yield part("files", f"note {number:05}.pdf") + b"%%PDF-1.4\n%d\n%%%%EOF\r\n" % number
    yield f"--{BOUNDARY}--\r\n".encode()


def large_file(count: int) -> Iterator[bytes]:
    """A form of one large text."""
    yield part("file", "large.pdf") + b"%PDF-1.4\n"
    for _ in range(count // len(CHUNK)):
        yield CHUNK
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


def part(field: str, filename: str) -> bytes:
    """The head of one file's part."""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{filename}"\r\n\r\n'.encode()


def hash_of(count: int) -> str:
    """What the large file hashes to."""
    sha256 = hashlib.sha256(b"%PDF-1.4\n")
    for _ in range(count // len(CHUNK)):
        sha256.update(CHUNK)
    return sha256.hexdigest()


def peak_memory(pid: int) -> int:
    """The most memory that one process of the server has had, in bytes."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return max(high_water(process.pid) for process in processes)


def high_water(pid: int) -> int:
    """The most memory this process has had, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main()
