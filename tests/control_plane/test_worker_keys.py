"""What signs workers' tokens: keys the project imported, its legacy secret, two side by side while one takes over."""

import json
from datetime import UTC, datetime

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from control_plane.errors import NotAllowed
from control_plane.http.tokens import is_analyst_token, sign_analyst_token, sign_worker_token, verify_worker_token
from control_plane.settings import Settings
from control_plane.settings.reader import SettingsError
from control_plane.settings.signing_keys import read_key
from local_cloud import Cloud
from local_cloud.keys import make_signing_key
from tests.control_plane.desk import PDF, Desk

LABEL = "aseagi-local-00000001"
SECRET = "a legacy secret of forty characters, so."
WITH_KID = json.dumps({"kty": "oct", "k": "YSBsZWdhY3kgc2VjcmV0IG9mIGZvcnR5IGNoYXJz", "alg": "HS256", "kid": "k"})
RSA_KEY = json.dumps({
    **RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048), as_dict=True), "alg": "RS256", "kid": "r",
})  # fmt: skip


def token_of(key: str, seconds: int = 600) -> str:
    return sign_worker_token(LABEL, key, datetime.now(UTC), seconds).token


@pytest.mark.parametrize("key", [SECRET, WITH_KID, RSA_KEY, make_signing_key()], ids=["HS256", "kid", "RS256", "ES256"])
def test_what_the_setting_holds_decides_how_a_token_is_signed(key: str) -> None:
    header = jwt.get_unverified_header(token_of(key))
    expected = json.loads(key) if key.startswith("{") else {"alg": "HS256"}
    assert (header["alg"], header.get("kid")) == (expected["alg"], expected.get("kid"))
    assert verify_worker_token(token_of(key), (key,)) == LABEL
    assert is_analyst_token(sign_analyst_token(key, datetime.now(UTC), 60).token, (make_signing_key(), key))
    for token, code in ((token_of(key, -1), "token_expired"), (token_of(make_signing_key()), "token_invalid")):
        with pytest.raises(NotAllowed) as refused:
            verify_worker_token(token, (key,))
        assert refused.value.code == code


def test_nobody_signs_with_the_half_that_everybody_may_have() -> None:
    """The oldest trick: an HS256 token whose secret is the public key, or one that says it needs no signature."""
    key = make_signing_key()
    public = read_key(key).key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    claims = {"role": "gpu_worker", "machine": LABEL, "exp": 2**40}
    forged = jwt.api_jws.PyJWS().encode(
        json.dumps(claims).encode(), public.replace(b"-----", b""), algorithm="HS256"
    )  # fmt: skip
    for token in (forged, jwt.encode(claims, None, algorithm="none")):
        with pytest.raises(NotAllowed):
            verify_worker_token(token, (key, SECRET))


def test_both_keys_are_good_while_one_takes_over(desk: Desk, clean_cloud: Cloud) -> None:
    """A machine with a token of the key before works on, here and at PostgREST; its next one is of the new key."""
    desk.upload(PDF)
    desk.add_machine(LABEL)
    before = desk.worker(LABEL, secret=clean_cloud.jwt_secret)
    assert desk.claim(before)["attempt"] == 1
    renewed = desk.http.post("/api/worker/token", headers=before)
    assert renewed.status_code == 200
    header = jwt.get_unverified_header(renewed.json["token"])
    assert header == {"alg": "ES256", "kid": json.loads(clean_cloud.signing_key)["kid"], "typ": "JWT"}
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        desk.claim(desk.worker(LABEL, secret=make_signing_key()))
    desk.upload(PDF + b"%another")
    assert desk.claim({"Authorization": f"Bearer {renewed.json['token']}"})["attempt"] == 1
    with pytest.raises(NotAllowed):
        verify_worker_token(before["Authorization"].removeprefix("Bearer "), (desk.settings.supabase_jwt_secret,))


@pytest.mark.parametrize("value", [
    "short", "{", '{"kty": "EC"}',
    json.dumps({name: each for name, each in json.loads(make_signing_key()).items() if name != "d"}),
    json.dumps({name: each for name, each in json.loads(make_signing_key()).items() if name != "kid"}),
])  # fmt: skip
def test_a_key_that_cannot_sign_is_refused_at_the_start_and_not_repeated(clean_cloud: Cloud, value: str) -> None:
    for name in ("SUPABASE_JWT_SECRET", "SUPABASE_OLD_JWT_SECRET"):
        with pytest.raises(SettingsError, match=f"{name} (is too short|must be a private JSON|has no `kid`)") as seen:
            Settings.from_env({**clean_cloud.control_plane_environ(), name: value})
        assert value not in str(seen.value) or value in ("{", "short")
