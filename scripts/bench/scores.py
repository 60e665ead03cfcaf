"""How far two judgements of the same documents may be apart: a reader that wavers by a step, through the whole of it.

    python -m scripts.bench.scores --set FILE.jsonl --json OUT [--documents 30]

Each document is judged twice by stand-ins that choose, of every scale, the step that fits or one next to it, quote
other words of the page, and disagree on whether the careful model is worth asking. What is measured is what `Judging`
makes of that; by how much two looks of a real model differ only a key can tell.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gpu_worker.analysis.asks import Ask
from gpu_worker.analysis.claims import accepted
from gpu_worker.analysis.judging import Judging
from gpu_worker.analysis.material import Material, Page
from gpu_worker.analysis.replies import Reply
from gpu_worker.analysis.scales import ANCHORS, STEPS, Scale
from gpu_worker.enums import ClaimKind

EMPTY = ("parties", "dates", "amounts", "case_numbers", "courts", "facts", "findings")
WAVERING = (-1, 0, 0, 1)
"""Steps beside the one that fits, each as likely."""


def judge(name: str, text: str, luck: random.Random) -> dict[str, int]:
    """The scores of one look."""
    judging = Judging(Material(f"{name}.txt", "text/plain", (Page(text),)))
    replies: list[Reply] = []
    while asks := judging.asks(replies):
        replies += [answer(ask, name, text, luck) for ask in asks]
    scores = accepted(judging.conclude(replies).claims, ClaimKind.SCORE)
    return {str(claim.role): int(claim.number or 0) for claim in scores}


def answer(ask: Ask, name: str, text: str, luck: random.Random) -> Reply:
    """Every scale judged near its own step, on some line of the page."""
    lines = [line.strip() for line in text.splitlines() if len(line.split()) >= 2]
    said = [
        {"page": 1, "quote": luck.choice(lines), "box": [], "reason": "So it says.", "scale": scale, "step": step}
        for scale in Scale
        for step in [STEPS[_near(random.Random(f"{name} {scale}").randrange(len(STEPS)), luck)]]
    ]  # fmt: skip
    answered: dict[str, Any] = {field: [] for field in EMPTY} | {"document_type": "other", "scores": said}
    message = {"model": "stand-in", "stop_reason": "end_turn"}
    return Reply(ask.key, message | {"content": [{"type": "text", "text": json.dumps(answered)}]})


def _near(step: int, luck: random.Random) -> int:
    return min(len(STEPS) - 1, max(0, step + luck.choice(WAVERING)))


def measure(documents: Mapping[str, str], seed: int = 1) -> dict[str, Any]:
    """Per scale, the widest and the mean difference of two looks, and of how many documents both gave a score."""
    looks = [
        {name: judge(name, text, random.Random(f"{look} {seed} {name}")) for name, text in documents.items()}
        for look in range(2)
    ]
    found: dict[str, Any] = {"n": len(documents)}
    for scale, anchors in ANCHORS.items():
        role = f"{scale}_score"
        apart = [abs(looks[0][name][role] - looks[1][name][role]) for name in documents
                 if role in looks[0][name] and role in looks[1][name]]  # fmt: skip
        step = anchors.numbers[1] - anchors.numbers[0]
        found[role] = {"both": len(apart), "widest": max(apart, default=0), "mean": sum(apart) / max(1, len(apart)),
                       "stated": 2 * step}  # fmt: skip
    return found


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", type=Path, required=True, help="documents.jsonl: rows with name and text")
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=30)
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.set.read_text("utf-8").splitlines()][: options.documents]
    found = measure({row["name"]: row["text"] for row in rows})
    options.json.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
