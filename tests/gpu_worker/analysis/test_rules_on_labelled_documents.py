"""The rules on labelled documents of many kinds and countries, by the benchmark that anyone can run on another set."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gpu_worker.analysis.prompts import QUICK_SYSTEM as SYSTEM
from gpu_worker.analysis.rules import analyse_text
from gpu_worker.analysis.rules.analyst import analyse_texts
from gpu_worker.analysis.rules.kinds import KINDS
from scripts.bench.rules_metrics import GOALS

REPOSITORY = Path(__file__).parents[3]
SETS = sorted((REPOSITORY / "tests" / "evidence").glob("*.jsonl"))
DOCUMENTS = [json.loads(line) for path in SETS for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", [path.name for path in SETS])
def test_goals_are_met_on_the_sets_that_were_tuned_on(name, tmp_path):
    out = tmp_path / "numbers.json"
    command = [sys.executable, "scripts/bench/rules.py", "--set", f"tests/evidence/{name}", "--json", str(out)]
    printed = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    numbers = json.loads(out.read_text())
    assert set(numbers) == set(GOALS)
    assert numbers["type"] >= 0.90 and numbers["date_right"] >= 0.92 and numbers["date_wrong"] <= 0.03
    assert numbers["parties_precision"] >= 0.95 and numbers["parties_recall"] >= 0.80
    assert numbers["case_precision"] >= 0.97 and numbers["case_recall"] >= 0.90
    roles = re.search(r"^roles +([\d.]+)$", printed, re.M)
    assert roles and float(roles[1]) >= 0.90


def test_benchmark_says_that_a_set_is_empty(tmp_path):
    (tmp_path / "empty.jsonl").write_text("\n")
    command = [sys.executable, "scripts/bench/rules.py", "--set", str(tmp_path / "empty.jsonl")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 2 and "holds no document" in done.stderr


def inside_words(document: str) -> str:
    """The text with every word glued into longer ones, so that a phrase stands inside words only."""
    return re.sub(r"[^\W\d_]+", lambda word: f"q{word[0]}q", document)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document["name"])
def test_nothing_matches_inside_words(document):
    analysis = analyse_text(inside_words(document["text"]))
    by_words = analysis.document_type not in ("other", "text_messages", "log")  # these two also by their lines' shape
    assert not by_words, analysis.document_type
    assert analysis.case_number is None and analysis.court is None


@pytest.mark.parametrize(
    "text",
    [
        "We will exchange the children at the total wine shop, cashmere in hand.",
        "Exchange, subtotality, cashier's daughter and Visalia: please interchange.",
        "Her patience with the schooling of the lettered courtiers was orderly.",
    ],
)
def test_words_that_contain_signs_are_none(text):
    assert analyse_text(text).document_type == "other"


def test_a_date_in_doubt_is_shown_with_both_readings_and_is_not_the_documents_date():
    analysis = analyse_text("Riverside Riding School\n08/09/2021\nDear Mr. Thackeray,\nYours, Phoebe Lund")
    assert analysis.document_date is None and analysis.dates == ()
    (claim,) = analysis.date_claims
    assert claim.readings == ("2021-08-09", "2021-09-08") and claim.iso is None and claim.is_own
    assert (claim.page, claim.words) == (1, "08/09/2021")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("04/03/2022\nThe recital is on 25/03/2022.", ["2022-03-04", "2022-03-25"]),
        ("04/03/2022\nThe recital is on 03/25/2022.", ["2022-04-03", "2022-03-25"]),
        ("Tuesday, 03/08/2022 and 04/05/2022", ["2022-03-08", "2022-04-05"]),
        ("On 8 March 2022 I came. 08/03/2022 it rained. 05/04/2022 too.", ["2022-03-08", "2022-03-08", "2022-04-05"]),
        ("25/03/2022 here, 03/25/2022 there, 04/03/2022 in doubt", ["2022-03-25", "2022-03-25", None]),
        ("£12 on 04/03/2022", ["2022-03-04"]),
        ("STATE OF OHIO 04/03/2022", ["2022-04-03"]),
    ],
)
def test_day_and_month_are_told_apart_once_for_the_whole_document(text, days):
    assert [claim.iso for claim in analyse_text(text).date_claims] == days


def test_claims_name_their_page():
    claims = analyse_texts(("Filed: March 1, 2024", "", "Hearing date: May 6, 2024")).date_claims
    assert [(claim.page, claim.role) for claim in claims] == [(1, "filed"), (3, "hearing")]


def test_claude_is_told_the_same_types():
    told = re.search(r"short name such as (.*?)\.\s", SYSTEM, re.S)
    assert told and {kind.name for kind in KINDS} <= set(re.findall(r"[a-z_]+", told[1]))
