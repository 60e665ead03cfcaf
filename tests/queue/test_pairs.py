"""Pairs: proposed at a flat cost, judged by rules where hours and amounts say it, decided by persons."""

import hashlib
import uuid

import pytest

from tests.queue.queue_calls import new_file

MOTHER, FATHER = "full:ann lee", "full:bo lee"
NAMES = [
    {"key": MOTHER, "words": "Ann Lee", "form": "full", "first": "ann", "last": "lee", "signs": ["female"]},
    {"key": FATHER, "words": "Bo Lee", "form": "full", "first": "bo", "last": "lee", "signs": ["male"]},
]


def claim(quote: str, **said) -> dict:
    """A statement of page 1, at the place where its words stand."""
    none = {"names": [], "times": [], "measures": [], "places": [], "cues": [], "words": []}
    return none | {"key": hashlib.md5(quote.encode()).hexdigest(), "quote": quote, "voice": "record", "page": 1} | said


def at(start: str, end: str, precision: str = "minute") -> dict:
    return {"starts": start, "ends": end, "precision": precision, "known": "stated"}


def money(value: float) -> dict:
    return {"page": 1, "start": 0, "quote": f"${value}", "kind": "money", "value": value, "unit": "USD"}


def term(quote: str, **said) -> dict:
    always = {"place": 1, "start": 0, "bound": [FATHER], "duty": "shall_not", "starts": "2023-01-20"}
    return claim(quote) | always | said


class Papers:
    """Documents whose facts are given by hand."""

    def __init__(self, queue, machine) -> None:
        self.queue, self.machine = queue, machine
        self.people: dict[str, uuid.UUID] = {}

    def add(self, *claims: dict, terms: tuple[dict, ...] = (), voice: str = "record", document=None):
        text = "\n".join(each["quote"] for each in [*claims, *terms])
        if document is None:
            self.queue.enqueue(new_file())
            job = self.machine.claim_one()
            self.machine.complete(job)
            document = job["document_id"]
        self.queue.rows("update document_repository set text = %s where document_id = %s", text, document)
        placed = [each | {"place": n, "start": text.index(each["quote"])} for n, each in enumerate(claims)]
        md5 = self.queue.row("select md5(text) as md5 from document_repository where document_id = %s", document)["md5"]
        facts = {"voice": voice, "names": NAMES, "claims": placed, "terms": list(terms), "bands": [], "copies": []}
        self.queue.as_role(
            "analysis_worker", "store_case_facts", document_id=document, text_md5=md5, facts_version=1, facts=facts
        )
        self._settle()
        return document

    def _settle(self) -> None:
        for name in NAMES:
            if name["key"] not in self.people:
                person = self.queue.row("insert into people (name) values (%s) returning id", name["words"])["id"]
                self.queue.rows("update case_names set person_id = %s where key = %s", person, name["key"])
                self.people[name["key"]] = person
        self.queue.rows("select private.refresh_people(array(select document_id from case_documents))")

    def propose(self) -> list[dict]:
        while self.queue.as_role("analysis_worker", "propose_pairs", max_documents=100)[0]["propose_pairs"]:
            pass
        return self.pairs()

    def pairs(self) -> list[dict]:
        return self.queue.rows("select * from pair_list order by rank desc")


@pytest.fixture
def papers(queue, machine) -> Papers:
    return Papers(queue, machine)


QUIET = term(
    "No calls between 9:00 p.m. and 7:00 a.m., except in an emergency.", act="contact", hour_from="21:00",
    hour_until="07:00", exceptions=[{"quote": "except in an emergency", "kind": "emergency"}],
)  # fmt: skip
PAY = term("The father shall pay $640 a month, on or before the 5th.", duty="shall", act="pay", amount_usd=640,
           per="month", due_day=5)  # fmt: skip


def message(quote: str, minute: str, speaker: str = FATHER) -> dict:
    end = minute[:-2] + f"{int(minute[-2:]) + 1:02}"
    return claim(quote, voice="message", speaker=speaker, names=[MOTHER, FATHER], cues=["contact"], **at(minute, end))


