"""The control plane's configuration: one frozen object, read once, every problem reported at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from control_plane.settings.claude_policy import ClaudePolicy
from control_plane.settings.fleet_policy import Policy
from control_plane.settings.reader import ADDRESS_PATTERN, Reader, SettingsError

Value = TypeVar("Value")


def _setting(read: Callable[[Reader], Value], is_secret: bool = False, programs: tuple[str, ...] = ()) -> Value:
    made: Value = field(repr=not is_secret, metadata={"read": read, "programs": programs})
    return made


def _secret(read: Callable[[Reader], Value], *programs: str) -> Value:
    """A setting that no log shows; where programs are named, the others run without it and have an empty text."""
    return _setting(read, is_secret=True, programs=programs)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the control plane, the scaler and the reaper are told from outside. Money is in US dollars."""

    supabase_url: str = _setting(lambda read: read.url("SUPABASE_URL"))
    supabase_service_key: str = _secret(lambda read: read.secret("SUPABASE_SERVICE_KEY"))
    metrics_token: str | None = _secret(lambda read: read.optional_secret("METRICS_TOKEN"), "serve")
    supabase_publishable_key: str = _secret(lambda read: read.secret("SUPABASE_PUBLISHABLE_KEY"))
    supabase_jwt_secret: str = _secret(lambda read: read.signing_key("SUPABASE_JWT_SECRET") or "", "serve", "scale")
    supabase_old_jwt_secret: str | None = _secret(
        lambda read: read.signing_key("SUPABASE_OLD_JWT_SECRET", needed=False), "serve"
    )
    spaces_endpoint: str = _setting(lambda read: read.url("SPACES_ENDPOINT"))
    spaces_region: str = _setting(lambda read: read.text("SPACES_REGION"))
    spaces_key: str = _secret(lambda read: read.secret("SPACES_KEY", shortest=1), "serve", "import")
    spaces_secret: str = _secret(lambda read: read.secret("SPACES_SECRET", shortest=1), "serve", "import")
    spaces_bucket: str = _setting(lambda read: read.text("SPACES_BUCKET"))
    vast_api_key: str = _secret(lambda read: read.secret("VAST_API_KEY", shortest=1), "serve", "scale", "reap")
    vast_url: str = _setting(lambda read: read.url("VAST_URL", "https://console.vast.ai"))
    vast_home: Path = _setting(lambda read: read.folder("VAST_HOME"))
    control_plane_token: str = _secret(lambda read: read.secret("CONTROL_PLANE_TOKEN"), "serve")
    control_plane_url: str = _setting(lambda read: read.url("CONTROL_PLANE_URL"))
    dashboard_url: str = _setting(lambda read: read.optional("DASHBOARD_URL") or "/")
    case_room_url: str = _setting(lambda read: read.optional("CASE_ROOM_URL") or "/case/")
    deployment: str = _setting(lambda read: read.deployment("DEPLOYMENT"))
    worker_image: str = _setting(lambda read: read.text("WORKER_IMAGE"))
    worker_image_login: str = _secret(lambda read: read.optional("WORKER_IMAGE_LOGIN") or "")
    ocr_engine: str = _setting(lambda read: read.optional("OCR_ENGINE") or "auto")
    ocr_languages: str = _setting(lambda read: read.languages("OCR_LANGUAGES"))
    max_machines: int = _setting(lambda read: read.whole("MAX_MACHINES", 3))
    max_dollars_per_hour: float = _setting(lambda read: read.number("MAX_DOLLARS_PER_HOUR", 2.0))
    max_dollars_per_day: float = _setting(lambda read: read.number("MAX_DOLLARS_PER_DAY", 20.0))
    max_dollars_per_batch: float | None = _setting(lambda read: read.optional_number("MAX_DOLLARS_PER_BATCH"))
    estimate_above_documents: int = _setting(lambda read: read.whole("ESTIMATE_ABOVE_DOCUMENTS", 200))
    min_credit_dollars: float = _setting(lambda read: read.number("MIN_CREDIT_DOLLARS", 1.0))
    max_claude_dollars_per_day: float = _setting(lambda read: read.number("MAX_CLAUDE_DOLLARS_PER_DAY", 10.0))
    idle_seconds: int = _setting(lambda read: read.whole("IDLE_SECONDS", 300))
    fleet: Policy = _setting(Policy.read)
    claude: ClaudePolicy = _setting(ClaudePolicy.read)
    expected_programs: tuple[str, ...] = _setting(lambda read: read.programs("EXPECTED_PROGRAMS"))
    watched_windows: Mapping[str, str] = _setting(lambda read: read.windows("WATCHED_WINDOWS"))
    backup_recipient: str | None = _setting(lambda read: read.optional("BACKUP_RECIPIENT"))
    host: str = _setting(lambda read: read.optional("HOST") or "127.0.0.1")
    port: int = _setting(lambda read: read.whole("PORT", 8000))
    threads: int = _setting(lambda read: read.whole("THREADS", 48, smallest=1))
    max_upload_bytes: int = _setting(lambda read: read.whole("MAX_UPLOAD_BYTES", 2 * 1024**3, smallest=1))
    worker_token_seconds: int = _setting(lambda read: read.whole("WORKER_TOKEN_SECONDS", 3600, smallest=60))
    anthropic_api_key: str | None = _secret(lambda read: read.optional("ANTHROPIC_API_KEY"))
    analysis_worker_secret: str | None = _secret(lambda read: read.optional_secret("ANALYSIS_WORKER_SECRET"))
    anthropic_url: str = _setting(lambda read: read.url("ANTHROPIC_URL", "https://api.anthropic.com"))
    telegram_bot_token: str | None = _secret(lambda read: read.optional("TELEGRAM_BOT_TOKEN"))
    telegram_webhook_secret: str | None = _secret(lambda read: read.optional("TELEGRAM_WEBHOOK_SECRET"))
    telegram_allowed_users: frozenset[int] = _setting(lambda read: read.user_ids("TELEGRAM_ALLOWED_USERS"))
    telegram_api_url: str = _setting(lambda read: read.url("TELEGRAM_API_URL", "https://api.telegram.org"))
    smtp_url: str | None = _setting(lambda read: read.mail_server("SMTP_URL"))
    smtp_password: str | None = _secret(lambda read: read.optional("SMTP_PASSWORD"), "notify")
    mail_from: str = _setting(lambda read: read.optional("MAIL_FROM") or "")
    mail_to: tuple[str, ...] = _setting(lambda read: read.addresses("MAIL_TO"))
    passwords_keys: tuple[str, ...] = _secret(lambda read: read.fernet_keys("PASSWORDS_KEY"))
    record_signing_key: str | None = _secret(lambda read: read.fernet_key("RECORD_SIGNING_KEY"))
    record_timestamp_url: str | None = _setting(lambda read: read.optional("RECORD_TIMESTAMP_URL"))
    record_timestamp_ca_file: Path | None = _setting(lambda read: read.path("RECORD_TIMESTAMP_CA_FILE"))
    google_drive_credentials_file: Path | None = _setting(lambda read: read.path("GOOGLE_DRIVE_CREDENTIALS_FILE"))
    google_drive_token_file: Path | None = _setting(lambda read: read.path("GOOGLE_DRIVE_TOKEN_FILE"))
    imap_url: str | None = _setting(lambda read: read.mailbox("IMAP_URL"))
    imap_password: str | None = _secret(lambda read: read.optional("IMAP_PASSWORD"))
    imap_watch_folder: str | None = _setting(lambda read: read.optional("IMAP_WATCH_FOLDER"))
    google_drive_api_url: str = _setting(lambda read: read.url("GOOGLE_DRIVE_API_URL", "https://www.googleapis.com"))

    @property
    def worker_keys(self) -> tuple[str, ...]:
        """What a worker's token may be signed with: our key, and the one before while workers still hold its tokens."""
        return tuple(key for key in (self.supabase_jwt_secret, self.supabase_old_jwt_secret) if key)

    @classmethod
    def from_env(cls, environ: Mapping[str, str], program: str = "serve") -> Settings:
        """Read and check the environment of a program, which is given only the secrets that it needs.

        Raises SettingsError with every problem found, not only the first.
        """
        read = Reader(environ)
        needed = [each for each in fields(cls) if program in (each.metadata["programs"] or (program,))]
        spared: dict[str, Any] = {each.name: "" for each in fields(cls) if each not in needed}
        settings = cls(**spared, **{each.name: each.metadata["read"](read) for each in needed})
        if settings.telegram_bot_token and not settings.telegram_webhook_secret:
            read.problems.append("TELEGRAM_WEBHOOK_SECRET is missing: the webhook needs it beside the bot token.")
        if settings.smtp_url and not (settings.mail_to and ADDRESS_PATTERN.fullmatch(settings.mail_from)):
            read.problems.append("MAIL_FROM and MAIL_TO must be mail addresses: SMTP_URL needs who writes and to whom.")
        if settings.imap_url and not settings.imap_password:
            read.problems.append("IMAP_PASSWORD is missing: the mailbox of IMAP_URL needs it.")
        if settings.imap_watch_folder and not settings.imap_url:
            read.problems.append("IMAP_URL is missing: IMAP_WATCH_FOLDER is a folder of its mailbox.")
        if read.problems:
            raise SettingsError(read.problems)
        return settings
