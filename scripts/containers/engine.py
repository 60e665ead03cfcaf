"""podman as it works for root inside a sandbox, with its images and containers under .local/containers."""

import ast
import os
import re
import resource
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HOME = REPOSITORY / ".local" / "containers"
STANDINS = Path(__file__).with_name("standins")
# runc: crun refuses a machine whose cgroups are of both kinds. No `pull`: what is not here is not to be had.
CONFIGURATION = """\
[containers]
default_ulimits = ["nofile={files}:{files}", "nproc={processes}:{processes}"]
base_hosts_file = "{hosts}"
log_size_max = 20971520
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
tmp_dir = "{home}/engine"
[network]
network_config_dir = "{home}/networks"
"""
STORAGE = """\
[storage]
driver = "overlay"
graphroot = "{home}/storage"
runroot = "{home}/run"
"""
REGISTRIES = 'unqualified-search-registries = ["docker.io"]\nshort-name-mode = "disabled"\n'


def prepare() -> dict[str, str]:
    """Write podman's settings; returns the environment in which podman, buildah and podman-compose are to run."""
    HOME.mkdir(parents=True, exist_ok=True)
    hosts = HOME / "hosts"
    hosts.touch()
    # Half of what is allowed: a sandbox without CAP_SYS_RESOURCE may not even set what it has.
    files, processes = (
        min(resource.getrlimit(kind)[1], 65_536) // 2 for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC)
    )
    settings = CONFIGURATION.format(files=files, processes=processes, hosts=hosts, home=HOME)
    written = {
        "CONTAINERS_CONF": ("containers.conf", settings),
        "CONTAINERS_STORAGE_CONF": ("storage.conf", STORAGE.format(home=HOME)),
        "CONTAINERS_REGISTRIES_CONF": ("registries.conf", REGISTRIES),
    }
    for name, text in written.values():
        (HOME / name).write_text(text)
    # Without systemd podman is not to ask it for timers, which would look after the containers' health.
    return dict(os.environ) | {"DISABLE_HC_SYSTEMD": "true"} | {
        variable: str(HOME / name) for variable, (name, _) in written.items()
    }  # fmt: skip


def run(command: Sequence[str], log: Path | None = None, **options: object) -> None:
    """A command under `nice`, its output in a file or on our own; raises CalledProcessError."""
    with (log or Path(os.devnull)).open("a") as output:
        told = {"stdout": output, "stderr": subprocess.STDOUT} if log else {}
        subprocess.run(["nice", *command], check=True, env=prepare(), **told, **options)  # type: ignore[call-overload]


def ask(*command: str) -> str:
    """What a command prints; raises CalledProcessError."""
    return subprocess.run(command, check=True, env=prepare(), capture_output=True, text=True).stdout.strip()


def has_image(name: str) -> bool:
    return subprocess.run(["podman", "image", "exists", name], env=prepare(), check=False).returncode == 0


def size_mb(name: str) -> int:
    """Of an image with all its layers, unpacked, in megabytes (10**6)."""
    return round(int(ask("podman", "image", "inspect", "--format", "{{.Size}}", name)) / 1e6)


def build_options() -> list[str]:
    """How a build reaches the package registries that this machine reaches: its network, pip's settings, certificates.

    Nothing of it stays in the image, and no file of ours names it.
    """
    text = "".join(f"{name} = {value}\n" for name, value in dict(_pip_settings()).items())
    mounts = []
    for number, path in enumerate(sorted({Path(found) for found in re.findall(r"(?<!\S)(?:file://)?(/\S+)", text)})):
        if path.exists():  # beside what the image has: its own certificates may be what a step of the build changes
            whole = path.parent if path.name == "simple" else path  # an index names its files relative to itself
            inside = f"/run/passed_on/{number}"
            text = re.sub(rf"{re.escape(str(path))}(?=\s)", f"{inside}/{path.relative_to(whole)}".rstrip("/."), text)
            mounts.append(f"--volume={whole.resolve()}:{inside}:ro")
    (HOME / "pip.conf").write_text(f"[global]\n{text}")
    own = f"--volume={HOME / 'pip.conf'}:/etc/pip.conf:ro"
    return ["--network=host", "--isolation=chroot", "--pull=never", "--format=docker", own, *mounts]


def _pip_settings() -> Iterator[tuple[str, str]]:
    """Each setting of this machine's pip by its name in a file; what the environment says comes last and wins."""
    for line in ask("python3", "-m", "pip", "config", "list").splitlines():
        name, _, value = line.partition("=")
        yield name.rpartition(".")[2], str(ast.literal_eval(value))
