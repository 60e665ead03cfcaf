"""What SUPABASE_JWT_SECRET holds (pure): a JSON Web Key with its private half (ES256, RS256), as the project imported
it, or the project's legacy secret (HS256)."""

from __future__ import annotations

import base64
import json
from functools import lru_cache

import jwt


@lru_cache(maxsize=8)
def read_key(text: str) -> jwt.PyJWK:
    """The key that signs and verifies: a JSON Web Key, or a secret for HS256. Raises ValueError for neither."""
    if not text.startswith("{"):
        octets = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
        return jwt.PyJWK({"kty": "oct", "k": octets, "alg": "HS256"})
    try:
        values = json.loads(text)
        if "d" not in values and values.get("kty") != "oct":
            raise ValueError("the public half signs nothing")
        return jwt.PyJWK(values)
    except (jwt.PyJWTError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError("no JSON Web Key") from error
