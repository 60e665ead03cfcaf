"""What CONTRIBUTING and the README name exists."""

import re

import pytest

from tests.deployment.front import REPOSITORY


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md", "CHANGELOG.md"])
def test_every_path_that_is_named_exists(page: str) -> None:
    text = (REPOSITORY / page).read_text()
    named = set(re.findall(r"`([\w./-]+(?:/|\.(?:py|md|sql|sh|txt|toml|worker)))`", text))
    named |= {target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target}
    made_here = (".venv", ".local", "raw/", "processed/", "cache/")
    rooms = ("", "gpu_worker", "dashboard", "control_plane", "control_plane/documents", "tests")
    here = [name for name in sorted(named) if not name.startswith(made_here)]
    assert [name for name in here if not any((REPOSITORY / room / name).exists() for room in rooms)] == []
