"""`python -m dashboard.case_room [--port N] [--address A]`: check the settings, then serve."""

import argparse
import os
import sys

from dashboard.case_room.server import Server
from dashboard.errors import SettingsError
from dashboard.settings import OWNERS_ALONE, Settings
from dashboard.visitors import is_loopback


def main() -> None:
    """Serve the case room until SIGTERM."""
    parser = argparse.ArgumentParser(prog="dashboard.case_room", description="The ASEAGI case room.")
    parser.add_argument("--port", type=int, default=8600)
    parser.add_argument("--address", default="127.0.0.1", help="interface to listen on (default: this machine only)")
    options = parser.parse_args()
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        sys.exit(str(error))
    if settings.control_plane_token and not is_loopback(options.address):
        sys.exit(OWNERS_ALONE)
    Server(settings, options.address, options.port).run()


if __name__ == "__main__":
    main()
