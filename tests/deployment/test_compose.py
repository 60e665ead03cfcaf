"""docker-compose.yml, the Dockerfile and .env.example against the programs they are for."""

import contextlib
import re
from typing import Any

import pytest
import yaml

from control_plane.__main__ import PROGRAMS
from control_plane.settings import Settings as ControlPlaneSettings
from control_plane.settings import SettingsError
from dashboard.settings import Settings as DashboardSettings
from gpu_worker.analysis_worker.settings import Settings as AnalystSettings
from gpu_worker.settings import Settings as WorkerSettings
from tests.deployment.front import REPOSITORY

EXAMPLE = (REPOSITORY / ".env.example").read_text()
COMPOSE_TEXT = (REPOSITORY / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("control-plane", "scaler", "importer", "notifier", "reaper", "analyst", "dashboard", "case-room")


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
    only_scripts = {"CERTBOT_EMAIL", "CACHE_DAYS"}
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
            if source.startswith("./") and source not in ("./backups", "./google"):
                assert (REPOSITORY / source).exists(), source
            elif re.fullmatch(r"[a-z]+", source):
                assert source in volumes
        needs = service.get("depends_on", {})
        assert set(needs) <= set(SERVICES)
    assert (REPOSITORY / SERVICES["control-plane"]["build"]["dockerfile"]).exists()


@pytest.mark.parametrize("name", OURS)
def test_our_programs_run_without_rights_they_do_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["image"] == "${CONTROL_PLANE_IMAGE:-aseagi-control-plane}"


def test_the_dashboard_is_given_no_secret_but_its_own() -> None:
    dashboard = SERVICES["dashboard"]
    assert "env_file" not in dashboard
    # Said by `make run` alone: of its house of invented papers, and of windows that have ports of their own.
    needed = asked_by(DashboardSettings) - {"SAMPLES", "CASE_ROOM_URL", "DASHBOARD_URL"}
    assert set(dashboard["environment"]) - {"HOME"} == needed
    room = SERVICES["case-room"]
    assert "env_file" not in room and room["mem_limit"] == "192m"
    assert set(room["environment"]) - {"HOME"} == needed - {"EXPORTS_DIR"}


def test_the_analyst_is_given_no_key_of_anything() -> None:
    analyst = SERVICES["analyst"]
    assert "env_file" not in analyst and analyst["mem_limit"] == "512m"
    assert set(analyst["environment"]) == asked_by(AnalystSettings)


def test_nginx_is_given_every_name_its_templates_use() -> None:
    texts = [path.read_text() for path in (REPOSITORY / "nginx" / "templates").glob("*.template")]
    names = {name for text in texts for name in re.findall(r"\$\{([A-Z_]+)\}", text)}
    assert names == set(SERVICES["nginx"]["environment"])


def test_no_secret_stands_in_the_compose_file_or_a_dockerfile() -> None:
    for name in ("docker-compose.yml", "control_plane/Dockerfile", "scripts/Dockerfile.backup"):
        text = (REPOSITORY / name).read_text()
        for line in text.splitlines():
            if re.search(r"(PASSWORD|SECRET|TOKEN|_KEY)\b.*[:=]", line):
                assert "${" in line, line


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
