"""docker-compose.yml, the Dockerfile and .env.example against the programs they are for."""

import contextlib
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from control_plane.__main__ import PROGRAMS
from control_plane.settings import Settings as ControlPlaneSettings
from control_plane.settings import SettingsError
from dashboard.settings import Settings as DashboardSettings
from gpu_worker.analysis_worker.settings import Settings as AnalystSettings
from gpu_worker.settings import Settings as WorkerSettings
from tests.control_plane.desk import wait_until
from tests.deployment.front import REPOSITORY, free_port

EXAMPLE = (REPOSITORY / ".env.example").read_text()
COMPOSE_TEXT = (REPOSITORY / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("control-plane", "scaler", "importer", "notifier", "reaper", "analyst", "dashboard", "case-room")


# The first is public; the others are a rented machine's own.
NO_SECRETS = {"SUPABASE_PUBLISHABLE_KEY", "SUPABASE_KEY", "WORKER_TOKEN", "CONTAINER_API_KEY"}
USES = {
    "control-plane": {
        "SUPABASE_JWT_SECRET", "SUPABASE_OLD_JWT_SECRET", "SPACES_KEY", "SPACES_SECRET", "VAST_API_KEY",
        "CONTROL_PLANE_TOKEN",
        "ANTHROPIC_API_KEY", "ANALYSIS_WORKER_SECRET", "PASSWORDS_KEY", "TELEGRAM_BOT_TOKEN",
        "TELEGRAM_WEBHOOK_SECRET", "IMAP_PASSWORD", "RECORD_SIGNING_KEY", "METRICS_TOKEN",
    },
    "scaler": {"SUPABASE_JWT_SECRET", "VAST_API_KEY", "WORKER_IMAGE_LOGIN"},
    "importer": {"SPACES_KEY", "SPACES_SECRET", "IMAP_PASSWORD", "RECORD_SIGNING_KEY"},
    "notifier": {"TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "SMTP_PASSWORD"},
    "reaper": {"VAST_API_KEY"},
}  # fmt: skip
PROGRAM_OF = {
    "control-plane": "serve", "scaler": "scale", "importer": "import", "notifier": "notify", "reaper": "reap"
}  # fmt: skip
ADDRESSES = {
    "SUPABASE_URL": "https://a.example", "SPACES_ENDPOINT": "https://a.example",
    "CONTROL_PLANE_URL": "https://a.example", "SUPABASE_PUBLISHABLE_KEY": "x" * 40,
    "SPACES_REGION": "r", "SPACES_BUCKET": "b", "VAST_HOME": "/v",
    "DEPLOYMENT": "main", "WORKER_IMAGE": "i",
}  # fmt: skip


class Recorder(dict):
    """An environment that remembers which variables were asked for."""

    def __init__(self, values: dict[str, str] | None = None) -> None:
        super().__init__(values or {})
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)


def asked_by(*programs: Any) -> set[str]:
    """The variables programs read: first from nothing, then with a value for each they asked for."""
    asked: set[str] = set()
    for program in programs:
        for value in ("", "https://a.example/" + "x" * 40):
            environ = Recorder(dict.fromkeys(asked, value))
            for which in PROGRAM_OF.values() if program is ControlPlaneSettings else ():
                with contextlib.suppress(Exception):
                    program.from_env(environ, which)
            with contextlib.suppress(Exception):
                program.from_env(environ)
            asked |= environ.asked
    return asked


def listed() -> set[str]:
    """Names in .env.example, with a value, as a commented default, or in its last list."""
    named = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", EXAMPLE, re.MULTILINE))
    return named | set(EXAMPLE.rstrip().splitlines()[-1].removeprefix("# ").split())


def used_by_compose() -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+)", COMPOSE_TEXT))


def test_the_example_lists_every_variable_and_no_other() -> None:
    programs = asked_by(ControlPlaneSettings, DashboardSettings, WorkerSettings, AnalystSettings)
    only_scripts = {"CERTBOT_EMAIL", "CACHE_DAYS", "OBJECT_LOCK_DAYS"}
    assert listed() - programs - used_by_compose() - only_scripts == set(), "take out of .env.example"
    assert (programs | used_by_compose()) - listed() == set(), "add to .env.example"


def test_the_examples_values_are_accepted_once_the_blanks_are_filled() -> None:
    lines = [line.removeprefix("# ") for line in EXAMPLE.splitlines() if re.match(r"(# )?[A-Z][A-Z0-9_]+=", line)]
    values = dict(line.split("=", 1) for line in lines)
    with pytest.raises(SettingsError) as seen:
        ControlPlaneSettings.from_env(values)
    blanks = {problem.split()[0] for problem in seen.value.problems}
    assert all(values[name] == "" for name in blanks), seen.value.problems
    fill = {name: "x" * 40 for name in blanks} | {"DEPLOYMENT": "main"}
    fill |= {name: "https://a.example" for name in blanks if name.endswith(("_URL", "_ENDPOINT"))}
    settings = ControlPlaneSettings.from_env(values | fill)
    defaults = ControlPlaneSettings.from_env({name: fill[name] for name in blanks} | {"VAST_HOME": "/v"})
    assert settings.fleet == defaults.fleet
    assert (settings.max_machines, settings.max_dollars_per_day, settings.idle_seconds, settings.max_upload_bytes) == (
        defaults.max_machines, defaults.max_dollars_per_day, defaults.idle_seconds, defaults.max_upload_bytes,
    )  # fmt: skip


