"""A scaler against the real ledger, the real `vastai` CLI and an emulator whose machines run `stub_worker.py`."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from supabase import Client

from control_plane.clients import build_supabase
from control_plane.database import Database
from control_plane.database.enums import RentingStatus
from control_plane.database.fleet_rows import Ledger
from control_plane.database.rows import NewFile
from control_plane.fleet.post import Post
from control_plane.fleet.scaler import build_post, tick
from control_plane.settings import Settings
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.client import VastClient
from control_plane.vast.rows import CreateRequest, VastInstance
from local_cloud import Cloud

REPOSITORY = Path(__file__).parents[2]
FAST = {
    "FLEET_TICK_SECONDS": "0.2", "FLEET_DOUBT_SECONDS": "2", "FLEET_GRACE_SECONDS": "3",
    "FLEET_SHORTEST_BOOT_SECONDS": "4", "FLEET_LONGEST_BOOT_SECONDS": "8", "FLEET_FIRST_HEARTBEAT_SECONDS": "5",
    "FLEET_HEARTBEAT_LOST_SECONDS": "4", "FLEET_LEADER_SECONDS": "30", "IDLE_SECONDS": "60", "DEPLOYMENT": "test",
    "FLEET_IMAGE_GB": "0.1", "FLEET_DESTROY_PAUSE_SECONDS": "0.3",
    "FLEET_CHECK_SHARE": "0", "MAX_MACHINES": "9", "MAX_DOLLARS_PER_HOUR": "9",
}  # fmt: skip


@dataclass(frozen=True)
class Emulator:
    """An emulator of our own, with its admin routes."""

    url: str
    key: str

    def admin(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.url}/admin/{path}", json.dumps(body).encode(), method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def inject(self, *faults: dict[str, Any]) -> None:
        self.admin("POST", "faults", faults=list(faults))

    def open_contracts(self) -> list[int]:
        return self.admin("GET", "state")["open_contracts"]

    def contracts(self) -> list[dict[str, Any]]:
        return self.admin("GET", "state")["contracts"]

    def rent_behind_our_back(self, vast: VastClient, label: str) -> int:
        """As a crash or a stranger would."""
        offer = vast.search_offers("num_gpus=1", 20)[0]
        return vast.create_instance(CreateRequest(offer.ask_id, "image", 20, label, {"X": "1"})).contract_id


@pytest.fixture(scope="session")
def emulator_process(tmp_path_factory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("emulator")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "local_cloud.vast", "--port", str(port), "--state", str(folder / "state.json")]
    command += ["--api-key-file", str(folder / "key"), "--boot-seconds", "0.5", "--schedule-seconds", "0.1"]
    command += ["--worker-command", json.dumps([sys.executable, str(Path(__file__).with_name("stub_worker.py"))])]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    try:
        assert "emulator at" in process.stdout.readline()
        yield Emulator(f"http://127.0.0.1:{port}", (folder / "key").read_text().strip())
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


@pytest.fixture
def emulator(emulator_process: Emulator) -> Iterator[Emulator]:
    """A market without contracts and faults; after the test no contract may be open."""
    emulator_process.admin("POST", "reset")
    yield emulator_process
    left = emulator_process.open_contracts()
    emulator_process.admin("POST", "reset")
    assert left == [], "a contract is still billed"


@pytest.fixture
def environ(clean_cloud: Cloud, emulator: Emulator, front_desk: str, tmp_path: Path) -> dict[str, str]:
    """The cloud's own variables, with short deadlines and our emulator."""
    environ = clean_cloud.control_plane_environ() | FAST | {"CONTROL_PLANE_URL": front_desk}
    return environ | {"VAST_URL": emulator.url, "VAST_API_KEY": emulator.key, "VAST_HOME": str(tmp_path / "vast")}


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return Settings.from_env(environ)


@dataclass
class Fleet:
    """One scaler and its surroundings."""

    post: Post
    supabase: Client
    emulator: Emulator
    environ: dict[str, str]

    @property
    def database(self) -> Database:
        return Database(self.supabase)

    def paused(self) -> dict[str, str]:
        """The codes of the paused doors."""
        return {door.name: str(door.code) for door in self.database.list_paused_doors()}

    def enqueue(self, count: int = 1, name: str = "letter.pdf", **fields: Any) -> list[str]:
        """Queue documents; their job ids."""
        files = []
        for _ in range(count):
            document = str(uuid4())
            about = {
                "original_filename": name, "source": "upload", "sha256": uuid4().hex * 2, "bytes": 10,
                "mime_type": "application/pdf", "pages_estimate": 1,
            }  # fmt: skip
            files.append(NewFile(f"raw/2026/11/22/{document}.pdf", document, **(about | fields)))
        return [row.job_id for row in self.database.enqueue_jobs(files)]

    def tick_until(self, condition: Callable[[], Any], seconds: float = 180.0) -> Any:
        """Tick until the condition holds; fails after the deadline."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < end, f"did not happen: {self.describe()}"
            tick(self.post)
            time.sleep(self.post.policy.tick_seconds)
        return value

    def wind_down(self) -> None:
        """Pause renting, end what lives, and tick until Vast.ai and the ledger agree that nothing is left."""
        self.emulator.admin("DELETE", "faults")
        self.post.ledger.set_renting(RentingStatus.PAUSED, "the test is over")
        self.tick_until(self._all_gone)

    def _all_gone(self) -> bool:
        for machine in self.machines():
            if machine.is_live:
                self.post.ledger.mark_destroying(machine.label, "the test is over")
        return not self.emulator.open_contracts() and all(m.status == "destroyed" for m in self.machines())

    def ledger(self) -> Ledger:
        return self.post.ledger.get_fleet()

    def machines(self) -> tuple:
        return self.ledger().machines

    def statuses(self) -> list[str]:
        return sorted(row["status"] for row in self.rows("processing_jobs"))

    def alarms(self) -> list[str]:
        return [row["name"] for row in self.rows("alarms")]

    def rows(self, table: str, **equal: str) -> list[dict[str, Any]]:
        """Rows of a table as `service_role` reads them."""
        query = self.supabase.table(table).select("*")
        return (query.match(equal) if equal else query).execute().data

    def with_policy(self, **changes: Any) -> "Fleet":
        return replace(self, post=replace(self.post, policy=replace(self.post.policy, **changes)))

    def describe(self) -> str:
        rows = [(m.label, m.status, m.destroy_reason, m.absences, m.contract_id) for m in self.machines()]
        return f"{rows}, open {self.emulator.open_contracts()}, jobs {self.statuses()}"


@pytest.fixture
def fleet(settings: Settings, emulator: Emulator, environ: dict[str, str]) -> Fleet:
    """A scaler that has not ticked yet."""
    return Fleet(build_post(settings), build_supabase(settings), emulator, environ)


@pytest.fixture
def listed_row() -> Callable[..., VastInstance]:
    """A row of Vast.ai's list: a running machine unless said otherwise."""

    def make(**changes: Any) -> VastInstance:
        row = VastInstance(
            contract_id=7001, label="aseagi-test-00000001", machine_id=21, host_id=31, gpu_name="RTX 3090", num_gpus=1,
            actual_status="running", intended_status="running",
            status_msg="success", total_usd_per_hour=0.2, is_bid=False, bid_usd_per_hour=0.1, started_at=0.0,
            disk_space_gb=20.0, image="image", geolocation="Texas, US",
        )  # fmt: skip
        return replace(row, **changes)

    return make


@pytest.fixture
def policy() -> Policy:
    return Policy()
