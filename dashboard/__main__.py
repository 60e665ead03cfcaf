"""`python -m dashboard [--port N] [--address A]`: check the settings, then become Streamlit."""

import argparse
import os
import sys
from pathlib import Path

from dashboard.errors import SettingsError
from dashboard.settings import OWNERS_ALONE, Settings
from dashboard.visitors import is_loopback

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Replace this process by `streamlit run dashboard/app.py` with our configuration."""
    parser = argparse.ArgumentParser(prog="dashboard", description="The ASEAGI dashboard.")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--address", default="127.0.0.1", help="interface to listen on (default: this machine only)")
    options = parser.parse_args()
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        sys.exit(str(error))
    if settings.control_plane_token and not is_loopback(options.address):
        sys.exit(OWNERS_ALONE)
    # Streamlit reads .streamlit/config.toml from the working directory, and pages import `dashboard`.
    os.chdir(ROOT)
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py")]
    command += ["--server.port", str(options.port), "--server.address", options.address]
    os.execve(sys.executable, command, environ)


if __name__ == "__main__":
    main()
