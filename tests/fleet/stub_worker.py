"""What an emulated machine runs in these tests: claims, "reads" one page per job, completes, and destroys itself
when idle. It knows only its environment, as a rented machine does."""

import json
import os
import signal
import time
import urllib.error
import urllib.request

BASE, KEY, TOKEN, DESK = (
    os.environ[name] for name in ("SUPABASE_URL", "SUPABASE_KEY", "WORKER_TOKEN", "CONTROL_PLANE_URL")
)
IDLE_SECONDS = float(os.environ["IDLE_SECONDS"])
LEASE_SECONDS = 15


def rpc(name: str, **arguments: object) -> list[dict]:
    request = urllib.request.Request(f"{BASE}/rest/v1/rpc/{name}", json.dumps(arguments).encode(), method="POST")
    for header, value in (("apikey", KEY), ("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/json")):
        request.add_header(header, value)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"[]")


def complete(job: dict) -> None:
    page = {"page": 1, "outcome": "text_layer", "engine": "stub", "confidence": 1.0, "seconds": 0.1, "words": 1}
    result = {
        "sha256": job["sha256"], "mime_type": "application/pdf", "seconds": 0.1, "pages": [page], "artifacts": {},
        "analysis": {"analyst": "rules"},
    }  # fmt: skip
    request = urllib.request.Request(f"{DESK}/api/worker/complete", json.dumps(result).encode(), method="POST")
    request.add_header("Authorization", f"Bearer {TOKEN}")
    request.add_header("Content-Type", "application/json")
    request.add_header("x-aseagi-job-id", job["job_id"])
    request.add_header("x-aseagi-lease-token", job["lease_token"])
    urllib.request.urlopen(request, timeout=30).close()


def destroy_self() -> None:
    url = f"{os.environ['VAST_BASE_URL']}/api/v0/instances/{os.environ['CONTAINER_ID']}/"
    request = urllib.request.Request(url, b"{}", method="DELETE")
    request.add_header("Authorization", f"Bearer {os.environ['CONTAINER_API_KEY']}")
    while True:
        try:
            urllib.request.urlopen(request, timeout=10).close()
            signal.pause()
        except urllib.error.HTTPError as error:
            if error.code == 404:
                signal.pause()
        except OSError:
            pass
        time.sleep(1)


def main() -> None:
    idle_since, pages = time.monotonic(), 0
    while time.monotonic() - idle_since < IDLE_SECONDS:
        idle = time.monotonic() - idle_since
        report = {"gpu_name": "stub", "ocr_engine": "stub", "pages_per_second": 5.0, "pages_done": pages}
        rpc("heartbeat_jobs", leases=[], lease_seconds=LEASE_SECONDS, report=report | {"idle_seconds": idle})
        jobs = rpc("claim_jobs", max_jobs=1, lease_seconds=LEASE_SECONDS)
        for job in jobs:
            while job["original_filename"] == "endless.pdf":  # holds its lease until somebody takes it away
                lease = {"job_id": job["job_id"], "lease_token": job["lease_token"], "pages_done": 0, "pages_total": 1}
                rpc("heartbeat_jobs", leases=[lease], lease_seconds=LEASE_SECONDS, report=report | {"idle_seconds": 0})
                time.sleep(0.3)
            complete(job)
            pages += 1
        if jobs:
            idle_since = time.monotonic()
        time.sleep(0.2)
    destroy_self()


if __name__ == "__main__":
    main()
