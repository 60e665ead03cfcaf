"""A rented machine belongs to a stranger: what its captured environment can do, and what it cannot."""

import json
from dataclasses import dataclass

import httpx
import pytest

from local_cloud.folder import SteadyFile
from local_cloud.house import House
from tests.cleaning import make_clean
from tests.end_to_end.harness import market, open_test_house, rows, run_files, worker_processes, write_texts

ALLOWED_VARIABLES = {
    "CONTROL_PLANE_URL", "SUPABASE_URL", "SUPABASE_KEY", "WORKER_TOKEN", "VAST_BASE_URL", "IDLE_SECONDS", "OCR_ENGINE",
    "OCR_LANGUAGES", "CONTAINER_ID", "CONTAINER_API_KEY", "VAST_CONTAINERLABEL", "PUBLIC_IPADDR", "GPU_COUNT", "PATH",
    "HOME", "LANG", "EMULATED_MACHINE",
}  # fmt: skip
VERBS = {"claim_jobs", "heartbeat_jobs", "fail_job",
         "release_jobs"}  # fmt: skip


@dataclass(frozen=True)
class Captured:
    """What a thief has: the environment of a worker that stands still; and the house it was taken from."""

    environ: dict[str, str]
    house: House

    def rest(self, method: str, path: str, **more) -> httpx.Response:
        headers = {"apikey": self.environ["SUPABASE_KEY"], "Authorization": f"Bearer {self.environ['WORKER_TOKEN']}"}
        return httpx.request(method, f"{self.environ['SUPABASE_URL']}/rest/v1/{path}", headers=headers, **more)

    def desk(self, method: str, path: str, **more) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.environ['WORKER_TOKEN']}"}
        return httpx.request(method, f"{self.environ['CONTROL_PLANE_URL']}{path}", headers=headers, **more)

    def vast(self, method: str, path: str, **more) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.environ['CONTAINER_API_KEY']}"}
        return httpx.request(method, f"{self.environ['VAST_BASE_URL']}/api/{path}", headers=headers, **more)


@pytest.fixture(scope="module")
def captured(cloud, seed_rows, tmp_path_factory):
    """One machine that has read one document and is frozen while two more wait."""
    make_clean(cloud, seed_rows)
    files = write_texts(tmp_path_factory.mktemp("documents"), 3)
    with open_test_house(cloud, {"IDLE_SECONDS": "600"}) as house:
        run_files(house, files[:1])
        (worker,) = worker_processes(cloud)
        environ = worker.environ()
        family = [worker, *worker.children(recursive=True)]
        for process in family:
            process.suspend()
        for file in files[1:]:
            with SteadyFile(file.path) as steady:
                house.desk.send(steady, file.name)
        yield Captured(environ, house)


def test_the_environment_has_no_key(captured):
    assert set(captured.environ) <= ALLOWED_VARIABLES
    secrets = json.loads((captured.house.cloud.state_dir / "secrets.json").read_text())
    assert captured.environ["SUPABASE_KEY"] == secrets.pop("publishable_key"), "which everybody may have"
    everything = "\n".join(captured.environ.values())
    assert [name for name, value in secrets.items() if value in everything] == []


def test_it_reads_and_writes_no_table(captured):
    tables = rows(
        captured.house.cloud,
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'p', 'm')",
    )
    assert len(tables) > 10
    for (table,) in tables:
        assert captured.rest("GET", table).json()["code"] == "42501", table
        assert captured.rest("POST", table, json={}).json()["code"] in ("42501", "55000"), table
        assert not captured.rest("DELETE", table, params={"id": "not.is.null"}).is_success, table


def test_it_may_call_the_worker_verbs_and_nothing_else(captured):
    functions = rows(
        captured.house.cloud,
        "select proname from pg_proc where pronamespace = 'public'::regnamespace"
        " and has_function_privilege('gpu_worker', oid, 'execute')",
    )
    assert {name for (name,) in functions} == VERBS
    assert captured.rest("POST", "rpc/get_totals", json={}).json()["code"] == "42501"
    assert captured.rest("POST", "rpc/enqueue_jobs", json={"files": []}).json()["code"] == "42501"


def test_it_reaches_only_the_document_it_holds(captured):
    def claim() -> dict:
        return captured.rest("POST", "rpc/claim_jobs", json={"max_jobs": 1, "lease_seconds": 60}).json()[0]

    def urls(job_id: str, lease_token: str) -> httpx.Response:
        return captured.desk("POST", "/api/worker/urls", json={"job_id": job_id, "lease_token": lease_token})

    cloud = captured.house.cloud
    mine = claim()
    link = urls(mine["job_id"], mine["lease_token"]).json()["get"]
    assert httpx.get(link).text.startswith("SUPERIOR COURT")
    others = rows(
        cloud,
        "select j.id::text, d.object_key from processing_jobs j join master_document_registry d on d.id = j.document_id"
        " where j.id <> %s",
        mine["job_id"],
    )
    assert len(others) == 2, "one that is done, and one that waits"
    for job_id, object_key in others:
        assert urls(job_id, mine["lease_token"]).json()["code"] == "lease_lost"
        assert httpx.get(link.replace(mine["object_key"], object_key)).status_code == 403
        assert httpx.get(f"{cloud.spaces_endpoint}/{cloud.spaces_bucket}/{object_key}").status_code == 403
    lease = {"job_id": mine["job_id"], "lease_token": mine["lease_token"]}
    assert captured.rest("POST", "rpc/release_jobs", json={"leases": [lease]}).is_success
    assert urls(mine["job_id"], mine["lease_token"]).status_code == 409, "not held any more"


def test_the_operators_routes_are_closed_to_it(captured):
    for method, path in (
        ("GET", "/api/jobs"),
        ("GET", "/api/documents"),
        ("GET", "/api/instances/status"),
        ("POST", "/api/jobs/create"),
        ("POST", "/api/upload"),
        ("POST", "/api/renting/resume"),
    ):
        assert captured.desk(method, path).status_code in (401, 403), path


def test_its_vast_key_opens_only_its_own_machine(captured):
    assert captured.vast("GET", "v0/users/current/").status_code in (401, 403, 404)
    assert not captured.vast("GET", "v1/instances/").is_success
    other = int(captured.environ["CONTAINER_ID"]) + 1
    assert not captured.vast("DELETE", f"v0/instances/{other}/").is_success
    assert str(market(captured.house.cloud)["open_contracts"]) == f"[{captured.environ['CONTAINER_ID']}]"


def test_its_token_dies_with_the_machine(captured):
    """Last in this file: it gives the machine back."""
    house = captured.house
    (label,) = rows(house.cloud, "select label from machines where status = 'ready'")[0]
    house.desk.post(f"/api/instances/{label}/destroy")
    assert captured.desk("POST", "/api/worker/token").json()["code"] == "token_dead"
    claim = captured.rest("POST", "rpc/claim_jobs", json={"max_jobs": 1, "lease_seconds": 60})
    assert claim.json()["code"] == "AS004"
