"""Two `python -m control_plane scale` over one database: one leads, and after its death the other one."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from local_cloud import Cloud
from tests.control_plane.desk import REPOSITORY, wait_until

PACE = {"FLEET_TICK_SECONDS": "1", "FLEET_LEADER_SECONDS": "8"}


class Scaler:
    """One of them, with what it writes."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self.log = log
        command = [sys.executable, "-m", "control_plane", "scale"]
        with log.open("wb") as output:
            self.process = subprocess.Popen(command, cwd=REPOSITORY, env=environ, stdout=output, stderr=output)

    @property
    def holder(self) -> str | None:
        found = re.search(r'"holder": "([^"]+)"', self.log.read_text())
        return found and found[1]


@pytest.fixture
def scalers(clean_cloud: Cloud, tmp_path: Path) -> Iterator[list[Scaler]]:
    environ = {**clean_cloud.control_plane_environ(), **PACE, "PATH": os.environ["PATH"]}
    both = [Scaler(environ | {"VAST_HOME": str(tmp_path / name)}, tmp_path / f"{name}.log") for name in ("one", "two")]
    yield both
    for scaler in both:
        scaler.process.kill()
        scaler.process.wait()


def test_one_of_two_processes_leads_and_the_other_takes_over_when_its_lease_has_ended(clean_cloud, scalers):
    def leases() -> list[tuple]:
        with psycopg.connect(clean_cloud.postgres_url, autocommit=True) as database:
            return database.execute("select holder, since, expires_at from leaders where name = 'scaler'").fetchall()

    seen: list[tuple] = []

    def has_renewed() -> bool:
        seen.extend(lease for lease in leases() if lease not in seen)
        return all(scaler.holder for scaler in scalers) and len(seen) >= 2

    wait_until(has_renewed, 60, lambda: "\n".join(scaler.log.read_text()[-1000:] for scaler in scalers))
    assert len({(holder, since) for holder, since, _ in seen}) == 1, "the other one leads as well"
    (leader,) = [scaler for scaler in scalers if scaler.holder == seen[0][0]]
    (other,) = [scaler for scaler in scalers if scaler is not leader]
    leader.process.kill()
    leader.process.wait()
    [(_, _, ended_at)] = leases()
    wait_until(lambda: leases()[0][0] == other.holder, 60)
    assert leases()[0][1] >= ended_at, "it did not wait for the lease's end"
    assert other.process.poll() is None
