"""What the doctor says of a bucket, of the real S3 and of stores with other manners."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from control_plane.clients import build_storage
from control_plane.doctor import bucket
from control_plane.doctor.probes import Probe
from control_plane.settings import Settings
from local_cloud import Cloud
from scripts import setup_spaces
from tests.fakes.contrary_s3 import contrary_s3

Examine = Callable[..., dict[str, Probe]]


@pytest.fixture
def examine(clean_cloud: Cloud) -> Examine:
    """The bucket's probes by what was tried, with these settings or these manners of the store."""
    settings = Settings.from_env(clean_cloud.control_plane_environ())

    def ask(*manners: str, **changes: str) -> dict[str, Probe]:
        with contrary_s3(clean_cloud.spaces_endpoint, *manners) as store:
            endpoint = {"spaces_endpoint": store.url} if manners else {}
            found = bucket.examine(build_storage(replace(settings, **endpoint, **changes)))
        return {each.tried: each for each in found}

    return ask


def faults(found: dict[str, Probe]) -> dict[str, str]:
    return {tried: each.code for tried, each in found.items() if each.state == "fault"}


def test_a_sound_bucket_is_said_so_and_left_as_it_was(examine: Examine, clean_cloud: Cloud):
    found = examine()
    assert faults(found) == {}
    assert {tried: each.code for tried, each in found.items() if each.state != "ok"} == {
        "versions": "bucket_without_versions", "rules": "bucket_lifecycle_missing",
    }  # fmt: skip
    settings = Settings.from_env(clean_cloud.control_plane_environ())
    assert build_storage(settings).list_page("") == []


def test_a_bucket_that_any_page_may_read_by_script(examine: Examine, clean_cloud: Cloud):
    client, bucket = setup_spaces.make_client(clean_cloud.control_plane_environ()), clean_cloud.spaces_bucket
    rule = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    try:
        assert examine()["scripts of other pages"].code == "bucket_cors_open"
    finally:
        client.delete_bucket_cors(Bucket=bucket)


def test_rules_that_setup_made_are_found(examine: Examine, clean_cloud: Cloud):
    client = setup_spaces.make_client(clean_cloud.control_plane_environ())
    setup_spaces.set_lifecycle(client, clean_cloud.spaces_bucket, 30, keeps_versions=False)
    try:
        assert examine()["rules"].state == "ok"
        assert examine("hides_rules")["rules"].code == "bucket_lifecycle_hidden"
    finally:
        client.delete_bucket_lifecycle(Bucket=clean_cloud.spaces_bucket)


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        ("overwrites", {"a second time": "bucket_put_not_conditional", "other bytes later": "bucket_overwritten"}),
        ("knows_no_if", {"a machine leaves a result": "bucket_put_not_conditional"}),
        ("public", {"nobody reads without": "bucket_is_public"}),
        ("read_only", {
            "a machine leaves a result": "bucket_put_refused",
            "an upload is written, listed, copied and deleted": "storage_key_refused",
        }),
    ],
)  # fmt: skip
def test_each_manner_has_its_name_and_its_mend(examine: Examine, manner: str, said: dict[str, str]):
    found = examine(manner)
    assert faults(found) == said
    assert all(found[tried].mend for tried in said)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"spaces_secret": "not the secret"}, "storage_key_refused"),
        ({"spaces_bucket": "of-somebody-else"}, "storage_bucket_missing"),
        ({"spaces_endpoint": "http://127.0.0.1:9"}, "storage_unavailable"),
    ],
)
def test_a_bucket_that_is_out_of_reach_is_tried_no_further(examine: Examine, changes: dict[str, str], code: str):
    assert faults(examine(**changes)) == {"answers": code}
