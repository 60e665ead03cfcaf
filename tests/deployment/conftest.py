"""The front of a deployment: real nginx, real TLS, on loopback."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deployment.front import Front


@pytest.fixture(scope="module")
def make_front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Front]]:
    """Starts fronts, each in a folder that nginx's workers, which drop root, can enter."""
    started: list[Front] = []

    def make(**options: str) -> Front:
        folder = tmp_path_factory.mktemp("nginx")
        _open(folder)
        started.append(Front(folder, **options))
        return started[-1]

    yield make
    for running in started:
        running.stop()


@pytest.fixture(scope="module")
def front(make_front: Callable[..., Front]) -> Front:
    """nginx for the managed set-up: Supabase and Spaces are elsewhere."""
    return make_front()


@pytest.fixture(scope="module")
def selfhosted_front(make_front: Callable[..., Front]) -> Front:
    """nginx with the profile `selfhosted`."""
    return make_front(sites="selfhosted")


def _open(folder: Path) -> None:
    for parent in (folder, folder.parent, folder.parent.parent):
        parent.chmod(parent.stat().st_mode | 0o011)
