"""Workers' tokens: short-lived JWTs that name one rented machine, or the analysis worker (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from control_plane.errors import NotAllowed

WORKER_ROLE = "gpu_worker"
ANALYST_ROLE = "analysis_worker"


@dataclass(frozen=True)
class WorkerToken:
    """A signed token and the moment it ends."""

    token: str
    expires_at: datetime


def sign_worker_token(machine: str, secret: str, now: datetime, seconds: int) -> WorkerToken:
    """Sign a token that PostgREST honours as role `gpu_worker` and that names the machine's label as `machine`."""
    expires_at = (now + timedelta(seconds=seconds)).replace(microsecond=0)
    claims = {"role": WORKER_ROLE, "machine": machine, "iat": int(now.timestamp()), "exp": expires_at}
    return WorkerToken(jwt.encode(claims, secret, algorithm="HS256"), expires_at.astimezone(UTC))


def sign_analyst_token(secret: str, now: datetime, seconds: int) -> WorkerToken:
    """Sign a token that PostgREST honours as role `analysis_worker`: no machine's, and good for no machine's verbs."""
    expires_at = (now + timedelta(seconds=seconds)).replace(microsecond=0)
    claims = {"role": ANALYST_ROLE, "iat": int(now.timestamp()), "exp": expires_at}
    return WorkerToken(jwt.encode(claims, secret, algorithm="HS256"), expires_at.astimezone(UTC))


def verify_worker_token(token: str, secret: str) -> str:
    """Return the label of the machine that a token belongs to.

    Raises NotAllowed (`token_expired`, `token_invalid`) for anything else than an unexpired token of ours.
    """
    claims = _read_claims(token, secret)
    machine = claims.get("machine")
    if claims.get("role") != WORKER_ROLE or not isinstance(machine, str) or not machine:
        raise NotAllowed("This is not a worker token of this deployment.", "token_invalid")
    return machine


def is_analyst_token(token: str, secret: str) -> bool:
    """Whether a token is the analysis worker's.

    Raises NotAllowed (`token_expired`, `token_invalid`) for anything else than an unexpired token of ours.
    """
    return _read_claims(token, secret).get("role") == ANALYST_ROLE


def _read_claims(token: str, secret: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(token, secret, algorithms=["HS256"], options={"require": ["exp"]})
    except jwt.ExpiredSignatureError as error:
        raise NotAllowed("This worker token has expired; rent the machine anew.", "token_expired") from error
    except jwt.InvalidTokenError as error:
        raise NotAllowed("This is not a worker token of this deployment.", "token_invalid") from error
    return claims
