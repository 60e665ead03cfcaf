"""What the doctor says of the worker's image, of a registry as Docker's and of one with plain logins."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from control_plane.doctor import image
from control_plane.registry import Image, Login
from control_plane.settings import Settings
from local_cloud import Cloud
from tests.fakes.registry import FakeRegistry, fake_registry

LOGIN = "-u me -p secret ghcr.io"


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with fake_registry() as fake:
        yield fake


def ask(cloud: Cloud, worker_image: str, login: str = "") -> tuple[str, str]:
    settings = Settings.from_env(cloud.control_plane_environ())
    (found,) = image.examine(replace(settings, worker_image=worker_image, worker_image_login=login))
    assert "secret" not in found.message
    return found.state, found.code


@pytest.mark.parametrize("asks", ["bearer", "basic"])
def test_a_private_image_is_pulled_with_our_login_only(cloud: Cloud, registry: FakeRegistry, asks: str):
    registry.users, registry.asks = {"me": "secret"}, asks
    assert ask(cloud, registry.image(), LOGIN) == ("ok", "ok")
    assert ask(cloud, registry.image(), "-u me -p other ghcr.io") == ("fault", "image_login_refused")
    assert ask(cloud, registry.image()) == ("off", "not_set_up")  # the scaler has the login


def test_a_public_image_a_missing_tag_another_machine_s_and_a_large_one(cloud: Cloud, registry: FakeRegistry):
    assert ask(cloud, registry.image()) == ("ok", "ok")
    assert ask(cloud, registry.image("2")) == ("fault", "image_missing")
    registry.tags["3"] = [90_000_000_000]
    assert ask(cloud, registry.image("3")) == ("warning", "image_too_large")
    registry.platform = "arm64"
    assert ask(cloud, registry.image()) == ("fault", "image_missing")


def test_a_registry_that_is_away_and_a_login_that_is_none(cloud: Cloud, registry: FakeRegistry):
    registry.trouble = 503
    assert ask(cloud, registry.image()) == ("fault", "registry_unavailable")
    assert ask(cloud, "127.0.0.1:9/me/worker:1") == ("fault", "registry_unavailable")
    assert ask(cloud, registry.image(), "me:secret") == ("fault", "image_login_unreadable")


def test_names_are_read_as_docker_reads_them():
    assert Image.of("ghcr.io/you/worker:abc") == Image("ghcr.io", "you/worker", "abc")
    assert Image.of("you/worker") == Image("registry-1.docker.io", "you/worker", "latest")
    assert Image.of("debian:12") == Image("registry-1.docker.io", "library/debian", "12")
    assert Image.of("localhost:5000/w@sha256:aa").url == "http://localhost:5000/v2/w"
    assert Image.of("ghcr.io/you/w@sha256:aa").tag == "sha256:aa"
    assert Login.of(LOGIN) == Login("me", "secret") and Login.of("") is None
