"""The case asked in words: answered with quotes that stand and nothing else, and never for more than was said."""

import pytest

from tests.claude.office import Office
from tests.claude.test_pairs_judged import CARD, COACH, OATH, REPORT

BOAT = "Did Bo own a boat?"


@pytest.fixture
def make_case(make_gateway, tmp_path):
    """`make_case(NAME=value)`: four papers that were read and drawn, in a house with these settings."""

    def make(**changes: str) -> Office:
        office = Office.empty(make_gateway(**changes))
        for text in (OATH, REPORT, CARD, COACH):
            office.read(text)
        office.sql("update processing_jobs set status = 'cancelled', finished_at = now() where status = 'queued'")
        office.sql("select index_texts()")  # as the importer does
        office.worker(tmp_path).step(draws=True)
        return office

    return make


def ask(office: Office, question: str, **more) -> dict:
    reply = office.desk.post("/api/case/ask", question=question, **more)
    assert reply.status_code == 200, reply.text
    return reply.json


def quotes(answer: dict) -> list[str]:
    return [each["quote"] for each in answer["statements"]]


def stands(office: Office, each: dict) -> bool:
    ((text,),) = office.sql("select text from document_repository where document_id = %s", each["document_id"])
    return text.split("\f\n")[each["page"] - 1][each["start"] :].startswith(each["quote"])


def test_by_words_it_is_answered_with_quotes_at_their_place_or_said_not_to_be_there(make_case, anthropic_api):
    case = make_case()
    answer = ask(case, BOAT)
    assert (answer["found"], answer["answered_by"], answer["usd"]) == (True, "words", 0.0)
    assert "I never owned a boat." in quotes(answer) and any(each.startswith("Boat: 18 ft") for each in quotes(answer))
    assert all(stands(case, each) for each in answer["statements"])
    (oath,) = [each for each in answer["statements"] if each["quote"] == "I never owned a boat."]
    assert oath["speaker"] == "Bo Lee" and "6:00 p.m." in oath["before"] and "May 2" in oath["after"]
    assert 0 < answer["claude_usd"] < 0.01, "what Claude would cost at most is told beforehand"

    late = ask(case, "When did Bo return the children on April 7, 2023?")
    assert {"6:00 p.m.", "9:12 p.m."} <= {word for each in quotes(late) for word in ("6:00 p.m.", "9:12 p.m.")
                                         if word in each}, "both sources, though they differ"  # fmt: skip
    for question in (
        "Did Bo own a horse?", "Did Ann own a boat?", "When did Bo return the children on April 8, 2023?",
        "Who is the guardian ad litem?", "Did Bo pay $900?", "?",
    ):  # fmt: skip
        answer = ask(case, question)
        assert not answer["found"] and answer["statements"] == [], question
        assert answer["note"].startswith("Not in your documents"), question
    assert anthropic_api.requests == [] and case.ledger_usd() == 0

    case.sql("update document_repository set text = replace(text, 'never owned', 'once owned')")
    assert "I never owned a boat." not in quotes(ask(case, BOAT)), "the facts are older than the text"


def test_claude_chooses_among_quotes_cannot_invent_and_is_paid_once(make_case, anthropic_api):
    case = make_case()
    anthropic_api.answer_changes = {"chosen": [2, 99, 2, 0]}
    answer = ask(case, BOAT, by="claude")
    assert (answer["answered_by"], len(answer["statements"])) == ("claude", 1), "numbers never shown are no quotes"
    assert stands(case, answer["statements"][0]) and "Claude chose" in answer["note"]
    assert 0 < answer["usd"] <= answer["claude_usd"]
    assert answer["usd"] == pytest.approx(anthropic_api.account.bill.total_usd, abs=1e-6)
    again = ask(case, BOAT, by="claude")
    assert (again["usd"], quotes(again)) == (0.0, quotes(answer)) and len(anthropic_api.requests) == 1
    assert case.ledger_usd() == pytest.approx(anthropic_api.account.bill.total_usd, abs=1e-6)
    assert case.desk.get("/api/costs").json["today"]["claude_usd"] == pytest.approx(case.ledger_usd(), abs=1e-6)
    assert case.sql("select asked_by from case_questions") == [("owner",)]

    anthropic_api.answer_changes = {"chosen": []}
    none = ask(case, "Who was friendly at the soccer practice?", by="claude")
    assert (none["found"], none["answered_by"], none["statements"]) == (False, "claude", [])
    assert none["note"].startswith("Not in your documents")

    anthropic_api.answer_changes = {}
    anthropic_api.script = ["refusal"]
    unsound = ask(case, "When was the boat registered?", by="claude")
    assert (unsound["answered_by"], unsound["found"]) == ("words", True) and "no sound answer" in unsound["note"]

    asked = len(anthropic_api.requests)
    case.sql("update processing_jobs set allow_claude = false")
    hidden = ask(case, BOAT, by="claude")
    assert (hidden["answered_by"], hidden["claude_usd"]) == ("words", None), "Claude sees none of these papers"
    assert "I never owned a boat." in quotes(hidden) and len(anthropic_api.requests) == asked


def test_what_keeps_claude_away_is_said_and_words_answer(make_case, anthropic_api):
    case = make_case(MAX_CLAUDE_DOLLARS_PER_DAY="0.0001")
    capped = ask(case, BOAT, by="claude")
    assert (capped["answered_by"], capped["found"], capped["usd"]) == ("words", True, 0.0)
    assert capped["note"].startswith("Claude's limit for today is reached")
    case.desk.clients.database.pause_door("claude", "by_hand", None)
    assert ask(case, BOAT, by="claude")["note"].startswith("Claude is paused")
    assert anthropic_api.requests == [] and case.sql("select count(*) from claude_calls") == [(0,)]


def test_without_a_key_and_for_who_may_not_spend(make_case, anthropic_api):
    case = make_case(ANTHROPIC_API_KEY="")
    token = case.desk.post("/api/tokens", name="reader", scopes=["read"]).json["token"]
    reader = {"Authorization": f"Bearer {token}"}
    refused = case.desk.http.post("/api/case/ask", headers=reader, json={"question": BOAT, "by": "claude"})
    assert (refused.status_code, refused.json["code"]) == (403, "role_may_not")
    assert case.desk.http.post("/api/case/ask", headers=reader, json={"question": BOAT}).json["found"]
    log = case.sql("select person, action from access_log where route = 'POST /api/case/ask' order by id")
    assert ("reader (token)", "searched") in log
    off = ask(case, BOAT, by="claude")
    assert (off["answered_by"], off["found"], off["claude_usd"]) == ("words", True, None)
    assert off["note"].startswith("Claude is off here")
    for wrong in ({"question": " "}, {"question": "x" * 1001}, {"question": BOAT, "by": "guess"}, {}):
        assert case.desk.post("/api/case/ask", **wrong).json["code"] == "bad_argument", wrong
