"""A machine of its own for the evening: a network, names, and the programs that a reader of the page finds there."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from scripts.containers.engine import HOME, REPOSITORY, STANDINS, build_options, prepare

DOMAIN = "aseagi.test"
ADDRESS, VAST_ADDRESS = "203.0.113.10", "203.0.113.20"  # of the range that is nobody's
CHECKOUT = Path("/opt/aseagi")
EVENING = HOME / "evening"
MINUTES = 30  # for a block: on a busy machine a restore of 300 MB in three nights' parts took 15


def is_inside() -> bool:
    return "ASEAGI_DROPLET" in os.environ


def enter() -> NoReturn:
    """Begin again in namespaces of our own, where ports 80 and 443 are free and nothing leaves."""
    CHECKOUT.mkdir(exist_ok=True)
    spaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]  # whatever ends us ends all of it
    command = ["unshare", *spaces, sys.executable, *sys.orig_argv[1:]]
    os.execvpe("unshare", command, dict(os.environ) | {"ASEAGI_DROPLET": "yes"})


def furnish() -> dict[str, str]:
    """A machine just started, an empty checkout folder and names; returns the environment of who types there."""
    shutil.rmtree(EVENING, ignore_errors=True)
    for name in ("home", "checkout"):
        (EVENING / name).mkdir(parents=True)
    names = [DOMAIN, f"db.{DOMAIN}", f"s3.{DOMAIN}"]
    hosts = f"127.0.0.1 localhost\n{ADDRESS} {' '.join(names)}\n{VAST_ADDRESS} vast.{DOMAIN}\n"
    environ = prepare()
    (HOME / "hosts").write_text(hosts)
    mounts = {
        CHECKOUT: EVENING / "checkout", Path("/etc/hosts"): HOME / "hosts",
        Path("/etc/ssl/certs/ca-certificates.crt"): HOME / "context" / "certificates.crt",
    }  # fmt: skip
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(HOME / "run")], check=True)
    for target, source in mounts.items():
        subprocess.run(["mount", "--bind", str(source), str(target)], check=True)
    for line in ("link set lo up", f"addr add {ADDRESS}/32 dev lo", f"addr add {VAST_ADDRESS}/32 dev lo"):
        subprocess.run(["ip", *line.split()], check=True)
    tools = HOME / "tools" / "bin"
    return environ | {
        "PATH": f"{STANDINS / 'bin'}:{tools}:{os.environ['PATH']}:/usr/sbin:/sbin", "HOME": str(EVENING / "home"),
        "EVENING": str(EVENING), "ANSWERS": str(EVENING / "answers"), "PODMAN": str(STANDINS / "bin" / "podman"),
        "BUILD_OPTIONS": " ".join(build_options()), "DEPLOY_TRIES": "40", "PODMAN_COMPOSE_WARNING_LOGS": "false",
    }  # fmt: skip


def publish() -> Path:
    """Where the reader finds this project's code: what is committed here, on a branch, also where we are on none."""
    shown = EVENING / "repository"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(REPOSITORY), str(shown)], check=True)
    head = subprocess.run(
        ["git", "-C", str(REPOSITORY), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    for command in (["update-ref", "refs/heads/main", head], ["symbolic-ref", "HEAD", "refs/heads/main"]):
        subprocess.run(["git", "--git-dir", str(shown), *command], check=True)
    return shown


def share_backups() -> None:
    """podman-compose fills in `${BACKUP_FOLDER:-…}` with what the service is told, `/backups`: one folder here."""
    folder = Path("/backups")
    for each in (folder, CHECKOUT / "backups"):
        each.mkdir(exist_ok=True)
    subprocess.run(["mount", "--bind", str(CHECKOUT / "backups"), str(folder)], check=True)


def clear(environ: Mapping[str, str]) -> None:
    """Nothing of an evening runs on, and none of its data stays; the images do."""

    def podman(words: str) -> str:
        command = ["/usr/bin/podman", *words.split()]
        return subprocess.run(command, env=dict(environ), check=False, capture_output=True, text=True).stdout

    rounds = 20  # who depends on others goes first, and each round is somebody's first
    while rounds and podman("ps --all --quiet"):
        podman("rm --all --force --time 1")
        rounds -= 1
    for kind in ("volume", "network"):
        podman(f"{kind} prune --force")
