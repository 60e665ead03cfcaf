"""The control plane's configuration: one frozen object, read once, every problem reported at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from control_plane.claude.policy import ClaudePolicy
from control_plane.fleet.policy import Policy
from control_plane.languages import find_unknown

DEPLOYMENT_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?")
SHORTEST_SECRET = 16


class SettingsError(Exception):
    """The environment is incomplete or wrong; `problems` has one sentence per variable, never a value of a secret."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("The settings are not usable:\n" + "\n".join(f"  - {problem}" for problem in problems))


def _secret() -> str:
    return field(repr=False)  # type: ignore[return-value]


@dataclass(frozen=True)
class Settings:
    """Everything the control plane, the scaler and the reaper are told from outside. Money is in US dollars."""

    supabase_url: str
    supabase_service_key: str = _secret()
    supabase_publishable_key: str = _secret()
    supabase_jwt_secret: str = _secret()
    spaces_endpoint: str = field()
    spaces_region: str = field()
    spaces_key: str = _secret()
    spaces_secret: str = _secret()
    spaces_bucket: str = field()
    vast_api_key: str = _secret()
    vast_url: str = field()
    vast_home: Path = field()
    control_plane_token: str = _secret()
    control_plane_url: str = field()
    deployment: str = field()
    worker_image: str = field()
    worker_image_login: str = _secret()
    ocr_engine: str = field()
    ocr_languages: str = field()
    max_machines: int = field()
    max_dollars_per_hour: float = field()
    max_dollars_per_day: float = field()
    max_dollars_per_batch: float | None = field()
    min_credit_dollars: float = field()
    max_claude_dollars_per_day: float = field()
    idle_seconds: int = field()
    fleet: Policy = field()
    claude: ClaudePolicy = field()
    host: str = field()
    port: int = field()
    threads: int = field()
    max_upload_bytes: int = field()
    worker_token_seconds: int = field()
    anthropic_api_key: str | None = _secret()
    anthropic_url: str = field()
    telegram_bot_token: str | None = _secret()
    telegram_webhook_secret: str | None = _secret()
    telegram_allowed_users: frozenset[int] = field()
    telegram_api_url: str = field()
    google_drive_credentials_file: Path | None = field()
    google_drive_token_file: Path | None = field()
    google_drive_api_url: str = field()

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check the environment.

        Raises SettingsError with every problem found, not only the first.
        """
        read = _Reader(environ)
        settings = cls(
            supabase_url=read.url("SUPABASE_URL"),
            supabase_service_key=read.secret("SUPABASE_SERVICE_KEY"),
            supabase_publishable_key=read.secret("SUPABASE_PUBLISHABLE_KEY"),
            supabase_jwt_secret=read.secret("SUPABASE_JWT_SECRET", shortest=32),
            spaces_endpoint=read.url("SPACES_ENDPOINT"),
            spaces_region=read.text("SPACES_REGION"),
            spaces_key=read.secret("SPACES_KEY", shortest=1),
            spaces_secret=read.secret("SPACES_SECRET", shortest=1),
            spaces_bucket=read.text("SPACES_BUCKET"),
            vast_api_key=read.secret("VAST_API_KEY", shortest=1),
            vast_url=read.url("VAST_URL", "https://console.vast.ai"),
            vast_home=read.folder("VAST_HOME"),
            control_plane_token=read.secret("CONTROL_PLANE_TOKEN"),
            control_plane_url=read.url("CONTROL_PLANE_URL"),
            deployment=read.deployment("DEPLOYMENT"),
            worker_image=read.text("WORKER_IMAGE"),
            worker_image_login=read.optional("WORKER_IMAGE_LOGIN") or "",
            ocr_engine=read.optional("OCR_ENGINE") or "auto",
            ocr_languages=read.languages("OCR_LANGUAGES"),
            max_machines=read.whole("MAX_MACHINES", 3),
            max_dollars_per_hour=read.number("MAX_DOLLARS_PER_HOUR", 2.0),
            max_dollars_per_day=read.number("MAX_DOLLARS_PER_DAY", 20.0),
            max_dollars_per_batch=read.optional_number("MAX_DOLLARS_PER_BATCH"),
            min_credit_dollars=read.number("MIN_CREDIT_DOLLARS", 1.0),
            max_claude_dollars_per_day=read.number("MAX_CLAUDE_DOLLARS_PER_DAY", 10.0),
            idle_seconds=read.whole("IDLE_SECONDS", 300),
            fleet=Policy.read(read),
            claude=ClaudePolicy.read(read),
            host=read.optional("HOST") or "127.0.0.1",
            port=read.whole("PORT", 8000),
            threads=read.whole("THREADS", 48, smallest=1),
            max_upload_bytes=read.whole("MAX_UPLOAD_BYTES", 2 * 1024**3, smallest=1),
            worker_token_seconds=read.whole("WORKER_TOKEN_SECONDS", 3600, smallest=60),
            anthropic_api_key=read.optional("ANTHROPIC_API_KEY"),
            anthropic_url=read.url("ANTHROPIC_URL", "https://api.anthropic.com"),
            telegram_bot_token=read.optional("TELEGRAM_BOT_TOKEN"),
            telegram_webhook_secret=read.optional("TELEGRAM_WEBHOOK_SECRET"),
            telegram_allowed_users=read.user_ids("TELEGRAM_ALLOWED_USERS"),
            telegram_api_url=read.url("TELEGRAM_API_URL", "https://api.telegram.org"),
            google_drive_credentials_file=read.path("GOOGLE_DRIVE_CREDENTIALS_FILE"),
            google_drive_token_file=read.path("GOOGLE_DRIVE_TOKEN_FILE"),
            google_drive_api_url=read.url("GOOGLE_DRIVE_API_URL", "https://www.googleapis.com"),
        )
        if settings.telegram_bot_token and not settings.telegram_webhook_secret:
            read.problems.append("TELEGRAM_WEBHOOK_SECRET is missing: the webhook needs it beside the bot token.")
        if read.problems:
            raise SettingsError(read.problems)
        return settings


class _Reader:
    """Typed reading of a mapping; collects problems instead of raising, and never repeats a value."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def optional(self, name: str) -> str | None:
        return self.environ.get(name, "").strip() or None

    def text(self, name: str) -> str:
        value = self.optional(name)
        if value is None:
            self.problems.append(f"{name} is missing.")
        return value or ""

    def secret(self, name: str, shortest: int = SHORTEST_SECRET) -> str:
        value = self.text(name)
        if value and len(value) < shortest:
            self.problems.append(f"{name} is too short: at least {shortest} characters.")
        return value

    def url(self, name: str, default: str | None = None) -> str:
        value = self.optional(name) or default or self.text(name)
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            self.problems.append(f"{name} must be an http or https address.")
        return value.rstrip("/")

    def folder(self, name: str) -> Path:
        path = Path(self.text(name))
        if str(path) != "." and path.exists() and not path.is_dir():
            self.problems.append(f"{name} must be a folder.")
        return path

    def path(self, name: str) -> Path | None:
        value = self.optional(name)
        return Path(value) if value else None

    def whole(self, name: str, default: int, smallest: int = 0) -> int:
        return int(self._number(name, default, smallest, int, "a whole number"))

    def number(self, name: str, default: float, smallest: float = 0.0) -> float:
        return float(self._number(name, default, smallest, float, "a number"))

    def optional_number(self, name: str) -> float | None:
        return self.number(name, 0.0) if self.optional(name) else None

    def _number(self, name: str, default: float, smallest: float, kind: type, words: str) -> float:
        value = self.optional(name)
        try:
            number = kind(value) if value is not None else default
        except ValueError:
            number = smallest - 1
        if not smallest <= number < float("inf"):
            self.problems.append(f"{name} must be {words}, {smallest} or more.")
            return default
        return number

    def flag(self, name: str, default: bool) -> bool:
        value = (self.optional(name) or ("yes" if default else "no")).lower()
        if value not in ("yes", "no", "true", "false", "1", "0"):
            self.problems.append(f"{name} must be yes or no.")
        return value in ("yes", "true", "1")

    def deployment(self, name: str) -> str:
        value = self.text(name)
        if value and not DEPLOYMENT_PATTERN.fullmatch(value):
            self.problems.append(f"{name} must be 1 to 20 of a-z, 0-9, '-': it becomes part of every machine's label.")
        return value

    def languages(self, name: str) -> str:
        value = self.optional(name) or "eng"
        if unknown := find_unknown(value):
            shown = ", ".join(code[:20] for code in unknown)
            self.problems.append(
                f"{name} must be Tesseract's codes joined by '+', like eng+rus; no worker's image reads {shown}."
            )
        return value

    def user_ids(self, name: str) -> frozenset[int]:
        words = (self.optional(name) or "").replace(",", " ").split()
        if not all(word.isdigit() for word in words):
            self.problems.append(f"{name} must be Telegram user ids, separated by commas.")
            return frozenset()
        return frozenset(int(word) for word in words)
