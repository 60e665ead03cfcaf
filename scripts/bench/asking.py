#!/usr/bin/env python3
"""Whether questions in words are answered by the right paper, and "not in your documents" said where it is so.

    python scripts/bench/asking.py --case FILE.json --questions tests/evidence/questions.json

The case is entered and drawn as in `case.py`, and asked over the control plane's route, by words. The questions are an
object: name of the case's file → [{"question", "answers": names of the papers of which one must come first to third}].
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import local_cloud  # noqa: E402
from control_plane.app import build_app  # noqa: E402
from control_plane.clients import build_clients  # noqa: E402
from control_plane.settings import Settings  # noqa: E402
from scripts.bench.case import CaseLibrary  # noqa: E402

FIRST = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Ask all, print those that went wrong and the two counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--case", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    options = parser.parse_args(argv)
    case = json.loads(options.case.read_text("utf-8"))
    right: dict[bool, list[bool]] = {True: [], False: []}
    with tempfile.TemporaryDirectory(prefix="aseagi-bench-") as name:
        Path(name).chmod(0o711)  # Postgres runs as a user of its own
        with local_cloud.cloud(Path(name)) as cloud:
            library = CaseLibrary(cloud)
            library.enter(case["documents"])
            library.sweep()
            settings = Settings.from_env(cloud.control_plane_environ())
            http = build_app(settings, build_clients(settings)).test_client()
            headers = {"Authorization": f"Bearer {cloud.control_plane_token}"}
            for each in json.loads(options.questions.read_text("utf-8"))[options.case.name]:
                reply = http.post("/api/case/ask", headers=headers, json={"question": each["question"]})
                papers = [library.name_of(found["document_id"]) for found in reply.json["statements"]]
                wanted = each["answers"]
                is_right = bool({*wanted} & {*papers[:FIRST]}) if wanted else not papers
                right[bool(wanted)].append(is_right)
                if not is_right:
                    print(f"{each['question']} {papers[:FIRST]}, not {wanted}")
    for is_there, said in (("answered", right[True]), ("not there, and said so", right[False])):
        print(f"{is_there:24} {sum(said)} of {len(said)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
