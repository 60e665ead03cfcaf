"""Start and stop the embedded cloud: PostgreSQL with pgvector, PostgREST, SeaweedFS and the Vast.ai emulator."""

import base64
import fcntl
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TextIO

from .errors import StateInUse
from .keys import Keys, load_keys, write_private
from .ports import LOOPBACK, choose_ports
from .postgres import MIGRATIONS, OWNER, bootstrap, make_data_folder, migrate, postgres_service, postgres_url
from .postgrest import find_postgrest, postgrest_service
from .probes import http_answers
from .processes import Service, stop_all, wait_until_ready
from .s3 import BUCKET, REGION, s3_service

REPOSITORY = Path(__file__).parent.parent
# Programs that every embedded cloud of this machine shares; `make clean` removes it.
PROGRAMS = REPOSITORY / ".local" / "programs"


@dataclass(frozen=True)
class Cloud:
    """A running embedded cloud: where everything answers and the keys to it (`repr` shows no key)."""

    state_dir: Path
    postgres_url: str = field(repr=False)
    supabase_url: str
    service_key: str = field(repr=False)
    publishable_key: str = field(repr=False)
    jwt_secret: str = field(repr=False)
    signing_key: str = field(repr=False)
    spaces_endpoint: str
    spaces_region: str
    spaces_key: str = field(repr=False)
    spaces_secret: str = field(repr=False)
    spaces_bucket: str
    vast_url: str
    vast_api_key: str = field(repr=False)
    anthropic_port: int
    anthropic_api_key: str = field(repr=False)
    control_plane_port: int
    control_plane_token: str = field(repr=False)
    analysis_worker_secret: str = field(repr=False)
    dashboard_port: int
    case_room_port: int
    telegram_webhook_secret: str = field(repr=False)
    services: Mapping[str, Service] = field(repr=False, default_factory=dict)
    held: ExitStack = field(repr=False, default_factory=ExitStack)

    @property
    def control_plane_url(self) -> str:
        return f"http://{LOOPBACK}:{self.control_plane_port}"

    @property
    def dashboard_url(self) -> str:
        return f"http://{LOOPBACK}:{self.dashboard_port}"

    @property
    def case_room_url(self) -> str:
        return f"http://{LOOPBACK}:{self.case_room_port}/case/"

    @property
    def anthropic_url(self) -> str:
        """Where `make run` starts the stand-in for Anthropic."""
        return f"http://{LOOPBACK}:{self.anthropic_port}"

    def control_plane_environ(self) -> dict[str, str]:
        """The variables of docs/interfaces.md §5 for the control plane and the scaler."""
        return {
            "SUPABASE_URL": self.supabase_url,
            "SUPABASE_SERVICE_KEY": self.service_key,
            "SUPABASE_PUBLISHABLE_KEY": self.publishable_key,
            "SUPABASE_JWT_SECRET": self.signing_key,
            "SUPABASE_OLD_JWT_SECRET": self.jwt_secret,
            "SPACES_ENDPOINT": self.spaces_endpoint,
            "SPACES_REGION": self.spaces_region,
            "SPACES_KEY": self.spaces_key,
            "SPACES_SECRET": self.spaces_secret,
            "SPACES_BUCKET": self.spaces_bucket,
            "VAST_API_KEY": self.vast_api_key,
            "VAST_URL": self.vast_url,
            "VAST_HOME": str(self.state_dir / "vast_home"),
            "CONTROL_PLANE_TOKEN": self.control_plane_token,
            "CONTROL_PLANE_URL": self.control_plane_url,
            "DASHBOARD_URL": self.dashboard_url,
            "CASE_ROOM_URL": self.case_room_url,
            "TELEGRAM_WEBHOOK_SECRET": self.telegram_webhook_secret,
            "RECORD_SIGNING_KEY": base64.urlsafe_b64encode(
                sha256(f"record {self.jwt_secret}".encode()).digest()
            ).decode(),
            "PASSWORDS_KEY": base64.urlsafe_b64encode(sha256(self.jwt_secret.encode()).digest()).decode(),
            "ANALYSIS_WORKER_SECRET": self.analysis_worker_secret,
            "DEPLOYMENT": "local",
            "WORKER_IMAGE": "aseagi/gpu-worker:local",
            "MAX_MACHINES": "2",
            "MAX_DOLLARS_PER_HOUR": "2",
            "MAX_DOLLARS_PER_DAY": "20",
            "MIN_CREDIT_DOLLARS": "1",
            "MAX_CLAUDE_DOLLARS_PER_DAY": "5",
        }

    def analyst_environ(self) -> dict[str, str]:
        """The variables of docs/interfaces.md §5 for the analysis worker, at the pace of one's own machine."""
        return {
            "CONTROL_PLANE_URL": self.control_plane_url,
            "SUPABASE_URL": self.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": self.publishable_key,
            "ANALYSIS_WORKER_SECRET": self.analysis_worker_secret,
            "ANALYSIS_COLLECT_SECONDS": "2",
            "ANALYSIS_POLL_SECONDS": "1",
        }

    def dashboard_environ(self) -> dict[str, str]:
        """The variables of docs/interfaces.md §5 for the dashboard and the case room."""
        return {
            "CONTROL_PLANE_URL": self.control_plane_url,
            "CONTROL_PLANE_TOKEN": self.control_plane_token,
            "CASE_ROOM_URL": self.case_room_url,
            "DASHBOARD_URL": self.dashboard_url,
        }

    def stop(self) -> None:
        """Stop every service; the data stays in `state_dir`."""
        stop_all(self.services.values())
        self.held.close()


