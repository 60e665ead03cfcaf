"""The keys of one embedded cloud: made at its first start, kept in a file only its owner can read, never printed."""

import json
import secrets
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import jwt

TEN_YEARS_SECONDS = 10 * 365 * 86_400


def _secret() -> str:
    return field(repr=False, default_factory=lambda: secrets.token_urlsafe(32))


@dataclass(frozen=True)
class Keys:
    """Every secret of the embedded cloud; `repr` shows none of them."""

    jwt_secret: str = _secret()
    postgres_password: str = _secret()
    authenticator_password: str = _secret()
    s3_access_key: str = field(repr=False, default_factory=lambda: "AK" + secrets.token_hex(9).upper())
    s3_secret_key: str = _secret()
    s3_internal_key: str = _secret()
    vast_api_key: str = field(repr=False, default_factory=lambda: secrets.token_hex(32))
    control_plane_token: str = _secret()
    analysis_worker_secret: str = _secret()
    anthropic_api_key: str = field(repr=False, default_factory=lambda: "sk-ant-stand-in-" + secrets.token_urlsafe(24))
    telegram_webhook_secret: str = _secret()
    secret_key: str = field(repr=False, default_factory=lambda: "sb_secret_" + secrets.token_urlsafe(24))
    publishable_key: str = field(repr=False, default_factory=lambda: "sb_publishable_" + secrets.token_urlsafe(24))

    def role_jwt(self, role: str, issued_at: int | None = None) -> str:
        """A Supabase legacy key: an HS256 JWT that carries a database role for ten years."""
        issued_at = int(time.time()) if issued_at is None else issued_at
        claims = {"iss": "supabase", "role": role, "iat": issued_at, "exp": issued_at + TEN_YEARS_SECONDS}
        return jwt.encode(claims, self.jwt_secret, algorithm="HS256")


def load_keys(path: Path) -> Keys:
    """Read the keys of `path`, making those it lacks; the file ends with mode 0600."""
    known = json.loads(path.read_text()) if path.exists() else {}
    names = {item.name for item in fields(Keys)}
    keys = Keys(**{name: value for name, value in known.items() if name in names})
    if asdict(keys) != known:
        write_private(path, json.dumps(asdict(keys), indent=2))
    path.chmod(0o600)
    return keys


def write_private(path: Path, text: str) -> Path:
    """Write a file that nobody but its owner can read, at no moment; returns its path."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text)
    return new.replace(path)
