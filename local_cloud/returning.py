"""Before everything stops: every rented machine goes back, and the emulator's own books confirm it."""

import time
from typing import Any

import httpx

from .cloud import Cloud
from .desk import Desk

PAUSE_REASON = "make run is stopping"
RETURN_SECONDS = 90.0
POLL_SECONDS = 0.3
LIVE_STATUSES = ("intent", "booting", "ready", "destroying")


def resume_renting(desk: Desk) -> None:
    """Rent again if it was only the last stop of `make run` that paused it; a person's pause stays."""
    if desk.get("/api/instances/status")["renting"].get("reason") == PAUSE_REASON:
        desk.post("/api/renting/resume", {"reason": "make run has started"})


def return_machines(desk: Desk, cloud: Cloud) -> bool:
    """Pause renting and destroy every machine through the control plane; True when no contract is open.

    Jobs in work go back to the queue; nothing is lost.
    """
    desk.post("/api/renting/pause", {"reason": PAUSE_REASON})
    deadline = time.monotonic() + RETURN_SECONDS
    asked: set[str] = set()
    while live := _live(desk):
        for machine in live:
            if machine["label"] not in asked:
                desk.post(f"/api/instances/{machine['label']}/destroy")
                asked.add(machine["label"])
        if time.monotonic() > deadline:
            break
        desk.meanwhile()
        time.sleep(POLL_SECONDS)
    return not open_contracts(cloud)


def open_contracts(cloud: Cloud) -> list[int]:
    """Contracts of the emulator that are still billed."""
    answer = httpx.get(f"{cloud.vast_url}/admin/state", timeout=30, trust_env=False)
    answer.raise_for_status()
    return answer.json()["open_contracts"]


def _live(desk: Desk) -> list[dict[str, Any]]:
    rows = desk.get("/api/instances/status")["instances"]
    return [row for row in rows if row["status"] in LIVE_STATUSES]
