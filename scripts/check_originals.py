"""Checks that the bucket has every original as it came: `python -m scripts.check_originals`.

With the importer's settings. What another version still holds is kept under a name of ours; what is lost is named, a
line each. Exit status: 0 all are there, 1 some are lost, 2 for missing settings or a service that does not answer.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from control_plane.clients import build_storage, build_supabase
from control_plane.database import Database
from control_plane.errors import ControlPlaneError
from control_plane.record.originals import check_all
from control_plane.settings import Settings
from control_plane.settings.reader import SettingsError


def main(environ: Mapping[str, str]) -> int:
    """Look for all of them; see the module."""
    kept = lost = 0
    try:
        settings = Settings.from_env(environ, "import")
        for found in check_all(Database(build_supabase(settings)), build_storage(settings)):
            kept, lost = kept + (found.fault is None), lost + (found.fault is not None)
            about = found.original
            print(f"{found.fault or 'kept'}\t{about.document_id}\t{about.sha256}\t{about.object_key}")
    except (SettingsError, ControlPlaneError) as problem:
        print(problem, file=sys.stderr)
        return 2
    print(f"{lost} originals are lost, {kept} were found again" if kept + lost else "every original is there")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
