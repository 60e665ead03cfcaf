"""docs/vendors.md says what happens; each of its rows names a test, and there is that test."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "vendors.md").read_text().splitlines()
    if line.startswith("| ")
][1:]


def test_each_row_names_a_test_that_there_is():
    assert len(ROWS) > 30
    for row in ROWS:
        assert len(row) == 6 and all(row[:3]), row
        path, _, name = row[5].strip("`").partition("::")
        assert re.search(rf"^def {re.escape(name)}\(", (ROOT / path).read_text(), re.M), row[5]


def test_each_vendor_has_its_rows():
    assert {row[0] for row in ROWS} == {"storage", "Drive", "mailbox", "Telegram", "Claude", "Vast.ai", "Supabase"}
