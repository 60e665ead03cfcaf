"""The short one of `make soak`: whatever is killed or frozen, at whatever moment, nothing is lost, doubled or left."""

from scripts.soak.account import Row, account_rows, as_json, as_markdown
from scripts.soak.papers import make_papers
from scripts.soak.plan import FROZEN_ONLY, PARTS, Deed, make_plan
from scripts.soak.soak import run_soak
from tests.end_to_end.harness import rows

SEED = 7
SECONDS, PAUSE_SECONDS = 110.0, 3.0
SENDERS, BETWEEN_PAPERS_SECONDS = 2, 2.0


def test_a_storm_over_every_part_leaves_nothing_lost_doubled_or_open(clean_cloud, open_folder):
    plan = make_plan(SEED, SECONDS, pause_seconds=PAUSE_SECONDS)
    facts, about = run_soak(clean_cloud, open_folder, list(plan), SECONDS, SEED, SENDERS, BETWEEN_PAPERS_SECONDS)
    assert [row for row in account_rows(facts) if not row.is_well] == [], (facts, about)
    assert about["is_drained"]
    struck = {name.partition(" ")[0] for name in about["blows"]}
    assert struck | {"worker"} == set(PARTS), "whether a machine is there in time, the market says"
    assert rows(clean_cloud, "select distinct status from machines") == [("destroyed",)]


def test_the_same_seed_is_the_same_storm_and_each_part_meets_each_deed():
    plan = make_plan(1, 1200)
    assert plan == make_plan(1, 1200) != make_plan(2, 1200)
    assert {(blow.part, blow.deed) for blow in plan} == {
        (part, deed) for part in PARTS for deed in Deed if deed is Deed.FREEZE or part not in FROZEN_ONLY
    }
    assert plan == sorted(plan) and all(blow.at + blow.seconds <= 1200 for blow in plan)
    assert max(blow.seconds for blow in plan) > 30, "some outlast a lease"


def test_the_same_seed_is_the_same_papers_and_damaged_ones_are_different_documents():
    first, second = (dict(zip(range(300), make_papers(4), strict=False)) for _ in range(2))
    assert [each.sha256 for each in first.values()] == [each.sha256 for each in second.values()]
    damaged = {each.sha256 for each in first.values() if not each.is_sound}
    assert len(damaged) > 5 and len({each.sha256 for each in first.values()}) > 240


def test_a_table_is_well_only_where_something_was_taken_and_all_of_it_is_there(soaked):
    assert all(row.is_well for row in account_rows(soaked()))
    for change in (
        {"acknowledged": 0, "recorded": 0}, {"recorded": 9}, {"double_pages": 1}, {"sound_failed": ["a.txt: lost"]},
        {"damaged_told": 0}, {"strangers": 1}, {"looser": 1}, {"originals_unlike": 1}, {"artifacts_missing": 1},
        {"strays": 1}, {"processes_left": 1}, {"ledger_usd": 0.5001}, {"record_faults": 1}, {"export_is_clean": False},
    ):  # fmt: skip
        [bad] = [row for row in account_rows(soaked(**change)) if not row.is_well]
        assert isinstance(bad, Row) and f"| {bad.what} " in as_markdown([bad]) and "NOT WELL" in as_markdown([bad])
        assert as_json(soaked(**change), {"seed": 1})["is_well"] is False
