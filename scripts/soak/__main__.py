"""`python -m scripts.soak --seed 1 --minutes 20 --json FILE`: a storm over a house of its own, and one table.

Exit status: 0 all is well, 1 something was lost, done twice, left open or is not what it was.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path

import local_cloud
from scripts.soak.account import account_rows, as_json, as_markdown
from scripts.soak.plan import make_plan
from scripts.soak.soak import run_soak

SENDERS = 3
PAUSE_SECONDS = 4.0  # between two papers of one sender: what two cores read under a storm


def main() -> int:
    """Open, storm, count, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--json", type=Path, help="write facts, table and blows here")
    parser.add_argument("--keep", type=Path, help="run in this folder and leave it, logs and all")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    with tempfile.TemporaryDirectory(prefix="soak-") as temporary:
        Path(temporary).chmod(0o711)
        folder = options.keep or Path(temporary)
        seconds = options.minutes * 60
        with local_cloud.cloud(folder / "cloud") as cloud:
            blows = make_plan(options.seed, seconds)
            facts, about = run_soak(cloud, folder, blows, seconds, options.seed, SENDERS, PAUSE_SECONDS)
    told = as_json(facts, about)
    if options.json:
        options.json.write_text(json.dumps(told, indent=2) + "\n")
    count = sum(about["blows"].values())
    print(f"seed {options.seed}: {count} blows in {about['storm_seconds'] / 60:.0f} minutes, quiet again after "
          f"{about['calm_seconds']} s\n\n{as_markdown(account_rows(facts))}")  # fmt: skip
    for line in (*facts.unrecorded, *facts.sound_failed):
        print(line)
    return 0 if told["is_well"] and about["is_drained"] else 1


if __name__ == "__main__":
    sys.exit(main())
