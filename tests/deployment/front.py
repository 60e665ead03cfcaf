"""The real nginx with the real configuration, in front of small upstreams that tell what reached them."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Mapping
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
DOMAIN = "aseagi.test"
DEADLINE_SECONDS = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Upstream(ThreadingHTTPServer):
    """Answers every request with what it was; says when the first byte of a body came."""

    daemon_threads = True
    request_queue_size = 128  # of 5, nginx's calls are lost on a busy machine

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), UpstreamHandler)
        self.name = name
        self.first_byte = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class UpstreamHandler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Upstream

    def do_GET(self) -> None:
        if self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            self.wfile.write(b"hello from " + self.server.name.encode())
            self.wfile.flush()
            self.close_connection = True
            return
        left = int(self.headers.get("Content-Length") or 0)
        size = left
        while left > 0:
            left -= len(self.rfile.read(min(left, 65536)))
            self.server.first_byte.set()
        seen = {"upstream": self.server.name, "path": self.path, "bytes": size, "headers": dict(self.headers)}
        data = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


class Front:
    """nginx as docker-compose starts it, with paths and ports of the test's own."""

    def __init__(self, folder: Path, sites: str = "managed", is_issued: bool = True, **settings: str) -> None:
        self.folder, self.issued = folder, folder / "issued"
        programs = ("control_plane", "dashboard", "case_room", "postgrest", "storage")
        self.upstreams = {name: Upstream(name) for name in programs}
        self.http_port, self.https_port = free_port(), free_port()
        if is_issued:
            self.issue(90)
        self._groups: list[int] = []
        self.look_after_certificates()
        self._write_configuration(sites, settings)
        command = [nginx(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
        directives = f"daemon off; pid {folder}/nginx.pid; master_process on;"
        self.process = subprocess.Popen([*command, "-g", directives], stderr=subprocess.PIPE, text=True)
        self._wait()

    def stop(self) -> None:
        for group in self._groups:
            os.killpg(group, signal.SIGTERM)
        self.process.terminate()
        self.process.wait(timeout=DEADLINE_SECONDS)
        self.process.stderr.close()
        for upstream in self.upstreams.values():
            upstream.shutdown()
            upstream.server_close()

    def connect(self, host: str = DOMAIN) -> HTTPSConnection:
        """A connection that trusts the test's certificate for exactly this name."""
        return NamedConnection(host, self.https_port, self._context())

    def tls_socket(self, host: str = DOMAIN) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.https_port), timeout=DEADLINE_SECONDS)
        return self._context().wrap_socket(plain, server_hostname=host)

    def ask(
        self, method: str, path: str, body: bytes | None = None, host: str = DOMAIN,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any, dict[str, str]]:  # fmt: skip
        """Status, body (parsed where it is JSON) and headers."""
        connection = self.connect(host)
        try:
            connection.request(method, path, body, {"Host": host, **(headers or {})})
            answer = connection.getresponse()
            text, found = answer.read().decode(), {name.lower(): value for name, value in answer.getheaders()}
            is_json = found.get("content-type", "").startswith("application/json")
            return answer.status, json.loads(text) if is_json else text, found
        finally:
            connection.close()

    def certificate(self) -> str:
        """What nginx shows now, in PEM, whoever signed it."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.https_port), timeout=DEADLINE_SECONDS) as plain:
            shown = context.wrap_socket(plain, server_hostname=DOMAIN).getpeercert(binary_form=True)
        return ssl.DER_cert_to_PEM_cert(shown)

    def issue(self, days: int) -> str:
        """Write a certificate as certbot does, key first; returns it."""
        names = ",".join(f"DNS:{name}" for name in (DOMAIN, f"db.{DOMAIN}", f"s3.{DOMAIN}"))
        self.issued.mkdir(exist_ok=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", str(days), "-subj", f"/CN={DOMAIN}", "-addext", f"subjectAltName={names}",
             "-keyout", str(self.issued / "privkey.pem"), "-out", str(self.issued / "fullchain.pem")],
            check=True, capture_output=True,
        )  # fmt: skip
        return (self.issued / "fullchain.pem").read_text()

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "certificates" / "fullchain.pem"))

    def look_after_certificates(self) -> None:
        """Run the script of the image's entrypoint: it looks once, and leaves a loop behind."""
        (self.folder / "bin").mkdir(exist_ok=True)
        settings = f"-p {self.folder} -c {self.folder}/nginx.conf -e stderr -g 'pid {self.folder}/nginx.pid;'"
        (self.folder / "bin" / "nginx").write_text(f'#!/bin/sh\nexec {nginx()} {settings} "$@"\n')
        (self.folder / "bin" / "nginx").chmod(0o755)
        environ = {
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}", "DOMAIN": DOMAIN, "ISSUED": str(self.issued),
            "CERTIFICATES": str(self.folder / "certificates"), "CERTIFICATE_SECONDS": "0.1",
        }  # fmt: skip
        script = subprocess.Popen(
            ["sh", str(REPOSITORY / "nginx" / "certificates.sh")], env=environ, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._groups.append(script.pid)
        assert script.wait(DEADLINE_SECONDS) == 0

    def _write_configuration(self, sites: str, settings: Mapping[str, str]) -> None:
        values = {
            "DOMAIN": DOMAIN, "ACME_FOLDER": str(self.folder / "acme"),
            "CERTIFICATES": str(self.folder / "certificates"),
            "HTTP_PORT": f"127.0.0.1:{self.http_port}", "HTTPS_PORT": f"127.0.0.1:{self.https_port}",
            "BALANCER": "192.0.2.1", "RESOLVER": "127.0.0.1", "MAX_UPLOAD": "3m", "SITES": sites,
            **{name.upper(): upstream.address for name, upstream in self.upstreams.items()}, **settings,
        }  # fmt: skip
        own = {"/etc/nginx/conf.d": str(self.folder / "conf.d"), "/var/cache/nginx": str(self.folder)}
        own |= {f"/dev/{name}": str(self.folder / f"{name}.log") for name in ("stdout", "stderr")}
        (self.folder / "conf.d").mkdir()
        for template in (REPOSITORY / "nginx" / "templates").glob("*.template"):
            text = fill_in(template.read_text(), values)
            (self.folder / "conf.d" / template.stem).write_text(moved(text, own))
        (self.folder / "nginx.conf").write_text(moved((REPOSITORY / "nginx" / "nginx.conf").read_text(), own))

    def _wait(self) -> None:
        end = time.monotonic() + DEADLINE_SECONDS
        while True:
            assert self.process.poll() is None, self.process.stderr.read()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.https_port)) == 0:
                    return
            assert time.monotonic() < end, "nginx does not listen"
            time.sleep(0.02)


class NamedConnection(HTTPSConnection):
    """HTTPS to loopback under another name."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__("127.0.0.1", port, context=context, timeout=DEADLINE_SECONDS)
        self._name = host

    def connect(self) -> None:
        plain = socket.create_connection((self.host, self.port), timeout=self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self._name)


def nginx() -> str:
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert found, "nginx is missing: scripts/install_test_programs.sh installs it"
    return found


def fill_in(template: str, values: Mapping[str, str]) -> str:
    """As the image's `envsubst` does: only `${NAME}` of variables that are set; nginx's own `$name` stays."""
    return re.sub(r"\$\{([A-Z_]+)\}", lambda found: values[found[1]], template)


def moved(text: str, folders: Mapping[str, str]) -> str:
    for old, new in folders.items():
        text = text.replace(old, new)
    return text
