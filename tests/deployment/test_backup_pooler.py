"""A pooler by transactions is refused by name; by sessions it does (`test_backup.py` goes through one)."""

from pathlib import Path

import pytest

from tests.deployment.backups import Place
from tests.fakes.pooler import pooler


@pytest.mark.parametrize("manner", ["server_round_robin = 1", "server_round_robin = 0"])
def test_a_pooler_by_transactions_is_refused_whatever_its_port(place: Place, manner: str) -> None:
    before = place.dump()
    with pooler(int(place.environ["PGPORT"]), {"postgres": place.environ["PGPASSWORD"]}, more=manner) as port:
        for script, arguments in (("backup.sh", ()), ("try_backup.sh", ()), ("restore.sh", ("/nowhere",))):
            bootstrap = {"BOOTSTRAP": "/dev/null", "OVERWRITE": "yes"}
            refused = place.run(script, *arguments, PGPORT=str(port), **bootstrap)
            assert (refused.returncode, "pooler by transactions" in refused.stderr) == (2, True), refused.stderr
    assert place.noted("backup")["message"] == "It stopped while asking for a session of its own."
    assert not list(Path(place.environ["BACKUP_FOLDER"]).rglob("*.age"))
    assert place.dump() == before


def test_supabases_own_port_for_transactions_is_refused_whatever_answers_there(place: Place, tmp_path: Path) -> None:
    """A pooler that is busy, or has one client only, can look like a session."""
    psql = tmp_path / "psql"
    psql.write_text(f"#!/bin/sh\nPGPORT={place.environ['PGPORT']} exec \"$REAL\" \"$@\"\n")
    psql.chmod(0o755)
    real = place.environ["PATH"].partition(":")[0] + "/psql"
    refused = place.run("backup.sh", PGPORT="6543", REAL=real, PATH=f"{tmp_path}:{place.environ['PATH']}")
    assert (refused.returncode, "Supabase: 5432" in refused.stderr) == (2, True)