def test_hours_of_an_order_need_no_model_and_what_it_excepts_is_no_conflict(papers):
    papers.add(terms=(QUIET,), voice="order")
    papers.add(
        message("pick up", "2023-02-11 23:36"), message("are you there", "2023-02-11 23:52"),
        message("by day", "2023-02-12 12:00"), message("I am calling you", "2023-02-13 23:10", MOTHER),
        voice="message",
    )  # fmt: skip
    papers.add(message("coming", "2023-03-02 22:50"), voice="message")
    papers.add(claim("Emergency room, asthma", names=[FATHER], **at("2023-03-02 22:31", "2023-03-02 22:32")))
    said = {pair["b"]["quote"]: pair for pair in papers.propose() if pair["kind"] == "order_violation"}
    assert set(said) == {"pick up", "coming"}, "one pair a day; by day and by who is not bound there is none"
    assert (said["pick up"]["verdict"], said["pick up"]["verdict_by"]) == ("conflict", "rules")
    assert "11:36 p.m." in said["pick up"]["reason"] and said["pick up"]["explained_by"]
    assert said["coming"]["verdict"] == "no_conflict" and "Emergency room" in said["coming"]["explained_by"]


def test_amounts_of_an_order_are_added_up_by_month_and_lateness_is_told(papers):
    papers.add(terms=(PAY,), voice="order")

    def paid(quote: str, value: float, day: str) -> dict:
        span = at(f"{day} 00:00", f"{day} 23:59", "day")
        return claim(quote, cues=["payment"], names=[FATHER], measures=[money(value)], **span)

    papers.add(paid("transfer of 320 in May", 320, "2023-05-04"))
    papers.add(paid("first half of June", 320, "2023-06-02"), paid("second half of June", 320, "2023-06-03"))
    papers.add(paid("July in full, late", 640, "2023-07-19"))
    papers.add(paid("August in full", 640, "2023-08-04"))
    said = {pair["b"]["quote"]: pair["reason"] for pair in papers.propose() if pair["verdict"] == "conflict"}
    assert set(said) == {"transfer of 320 in May", "July in full, late"}
    assert "$320.00 is on file as paid in May 2023" in said["transfer of 320 in May"]
    assert "day 19" in said["July in full, late"]


NEVER = claim("I never owned a boat.", voice="sworn", speaker=FATHER, names=[FATHER], words=["own", "boat"],
              cues=["denies", "property"])  # fmt: skip
OWNER = claim("Owner: Bo Lee, boat", names=[FATHER], words=["owner", "boat"], cues=["property"],
              **at("2022-11-08 00:00", "2023-11-08 00:00", "day"))  # fmt: skip


def test_a_decision_outlives_a_rebuild_a_new_spelling_and_the_loss_of_the_words(papers):
    oath, card = papers.add(NEVER, voice="sworn"), papers.add(OWNER)
    (pair,) = papers.propose()
    assert (pair["kind"], pair["verdict"], pair["a"]["speaker"]) == ("contradiction", "conflict", "Bo Lee")
    decide = {"pair_ids": [pair["id"]], "decided_by": "owner"}
    papers.queue.service("decide_pairs", state="later", why=None, **decide)
    papers.queue.service("decide_pairs", state="dismissed", why="It was his father's.", **decide)

    papers.queue.rows("insert into pair_tasks select document_id from case_documents on conflict do nothing")
    (same,) = papers.propose()
    assert (same["id"], same["state"], same["why"]) == (pair["id"], "dismissed", "It was his father's.")

    spelt = NEVER | {"quote": "I never owned a boat,", "key": "other"}
    papers.add(spelt, voice="sworn", document=oath)
    said = {each["id"]: each for each in papers.propose()}
    (fresh,) = (each for each in said.values() if each["id"] != pair["id"])
    assert (fresh["state"], fresh["stands"], fresh["a"]["quote"]) == ("dismissed", True, "I never owned a boat,")
    assert not said[pair["id"]]["stands"], "the old words stand no more, and what was decided on them is kept"
    counts = papers.queue.service("get_pair_counts")[0]
    assert (counts["dismissed"], counts["conflicts"]) == (1, 0)

    papers.add(claim("Nothing of that kind"), document=card)
    assert all(not each["stands"] for each in papers.propose())
    assert papers.queue.service("get_pair_counts")[0]["dismissed"] == 0


