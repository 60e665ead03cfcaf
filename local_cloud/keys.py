"""The keys of one embedded cloud: made at its first start, kept in a file only its owner can read, never printed."""

import base64
import json
import secrets
import time
import uuid
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

TEN_YEARS_SECONDS = 10 * 365 * 86_400


def _secret() -> str:
    return field(repr=False, default_factory=lambda: secrets.token_urlsafe(32))


def make_signing_key() -> str:
    """A private key for tokens of one's own, as `supabase gen signing-key --algorithm ES256` prints it for import."""
    made = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
    return json.dumps({**made, "kid": str(uuid.uuid4()), "alg": "ES256", "use": "sig"})


@dataclass(frozen=True)
class Keys:
    """Every secret of the embedded cloud; `repr` shows none of them."""

    jwt_secret: str = _secret()
    signing_key: str = field(repr=False, default_factory=make_signing_key)
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

    def key_set(self) -> str:
        """What PostgREST verifies with: the imported signing key's public half, and the legacy secret until it ends."""
        imported = {name: value for name, value in json.loads(self.signing_key).items() if name != "d"}
        octets = base64.urlsafe_b64encode(self.jwt_secret.encode()).rstrip(b"=").decode()
        return json.dumps({"keys": [imported, {"kty": "oct", "alg": "HS256", "k": octets}]})

    def role_jwt(self, role: str, issued_at: int | None = None) -> str:
        """A Supabase legacy key: an HS256 JWT that carries a database role for ten years. The gateway makes one of the
        new, opaque keys."""
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
