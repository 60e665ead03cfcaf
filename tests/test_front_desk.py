"""A test's control plane ends with it: nobody writes into the cloud of the next one."""

import httpx
import pytest

answered_at: list[str] = []


def test_a_control_plane_beside_a_test_answers(front_desk: str):
    assert httpx.get(f"{front_desk}/health", timeout=20).status_code == 200
    answered_at.append(front_desk)


def test_and_is_gone_where_the_next_has_asked_for_none(clean_cloud):
    (url,) = answered_at
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{url}/health", timeout=20)
