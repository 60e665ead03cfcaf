"""The control plane's configuration: one frozen object, read once, every problem reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from control_plane.settings.claude_policy import ClaudePolicy
from control_plane.settings.fleet_policy import Policy
from control_plane.settings.reader import Reader, SettingsError


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
        read = Reader(environ)
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
