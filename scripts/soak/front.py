"""nginx with the configuration of production, in front of the soak's control plane (wire)."""

from __future__ import annotations

import socket
import ssl
import subprocess
from pathlib import Path

from local_cloud.cloud import REPOSITORY, Cloud
from local_cloud.ports import LOOPBACK
from local_cloud.processes import Service
from tests.deployment.front import fill_in, free_port, moved, nginx

NAME = "localhost"  # an address is no name: nginx would refuse to shake hands
UNUSED = f"{LOOPBACK}:9"  # the windows: nobody looks through them here


def make_front(cloud: Cloud, folder: Path) -> tuple[Service, str, ssl.SSLContext]:
    """nginx as a service that is not started, its address, and what trusts its certificate."""
    folder.mkdir(exist_ok=True)
    (folder / "conf.d").mkdir(exist_ok=True)
    certificate, key, port = folder / "fullchain.pem", folder / "privkey.pem", free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    values = {
        "DOMAIN": NAME, "ACME_FOLDER": str(folder / "acme"), "CERTIFICATES": str(folder),
        "HTTP_PORT": f"{LOOPBACK}:{free_port()}", "HTTPS_PORT": f"{LOOPBACK}:{port}", "RESOLVER": LOOPBACK,
        "BALANCER": LOOPBACK, "MAX_UPLOAD": "64m", "SITES": "managed",
        "CONTROL_PLANE": f"{LOOPBACK}:{cloud.control_plane_port}",
        "DASHBOARD": UNUSED, "CASE_ROOM": UNUSED, "POSTGREST": UNUSED, "STORAGE": UNUSED,
    }  # fmt: skip
    own = {
        "/etc/nginx/conf.d": str(folder / "conf.d"), "/var/cache/nginx": str(folder), "/dev/stdout": "/dev/null",
        "/dev/stderr": str(folder / "errors"), "worker_processes auto": "worker_processes 1",
    }  # fmt: skip
    for template in (REPOSITORY / "nginx" / "templates").glob("*.template"):
        (folder / "conf.d" / template.stem).write_text(moved(fill_in(template.read_text(), values), own))
    (folder / "nginx.conf").write_text(moved((REPOSITORY / "nginx" / "nginx.conf").read_text(), own))
    trusts = ssl.create_default_context(cafile=str(certificate))
    service = Service(
        name="nginx",
        command=[nginx(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr",
                 "-g", f"daemon off; pid {folder}/nginx.pid;"],
        environ={"PATH": "/usr/sbin:/usr/bin:/bin"},
        log=folder / "nginx.log",
        ready=lambda: _listens(port),
        advice="Read the log.",
    )  # fmt: skip
    return service, f"https://{NAME}:{port}", trusts


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0