def start_cloud(state_dir: Path, ports: Mapping[str, int] | None = None, migrations: Path = MIGRATIONS) -> Cloud:
    """Start everything and wait until it answers; `ports` fixes ports by name (see `local_cloud.ports.NAMES`).

    Call it from the main thread: the services die with the thread that started them.
    Raises LocalCloudError with what to do, and leaves no process behind.
    """
    state_dir = Path(state_dir).resolve()
    (state_dir / "logs").mkdir(parents=True, exist_ok=True)
    state_dir.chmod(0o700)  # also one that was made looser, by an earlier version or by hand
    (state_dir / "vast_home").mkdir(mode=0o700, exist_ok=True)
    with ExitStack() as held:  # what keeps other clouds off the folder and the ports
        held.enter_context(_lock(state_dir))
        keys = load_keys(state_dir / "secrets.json")
        chosen, guard = choose_ports(state_dir / "ports.json", ports or {})
        held.enter_context(guard)
        made = _make(state_dir, keys, chosen)
        made.held.enter_context(held.pop_all())
    services = made.services
    try:
        for name in ("seaweedfs", "gateway", "vast"):
            services[name].start()
        services["postgres"].start()
        wait_until_ready([services["postgres"]])
        bootstrap(chosen["postgres"], keys.postgres_password, keys.authenticator_password)
        migrate(made.postgres_url, migrations)
        services["postgrest"].start()
        wait_until_ready(services.values())
    except BaseException:
        made.stop()
        raise
    return made


@contextmanager
def cloud(state_dir: Path, ports: Mapping[str, int] | None = None) -> Iterator[Cloud]:
    """`start_cloud` that stops at the end of the block."""
    running = start_cloud(state_dir, ports)
    try:
        yield running
    finally:
        running.stop()


def _make(state_dir: Path, keys: Keys, ports: Mapping[str, int]) -> Cloud:
    logs = state_dir / "logs"
    user = make_data_folder(state_dir / "postgres", keys.postgres_password)
    jwts = {"anon": keys.role_jwt("anon"), "service_role": keys.role_jwt("service_role")}
    accepted = {keys.publishable_key: jwts["anon"], keys.secret_key: jwts["service_role"]}
    accepted |= {token: token for token in jwts.values()}
    services = (
        postgres_service(state_dir / "postgres", logs / "postgres.log", ports["postgres"], keys, user),
        postgrest_service(find_postgrest(PROGRAMS), logs / "postgrest.log", ports, keys),
        _gateway_service(logs / "gateway.log", ports, accepted),
        s3_service(state_dir / "seaweedfs", logs / "seaweedfs.log", ports, keys),
        _vast_service(state_dir / "vast", logs / "vast.log", ports["vast"], keys.vast_api_key),
    )
    return Cloud(
        state_dir=state_dir,
        postgres_url=postgres_url(ports["postgres"], OWNER, keys.postgres_password),
        supabase_url=f"http://{LOOPBACK}:{ports['supabase']}",
        service_key=keys.secret_key,
        publishable_key=keys.publishable_key,
        jwt_secret=keys.jwt_secret,
        signing_key=keys.signing_key,
        spaces_endpoint=f"http://{LOOPBACK}:{ports['s3']}",
        spaces_region=REGION,
        spaces_key=keys.s3_access_key,
        spaces_secret=keys.s3_secret_key,
        spaces_bucket=BUCKET,
        vast_url=f"http://{LOOPBACK}:{ports['vast']}",
        vast_api_key=keys.vast_api_key,
        anthropic_port=ports["anthropic"],
        anthropic_api_key=keys.anthropic_api_key,
        control_plane_port=ports["control_plane"],
        control_plane_token=keys.control_plane_token,
        analysis_worker_secret=keys.analysis_worker_secret,
        dashboard_port=ports["dashboard"],
        case_room_port=ports["case_room"],
        telegram_webhook_secret=keys.telegram_webhook_secret,
        services={service.name: service for service in services},
    )


def _gateway_service(log: Path, ports: Mapping[str, int], accepted: Mapping[str, str]) -> Service:
    environ = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(REPOSITORY),
        "GATEWAY_PORT": str(ports["supabase"]),
        "GATEWAY_UPSTREAM_PORT": str(ports["postgrest"]),
        "GATEWAY_KEYS": json.dumps(dict(accepted)),
    }
    return Service(
        name="gateway",
        command=[sys.executable, "-m", "local_cloud.gateway"],
        environ=environ,
        log=log,
        ready=lambda: http_answers(f"http://{LOOPBACK}:{ports['supabase']}/gateway/health"),
        advice="Read the log.",
    )


def _vast_service(folder: Path, log: Path, port: int, api_key: str) -> Service:
    folder.mkdir(exist_ok=True)
    key_file = write_private(folder / "account_key", api_key)
    state = folder / "state.json"
    return Service(
        name="vast",
        command=[sys.executable, "-m", "local_cloud.vast", "--port", str(port), "--state", str(state),
                 "--api-key-file", str(key_file)],
        environ={"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(REPOSITORY)},
        log=log,
        ready=lambda: http_answers(f"http://{LOOPBACK}:{port}/api/v0/gpu_names/unique/"),
        advice=f"Read the log; if the emulator's state is damaged, remove {state} (its contracts are play money).",
    )  # fmt: skip


def _lock(state_dir: Path) -> TextIO:
    """One copy per state folder; the lock goes with this process, however it ends."""
    handle = (state_dir / "lock").open("a")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise StateInUse(f"another copy is running on {state_dir}: stop it (Ctrl-C in its terminal) first.") from error
    return handle