def test_an_allegation_against_a_denial_is_no_conflict_and_copies_are_one_witness(papers):
    day = at("2023-02-25 00:00", "2023-02-26 00:00", "day")
    say = {"voice": "sworn", "words": ["window", "broke"], "names": [FATHER], "cues": ["injury"], **day}
    papers.add(claim("Bo broke the window.", speaker=MOTHER, **say), voice="sworn")
    denial = claim("I deny that I broke the window.", speaker=FATHER, **(say | {"cues": ["injury", "denies"]}))
    reply = papers.add(denial, voice="sworn")
    (pair,) = papers.propose()
    assert (pair["verdict"], pair["reason"]) == ("cannot_tell", "One person says it and the other denies it.")
    copy = papers.add(denial | {"key": "copy"}, voice="sworn")
    assert len(papers.propose()) == 3
    papers.queue.rows("select private.join_copies(%s, %s, 'rescan', 1, 'rules')", reply, copy)
    assert [each["id"] for each in papers.propose()] == [pair["id"]]


def test_a_document_proposes_so_many_pairs_and_no_more(papers):
    said = at("2023-05-01 00:00", "2023-05-02 00:00", "day")
    said |= {"names": [FATHER], "words": ["practice", "came"], "cues": ["presence"]}
    for n in range(30):
        papers.add(claim(f"Bo came to practice {n}", **said))
    papers.propose()
    most = papers.queue.row("select max(n) as n from (select count(*) as n from pairs group by proposer) p")["n"]
    limit = papers.queue.row("select private.most_pairs() as n")["n"]
    assert most <= limit


def paid(quote: str, value: float, **said) -> dict:
    day = at("2023-05-04 00:00", "2023-05-05 00:00", "day")
    about = {"cues": ["payment"], "names": [FATHER], "measures": [money(value)], "words": ["paid", "may"]}
    return claim(quote, **(about | day | said))


def test_two_witnesses_who_say_the_same_corroborate_and_are_never_counted_as_a_conflict(papers):
    papers.add(paid("I paid 640 on May 4.", 640, voice="sworn", speaker=FATHER), voice="sworn")
    bank = papers.add(paid("05/04 transfer from B. Lee 640.00", 640))
    papers.add(paid("Again: I paid 640 on that day in May.", 640, voice="letter", speaker=FATHER), voice="letter")
    papers.add(paid("If he paid 640 on May 4, it is not in the books.", 640, cues=["payment", "conditional"]))
    pairs = papers.propose()
    same = [pair for pair in pairs if pair["kind"] == "corroboration"]
    assert {bank in (pair["a_document"], pair["b_document"]) for pair in same} == {True} and len(same) == 2, (
        "he himself, and who only supposes it, are no second witnesses"
    )
    assert {(pair["verdict"], pair["verdict_by"], pair["proposed_by"]) for pair in same} == {
        ("no_conflict", "rules", "same_measure")
    }
    assert "640" in same[0]["reason"]
    papers.queue.service("decide_pairs", pair_ids=[same[0]["id"]], state="accepted", why=None, decided_by="owner")
    counts = papers.queue.service("get_pair_counts")[0]
    assert (counts["accepted"], counts["conflicts"]) == (1, 0) and "corroboration" not in counts["by_kind"]


def test_a_document_proposes_few_corroborations(papers):
    for n in range(12):
        papers.add(paid(f"row {n} of another book, paid to account {n * 77}", 640))
    papers.propose()
    most = papers.queue.row("select max(n) as n from (select count(*) as n from pairs where kind = 'corroboration' "
                            "group by proposer) p")["n"]  # fmt: skip
    assert 0 < most <= papers.queue.row("select private.most_corroborations() as n")["n"]
