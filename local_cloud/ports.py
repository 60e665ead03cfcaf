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
BLOCK_PORTS = 32
# SeaweedFS's maintenance worker dials the admin server at its HTTP port plus this, whatever it was told.
GRPC_OFFSET = 10_000
NAMES = (
    "postgres", "postgrest", "postgrest_admin", "supabase", "s3", "s3_grpc", "master", "master_grpc", "volume",
    "volume_grpc", "filer", "filer_grpc", "weed_admin", "vast", "anthropic", "control_plane",
    "dashboard", "case_room",
)  # fmt: skip


def choose_ports(path: Path, wanted: Mapping[str, int]) -> tuple[dict[str, int], socket.socket]:
    """One free port per name of `NAMES`, kept in `path`; `wanted` fixes some of them.

    They lie in a block of `BLOCK_PORTS`, whose first port, `guard`, is the socket returned: as long as it is open, no
    other cloud that starts on this machine, be it at the same moment, chooses a port of the block.
    Raises PortTaken when a wanted one is in use.
    """
    remembered = json.loads(path.read_text()) if path.exists() else {}
    for name, port in wanted.items():
        if not is_free(port):
            raise PortTaken(f"port {port} for {name} is in use: choose another, or none to have a free one chosen.")
    guard = _hold_block(remembered.get("guard"))
    ports = {"guard": guard.getsockname()[1], **wanted}
    remembered = remembered if remembered.get("guard") == ports["guard"] else {}
    for name in NAMES:
        if name not in wanted:
            ports[name] = _free_port(name, ports, remembered)
    path.write_text(json.dumps(ports, indent=2))
    return ports, guard


def is_free(port: int) -> bool:
    """Whether this process could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _hold_block(remembered: int | None) -> socket.socket:
    """The first port of a block nobody else has, bound: the remembered one, else any."""
    firsts = list(range(FIRST_PORT, LAST_PORT - BLOCK_PORTS, BLOCK_PORTS))
    random.shuffle(firsts)
    for port in [remembered, *firsts] if remembered else firsts:
        guard = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            guard.bind((LOOPBACK, port))
        except OSError:
            guard.close()
        else:
            return guard
    raise PortTaken(f"all ports from {FIRST_PORT} to {LAST_PORT} are in use: stop another embedded cloud first.")


def _free_port(name: str, ports: Mapping[str, int], remembered: Mapping[str, int]) -> int:
    first = ports["guard"] + 1
    fresh = [port for port in range(first, first + BLOCK_PORTS - 1) if port not in remembered.values()]
    for port in [remembered[name], *fresh] if name in remembered else fresh:
        if port not in ports.values() and _usable(name, port):
            return port
    raise PortTaken(f"other programs use most ports from {first} to {first + BLOCK_PORTS - 2}: start again.")


def _usable(name: str, port: int) -> bool:
    return is_free(port) and (name != "weed_admin" or is_free(port + GRPC_OFFSET))
