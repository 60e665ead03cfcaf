"""Typed reading of an environment: every problem is collected, and no value of a secret is ever repeated."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from control_plane.settings.languages import find_unknown
from control_plane.settings.signing_keys import read_key

ADDRESS_PATTERN = re.compile(r"[^@\s,<>]+@[^@\s,<>]+")
DEPLOYMENT_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?")
WINDOW = re.compile(r"[a-z][a-z_]{0,30}")
SHORTEST_SECRET = 16
SHORTEST_JWT_SECRET = 32
SIGNING_ALGORITHMS = ("ES256", "RS256", "HS256")
EXPECTABLE = frozenset({"serve", "scale", "import", "notify", "reap", "analyse"})
"""Programs that note their life under these names."""
FERNET_KEY_BYTES = 32


class SettingsError(Exception):
    """The environment is incomplete or wrong; `problems` has one sentence per variable, never a value of a secret."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("The settings are not usable:\n" + "\n".join(f"  - {problem}" for problem in problems))


class Reader:
    """Typed reading of a mapping; collects problems instead of raising, and never repeats a value."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def optional(self, name: str) -> str | None:
        return self.environ.get(name, "").strip() or None

    def fernet_key(self, name: str) -> str | None:
        """A key of 32 bytes in URL-safe base64, if there is one."""
        value = self.optional(name)
        return value if value is None or self._is_fernet_key(name, value) else None

    def fernet_keys(self, name: str) -> tuple[str, ...]:
        """Such keys with a comma between; empty without one."""
        values = tuple(filter(None, (each.strip() for each in (self.optional(name) or "").split(","))))
        return values if all(self._is_fernet_key(name, value) for value in values) else ()

    def _is_fernet_key(self, name: str, value: str) -> bool:
        try:
            if len(base64.urlsafe_b64decode(value)) == FERNET_KEY_BYTES:
                return True
        except ValueError:
            pass
        self.problems.append(
            f"{name} must be 32 bytes in URL-safe base64, as `openssl rand -base64 32 | tr +/ -_` writes them."
        )
        return False

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

    def optional_secret(self, name: str) -> str | None:
        return self.secret(name) if self.optional(name) else None

    def signing_key(self, name: str, needed: bool = True) -> str | None:
        """What signs workers' tokens: a JSON Web Key with its private half, on one line, or a secret for HS256."""
        value = self.text(name) if needed else self.optional(name)
        if not value:
            return None
        if not value.startswith("{"):
            return self.secret(name, SHORTEST_JWT_SECRET)
        try:
            key = read_key(value)
        except ValueError:
            key = None
        if key is None or key.algorithm_name not in SIGNING_ALGORITHMS:
            self.problems.append(
                f"{name} must be a private JSON Web Key on one line, as `supabase gen signing-key --algorithm ES256` "
                "prints it, or the project's legacy JWT secret."
            )
        elif key.key_type != "oct" and not key.key_id:
            self.problems.append(f"{name} has no `kid`: the project finds the key of a token by it.")
        return value

    def url(self, name: str, default: str | None = None) -> str:
        value = self.optional(name) or default or self.text(name)
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            self.problems.append(f"{name} must be an http or https address.")
        return value.rstrip("/")

    def mailbox(self, name: str) -> str | None:
        """An address like imaps://user@host:993, without a password; unencrypted only on this machine (a bridge)."""
        value = self.optional(name)
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            is_sound = parts.username and parts.hostname and parts.port != 0 and parts.password is None
        except ValueError:  # a port that is no number
            is_sound = False
        is_near = is_sound and parts.scheme == "imap" and parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not is_sound or not (parts.scheme == "imaps" or is_near):
            self.problems.append(
                f"{name} must be like imaps://user%40example.org@imap.example.org:993; the password is IMAP_PASSWORD."
            )
        return value

    def mail_server(self, name: str) -> str | None:
        """An address like smtp://user@host:587 (STARTTLS) or smtps://user@host:465, without a password."""
        value = self.optional(name)
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            is_sound = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0 and not parts.password
        except ValueError:  # a port that is no number
            is_sound = False
        if not is_sound:
            self.problems.append(
                f"{name} must be like smtp://user%40example.org@smtp.example.org:587; the password is SMTP_PASSWORD."
            )
        return value

    def addresses(self, name: str) -> tuple[str, ...]:
        found = tuple((self.optional(name) or "").replace(",", " ").split())
        if not all(map(ADDRESS_PATTERN.fullmatch, found)):
            self.problems.append(f"{name} must be mail addresses, separated by commas.")
            return ()
        return found

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

    def programs(self, name: str) -> tuple[str, ...]:
        words = (self.optional(name) or "").replace(",", " ").split()
        if unknown := sorted(set(words) - EXPECTABLE):
            self.problems.append(f"{name} must be some of {', '.join(sorted(EXPECTABLE))}, and not {unknown[0][:20]}.")
        return tuple(sorted(set(words)))

    def windows(self, name: str) -> Mapping[str, str]:
        """`dashboard=http://dashboard:8501/health case_room=…` as a mapping."""
        pairs = [word.partition("=") for word in (self.optional(name) or "").split()]
        if not all(WINDOW.fullmatch(window) and url.startswith("http") for window, _, url in pairs):
            self.problems.append(f"{name} must be names and addresses like dashboard=http://dashboard:8501/health.")
            return {}
        return {window: url for window, _, url in pairs}

    def user_ids(self, name: str) -> frozenset[int]:
        words = (self.optional(name) or "").replace(",", " ").split()
        if not all(word.isdigit() for word in words):
            self.problems.append(f"{name} must be Telegram user ids, separated by commas.")
            return frozenset()
        return frozenset(int(word) for word in words)
