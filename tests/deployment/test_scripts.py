"""The other scripts: what they check, in which order they do it, and how they fail."""

import base64
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import jwt
import pytest

from tests.deployment.front import REPOSITORY

SCRIPTS = sorted((REPOSITORY / "scripts").glob("*.sh"))
NGINX_SCRIPTS = sorted((REPOSITORY / "nginx").glob("*.sh"))
CONTAINER_SCRIPTS = sorted((REPOSITORY / "scripts" / "containers").glob("*.sh"))
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


@pytest.mark.parametrize("script", [*SCRIPTS, *NGINX_SCRIPTS, *CONTAINER_SCRIPTS], ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    found = subprocess.run(["shellcheck", str(script)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
    assert script.read_text().startswith("#!/bin/sh\n") and os.access(script, os.X_OK)
    assert "set -eu" in script.read_text()


class Checkout:
    """A copy of what deploy.sh needs, with stand-ins for docker and curl."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin = folder, folder / "bin"
        shutil.copytree(REPOSITORY / "scripts" / "timers", folder / "scripts" / "timers")
        self.bin.mkdir()
        for script in (*SCRIPTS, REPOSITORY / "scripts" / "make_keys.py"):
            (folder / "scripts" / script.name).write_text(script.read_text())
        for name in ("docker", "curl", "systemctl"):
            (self.bin / name).write_text(STAND_IN)
            (self.bin / name).chmod(0o755)

    def write_env(self, **changes: str) -> None:
        values = {"DOMAIN": "aseagi.example", "CERTBOT_EMAIL": "me@example.com", "VAST_API_KEY": "s3cr3t"} | changes
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))

    def refuse(self, *words: str) -> None:
        (self.bin / "refuse").write_text("".join(f"{word}\n" for word in words))

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": f"{self.bin}:{os.environ['PATH']}", "DEPLOY_TRIES": "2", "DEPLOY_WAIT_SECONDS": "0"}
        environ |= {"UNITS": str(self.folder), "SYSTEMD": str(self.folder / "systemd")}
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
    done = checkout.run("deploy.sh")
    assert done.returncode == 0, done.stderr
    order(
        checkout.calls(), "compose build", "Settings.from_env", "compose up --detach", "certonly",
        "https://aseagi.example/ready", "image ls --quiet", "builder prune",
    )  # fmt: skip
    calls = checkout.calls()
    assert any(call.rstrip().endswith("--cert-name aseagi -d aseagi.example") for call in calls)
    assert not any("setup_spaces" in call for call in calls)
    order(calls, "https://aseagi.example/ready", "control_plane doctor", "control_plane doctor image")
    assert (checkout.folder / ".env").stat().st_mode & 0o077 == 0
    assert "s3cr3t" not in done.stdout + done.stderr + " ".join(calls)


def test_what_a_setting_holds_is_never_run(checkout: Checkout) -> None:
    """A login such as `-u me -p $(reboot)` is a value, not a line of a script."""
    told = f"-u me -p $(touch {checkout.folder}/ran) `touch {checkout.folder}/ran`; touch {checkout.folder}/ran"
    checkout.write_env(WORKER_IMAGE_LOGIN=told, CERTBOT_EMAIL=f"me@example.com; touch {checkout.folder}/ran")
    done = checkout.run("deploy.sh")
    assert done.returncode == 0, done.stderr
    assert not (checkout.folder / "ran").exists()
    sourced = re.compile(r"(^|[\s;&|(])(\.|source) (<\(grep \w+ |\S*/)?\S*(\.env|\benv)\b")
    guilty = [
        f"{path.name}: {line}"
        for path in (*SCRIPTS, *NGINX_SCRIPTS, REPOSITORY / "Makefile", *(REPOSITORY / "docs").glob("*.md"))
        for line in path.read_text().splitlines()
        if sourced.search(line)
    ]
    assert not guilty, "read it, do not run it"


def test_images_of_before_go_but_for_the_last(checkout: Checkout) -> None:
    checkout.write_env()
    (checkout.bin / "docker").write_text(
        STAND_IN.replace("exit 0", 'case "$*" in "image ls"*) printf "new\\nnew\\nlast\\nolder\\noldest\\n" ;; esac')
    )
    assert checkout.run("deploy.sh").returncode == 0
    assert [call.split()[-1] for call in checkout.calls() if "image rm" in call] == ["older", "oldest"]


def test_a_later_deployment_pulls_what_is_set(checkout: Checkout) -> None:
    checkout.write_env(CONTROL_PLANE_IMAGE="ghcr.io/me/cp:1")
    assert checkout.run("deploy.sh").returncode == 0
    calls = checkout.calls()
    order(calls, "compose pull", "compose up --detach", "--keep-until-expiring", "/ready")
    assert not any("compose build" in call for call in calls)


def test_a_selfhosted_house_gets_names_for_database_and_storage_and_then_its_bucket(checkout: Checkout) -> None:
    checkout.write_env(COMPOSE_PROFILES="selfhosted")
    assert checkout.run("deploy.sh").returncode == 0
    assert any("-d aseagi.example -d db.aseagi.example -d s3.aseagi.example" in call for call in checkout.calls())
    order(checkout.calls(), "up --detach", "certonly", "setup_spaces.py", "ask_door(DoorName.STORAGE)", "/ready")


def test_what_recurs_is_systemd_s_and_its_units_are_sound(checkout: Checkout) -> None:
    """Each night, each Sunday, each month; where there is no systemd it is said what a crontab needs."""
    checkout.write_env(BACKUP_RECIPIENT="age1x")
    assert "docs/production.md, Back up" in checkout.run("deploy.sh").stdout
    (checkout.folder / "systemd").mkdir()
    assert checkout.run("deploy.sh").returncode == 0
    names = ("backup", "trial", "drill")
    order(checkout.calls(), "systemctl daemon-reload", "enable --now")
    assert all(f"aseagi-{name}.timer" in " ".join(checkout.calls()) for name in names)
    units = [checkout.folder / f"aseagi-{name}.{kind}" for name in names for kind in ("service", "timer")]
    told = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (told.returncode, "aseagi" in told.stderr) == (0, False), told.stderr
    for name, expected in zip(names, ("backup", "backup try_backup.sh", "backup try_backup.sh"), strict=True):
        unit = dict(line.split("=", 1) for line in units[names.index(name) * 2].read_text().splitlines() if "=" in line)
        assert unit["WorkingDirectory"] == str(checkout.folder)
        assert unit["ExecStart"] == f"/usr/bin/env docker compose run --rm -T {expected}"
        environ = {"PATH": f"{checkout.bin}:/usr/bin:/bin"}
        subprocess.run(shlex.split(unit["ExecStart"]), env=environ, cwd=unit["WorkingDirectory"], check=True)
        assert checkout.calls()[-1].split() == unit["ExecStart"].split()[1:]
    assert "EVERY_PART=yes" in (checkout.folder / "aseagi-drill.service").read_text()


@pytest.mark.parametrize(
    ("when", "times"),
    [("backup", ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]), ("trial", ["Sun"] * 3), ("drill", ["01"] * 3)],
)
def test_the_timers_say_when(when: str, times: list[str]) -> None:
    """As systemd itself reads them, from a Monday on."""
    timer = (REPOSITORY / "scripts" / "timers" / f"aseagi-{when}.timer").read_text()
    calendar = re.findall("OnCalendar=(.+)", timer)[0]
    command = ["systemd-analyze", "calendar", f"--iterations={len(times)}", "--base-time=2026-11-23 00:00:00 UTC"]
    told = subprocess.run([*command, calendar], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"(?:Next elapse|Iter. #\d+): (\w+) [\d-]+-(\d\d) ", told)
    assert [day if day in times else date for day, date in found] == times
    assert "Persistent=true" in timer, "a night that the machine slept through is made up for"


def test_behind_a_balancer_no_certificate_is_asked_for(checkout: Checkout) -> None:
    checkout.write_env(BALANCER="10.110.0.0/20", CERTBOT_EMAIL="")
    assert checkout.run("deploy.sh").returncode == 0
    assert not any("certonly" in call for call in checkout.calls())


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
    if refused == "/ready":
        assert "control_plane doctor" in checkout.calls()[-1], "what is missing is named"
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


def test_a_new_jwt_secret_signs_the_house_s_keys_anew(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    example = (REPOSITORY / ".env.example").read_text()
    env.write_text(example.replace("COMPOSE_PROFILES=\n", "COMPOSE_PROFILES=selfhosted\n"))
    make_keys(env)
    before = read_env(env)
    env.write_text(env.read_text().replace(before["SUPABASE_JWT_SECRET"], "n" * 40))
    assert make_keys(env) == "made: SUPABASE_SERVICE_KEY, SUPABASE_PUBLISHABLE_KEY\n"
    after = read_env(env)
    assert jwt.decode(after["SUPABASE_SERVICE_KEY"], "n" * 40, algorithms=["HS256"])["role"] == "service_role"
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"SUPABASE_JWT_SECRET", "SUPABASE_SERVICE_KEY", "SUPABASE_PUBLISHABLE_KEY"}


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
