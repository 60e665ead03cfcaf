"""Workers' tokens: short-lived JWTs that name one rented machine, or the analysis worker (pure).

A key is what SUPABASE_JWT_SECRET holds; see `settings.signing_keys`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from control_plane.errors import NotAllowed
from control_plane.settings.signing_keys import read_key

WORKER_ROLE = "gpu_worker"
ANALYST_ROLE = "analysis_worker"


@dataclass(frozen=True)
class WorkerToken:
    """A signed token and the moment it ends."""

    token: str
    expires_at: datetime


def sign_worker_token(machine: str, key: str, now: datetime, seconds: int) -> WorkerToken:
    """Sign a token that PostgREST honours as role `gpu_worker` and that names the machine's label as `machine`."""
    expires_at = (now + timedelta(seconds=seconds)).replace(microsecond=0)
    claims = {"role": WORKER_ROLE, "machine": machine, "iat": int(now.timestamp()), "exp": expires_at}
    return WorkerToken(_sign(claims, key), expires_at.astimezone(UTC))


def sign_analyst_token(key: str, now: datetime, seconds: int) -> WorkerToken:
    """Sign a token that PostgREST honours as role `analysis_worker`: no machine's, and good for no machine's verbs."""
    expires_at = (now + timedelta(seconds=seconds)).replace(microsecond=0)
    claims = {"role": ANALYST_ROLE, "iat": int(now.timestamp()), "exp": expires_at}
    return WorkerToken(_sign(claims, key), expires_at.astimezone(UTC))


def verify_worker_token(token: str, keys: Sequence[str]) -> str:
    """Return the label of the machine that a token belongs to, which any of our keys may have signed.

    Raises NotAllowed (`token_expired`, `token_invalid`) for anything else than an unexpired token of ours.
    """
    claims = _read_claims(token, keys)
    machine = claims.get("machine")
    if claims.get("role") != WORKER_ROLE or not isinstance(machine, str) or not machine:
        raise NotAllowed("This is not a worker token of this deployment.", "token_invalid")
    return machine


def is_analyst_token(token: str, keys: Sequence[str]) -> bool:
    """Whether a token is the analysis worker's.

    Raises NotAllowed (`token_expired`, `token_invalid`) for anything else than an unexpired token of ours.
    """
    return _read_claims(token, keys).get("role") == ANALYST_ROLE


def _sign(claims: dict[str, Any], key: str) -> str:
    known = read_key(key)
    named = {"kid": known.key_id} if known.key_id else {}  # a project with several keys finds ours by it
    return jwt.encode(claims, known.key, algorithm=known.algorithm_name, headers=named)


def _read_claims(token: str, keys: Sequence[str]) -> dict[str, Any]:
    for known in map(read_key, keys):
        try:
            half = known.key.public_key() if hasattr(known.key, "public_key") else known.key
            claims: dict[str, Any] = jwt.decode(
                token, half, algorithms=[known.algorithm_name], options={"require": ["exp"]}
            )
            return claims
        except jwt.ExpiredSignatureError as error:
            raise NotAllowed("This worker token has expired; rent the machine anew.", "token_expired") from error
        except jwt.InvalidTokenError:
            continue  # the next key's
    raise NotAllowed("This is not a worker token of this deployment.", "token_invalid")
