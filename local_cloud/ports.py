"""Loopback ports: remembered between starts, chosen free at the first, chosen again when somebody else has one."""

import json
import random
import socket
from collections.abc import Mapping
from pathlib import Path

from .errors import PortTaken

LOOPBACK = "127.0.0.1"
# Below the range from which Linux picks ports for outgoing calls (32768+), so that no passing connection takes one.
FIRST_PORT, LAST_PORT = 15_000, 22_000
# SeaweedFS's maintenance worker dials the admin server at its HTTP port plus this, whatever it was told.
GRPC_OFFSET = 10_000
NAMES = (
    "postgres", "postgrest", "postgrest_admin", "supabase", "s3", "s3_grpc", "master", "master_grpc", "volume",
    "volume_grpc", "filer", "filer_grpc", "weed_admin", "vast", "control_plane", "dashboard",
)  # fmt: skip


def choose_ports(path: Path, wanted: Mapping[str, int]) -> dict[str, int]:
    """One free port per name of `NAMES`, kept in `path`; `wanted` fixes some of them.

    Raises PortTaken when a wanted one is in use.
    """
    remembered = json.loads(path.read_text()) if path.exists() else {}
    for name, port in wanted.items():
        if not is_free(port):
            raise PortTaken(f"port {port} for {name} is in use: choose another, or none to have a free one chosen.")
    ports: dict[str, int] = dict(wanted)
    for name in NAMES:
        if name not in wanted:
            ports[name] = _free_port(name, remembered.get(name), taken=set(ports.values()))
    path.write_text(json.dumps(ports, indent=2))
    return ports


def is_free(port: int) -> bool:
    """Whether this process could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _free_port(name: str, remembered: int | None, taken: set[int]) -> int:
    if remembered and remembered not in taken and _usable(name, remembered):
        return remembered
    while True:
        port = random.randrange(FIRST_PORT, LAST_PORT)
        if port not in taken and _usable(name, port):
            return port


def _usable(name: str, port: int) -> bool:
    return is_free(port) and (name != "weed_admin" or is_free(port + GRPC_OFFSET))
