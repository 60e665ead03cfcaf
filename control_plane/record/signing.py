"""Heads of the record: what is stated, and signed with a key that the database does not have (pure)."""

from __future__ import annotations

import base64
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from control_plane.database.record_rows import Head, Record


def load_key(setting: str) -> Ed25519PrivateKey:
    """The key of RECORD_SIGNING_KEY: 32 bytes in URL-safe base64."""
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(setting))


def public_hex(key: Ed25519PrivateKey) -> str:
    """The public key as it stands in heads and exports."""
    return key.public_key().public_bytes_raw().hex()


def state(record: Record, deployment: str, now: datetime) -> str:
    """What a head says, as it is signed."""
    return (
        f"ASEAGI record of {deployment}\nentries: {record.seq}\nhash: {record.hash}\n"
        f"signed at: {now.isoformat(timespec='seconds')}\n"
    )


def sign_head(record: Record, deployment: str, now: datetime, key: Ed25519PrivateKey) -> Head:
    """The signed head of the log as it is now."""
    statement = state(record, deployment, now)
    return Head(record.seq, record.hash, statement, key.sign(statement.encode()).hex(), public_hex(key))
