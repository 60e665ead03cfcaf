"""The benchmark of viewers asks what the dashboard asks, and counts what it says."""

import ast
from pathlib import Path

import pytest

from scripts.bench.viewers import POLLS, House, furnish, measure, parse

VIEWS = Path(__file__).parents[2] / "dashboard" / "views"


def numbers_of(view: str) -> dict[str, int]:
    """The numbers that a view's module gives a name."""
    tree = ast.parse((VIEWS / f"{view}.py").read_text())
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, int)
    }


@pytest.mark.parametrize("page", sorted({poll.page for poll in POLLS}))
def test_the_polls_are_the_dashboard_s(page):
    numbers = numbers_of(page)
    limits = {int(poll.path.rpartition("limit=")[2].partition("&")[0]) for poll in POLLS
              if poll.page == page and "limit=" in poll.path}  # fmt: skip
    assert {poll.seconds for poll in POLLS if poll.page == page} == {numbers["POLL_SECONDS"]}
    named = {numbers[name] for name in ("LATEST_JOBS", "MOST_UNSAID", "MOST_REFUSED", "PAGE_ROWS") if name in numbers}
    assert named <= limits and len(limits - named) <= 1  # MOST_OPEN of price quotes stands in a module of its own


def test_a_short_run_counts_calls_documents_and_blocks(clean_cloud, front_desk, _front_desk):
    few = {"documents": 60, "batches": 3, "refused": 20, "alarms": 5, "viewers": 4, "workers": 2, "seconds": 2}
    options = parse(["--calls=2", *(f"--{name}={number}" for name, number in few.items())])
    furnish(clean_cloud, options)
    told = measure(House(clean_cloud, front_desk, _front_desk.process.pid), options)
    polls = {row["path"]: row for row in told["polls"]}
    assert {poll.path for poll in POLLS if polls[poll.path]["calls"] < 1} == set()
    assert all(row["blocks"] >= 0 and row["bytes"] > 0 for row in polls.values())  # held small in test_poll_cost.py
    assert told["documents_completed"] >= 1
