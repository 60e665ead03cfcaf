"""Claude's verdicts on pairs through all parts: papers, pairs, route, worker, gateway, and Anthropic's own bill."""

import json

import psycopg
import pytest

from scripts.bench.case import CaseLibrary
from scripts.bench.case_verdicts import Touched, judge_case, untouched
from tests.claude.office import Office

OATH = """DECLARATION OF BO LEE

I, Bo Lee, declare under penalty of perjury:
On April 7, 2023, I returned both children to Ann Lee at the exchange at 6:00 p.m.
I never owned a boat.
On May 2, 2023 I picked up Nora Lee from the soccer practice.

Dated: June 1, 2023
Bo Lee
"""
REPORT = "INCIDENT LOG\n\nApril 7, 2023. At 9:12 p.m. Bo Lee returned both children to Ann Lee at the exchange.\n"
CARD = "BOAT REGISTRATION\n\nOwner: Bo Lee\nBoat: 18 ft, registered November 8, 2022, expires November 8, 2023\n"
COACH = """May 20, 2023
Dear Ms. Lee,
Bo Lee picked up Nora Lee from the soccer practice on May 9, 2023 and was friendly.
Sincerely,
Carl Dunn
"""
LATE, BOAT, PRACTICE = "9:12 p.m.", "Owner", "May 9"


@pytest.fixture
def case(office, tmp_path) -> Office:
    """Four papers that were read, and their pairs."""
    for text in (OATH, REPORT, CARD, COACH):
        office.read(text)
    office.sql("update processing_jobs set status = 'cancelled', finished_at = now() where kind = 'analyse'")
    office.worker(tmp_path).step(draws=True)
    return office


def pairs(office: Office) -> dict[str, dict]:
    """The pairs by what is told in them beside the oath."""
    listed = office.desk.get("/api/case/pairs", limit=200, state="open,accepted,explained,dismissed,later").json
    oath = [each for each in listed["pairs"] if each["a"]["voice"] == "sworn"]
    told = {word: [each for each in oath if word in each["b"]["quote"]] for word in (LATE, BOAT, PRACTICE)}
    return {word: max(found, key=lambda each: each["score"]) for word, found in told.items() if found}


OTHERS = ("id", "proposed_by", "score", "state", "decided_by", "why", "people", "stands", "a", "b")


def candidate(pair: dict) -> dict:
    return {name: pair[name] for name in OTHERS}


def test_verdicts_come_from_the_route_to_the_pairs_and_change_nothing_else(case, anthropic_api, tmp_path):
    before = pairs(case)
    assert before[LATE]["verdict_by"] == "rules"
    decision = f"/api/case/pairs/{before[LATE]['id']}/decision"
    assert case.desk.post(decision, state="later", why="Ask the station.").status_code == 200
    before = pairs(case)

    told = case.desk.get("/api/case/pairs/estimate").json
    assert told["basis"] == "assumed" and told["documents"] >= 1 and told["usd"] > 0 and told["pairs"] >= 3
    assert case.desk.post("/api/case/pairs/judge").json == {"queued": told["documents"], "left": 0}
    assert case.desk.post("/api/case/pairs/judge").json == {"queued": 0, "left": 0}, "asking twice pays once"
    case.worker(tmp_path).step(6, draws=True)

    after = pairs(case)
    assert {word: pair["verdict"] for word, pair in after.items()} == {
        LATE: "cannot_tell", BOAT: "conflict", PRACTICE: "no_conflict",
    }  # fmt: skip
    assert {(pair["verdict_by"], pair["judged_at"] is not None) for pair in after.values()} == {("claude", True)}
    assert after[BOAT]["model"] == "claude-sonnet-5-5", "a conflict is looked at again by the careful one"
    assert after[PRACTICE]["model"] == "claude-haiku-5-5"
    assert (after[BOAT]["reason"], after[BOAT]["explained_by"]) == (
        "The two cannot both be true.", "Another day may be meant.",
    )  # fmt: skip
    assert after[LATE]["explained_by"] and after[PRACTICE]["explained_by"] is None
    assert {word: candidate(pair) for word, pair in after.items()} == {
        word: candidate(pair) for word, pair in before.items()
    }
    assert (after[LATE]["state"], after[LATE]["why"]) == ("later", "Ask the station.")

    bodies = [(body["model"], json.loads(body["messages"][0]["content"])["pairs"]) for body in anthropic_api.requests]
    quick, careful = (
        [asked for used, asked in bodies if used == model] for model in ("claude-haiku-5-5", "claude-sonnet-5-5")
    )
    sides = [side for asked in careful for pair in asked for side in (pair["a"], pair["b"])]
    assert any("I never owned a boat." in side["words"] and "6:00 p.m." in side["before"] for side in sides)
    assert not any("before" in pair["a"] for asked in quick for pair in asked), "the cheap look has the quotes alone"

    assert case.ledger_usd() == pytest.approx(anthropic_api.account.bill.total_usd, abs=1e-5)
    assert 0 < case.ledger_usd() / 4 <= 0.004
    told = case.desk.get("/api/case/pairs/estimate").json
    assert (told["documents"], told["pairs"], told["usd"]) == (0, 0, 0.0), "what was judged is not to be judged again"


