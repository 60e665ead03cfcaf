"""`python -m local_cloud.vast --port P --state FILE`: the emulator until SIGTERM.

The account's key comes from `--api-key-file`, which is made when it does not exist, or from VAST_API_KEY.
"""

import argparse
import json
import os
import secrets
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from local_cloud.vast.admin import Admin
from local_cloud.vast.api import Api
from local_cloud.vast.emulator import Emulator
from local_cloud.vast.life_cycle import Pace
from local_cloud.vast.processes import Processes
from local_cloud.vast.rental import Traffic
from local_cloud.vast.server import Server
from local_cloud.vast.state import StateFile

REPOSITORY = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Serve until SIGTERM or SIGINT, which kill the instances' processes and leave their contracts open."""
    options = _options(arguments)
    state = Path(options.state).resolve()
    processes = Processes(state.parent / "instances", Path(options.worker_folder), environ.get("PATH", os.defpath))
    emulator = Emulator(
        StateFile(state),
        processes,
        json.loads(options.worker_command) if options.worker_command else [sys.executable, "-m", "gpu_worker"],
        Pace(options.schedule_seconds, options.boot_seconds, options.restart_seconds, options.image_gb),
        Traffic(),
        options.seed,
        options.credit_dollars,
    )
    api = Api(emulator, _account_key(options.api_key_file, environ))
    admin = Admin(emulator, options.credit_dollars, api.change_key)
    server = Server(options.host, options.port, api, admin, options.record_requests)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: emulator.shut_down())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"Vast.ai emulator at {server.base_url}", flush=True)
    emulator.run()  # in the main thread: instances' processes die with the thread that started them


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local_cloud.vast", description="A Vast.ai emulator on loopback.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 chooses a free one")
    parser.add_argument("--state", required=True, help="file that holds contracts across restarts")
    parser.add_argument("--api-key-file", help="the account's key, made when missing (default: VAST_API_KEY)")
    parser.add_argument("--worker-command", help="JSON list: what an instance runs (default: gpu_worker)")
    parser.add_argument("--worker-folder", default=str(REPOSITORY), help="where an instance's process starts")
    parser.add_argument("--schedule-seconds", type=float, default=0.5, help="from rented to `loading`")
    parser.add_argument("--boot-seconds", type=float, default=2.0, help="from `loading` to `running`")
    parser.add_argument("--restart-seconds", type=float, default=1.0, help="from a process's end to its restart")
    parser.add_argument("--image-gb", type=float, default=4.0, help="traffic billed for the image at first boot")
    parser.add_argument("--credit-dollars", type=float, default=25.0, help="what a fresh account holds")
    parser.add_argument("--seed", type=int, default=1, help="of the market, for a fresh state")
    parser.add_argument("--record-requests", action="store_true", help="keep requests for GET /admin/requests")
    return parser.parse_args(arguments)


def _account_key(name: str | None, environ: Mapping[str, str]) -> str:
    path = Path(name) if name else None
    if path and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    key = path.read_text().strip() if path else environ.get("VAST_API_KEY", "")
    if not key:
        sys.exit("no account key: set VAST_API_KEY, or name a file with --api-key-file")
    return key


if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
