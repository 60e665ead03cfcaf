"""Supabase runs a newer PostgREST than npm has: where its release notes tell of a difference, we do not rest on it."""

import json
from collections.abc import Iterator
from dataclasses import replace

import httpx
import jwt
import pytest

from control_plane.doctor import database as doctor
from control_plane.settings.signing_keys import read_key
from gpu_worker.clients.job_queue import JobQueue
from gpu_worker.clients.rpc import Rpc
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.errors import TokenDead, TransientError
from local_cloud import Cloud
from tests.control_plane.desk import Desk, complete_a_document, make_desk
from tests.fakes.newer_postgrest import newer_postgrest

LABEL = "aseagi-local-00000001"


@pytest.fixture(scope="module")
def newer(cloud: Cloud) -> Iterator[None]:
    with newer_postgrest(cloud):
        yield


@pytest.fixture
def desk(newer: None, clean_cloud: Cloud) -> Desk:
    return make_desk(clean_cloud)


def queue_of(desk: Desk, token: str) -> JobQueue:
    """The queue as a machine with this token meets it, without patience."""
    settings = desk.settings
    rpc = Rpc(httpx.Client(), settings.supabase_url, settings.supabase_publishable_key, WorkerToken(token), 0)
    return JobQueue(rpc)


def test_the_main_job_and_the_doctor(desk: Desk):
    document_id = complete_a_document(desk)
    assert desk.get(f"/api/documents/{document_id}").json["status"] == "completed"
    assert desk.get("/api/jobs").json["jobs"] and desk.get("/api/decisions").status_code == 200
    found = doctor.examine(desk.settings, desk.clients.database)
    assert {each.state for each in found} == {"ok"}, found


def test_a_key_under_another_name_than_the_projects_is_refused_and_said_so(desk: Desk):
    """12 tried each key; from 13 on a token is honoured only by the key that it names."""
    key = json.loads(desk.settings.supabase_jwt_secret) | {"kid": "of-another-project"}
    other = replace(desk, settings=replace(desk.settings, supabase_jwt_secret=json.dumps(key)))
    found = {each.tried: each for each in doctor.examine(other.settings, other.clients.database)}
    refused = found["a machine's token"]
    assert (refused.code, "not honour" in refused.message) == ("worker_token_refused", True)
    with pytest.raises(TokenDead):
        queue_of(other, token_of(other.add_machine(LABEL))).claim_jobs(1, 60)


def test_an_expired_token_ends_its_machine_and_a_role_that_is_not_there_yet_does_not(desk: Desk):
    desk.add_machine(LABEL)
    with pytest.raises(TokenDead):
        queue_of(desk, token_of(desk.worker(LABEL, seconds=-60))).claim_jobs(1, 60)
    claims = jwt.decode(token_of(desk.worker(LABEL)), options={"verify_signature": False})
    key = read_key(desk.settings.supabase_jwt_secret)
    token = jwt.encode(claims | {"role": "not_there_yet"}, key.key, key.algorithm_name, {"kid": key.key_id})
    with pytest.raises(TransientError):
        queue_of(desk, token).claim_jobs(1, 60)


def token_of(headers: dict[str, str]) -> str:
    return headers["Authorization"].removeprefix("Bearer ")
