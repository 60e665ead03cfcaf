"""The benchmark of search counts what its description says, and runs on a set of anyone's."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.bench.search import measure
from scripts.bench.search_metrics import Answered, Question, judge, keeps_promise, summarise

REPOSITORY = Path(__file__).parents[2]
SECOND_SET = REPOSITORY / "tests" / "evidence" / "search_set_2.json"
TINY = {
    "documents": {
        "lantern": "The stained lantern hung in the hall.",
        "order": "Case FL-2024-0117. The children shall be returned on Sunday.\fPage two: a hearing in May.",
        "dogs": "The children came with dogs.",
    },
    "queries": [
        {"kind": "words", "query": "lantern", "answers": ["lantern"]},
        {"kind": "minus", "query": "children -dogs", "answers": ["order"]},
        {"kind": "words", "query": "zebra quagga", "answers": ["lantern"]},
    ],
}


def answered(*found: str, answers: tuple[str, ...] = ("a", "b")) -> Answered:
    return Answered(Question("words", "?", frozenset(answers)), found, 0)


def test_recall_is_of_the_first_ten_and_of_those_that_could_stand_there():
    assert answered("a", "x", "b").recall_at_10 == 1
    assert answered(*"xxxxxxxxx", "a", "b").recall_at_10 == 0.5
    twelve = tuple(f"n{number}" for number in range(12))
    assert answered(*twelve[:10], answers=twelve).recall_at_10 == 1


def test_mrr_is_of_the_first_answer_wherever_it_stands():
    assert answered("x", "b", "a").reciprocal_rank == 1 / 2
    assert answered(*"xxxxxxxxxxx", "a").reciprocal_rank == 1 / 12
    assert answered("x").reciprocal_rank == 0


@pytest.mark.parametrize(
    ("kind", "query", "text", "kept"),
    [
        ("number", "FL-2024-001", "Case FL 2024 001", True),
        ("number", "FL-2024-001", "Case FL 2024 010", False),
        ("phrase", '"penalty of perjury"', "under Penalty\nof perjury.", True),
        ("phrase", '"penalty of perjury"', "perjury, of penalty", False),
        ("minus", 'arrest -Crowell -"swim club"', "An arrest at the club.", True),
        ("minus", "arrest -Crowell", "Crowell's arrest; CROWELL, A.", False),
        ("minus", 'arrest -"swim club"', "The arrest at the swim club.", False),
        ("words", "a -b", "b", True),
    ],
)
def test_a_broken_condition_is_seen(kind: str, query: str, text: str, kept: bool):
    question = Question(kind, query, frozenset())
    assert keeps_promise(question, text) is kept
    assert judge(question, ["n"], {"n": text}).violations == (not kept)


def test_means_are_over_the_questions_and_by_kind():
    numbers = summarise(
        [answered("a", "b"), answered("x", "a"), Answered(Question("date", "?", frozenset("c")), (), 2)]
    )
    assert (numbers["recall_at_10"], numbers["mrr"], numbers["violations"]) == (0.5, 0.5, 2)
    assert numbers["by_kind"]["words"] == {"n": 2, "recall_at_10": 0.75, "mrr": 0.75, "violations": 0}


def test_documents_enter_the_database_and_questions_go_through_the_api(clean_cloud):
    lantern, children, zebra = measure(clean_cloud, TINY)
    assert (lantern.found[0], children.found[0]) == ("lantern", "order")
    assert children.violations == 0 and zebra.reciprocal_rank == 0


def test_goals_are_met_on_the_second_set(clean_cloud):
    numbers = summarise(measure(clean_cloud, json.loads(SECOND_SET.read_text("utf-8"))))
    assert numbers["recall_at_10"] >= 0.90 and numbers["mrr"] >= 0.80 and numbers["violations"] == 0


def test_an_empty_set_is_refused(tmp_path):
    (tmp_path / "set.json").write_text(json.dumps({"documents": {}, "queries": []}))
    command = [sys.executable, "scripts/bench/search.py", "--set", str(tmp_path / "set.json")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 2 and "holds no document" in done.stderr
