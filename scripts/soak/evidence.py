"""What database, bucket, market and record say in the end, each asked past the programs where it can be (wire)."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg

from control_plane.batches.strays import queue_strays
from control_plane.clients import build_storage, build_supabase
from control_plane.database import Database
from control_plane.settings import Settings
from local_cloud.cloud import REPOSITORY, Cloud
from local_cloud.desk import Desk
from local_cloud.probes import s3_client
from scripts.soak.account import Facts
from scripts.soak.papers import Paper
from scripts.soak.senders import Sent

STRICTNESS = {"any_host": 0, "datacenter_only": 1, "local_only": 2}
NAMED = 20
DOCUMENTS = """
select d.sha256, j.status, j.error_code, j.placement, coalesce(d.kept_key, d.object_key),
  exists (select from document_parts p where p.child_id = d.id)
from master_document_registry d left join processing_jobs j on j.id = d.job_id
"""
DOUBLE_RESULTS = """
select count(*) from (select document_id from events where kind = 'job_completed' group by document_id
  having count(*) > 1) twice
"""
DOUBLE_PAGES = "select count(*) - count(distinct (document_id, page)) from document_pages"
ARTIFACTS = "select value from master_document_registry, jsonb_each_text(artifacts)"
BOOKS = """
select coalesce(sum(private.machines_usd_on(day)), 0) from (
  select distinct (at at time zone 'utc')::date as day from machines m,
    lateral (values (m.intent_at), (m.destroyed_at)) moments (at) where at is not null) days
"""


def gather(cloud: Cloud, desk: Desk, sent: Sent, folder: Path, strays: int) -> Facts:
    """The facts, once nothing moves any more and every machine is returned; `strays` came in by the last look."""
    reap(cloud, folder)
    documents = _rows(cloud, DOCUMENTS)
    found = {row[0]: row for row in documents}
    stored = _stored(cloud)
    lost = [sha for sha in sent.papers if sha not in found or found[sha][1] not in ("completed", "failed")]
    sound = {sha: papers for sha, papers in sent.papers.items() if papers[0].is_sound}
    damaged = sent.papers.keys() - sound.keys()
    market = httpx.get(f"{cloud.vast_url}/admin/state", timeout=30, trust_env=False).json()
    unlike, is_clean = check_export(cloud, folder)
    return Facts(
        acknowledged=len(sent.papers),
        recorded=len(sent.papers) - len(lost),
        unrecorded=lost[:NAMED],
        strangers=sum(row[0] not in sent.papers and not row[5] for row in documents),
        double_documents=len(documents) - len(found),
        double_results=_rows(cloud, DOUBLE_RESULTS)[0][0],
        double_pages=_rows(cloud, DOUBLE_PAGES)[0][0],
        sound_failed=[
            f"{sound[sha][0].name}: {found[sha][2]}" for sha in sound if sha in found and found[sha][1] == "failed"
        ] + sent.odd,
        damaged=len(damaged),
        damaged_told=sum(sha in found and found[sha][1] == "failed" for sha in damaged),
        looser=sum(_is_looser(row[3], sent.papers.get(row[0], [])) for row in documents),
        originals=len(documents),
        originals_unlike=unlike + sum(row[4] not in stored for row in documents if not row[5]),
        artifacts_missing=sum(key not in stored for (key,) in _rows(cloud, ARTIFACTS)),
        strays=strays,
        open_contracts=len(market["open_contracts"]),
        processes_left=len(market["processes"]),
        billed_usd=market["ledger"]["dollars"],
        ledger_usd=float(_rows(cloud, BOOKS)[0][0]),
        record_faults=len(desk.get("/api/record")["faults"]),
        export_is_clean=is_clean,
    )


def _is_looser(placement: str | None, papers: list[Paper]) -> bool:
    """Known bytes that come again may ask for more: so much as somebody said from the first must hold."""
    least = min((STRICTNESS[each.placement] for each in papers), default=0)
    return placement is not None and STRICTNESS[placement] < least


def sweep_strays(cloud: Cloud) -> int:
    """Objects that no row knows, without waiting for the hour: how many came in by that."""
    settings = _settings(cloud)
    database, storage = Database(build_supabase(settings)), build_storage(settings)
    before = _rows(cloud, "select count(*) from master_document_registry")[0][0]
    queue_strays(database, storage, datetime.now(UTC), grace=timedelta(0))
    return int(_rows(cloud, "select count(*) from master_document_registry")[0][0] - before)


def reap(cloud: Cloud, folder: Path) -> None:
    """The reaper's look, which also reads the bill."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), **cloud.control_plane_environ()}
    subprocess.run(
        [sys.executable, "-m", "control_plane", "reap"], env=environ, cwd=REPOSITORY, check=False, capture_output=True
    )


def check_export(cloud: Cloud, folder: Path) -> tuple[int, bool]:
    """The record with every original, as a stranger checks it: originals that are unlike, and whether all is well."""
    path = folder / "record.zip"
    headers = {"Authorization": f"Bearer {cloud.control_plane_token}"}
    url = f"{cloud.control_plane_url}/api/custody/export?originals=true"
    with httpx.stream("GET", url, headers=headers, timeout=600, trust_env=False) as answer:
        answer.raise_for_status()
        with path.open("wb") as file:
            for chunk in answer.iter_bytes():
                file.write(chunk)
    checked = subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts" / "verify_custody.py"), str(path)], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    (folder / "record.txt").write_text(checked.stdout + checked.stderr)
    return sum("originals/" in line for line in checked.stdout.splitlines()), checked.returncode == 0


def _settings(cloud: Cloud) -> Settings:
    return Settings.from_env(cloud.control_plane_environ())


def _rows(cloud: Cloud, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(cloud.postgres_url) as connection:
        return connection.execute(query).fetchall()


def _stored(cloud: Cloud) -> set[str]:
    client = s3_client(cloud.spaces_endpoint, cloud.spaces_region, cloud.spaces_key, cloud.spaces_secret)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=cloud.spaces_bucket)
    return {item["Key"] for page in pages for item in page.get("Contents", [])}
