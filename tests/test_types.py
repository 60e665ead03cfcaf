"""The types are a test like others, so that they are checked beside the rest and not before it."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def test_every_type_holds():
    checked = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout[-5000:] + checked.stderr[-2000:]
