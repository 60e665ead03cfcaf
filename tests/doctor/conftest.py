"""Settings of a sound house, to be changed one by one."""

import pytest

from control_plane.doctor.probes import Probe
from control_plane.settings import Settings
from local_cloud import Cloud
from tests.control_plane.conftest import drive, drive_settings, private_key

__all__ = ["drive", "drive_settings", "private_key"]


@pytest.fixture
def settings(clean_cloud: Cloud) -> Settings:
    """The embedded cloud's."""
    return Settings.from_env(clean_cloud.control_plane_environ())


def codes(probes: list[Probe]) -> dict[str, str]:
    """What was tried, and the code of what came of it, where that is not ok; each with a mend."""
    found = {each.tried: each.code for each in probes if each.state != "ok"}
    assert all(each.mend for each in probes if each.state in ("warning", "fault"))
    return found
