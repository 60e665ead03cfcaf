"""The front of a deployment: real nginx, real TLS, on loopback."""

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import make_open_folder
from tests.deployment.backups import elsewhere, place, second_cluster
from tests.deployment.front import Front

__all__ = ["elsewhere", "place", "second_cluster"]


@pytest.fixture(scope="module")
def make_front() -> Iterator[Callable[..., Front]]:
    """Starts fronts, each in a folder that nginx's workers, which drop root, can enter."""
    started: list[Front] = []
    with make_open_folder() as place:

        def make(**options: str) -> Front:
            folder = place / str(len(started))
            folder.mkdir(mode=0o711)
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