def test_the_services_are_there_and_profiles_keep_the_rest_out() -> None:
    always = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert always == {*OURS, "nginx", "certbot"}
    selfhosted = {name for name, service in SERVICES.items() if service.get("profiles") == ["selfhosted"]}
    assert selfhosted == {"postgres", "migrate", "postgrest", "seaweedfs"}
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"nginx"}


def test_every_program_of_the_control_plane_runs() -> None:
    started = " ".join(str(SERVICES[name]["command"]) for name in OURS)
    services = set(PROGRAMS) - {"drive-login"}  # runs once, where a browser is
    assert all(program in re.findall(r"\w+", started) for program in services)


def test_what_a_service_names_exists() -> None:
    volumes = set(COMPOSE["volumes"])
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            if source.startswith("./") and source not in ("./backups", "./google", "./.env"):
                assert (REPOSITORY / source).exists(), source
            elif re.fullmatch(r"[a-z]+", source):
                assert source in volumes
        needs = service.get("depends_on", {})
        assert set(needs) <= set(SERVICES)
    assert (REPOSITORY / SERVICES["control-plane"]["build"]["dockerfile"]).exists()


@pytest.mark.parametrize("name", OURS)
def test_our_programs_run_without_rights_they_do_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["image"] == "${CONTROL_PLANE_IMAGE:-aseagi-control-plane}"


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_restrained_bounded_and_rotated(name: str) -> None:
    """A fault in one of them is to cost neither the machine's memory nor its disk, nor lend anybody its rights."""
    service = SERVICES[name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["driver"] == "json-file"
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert megabytes(name) > 0
    as_root = {"nginx", "certbot", "backup"}  # ports below 1024, keys of certificates, a folder of the person's
    runs_as = "10001" if name in OURS else str(service.get("user", "root")).partition(":")[0]
    assert (runs_as in ("root", "0")) == (name in as_root), name


def megabytes(*names: str) -> int:
    """What these may hold together, with the settings' defaults."""
    limits = [re.fullmatch(r"(?:\$\{\w+:-)?(\d+)m\}?", SERVICES[name]["mem_limit"]) for name in names]
    return sum(int(limit[1]) for limit in limits if limit)


def test_what_always_runs_fits_into_two_gigabytes_of_memory_also_with_a_database_and_a_storage_of_one_s_own() -> None:
    always = [name for name, service in SERVICES.items() if "profiles" not in service]
    assert 1000 < megabytes(*always) <= 1536  # MiB: the rest of a managed droplet's 2048 is the kernel's and Docker's
    assert megabytes(*always, "postgres", "postgrest", "seaweedfs") <= 2048


def test_the_windows_are_given_no_secret_at_all() -> None:
    dashboard = SERVICES["dashboard"]
    assert "env_file" not in dashboard
    # Said by `make run` alone: of its house of invented papers, and of windows that have ports of their own.
    needed = asked_by(DashboardSettings) - {"SAMPLES", "CASE_ROOM_URL", "DASHBOARD_URL", "CONTROL_PLANE_TOKEN"}
    assert set(dashboard["environment"]) - {"HOME"} == needed
    room = SERVICES["case-room"]
    assert "env_file" not in room
    assert set(room["environment"]) - {"HOME"} == needed - {"EXPORTS_DIR"}


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if "env_file" in service])
def test_a_program_is_given_no_secret_that_it_does_not_use(name: str) -> None:
    """.env is handed over whole, but for the names that a service blanks: every secret is one or the other."""
    secrets = {name for name in listed() if re.search(r"(PASSWORD|SECRET|TOKEN|_KEY|_LOGIN)$", name)} - NO_SECRETS
    given = {each for each in secrets if SERVICES[name]["environment"].get(each) != ""}
    assert given == USES[name] | {"SUPABASE_SERVICE_KEY"}
    values = {each: "x" * 43 + "=" if each in given else "" for each in secrets} | ADDRESSES
    settings = ControlPlaneSettings.from_env(values, PROGRAM_OF[name])
    assert not {each for each in secrets - given if getattr(settings, each.lower(), None)}


