"""What the end-to-end tests share beside their harness."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from scripts.soak.account import Facts

SOUND = Facts(
    acknowledged=10, recorded=10, unrecorded=[], strangers=0, double_documents=0, double_results=0, double_pages=0,
    sound_failed=[], damaged=1, damaged_told=1, looser=0, originals=10, originals_unlike=0, artifacts_missing=0,
    strays=0, open_contracts=0, processes_left=0, billed_usd=0.5, ledger_usd=0.500001, record_faults=0,
    export_is_clean=True,
)  # fmt: skip


@pytest.fixture
def soaked() -> Callable[..., Facts]:
    """The facts of a soak that went well, with some of them otherwise."""
    return lambda **changes: replace(SOUND, **changes)
