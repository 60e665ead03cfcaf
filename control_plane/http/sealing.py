"""What the database keeps sealed with PASSWORDS_KEY (Fernet): people's passwords of files, keys of second factors."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from control_plane.errors import BadRequest
from control_plane.http.wiring import settings


def seal(text: str) -> str:
    """With the first key. Raises BadRequest (`passwords_off`) without one."""
    if not settings().passwords_keys:
        raise BadRequest("Set PASSWORDS_KEY first: what is secret is kept sealed with it.", "passwords_off")
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """With whichever key sealed it. None without a key, or for what a key has sealed that we have no more."""
    try:
        return _keys().decrypt(sealed).decode() if settings().passwords_keys else None
    except InvalidToken:
        return None


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings().passwords_keys])