def test_only_the_database_and_what_tends_it_hold_its_owner_s_password() -> None:
    def is_given(service: dict[str, Any]) -> bool:
        if "env_file" in service:
            return service["environment"].get("PGPASSWORD") != ""
        return any("${PGPASSWORD" in str(value) for value in service["environment"].values())

    holders = {name for name, service in SERVICES.items() if "environment" in service and is_given(service)}
    assert holders == {"postgres", "migrate", "backup"}


def test_each_service_reaches_what_it_needs_and_no_more() -> None:
    networks = {name: set(service["networks"]) for name, service in SERVICES.items()}
    inside = {name for name, about in COMPOSE["networks"].items() if about and about.get("internal")}
    assert inside == {"windows", "store"}
    assert {name for name, lines in networks.items() if "store" in lines} == {
        "nginx", "backup", "postgres", "migrate", "postgrest", "seaweedfs"
    }  # fmt: skip
    assert networks["dashboard"] == networks["case-room"] == {"windows"}, "no way out with a document"
    assert networks["postgres"] == networks["seaweedfs"] == {"store"}
    assert {name for name, lines in networks.items() if "windows" in lines} == {
        "nginx", "control-plane", "dashboard", "case-room", "analyst"
    }  # fmt: skip


def test_of_seaweedfs_only_the_door_that_asks_for_a_signature_is_heard_outside(tmp_path: Path) -> None:
    """The real program with the compose file's own options: filer, master and volume server ask nobody for anything."""
    ports = {name: free_port() for name in ("master", "volume", "filer", "s3", "s3.grpc")}
    moved = {"-dir=/data": f"-dir={tmp_path}", "-s3.port=8333": f"-s3.port={ports['s3']}"}
    options = [moved.get(option, option) for option in SERVICES["seaweedfs"]["command"]]
    options += [f"-{name}.port={ports[name]}" for name in ("master", "volume", "filer")]
    options += [f"-{name}.port.grpc={free_port()}" for name in ("master", "volume", "filer", "s3")]
    process = subprocess.Popen(
        [weed_program(), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={"HOME": str(tmp_path), "AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "secret"},
    )  # fmt: skip
    try:
        wait_until(lambda: all(is_open("127.0.0.1", port) for name, port in ports.items() if name != "s3.grpc"), 60)
        outside = {name: is_open("127.0.0.2", ports[name]) for name in ("master", "volume", "filer", "s3")}
        assert outside == {"master": False, "volume": False, "filer": False, "s3": True}
    finally:
        process.terminate()
        process.wait(30)


def is_open(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


def weed_program() -> str:
    return str(Path(sys.executable).parent / "weed")


def test_the_analyst_is_given_no_key_of_anything() -> None:
    analyst = SERVICES["analyst"]
    assert "env_file" not in analyst
    assert set(analyst["environment"]) == asked_by(AnalystSettings)


def test_nginx_is_given_every_name_its_templates_use() -> None:
    texts = [path.read_text() for path in (REPOSITORY / "nginx" / "templates").glob("*.template")]
    names = {name for text in texts for name in re.findall(r"\$\{([A-Z_]+)\}", text)}
    assert names == set(SERVICES["nginx"]["environment"]) - {"ISSUED"}  # of its certificates.sh


def test_no_secret_stands_in_the_compose_file_or_a_dockerfile() -> None:
    for name in ("docker-compose.yml", "control_plane/Dockerfile", "scripts/Dockerfile.backup"):
        text = (REPOSITORY / name).read_text()
        for line in text.splitlines():
            if re.search(r"(PASSWORD|SECRET|TOKEN|_KEY)\b.*[:=]", line):
                assert "${" in line or '""' in line, line


def test_the_build_context_is_a_list_of_what_may_enter() -> None:
    rules = (REPOSITORY / "control_plane" / "Dockerfile.dockerignore").read_text().splitlines()
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert "*" in rules
    dockerfile = (REPOSITORY / "control_plane" / "Dockerfile").read_text()
    copied = [line.split()[1:-1] for line in dockerfile.splitlines() if line.startswith("COPY")]
    for source in (source for sources in copied for source in sources):
        assert any(source == name or source.startswith(f"{name}/") for name in allowed), source
        assert (REPOSITORY / source).exists()
    assert "\nUSER aseagi\n" in dockerfile


@pytest.mark.parametrize(("status", "pause"), [(0, "900"), (1, "900"), (2, "30")])
def test_a_reaper_that_could_not_look_looks_again_soon(tmp_path: Path, status: int, pause: str) -> None:
    """On a first start the database's address does not answer yet; `/ready` said no for a quarter of an hour."""
    for name, line in {"python": f"exit {status}", "sleep": f'echo "$1" >{tmp_path}/slept; kill $PPID'}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / name).chmod(0o755)
    command = [word.replace("$$", "$") for word in SERVICES["reaper"]["command"]]
    subprocess.run(command, env={"PATH": f"{tmp_path}:/bin:/usr/bin"}, timeout=20, check=False)
    assert (tmp_path / "slept").read_text() == f"{pause}\n"
