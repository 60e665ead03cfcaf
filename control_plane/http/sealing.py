"""What the database keeps sealed with PASSWORDS_KEY (Fernet): people's passwords of files, keys of second factors."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken

from control_plane.errors import BadRequest
from control_plane.http.wiring import settings


def seal(text: str) -> str:
    """Raises BadRequest (`passwords_off`) without a key."""
    key = settings().passwords_key
    if key is None:
        raise BadRequest("Set PASSWORDS_KEY first: what is secret is kept sealed with it.", "passwords_off")
    return Fernet(key).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """None without a key, or for what another key has sealed."""
    key = settings().passwords_key
    try:
        return Fernet(key).decrypt(sealed).decode() if key else None
    except InvalidToken:
        return None
