"""The analysis worker on a full disk: what waits to be judged waits on, and is judged when there is room."""

from pathlib import Path

from tests.claude.office import FILING, Office
from tests.tiny_disk import fill, tiny_disk


def test_a_full_disk_fails_no_document(office: Office, tmp_path: Path):
    with tiny_disk(tmp_path / "disk", "256k") as disk:
        worker, filler = office.worker(disk), fill(disk)
        office.read(FILING)
        worker.step()
        waiting = "select status, attempt from processing_jobs where kind = 'analyse' and status <> 'cancelled'"
        assert office.sql(waiting) == [("queued", 0)]
        assert office.judged()[-1][0] == "rules"
        filler.unlink()
        office.sql("update processing_jobs set run_after = now() where status = 'queued'")
        worker.step(4)
        assert office.judged()[-1][0] == "claude"