def test_words_that_left_the_text_while_claude_read_them_get_no_verdict(case, anthropic_api, tmp_path):
    before = pairs(case)
    anthropic_api.batches.seconds = None
    case.desk.post("/api/case/pairs/decide", ids=[before[LATE]["id"]], state="later")
    case.desk.post("/api/case/pairs/judge")
    worker = case.worker(tmp_path)
    worker.step(2, draws=True)
    case.sql("update document_repository set text = replace(text, '9:12 p.m.', '6:12 p.m.')")
    anthropic_api.batches.finish()
    anthropic_api.batches.seconds = 0
    worker.step(6, draws=True)
    after = pairs(case)
    asked = str([body["messages"] for body in anthropic_api.requests])
    assert LATE in asked, "it was asked about while it stood"
    late = after[LATE]
    assert (late["stands"], late["state"], late["verdict_by"]) == (False, "later", "rules"), "the decision is kept"
    assert (after[PRACTICE]["verdict"], after[PRACTICE]["verdict_by"]) == ("no_conflict", "claude")


def test_an_answer_that_is_none_leaves_the_pairs_as_rules_see_them(case, anthropic_api, tmp_path):
    before = pairs(case)
    anthropic_api.script = ["malformed", "refusal", "cut_off", "answer"]
    case.desk.post("/api/case/pairs/judge")
    case.worker(tmp_path).step(6, draws=True)
    by = {word: (before[word]["verdict"], pair["verdict"], pair["verdict_by"]) for word, pair in pairs(case).items()}
    assert all(was == now for was, now, judge in by.values() if judge != "claude"), by
    ((unsound,),) = case.sql("select count(*) from pairs where verdict_by is distinct from 'claude'")
    assert unsound > 0
    assert case.sql("select distinct status from processing_jobs where kind = 'compare'") == [("completed",)]


def test_the_benchmarks_count_what_verdicts_cost_two_calls_a_document_and_no_candidate_is_touched(
    clean_cloud, anthropic_api
):
    library = CaseLibrary(clean_cloud)
    library.enter({name: {"text": text} for name, text in {"oath": OATH, "card": CARD, "report": REPORT}.items()})
    with psycopg.connect(clean_cloud.postgres_url, autocommit=True) as owner:
        judged = judge_case(clean_cloud, owner, library.sweep, (anthropic_api.url, anthropic_api.key))
        assert judged.documents == 3 and sum(judged.verdicts.values()) == judged.pairs_asked > 0
        assert judged.calls["claude-haiku-5-5"] == judged.documents_asked
        assert 0 < judged.calls["claude-sonnet-5-5"] <= judged.documents_asked
        for touch in ("update pairs set score = score + 1", "insert into pair_decisions (pair_id, state, decided_by, "
                      "a_document, a_quote, b_document, b_quote) select id, 'later', 'x', a_document, 'x', b_document, "
                      "'y' from pairs limit 1"):  # fmt: skip
            with pytest.raises(Touched), untouched(owner):
                owner.execute(touch)
    found = library.found()
    assert found.usd == pytest.approx(anthropic_api.account.bill.total_usd, abs=1e-5)
    assert judged.usd == pytest.approx(found.usd, abs=1e-4) and 0 < judged.usd_per_document <= 0.004
    assert any(pair.is_conflict for pair in found.pairs)
