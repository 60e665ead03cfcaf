"""What judging a 3-page filing costs: the house's own questions, answered by the stand-in, at the house's own prices.

`python -m scripts.bench.claude_costs [--documents 30]` prints the table of docs/claude.md. The stand-in counts tokens,
the prompt cache and batches as Anthropic documents them; the lengths of answers are assumed, and long.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import mean
from typing import Any

from control_plane.claude.request import build_request, find_form
from control_plane.settings.claude_policy import ClaudePolicy
from control_plane.settings.claude_prices import actual_usd
from control_plane.settings.reader import Reader
from gpu_worker.analysis.judging import Judging
from gpu_worker.analysis.material import Material, Page
from gpu_worker.analysis.replies import Reply
from gpu_worker.enums import Outcome
from local_cloud.anthropic.account import Account
from local_cloud.anthropic.answers import answer_from

ANSWER_TOKENS = {"claude-haiku-5-5": 2500, "claude-sonnet-5-5": 700}
"""Of an answer about three pages: thirty statements with their quotes, or one finding and six scores with theirs."""
CHARACTERS_PER_TOKEN = 2.5
SHARES = (0.2, 0.35, 0.5)
PICTURE = b"\xff\xd8\xff\xe0 stands for a page of 928 by 1,200 pixels \xff\xd9"
SENTENCES = (
    "The exchange on 8 March 2024 was to take place at the library at six in the evening, as the order says.",
    "I arrived ten minutes early with both children and waited by the main entrance until a quarter past seven.",
    "Nobody came, and my calls went to voice mail; I kept a list of them, which is attached as Exhibit B.",
    "The school's secretary, Ms. Okafor, can say who picked the children up on the following Monday.",
    "I have paid $412.50 for the lessons that the parenting plan names, and the receipts are attached.",
)


CUSTODY = "I ask for custody of both children."
CONTRADICTION = "I have never missed an exchange. I missed the one in March."


def filing(number: int, is_careful: bool) -> tuple[str, str, str]:
    """Three pages of 450 words each; `is_careful`: it says something that the careful model is asked about, too."""
    about = (CUSTODY if number % 2 else CONTRADICTION) if is_careful else ""
    heading = f"SUPERIOR COURT OF CALIFORNIA\nCase No. FL-2024-{number:06}\nDECLARATION OF DANA WHITFIELD\n"
    body = " ".join(SENTENCES[(number + each) % len(SENTENCES)] for each in range(23))
    return f"{heading}{about} {body}", body, f"{body}\nDated: May 1, 2024\n____________\n(SIGNATURE)"


def long_answer(body: Mapping[str, Any]) -> str:
    """A sound answer, as long as a real one."""
    text = json.dumps(answer_from(body))
    return text.ljust(round(ANSWER_TOKENS[body["model"]] * CHARACTERS_PER_TOKEN))


@dataclass
class Cost:
    """What one way of asking came to."""

    in_batch: bool
    usd: list[float] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)


def judge(documents: int, in_batch: bool, is_careful: bool) -> Cost:
    """Judge so many filings of one kind one way."""
    account, policy, cost = Account("bench", long_answer), ClaudePolicy.read(Reader({})), Cost(in_batch)
    today = datetime.now(UTC).date()
    for number in range(documents):
        pages = tuple(Page(text, Outcome.OCR, 0.95) for text in filing(number, is_careful))
        judging, replies, usd = Judging(Material("filing.pdf", "application/pdf", pages)), list[Reply](), 0.0
        while asks := judging.asks(replies):
            for ask in asks:
                shown = {chosen.page: PICTURE for chosen in ask.pictures}
                asked = ask.build_body(shown)
                form, model = find_form(asked, policy)
                price = model.price_on(today)
                if price is None:
                    raise SystemExit("the price list lacks a model")
                body = build_request(form, asked["content"], model, "1h" if in_batch else "5m")
                message = account.process(body, "answer", in_batch)
                usd += actual_usd(price.times(policy.prices.batch_share) if in_batch else price, message["usage"])
                for name in ("input_tokens", "cache_read_input_tokens", "output_tokens"):
                    cost.tokens[name] = cost.tokens.get(name, 0) + message["usage"][name]
                replies.append(Reply(ask.key, message, pictures=tuple(shown)))
        cost.usd.append(usd)
    assert abs(sum(cost.usd) - account.bill.total_usd) < 1e-9, "the house's prices and the vendor's do not agree"
    return cost


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=30)
    documents = parser.parse_args().documents
    print("| 3 pages | by the quick model | by both | 20 % by both | 35 % | 50 % | tokens in | kept | out |")
    print("|---|---|---|---|---|---|---|---|---|")
    for in_batch in (False, True):
        quick, both = judge(documents, in_batch, False), judge(documents, in_batch, True)
        one, two = mean(quick.usd), mean(both.usd)
        usd = [one, two, *(one + share * (two - one) for share in SHARES)]
        counts = [f"{count // documents:,}" for count in both.tokens.values()]
        cells = ["in a batch" if in_batch else "directly", *(f"${each:.4f}" for each in usd), *counts]
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
