"""What a person knows and has: a password (Argon2id), a code of the minute (RFC 6238), recovery codes (pure)."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from threading import BoundedSemaphore

import argon2
import pyotp
import segno

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
STEP_SECONDS = 30
STEPS_AROUND = 1
"""A telephone's clock may be half a minute off, and a person types."""
RECOVERY_CODES = 10
# 19 MiB and two passes, OWASP's least; two at once, or 48 threads of guesses would take 900 MB of a 2 GB droplet.
HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
AT_ONCE = BoundedSemaphore(2)
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$1cOWLgZQOEamHFfBvaHLUg$SpIjU5t3Q1Bx1c+rtue1WmFWIl0hipMjUWEabEnH1IM"
"""Compared with where there is no such person, so that a stranger learns nothing from how long an answer takes."""


def hash_password(password: str) -> str:
    """The password as it is kept."""
    with AT_ONCE:
        return HASHER.hash(password)


def password_matches(kept: str | None, given: str) -> bool:
    """Whether it is the password; takes as long where there is none."""
    with AT_ONCE:
        try:
            return HASHER.verify(kept or NOBODYS, given) and kept is not None
        except argon2.exceptions.VerificationError:
            return False


def password_problem(password: str, name: str) -> str | None:
    """Why a password will not do, in a sentence; None for one that will."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return f"Choose a password of at least {SHORTEST_PASSWORD} characters: four words that do not belong together."
    if len(set(password)) < 5 or name.lower() in password.lower():
        return "That password is too easy to guess: choose one without your name and with more different letters."
    return None


def make_totp_key() -> str:
    """A fresh key for an authenticator app (160 bits, base32)."""
    return pyotp.random_base32()


def is_totp_key(text: str) -> bool:
    """Whether it could be one that we made."""
    return re.fullmatch(r"[A-Z2-7]{32}", text) is not None


def find_step(key: str, code: str, now: float) -> int | None:
    """The step of 30 seconds, this one or one beside it, whose code this is; None where it is none's."""
    digits = re.sub(r"\s", "", code)
    here = int(now) // STEP_SECONDS
    for step in range(here - STEPS_AROUND, here + STEPS_AROUND + 1):
        if hmac.compare_digest(pyotp.TOTP(key).at(step * STEP_SECONDS).encode(), digits.encode()):
            return step
    return None


def qr_picture(key: str, name: str, house: str) -> str:
    """The key as a QR code for an authenticator app, an SVG that stands in a page."""
    address = pyotp.TOTP(key).provisioning_uri(name=name, issuer_name=f"ASEAGI {house}")
    return str(segno.make(address, error="m").svg_inline(scale=4, border=4, dark="#000", light="#fff"))


def make_recovery_codes() -> list[str]:
    """One-time codes for a lost telephone, 50 bits each, in letters that nobody mistakes."""
    words = [base64.b32encode(secrets.token_bytes(7)).decode()[:10].lower() for _ in range(RECOVERY_CODES)]
    return [f"{word[:5]}-{word[5:]}" for word in words]


def plain_recovery_code(typed: str) -> str | None:
    """A recovery code as it is hashed, however it was typed; None for what is none."""
    word = re.sub(r"[\s-]", "", typed).lower()
    return word if re.fullmatch(r"[a-z2-7]{10}", word) else None
