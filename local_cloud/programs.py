"""The product's own programs as services: control plane, scaler, analysis worker, dashboard, case room."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from .cloud import REPOSITORY, Cloud
from .ports import LOOPBACK
from .probes import http_answers
from .processes import Service

# Of our own environment only what a program needs to find its files and speak to people.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SSL_CERT_FILE")


def programs(cloud: Cloud, environ: Mapping[str, str], has_samples: bool = False) -> dict[str, Service]:
    """Services by name, not started; `environ` is laid over the embedded cloud's variables.

    Where the house holds the sample documents the dashboard says so on every page, and without a key of one's own the
    stand-in for Anthropic judges them: what it says is made up, and is said of invented papers only.
    """
    logs = cloud.state_dir / "logs"
    kept = {name: os.environ[name] for name in KEPT if name in os.environ} | {"PYTHONPATH": str(REPOSITORY)}
    is_stand_in = has_samples and not environ.get("ANTHROPIC_API_KEY")
    claude = {"ANTHROPIC_API_KEY": cloud.anthropic_api_key, "ANTHROPIC_URL": cloud.anthropic_url}
    control = kept | cloud.control_plane_environ() | dict(environ) | (claude if is_stand_in else {})
    control |= {"HOST": LOOPBACK, "PORT": str(cloud.control_plane_port)}
    window = kept | cloud.dashboard_environ() | {"EXPORTS_DIR": str(cloud.state_dir / "exports")}
    window |= {"SAMPLES": "yes"} if has_samples else {}
    made = [
        _program("control_plane", ["control_plane", "serve"], control, logs, f"{cloud.control_plane_url}/health"),
        _program("scaler", ["control_plane", "scale"], control, logs, None),
        _program("importer", ["control_plane", "import"], control, logs, None),
        _program("analyst", ["gpu_worker.analysis_worker"], kept | cloud.analyst_environ(), logs, None),
        _program(
            "dashboard",
            ["dashboard", "--port", str(cloud.dashboard_port), "--address", LOOPBACK],
            window,
            logs,
            f"{cloud.dashboard_url}/_stcore/health",
        ),
        _program(
            "case_room",
            ["dashboard.case_room", "--port", str(cloud.case_room_port), "--address", LOOPBACK],
            window,
            logs,
            f"{cloud.case_room_url}static/case.css",
        ),
    ]
    if is_stand_in:
        stand_in = kept | {"ANTHROPIC_API_KEY": cloud.anthropic_api_key}
        where = ["local_cloud.anthropic", "--port", str(cloud.anthropic_port)]
        made.insert(0, _program("anthropic", where, stand_in, logs, f"{cloud.anthropic_url}/health"))
    if environ.get("TELEGRAM_BOT_TOKEN"):
        made.append(_program("notifier", ["control_plane", "notify"], control, logs, None))
    return {service.name: service for service in made}


def _program(name: str, arguments: list[str], environ: Mapping[str, str], logs: Path, url: str | None) -> Service:
    return Service(
        name=name,
        command=[sys.executable, "-m", *arguments],
        environ=environ,
        log=logs / f"{name}.log",
        ready=(lambda: http_answers(url)) if url else (lambda: True),
        advice="Read the log; if it names a missing package, remove .venv and run `make run` again.",
        cwd=REPOSITORY,
    )
