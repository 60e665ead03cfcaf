"""What a filing of three pages costs at real prices, and how far two looks at a document differ."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from gpu_worker.analysis.judging import Judging
from gpu_worker.analysis.material import Material, Page
from gpu_worker.analysis.replies import Reply
from local_cloud.anthropic.answers import answer_from
from local_cloud.anthropic.models import BATCH_SHARE, MODELS, WRITE_SHARES
from local_cloud.anthropic.tokens import THINKING, PromptCache, count_text
from scripts.bench.scores import measure
from tests.claude.sent import sent

NOW = datetime(2026, 11, 26, tzinfo=UTC)
QUIET = "The parties exchanged their financial papers on that day and the clerk stamped each of the copies. "
CUSTODY = "Petitioner asks the court for sole custody and says that visitation was refused on many weekends. "
SIGNATURE = "\n____________________\n(SIGNATURE OF DECLARANT)"


def filing(number: int, sentence: str) -> Material:
    """Three pages of 450 words, the last to be signed by hand."""
    page = f"Case No. FL-2024-{number:06}. Filed: March 1, 2024. " + sentence * 28
    return Material(f"filing {number}.pdf", "application/pdf", (Page(page), Page(page), Page(page + SIGNATURE)))


def spend(material: Material, cache: PromptCache) -> Iterator[float]:
    """The dollars of each question, direct."""
    judging, replies = Judging(material), []
    while asks := judging.asks(replies):
        for ask in asks:
            drawn = tuple(chosen.page for chosen in ask.pictures)
            body = sent(ask, {page: b"jpeg" for page in drawn})
            model = MODELS[body["model"]]
            text = json.dumps(answer_from(body))
            usage = cache.count(model, body, count_text(model, text), NOW)
            prompt = usage.fresh + WRITE_SHARES["5m"] * usage.written_5m + model.read_share * usage.read
            yield (prompt * model.input_usd + (usage.output + THINKING["low"]) * model.output_usd) / 1e6
            message = {"model": "m", "stop_reason": "end_turn", "content": [{"type": "text", "text": text}]}
            replies.append(Reply(ask.key, message, pictures=drawn))


@pytest.mark.parametrize(("of_custody", "most"), [(0, 0.002), (7, 0.006), (20, 0.0115)])
def test_a_filing_of_three_pages_costs_half_a_cent(of_custody: int, most: float):
    """`of_custody` of 20 filings are worth the careful model: none, a third as the estimate takes, or all."""
    cache = PromptCache()
    spent = [sum(spend(filing(n, CUSTODY if n < of_custody else QUIET), cache)) for n in range(20)]
    mean = sum(spent) / len(spent)
    assert mean <= most and mean * BATCH_SHARE <= most / 2


def test_two_looks_are_no_further_apart_than_stated():
    documents = {f"letter {n}": f"{QUIET}\n{CUSTODY}\n" * 3 for n in range(30)}
    found = measure(documents)
    for role in (name for name in found if name.endswith("_score")):
        assert found[role]["both"] == 30 and 0 < found[role]["widest"] <= found[role]["stated"]
