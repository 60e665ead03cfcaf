"""This machine: its clock against the vendors', disk, memory, versions, and its own address from outside (wire)."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import httpx

from control_plane.database.heartbeat import VERSION
from control_plane.doctor.probes import Probe, Trouble, look
from control_plane.settings import Settings

DOOR = "host"
TIMEOUT_SECONDS = 10.0
MOST_SKEW_SECONDS = 30.0
"""PostgREST refuses a token that is made more than so far in the future; S3 is content with a quarter of an hour."""
LEAST_DISK = 2e9
LEAST_MEMORY = 100e6
MEMINFO = Path("/proc/meminfo")
PACKAGES = ("vastai", "boto3", "supabase", "python-telegram-bot")


def examine(settings: Settings, now: Callable[[], float] = time.time) -> list[Probe]:
    """What every door stands on."""
    vendors = {
        "the database": settings.supabase_url,
        "the storage": settings.spaces_endpoint,
        "Vast.ai": settings.vast_url,
    }
    if settings.anthropic_api_key:
        vendors["Anthropic"] = settings.anthropic_url
    if settings.telegram_bot_token:
        vendors["Telegram"] = settings.telegram_api_url
    return [
        *(look(DOOR, f"the clock, by {name}", partial(_clock, url, now)) for name, url in vendors.items()),
        look(DOOR, "the disk", lambda: _disk(settings.vast_home)),
        look(DOOR, "the memory", lambda: _memory(MEMINFO.read_text())),
        look(DOOR, "versions", _versions),
        look(DOOR, "our address from outside", lambda: _front(settings)),
    ]


def _clock(url: str, now: Callable[[], float]) -> str:
    before = now()
    try:
        reply = httpx.get(url, timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError:
        return "It does not answer, so it says no time."  # its own door says what is wrong
    told = reply.headers.get("date")
    if told is None:
        return "It says no time."
    after = now()
    skew = max(
        before - parsedate_to_datetime(told).timestamp() - 1, parsedate_to_datetime(told).timestamp() - after, 0.0
    )
    if skew > MOST_SKEW_SECONDS:
        ahead = before > parsedate_to_datetime(told).timestamp()
        raise Trouble("clock_wrong", f"This machine's clock is {skew:.0f} s {'ahead' if ahead else 'behind'}.")
    return f"The clock is right, to {max(1.0, skew):.0f} s."


def _disk(folder: Path, least: float = LEAST_DISK) -> str:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(there).free
    if free < least:
        raise Trouble("disk_full", f"{free / 1e9:.1f} GB are free.")
    return f"{free / 1e9:.0f} GB are free."


def _memory(meminfo: str) -> str:
    free = {line.split(":")[0]: float(line.split()[1]) * 1024 for line in meminfo.splitlines() if line.strip()}
    if free["MemAvailable"] < LEAST_MEMORY:
        raise Trouble("memory_short", f"{free['MemAvailable'] / 1e6:.0f} MB of memory are free.")
    return f"{free['MemAvailable'] / 1e6:.0f} MB of {free['MemTotal'] / 1e9:.1f} GB are free."


def _versions() -> str:
    told = [f"aseagi {VERSION}"]
    for name in PACKAGES:
        try:
            told.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            raise Trouble("package_missing", f"The package {name} is not installed.") from None
    return f"{', '.join(told)}, {datetime.now(UTC):%Y-%m-%d}."


def _front(settings: Settings) -> str:
    """As a rented machine finds us: by name, through TLS."""
    try:
        reply = httpx.get(f"{settings.control_plane_url}/health", timeout=TIMEOUT_SECONDS)
    except httpx.ConnectError as error:
        if "certificate" in str(error).lower():
            raise Trouble("front_certificate", "The certificate of CONTROL_PLANE_URL is not good.") from None
        raise Trouble("front_away", "CONTROL_PLANE_URL cannot be reached.", "fault") from None
    except httpx.HTTPError as error:
        raise Trouble("front_away", f"CONTROL_PLANE_URL gives no answer ({type(error).__name__}).") from None
    try:
        is_ours = reply.json().get("status") == "healthy"
    except (ValueError, AttributeError):
        is_ours = False
    if not is_ours:
        raise Trouble("front_elsewhere", f"CONTROL_PLANE_URL answers {reply.status_code}, and not as we do.")
    return "Machines reach us at CONTROL_PLANE_URL."
