"""Attacks on real parts: what an enemy would try, with what he would have."""

import pytest

from local_cloud import Cloud
from tests.claude.conftest import anthropic_api, gateway, make_gateway  # noqa: F401 - fixtures
from tests.control_plane.desk import Desk, make_desk


@pytest.fixture
def desk(clean_cloud: Cloud) -> Desk:
    """The app in this process, over an empty cloud."""
    return make_desk(clean_cloud)
