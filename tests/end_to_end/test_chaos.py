"""Whatever is killed, at whatever moment: the run ends complete, nothing is done twice, nothing stays rented."""

import time

import pytest

from local_cloud.outcomes import sum_up
from local_cloud.probes import s3_client
from tests.end_to_end.harness import (
    Chaos,
    leases_of,
    market,
    open_test_house,
    rows,
    run_files,
    worker_processes,
    write_texts,
)

DOCUMENTS = 50
KILL_SEED = 20261122
OUTAGE_SEED = 7
LEASE_SECONDS = 15
OUTAGE_SECONDS = 25  # longer than a lease: what was in work then is lost and done anew


def assert_complete(house, outcomes) -> None:
    """Every document in the results, once, with its artifacts in the bucket."""
    cloud = house.cloud
    assert sum_up(outcomes, house.desk.get("/api/totals")).line() == (
        f"documents: {DOCUMENTS}  completed: {DOCUMENTS}  failed: 0  pages: {DOCUMENTS}  reconciled: yes"
    )
    assert rows(cloud, "select count(*), count(distinct sha256) from master_document_registry") == [(50, 50)]
    assert rows(cloud, "select count(*), count(distinct document_id) from document_repository") == [(50, 50)]
    assert rows(cloud, "select count(*), count(distinct (document_id, page)) from document_pages") == [(50, 50)]
    completions = rows(
        cloud, "select count(*), count(distinct document_id) from events where kind = 'job_completed'"
    )
    assert completions == [(50, 50)]
    client = s3_client(cloud.spaces_endpoint, cloud.spaces_region, cloud.spaces_key, cloud.spaces_secret)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=cloud.spaces_bucket)
    stored = {item["Key"] for page in pages for item in page.get("Contents", [])}
    kept = {key for (key,) in rows(
        cloud, "select jsonb_each_text.value from master_document_registry, jsonb_each_text(artifacts)"
        " union select object_key from master_document_registry"
    )}  # fmt: skip
    assert len(kept) > 50 and kept <= stored


def test_kill_9_of_worker_scaler_and_control_plane(clean_cloud, tmp_path):
    """Each at a seeded random moment of a run of 50 documents; the worker while it holds jobs, whose leases run out."""
    with leases_of(clean_cloud, LEASE_SECONDS), open_test_house(clean_cloud) as house:

        def kill_worker() -> bool:
            workers = worker_processes(clean_cloud)
            if not workers or not rows(clean_cloud, "select 1 from processing_jobs where status = 'processing'"):
                return False
            for worker in workers:
                worker.kill()
            return True

        def kill(name: str) -> bool:
            house.programs[name].kill_leader()
            return True

        deeds = {
            "worker": kill_worker,
            "scaler": lambda: kill("scaler"),
            "control plane": lambda: kill("control_plane"),
        }
        chaos = Chaos.plan(clean_cloud, deeds, most=2 * DOCUMENTS - 10, seed=KILL_SEED)
        house.watch.also.append(chaos.tend)
        outcomes = run_files(house, write_texts(tmp_path / "documents", DOCUMENTS))
        assert set(chaos.done) == set(deeds), f"moments {chaos.moments}, done {chaos.done}"
        assert_complete(house, outcomes)
        assert rows(clean_cloud, "select count(*) from processing_jobs where deaths > 0")[0][0] > 0
    books = market(clean_cloud)
    assert books["open_contracts"] == [] and books["processes"] == {}


@pytest.mark.parametrize("service", ["seaweedfs", "postgrest"])
def test_storage_or_database_away_in_mid_run_loses_nothing(clean_cloud, tmp_path, service):
    """Killed, and away for half a minute, all through which the control plane itself says so."""
    entry = {"seaweedfs": "storage", "postgrest": "postgres"}[service]
    with open_test_house(clean_cloud) as house:
        victim = clean_cloud.services[service]
        house.watch.services.remove(victim)

        def strike() -> bool:
            victim.kill()
            back_at = time.monotonic() + OUTAGE_SECONDS
            while time.monotonic() < back_at:
                answer = house.desk.http.get("/ready")
                assert answer.status_code == 503 and answer.json()[entry]["ok"] is False
                time.sleep(1)
            victim.restart()
            return True

        try:
            chaos = Chaos.plan(clean_cloud, {service: strike}, most=2 * DOCUMENTS - 10, seed=OUTAGE_SEED)
            house.watch.also.append(chaos.tend)
            outcomes = run_files(house, write_texts(tmp_path / "documents", DOCUMENTS))
            assert set(chaos.done) == {service}
            assert_complete(house, outcomes)
        finally:
            if not victim.is_running():
                victim.restart()
    assert market(clean_cloud)["open_contracts"] == []
