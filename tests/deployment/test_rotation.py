"""Every key can be changed: docs/operations.md has a row for each, and each row names what tried it."""

import re

from scripts.containers.reader import blocks
from scripts.containers.rotation import HEADING, MADE, OPERATIONS
from tests.deployment.front import REPOSITORY
from tests.deployment.test_compose import NO_SECRETS, listed

PAGE = OPERATIONS.read_text().partition(f"## {HEADING}\n")[2].partition("\n## ")[0]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| `")]
OF_A_KIND = re.compile(r"(PASSWORD|SECRET|TOKEN|_KEY|_LOGIN|_RECIPIENT)$")


def test_every_key_of_the_settings_has_its_row() -> None:
    named = [name for row in ROWS for name in re.findall(r"`(\w+)`", row[0])]
    keys = {name for name in listed() if OF_A_KIND.search(name)} - NO_SECRETS - {"SUPABASE_OLD_JWT_SECRET"}
    assert sorted(named) == sorted(keys | {"SUPABASE_PUBLISHABLE_KEY"})


def test_each_row_names_a_test_that_there_is() -> None:
    for row in ROWS:
        tried = re.findall(r"`([^`]+)`", row[2])
        assert len(row) == 3 and tried, row
        for path, _, name in (each.partition("::") for each in tried if each != "make compose-test"):
            assert re.search(rf"^def {name}\(", (REPOSITORY / path).read_text(), re.MULTILINE), row[2]


def test_the_recipe_is_what_the_containers_type() -> None:
    key, change = blocks(HEADING, OPERATIONS)
    assert "age-keygen" in key.script and "scripts/deploy.sh" in change.script
    assert set(MADE) <= {name for row in ROWS for name in re.findall(r"`(\w+)`", row[0])}
