"""The other scripts: what they check, in which order they do it, and how they fail."""

import base64
import json
import os
import subprocess
from pathlib import Path

import jwt
import pytest

from tests.deployment.front import REPOSITORY

SCRIPTS = sorted((REPOSITORY / "scripts").glob("*.sh"))
NGINX_SCRIPTS = sorted((REPOSITORY / "nginx").glob("*.sh"))
# A docker and a curl that only write down what they are asked; the files `refuse` and `answer` make them fail or speak.
STAND_IN = """#!/bin/sh
here=$(dirname "$0")
echo "$(basename "$0") $*" | tr '\\n' ' ' >>"$here/calls"
echo >>"$here/calls"
if [ -f "$here/refuse" ]; then
    while read -r words; do
        case "$(basename "$0") $*" in *"$words"*) exit 1 ;; esac
    done <"$here/refuse"
fi
exit 0
"""


@pytest.mark.parametrize("script", [*SCRIPTS, *NGINX_SCRIPTS], ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    found = subprocess.run(["shellcheck", str(script)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
    assert script.read_text().startswith("#!/bin/sh\n") and os.access(script, os.X_OK)
    assert "set -eu" in script.read_text()


class Checkout:
    """A copy of what deploy.sh needs, with stand-ins for docker and curl."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin = folder, folder / "bin"
        (folder / "scripts").mkdir()
        self.bin.mkdir()
        for script in SCRIPTS:
            (folder / "scripts" / script.name).write_text(script.read_text())
        for name in ("docker", "curl"):
            (self.bin / name).write_text(STAND_IN)
            (self.bin / name).chmod(0o755)

    def write_env(self, **changes: str) -> None:
        values = {"DOMAIN": "aseagi.example", "CERTBOT_EMAIL": "me@example.com", "VAST_API_KEY": "s3cr3t"} | changes
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))

    def refuse(self, *words: str) -> None:
        (self.bin / "refuse").write_text("".join(f"{word}\n" for word in words))

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": f"{self.bin}:{os.environ['PATH']}", "DEPLOY_TRIES": "2", "DEPLOY_WAIT_SECONDS": "0"}
        command = ["sh", str(self.folder / "scripts" / script), *arguments]
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)

    def calls(self) -> list[str]:
        calls = self.bin / "calls"
        return calls.read_text().splitlines() if calls.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def order(calls: list[str], *words: str) -> None:
    """Each of the words appears, one after the other."""
    positions = [next((i for i, call in enumerate(calls) if word in call), -1) for word in words]
    assert -1 not in positions and positions == sorted(positions), list(zip(words, positions, strict=True))


def test_a_first_deployment_gets_a_certificate_and_waits_until_ready(checkout: Checkout) -> None:
    checkout.write_env()
    checkout.refuse("test -s /etc/letsencrypt")
    done = checkout.run("deploy.sh")
    assert done.returncode == 0, done.stderr
    order(
        checkout.calls(), "compose build", "Settings.from_env", "openssl req", "compose up --detach",
        "--cert-name aseagi -d aseagi.example", "nginx -s reload", "https://aseagi.example/ready",
    )  # fmt: skip
    assert not any("db.aseagi.example" in call for call in checkout.calls())
    assert (checkout.folder / ".env").stat().st_mode & 0o077 == 0
    assert "s3cr3t" not in done.stdout + done.stderr + " ".join(checkout.calls())


def test_a_later_deployment_leaves_the_certificate_alone(checkout: Checkout) -> None:
    checkout.write_env(CONTROL_PLANE_IMAGE="ghcr.io/me/cp:1")
    checkout.refuse("test -e /etc/letsencrypt/live/aseagi/placeholder")
    assert checkout.run("deploy.sh").returncode == 0
    calls = checkout.calls()
    order(calls, "compose pull", "compose up --detach", "/ready")
    assert not any("certonly" in call or "openssl req" in call or "compose build" in call for call in calls)


def test_a_selfhosted_certificate_covers_database_and_storage(checkout: Checkout) -> None:
    checkout.write_env(COMPOSE_PROFILES="selfhosted")
    assert checkout.run("deploy.sh").returncode == 0
    assert any("-d aseagi.example -d db.aseagi.example -d s3.aseagi.example" in call for call in checkout.calls())


@pytest.mark.parametrize(
    ("refused", "changes", "message"),
    [
        ("compose version", {}, "Docker with its compose plugin is missing"),
        ("nothing", {"DOMAIN": ""}, "DOMAIN is empty"),
        ("nothing", {"CERTBOT_EMAIL": ""}, "CERTBOT_EMAIL is empty"),
        ("Settings.from_env", {}, "correct .env"),
        ("certonly", {}, "does aseagi.example point to this machine"),
        ("/ready", {}, "not ready"),
    ],
)
def test_a_deployment_that_cannot_work_says_what_to_do(
    checkout: Checkout, refused: str, changes: dict[str, str], message: str
) -> None:
    checkout.write_env(**changes)
    checkout.refuse(refused)
    failed = checkout.run("deploy.sh")
    assert (failed.returncode, message in failed.stderr) == (1, True), failed.stderr
    if refused == "Settings.from_env":
        assert not any("compose up" in call for call in checkout.calls())


def test_without_an_env_file_nothing_is_started(checkout: Checkout) -> None:
    failed = checkout.run("deploy.sh")
    assert (failed.returncode, "cp .env.example .env" in failed.stderr) == (1, True)
    assert checkout.calls() == ["docker compose version "]


def test_images_are_tagged_with_the_commit_and_only_what_is_committed_is_built(checkout: Checkout) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        command = ["git", "-C", str(checkout.folder), *identity, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "-q")
    git("add", "scripts")
    git("commit", "-q", "-m", "first")
    commit = git("rev-parse", "--short=12", "HEAD")
    built = checkout.run("build_and_push.sh", "ghcr.io/me")
    assert built.returncode == 0, built.stderr
    assert f"WORKER_IMAGE=ghcr.io/me/aseagi-worker:{commit}\n" in built.stdout
    assert f"CONTROL_PLANE_IMAGE=ghcr.io/me/aseagi-control-plane:{commit}\n" in built.stdout
    order(checkout.calls(), "--file Dockerfile.worker", "push ghcr.io/me/aseagi-worker", "control_plane/Dockerfile")
    assert checkout.run("build_and_push.sh", "ghcr.io/me", "typo").returncode == 1
    assert checkout.run("build_and_push.sh").returncode != 0
    (checkout.folder / "scripts" / "deploy.sh").write_text("changed")
    changed = checkout.run("build_and_push.sh", "ghcr.io/me")
    assert (changed.returncode, "not committed" in changed.stderr) == (1, True)


def test_keys_are_made_once_and_never_shown(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    example = (REPOSITORY / ".env.example").read_text().replace("COMPOSE_PROFILES=\n", "COMPOSE_PROFILES=selfhosted\n")
    env.write_text(example.replace("TELEGRAM_WEBHOOK_SECRET=\n", "TELEGRAM_WEBHOOK_SECRET=my-own-choice\n"))
    first, made = make_keys(env), read_env(env)
    assert made["TELEGRAM_WEBHOOK_SECRET"] == "my-own-choice"
    assert len(base64.urlsafe_b64decode(made["PASSWORDS_KEY"])) == 32
    assert len(made["CONTROL_PLANE_TOKEN"]) >= 32 and len(made["SUPABASE_JWT_SECRET"]) >= 32
    service = jwt.decode(made["SUPABASE_SERVICE_KEY"], made["SUPABASE_JWT_SECRET"], algorithms=["HS256"])
    anybody = jwt.decode(made["SUPABASE_PUBLISHABLE_KEY"], made["SUPABASE_JWT_SECRET"], algorithms=["HS256"])
    assert (service["role"], anybody["role"]) == ("service_role", "anon")
    assert not any(value in first for name, value in made.items() if len(value) > 8 and "KEY" in name)
    assert made["CONTROL_PLANE_TOKEN"] not in first
    assert env.stat().st_mode & 0o077 == 0
    assert make_keys(env) == "made: nothing, all are there\n"
    assert read_env(env) == made


def test_a_managed_setup_gets_no_keys_of_its_own_for_supabase(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text((REPOSITORY / ".env.example").read_text())
    make_keys(env)
    made = read_env(env)
    assert made["CONTROL_PLANE_TOKEN"] and made["PASSWORDS_KEY"]
    assert (made["SUPABASE_SERVICE_KEY"], made["SUPABASE_JWT_SECRET"], made["SPACES_KEY"]) == ("", "", "")


def make_keys(env: Path) -> str:
    command = ["python3", str(REPOSITORY / "scripts" / "make_keys.py"), str(env)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def read_env(env: Path) -> dict[str, str]:
    lines = [line for line in env.read_text().splitlines() if "=" in line and not line.startswith("#")]
    return json.loads(json.dumps(dict(line.split("=", 1) for line in lines)))
