"""Fills the empty secrets of a .env with random ones: `python3 scripts/make_keys.py .env`. Prints names, never values.

Needs Python 3.11 and nothing else. With COMPOSE_PROFILES=selfhosted it also makes the keys of the database and the
storage, and signs the two keys that a Supabase project would come with; anew, where SUPABASE_JWT_SECRET is another now.
"""

import base64
import hashlib
import hmac
import json
import secrets
import sys
import time
from pathlib import Path

SEALING = ("PASSWORDS_KEY", "RECORD_SIGNING_KEY")
ALWAYS = ("CONTROL_PLANE_TOKEN", *SEALING, "TELEGRAM_WEBHOOK_SECRET", "ANALYSIS_WORKER_SECRET")
SELFHOSTED = ("SUPABASE_JWT_SECRET", "PGPASSWORD", "AUTHENTICATOR_PASSWORD", "SPACES_KEY", "SPACES_SECRET")
SIGNED = {"SUPABASE_SERVICE_KEY": "service_role", "SUPABASE_PUBLISHABLE_KEY": "anon"}
TEN_YEARS_SECONDS = 10 * 365 * 86_400


def main(path: Path) -> None:
    """Fill in what is empty; what has a value keeps it, but for a key that the secret of now did not sign."""
    lines = path.read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    fresh = make_secrets(values)
    names = [line.partition("=")[0] for line in lines]
    lines = [f"{name}={fresh[name]}" if name in fresh else line for name, line in zip(names, lines, strict=True)]
    path.chmod(0o600)
    path.write_text("\n".join(lines) + "\n")
    print(f"made: {', '.join(fresh) or 'nothing, all are there'}")


def make_secrets(values: dict[str, str]) -> dict[str, str]:
    """A value for each secret that is listed and empty."""
    own = "selfhosted" in values.get("COMPOSE_PROFILES", "")
    wanted = (*ALWAYS, *(SELFHOSTED if own else ()))
    fresh = {name: _make(name) for name in wanted if values.get(name) == ""}
    jwt_secret = fresh.get("SUPABASE_JWT_SECRET") or values.get("SUPABASE_JWT_SECRET", "")
    for name, role in SIGNED.items():
        if own and name in values and not is_signed(values[name], jwt_secret):
            fresh[name] = sign_role(role, jwt_secret, int(time.time()))
    return fresh


def _make(name: str) -> str:
    """Random, in the form that keys to seal (Fernet) and to sign (Ed25519) have and everything else takes."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() if name in SEALING else secrets.token_hex(24)


def sign_role(role: str, jwt_secret: str, now: int) -> str:
    """A JWT (HS256) for a role of the database, good for ten years."""
    claims = {"iss": "aseagi", "role": role, "iat": now, "exp": now + TEN_YEARS_SECONDS}
    head = ".".join(_base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{head}.{_signature(head, jwt_secret)}"


def is_signed(key: str, jwt_secret: str) -> bool:
    """Whether this secret signed the key; an empty one nobody signed."""
    head, _, signature = key.rpartition(".")
    return hmac.compare_digest(signature.encode(), _signature(head, jwt_secret).encode())


def _signature(head: str, jwt_secret: str) -> str:
    return _base64url(hmac.new(jwt_secret.encode(), head.encode(), hashlib.sha256).digest())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".env"))
