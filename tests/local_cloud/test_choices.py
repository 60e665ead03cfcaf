"""Which parts are real is decided by complete groups of variables."""

import pytest

from local_cloud.choices import banner, choose
from local_cloud.errors import SettingsIncomplete

STORAGE = {name: "x" for name in ("SPACES_ENDPOINT", "SPACES_REGION", "SPACES_KEY", "SPACES_SECRET", "SPACES_BUCKET")}
DATABASE = {
    name: "x"
    for name in ("SUPABASE_URL", "SUPABASE_SERVICE_KEY", "SUPABASE_PUBLISHABLE_KEY", "SUPABASE_JWT_SECRET")
}
MACHINES = {"VAST_API_KEY": "key", "CONTROL_PLANE_URL": "https://example.org", "WORKER_IMAGE": "me/worker"}


def test_nothing_set_is_all_embedded_and_nothing_is_passed_on():
    choices = choose({"PATH": "/bin", "EDITOR": "vi"})
    assert (choices.real, dict(choices.environ)) == (frozenset(), {})
    assert all(how for _, _, how in banner(choices)), "each row says which variable turns the real one on"


def test_a_complete_group_turns_its_part_real():
    choices = choose(STORAGE | {"ANTHROPIC_API_KEY": "key", "IDLE_SECONDS": "9", "FLEET_TICK_SECONDS": "3"})
    assert choices.real == {"storage", "analysis"}
    assert dict(choices.environ) == STORAGE | {
        "ANTHROPIC_API_KEY": "key", "IDLE_SECONDS": "9", "FLEET_TICK_SECONDS": "3",
    }  # fmt: skip
    assert ("analysis", "Claude (real)", "") in banner(choices)


def test_half_a_group_is_refused_without_showing_a_value():
    with pytest.raises(SettingsIncomplete) as caught:
        choose({"SPACES_SECRET": "hush", "SPACES_ENDPOINT": "https://example.org"})
    assert "SPACES_REGION, SPACES_KEY, SPACES_BUCKET missing" in str(caught.value) and "hush" not in str(caught.value)


def test_a_vast_key_in_the_shell_rents_nothing_unless_everything_is_reachable_from_outside():
    """A rented machine could not reach a database on loopback: it would cost money and do nothing."""
    for environ in ({"VAST_API_KEY": "key"}, MACHINES, MACHINES | STORAGE):
        choices = choose(environ)
        assert not choices.is_real("machines") and "VAST_API_KEY" not in choices.environ
    assert choose(MACHINES | STORAGE | DATABASE).is_real("machines")
