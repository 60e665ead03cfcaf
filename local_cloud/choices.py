"""What is embedded and what is real: a complete group of variables in the environment turns the real one on (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import SettingsIncomplete


@dataclass(frozen=True)
class Part:
    """One thing the system rents or subscribes to, what stands in for it, and the variables that name the real one."""

    name: str
    embedded: str
    real: str
    variables: tuple[str, ...]
    needs: tuple[str, ...] = ()


PARTS = (
    Part(
        "database",
        "PostgreSQL 18 with pgvector, and PostgREST",
        "Supabase",
        ("SUPABASE_URL", "SUPABASE_SERVICE_KEY", "SUPABASE_PUBLISHABLE_KEY", "SUPABASE_JWT_SECRET"),
    ),
    Part(
        "storage",
        "SeaweedFS (S3)",
        "S3 or Spaces",
        ("SPACES_ENDPOINT", "SPACES_REGION", "SPACES_KEY", "SPACES_SECRET", "SPACES_BUCKET"),
    ),
    Part(
        "machines",
        "Vast.ai emulator; a machine is a process here, and its dollars are play money",
        "Vast.ai",
        ("VAST_API_KEY", "CONTROL_PLANE_URL", "WORKER_IMAGE"),
        needs=("database", "storage"),
    ),
    Part(
        "analysis",
        "plain rules; the samples by a stand-in for Claude, which makes up what it says",
        "Claude",
        ("ANTHROPIC_API_KEY",),
    ),
    Part("telegram", "off", "Telegram bot", ("TELEGRAM_BOT_TOKEN", "TELEGRAM_ALLOWED_USERS")),
    Part("drive", "off", "Google Drive", ("GOOGLE_DRIVE_CREDENTIALS_FILE",)),
    Part("mail", "off", "mailbox over IMAP", ("IMAP_URL", "IMAP_PASSWORD")),
)
# One of these alone is no half-made choice: a shell may carry it for other programs.
OFTEN_SET_ALONE = {"VAST_API_KEY", "CONTROL_PLANE_URL", "WORKER_IMAGE"}
# Settings of the programs that have no stand-in: the user's own values go through to them.
PASSED_ON = (
    "FLEET_", "MAX_", "MIN_", "IDLE_SECONDS", "ANTHROPIC_", "TELEGRAM_", "GOOGLE_DRIVE_", "IMAP_", "SMTP_", "MAIL_",
    "OCR_", "CLAUDE_",
)  # fmt: skip


@dataclass(frozen=True)
class Choices:
    """Names of the real parts, and the variables to hand to the programs on top of the embedded ones."""

    real: frozenset[str]
    environ: Mapping[str, str]

    def is_real(self, name: str) -> bool:
        return name in self.real


def choose(environ: Mapping[str, str]) -> Choices:
    """Decide by the variables that are set; raises SettingsIncomplete for a group of which only some are."""
    real: set[str] = set()
    for part in PARTS:
        present = [name for name in part.variables if environ.get(name)]
        missing = [name for name in part.variables if not environ.get(name)]
        if present and missing and not set(present) <= OFTEN_SET_ALONE:
            raise SettingsIncomplete(
                f"{part.real} is half configured: {', '.join(present)} set, {', '.join(missing)} missing. "
                f"Set them all to use {part.real}, or none to use what is embedded."
            )
        if present and not missing and real.issuperset(part.needs):
            real.add(part.name)
    wanted = {name for part in PARTS if part.name in real for name in part.variables}
    passed = {
        name: value for name, value in environ.items() if value and (name in wanted or name.startswith(PASSED_ON))
    }
    return Choices(frozenset(real), passed)


def banner(choices: Choices) -> list[tuple[str, str, str]]:
    """Rows of (part, what it is now, what to set for the real one)."""
    return [(part.name, part.real + " (real)" if choices.is_real(part.name) else part.embedded, _how(part, choices))
            for part in PARTS]  # fmt: skip


def _how(part: Part, choices: Choices) -> str:
    if choices.is_real(part.name):
        return ""
    variables = ", ".join(part.variables)
    needs = f" (and a real {' and '.join(part.needs)})" if part.needs else ""
    return f"{part.real}: set {variables}{needs}"
