#!/usr/bin/env python3
"""How many of the wrong digits a person sees who is asked about a few words: FUNSD's forms, half to tune, half to
report (by name, shuffled with seed 17).

    python scripts/bench/ocr_doubts.py --images DIR --truth DIR [--json FILE] [--scale 1.0]

Words with a digit are asked about, the least sure first, until the share of all words is reached. A wrong digit is an
edit with a digit on either side between what stands in one place in the truth and in the reading; digits in places
where nothing was read can be caught by nobody and are counted apart. `find_doubts` is what a person is asked in fact,
names and negations included.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gpu_worker.ocr.engines.engine import create_engine  # noqa: E402
from gpu_worker.ocr.page_text import Box, PageText  # noqa: E402
from gpu_worker.ocr.structure.doubts import find_doubts  # noqa: E402
from gpu_worker.words.known_words import home_words  # noqa: E402

SHARES = (0.01, 0.02, 0.03, 0.05)
Said = tuple[str, Box]


@dataclass
class Part:
    """Counts over the pages of one half; `read` are words with a digit: how sure, and how many of theirs are wrong."""

    pages: int = 0
    words: int = 0
    unread_digits: int = 0
    asked: int = 0
    asked_with_digits: int = 0
    caught: int = 0
    wrong: int = 0
    read: list[tuple[float, int]] = field(default_factory=list)

    def add(self, truth: Sequence[Said], page: PageText) -> None:
        """Count one page."""
        words = page.words
        wrong, unread = count_wrong(truth, [(word.text, word.box) for word in words])
        doubts = find_doubts(page, (), home_words().__contains__)
        asked = {(doubt.text, doubt.box) for doubt in doubts}
        self.pages += 1
        self.words += len(words)
        self.unread_digits += unread
        self.wrong += sum(wrong)
        self.asked += len(asked)
        self.asked_with_digits += sum(map(_has_digit, (text for text, _ in asked)))
        self.caught += sum(n for word, n in zip(words, wrong, strict=True) if (word.text, word.box) in asked)
        self.read += [(word.weakest, n) for word, n in zip(words, wrong, strict=True) if _has_digit(word.text)]

    def summary(self) -> dict[str, float]:
        """Counts, and the share of the wrong digits in the least sure words."""
        counts = {name: value for name, value in asdict(self).items() if name != "read"}
        least_sure = sorted(self.read)
        shares = {
            f"caught_at_{share:.0%}": round(
                sum(n for _, n in least_sure[: int(share * self.words)]) / max(self.wrong, 1), 3
            )
            for share in SHARES
        }
        share = round(self.asked / max(self.words, 1), 4)
        return {**counts, **shares, "share_asked": share, "share_caught": round(self.caught / max(self.wrong, 1), 3)}


def count_wrong(truth: Sequence[Said], words: Sequence[Said]) -> tuple[list[int], int]:
    """The wrong digits of each word read, and how many digits of the truth stand where nothing was read."""
    wrong, unread = [0] * len(words), 0
    for there, here in _places(truth, words):
        said = "".join(truth[i][0] for i in there)
        read = "".join(words[j][0] for j in here)
        if not here:
            unread += sum(map(str.isdigit, said))
        elif _has_digit(said + read) and said != 2 * read:  # some words stand twice in FUNSD's truth
            owners = [j for j in here for _ in words[j][0]]
            for at, letters in _edits(said.lower(), read.lower()):
                wrong[owners[min(at, len(owners) - 1)]] += _has_digit(letters)
    return wrong, unread


def _places(truth: Sequence[Said], words: Sequence[Said]) -> Iterator[tuple[list[int], list[int]]]:
    """Numbers of the true words and of those read that stand in one place, from left to right."""
    near = [[_is_near(a, b) for _, b in words] for _, a in truth]
    left = set(range(len(truth)))
    while left:
        there, here, grown = {min(left)}, set[int](), True
        while grown:
            size = len(there) + len(here)
            here |= {j for i in there for j, is_near in enumerate(near[i]) if is_near}
            there |= {i for i in left if any(near[i][j] for j in here)}
            grown = len(there) + len(here) > size
        left -= there
        yield sorted(there, key=lambda i: truth[i][1][0]), sorted(here, key=lambda j: words[j][1][0])


def _is_near(a: Box, b: Box) -> bool:
    """Whether more than half of the smaller one's width and height is common."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return 2 * wide > min(a[2] - a[0], b[2] - b[0]) and 2 * high > min(a[3] - a[1], b[3] - b[1])


def _edits(said: str, read: str) -> Iterator[tuple[int, str]]:
    """The fewest edits that turn one into the other: where in `read`, and the letters of both sides."""
    costs = np.zeros((len(said) + 1, len(read) + 1), int)
    costs[:, 0], costs[0] = range(len(said) + 1), range(len(read) + 1)
    for i, a in enumerate(said):
        for j, b in enumerate(read):
            costs[i + 1, j + 1] = min(costs[i, j] + (a != b), costs[i, j + 1] + 1, costs[i + 1, j] + 1)
    i, j = len(said), len(read)
    while i or j:
        if i and j and costs[i, j] == costs[i - 1, j - 1] + (said[i - 1] != read[j - 1]):
            i, j = i - 1, j - 1
            if said[i] != read[j]:
                yield j, said[i] + read[j]
        elif i and costs[i, j] == costs[i - 1, j] + 1:
            i -= 1
            yield j, said[i]
        else:
            j -= 1
            yield j, read[j]


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def truth_of(path: Path, scale: float) -> list[Said]:
    """The words of a FUNSD form and where they stand."""
    form = json.loads(path.read_text(encoding="utf-8"))["form"]
    words = [word for item in form for word in item["words"] if word["text"].strip()]
    return [(w["text"], tuple(scale * side for side in w["box"])) for w in words]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; exit 2 when the folders hold no form."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--scale", type=float, default=1.0, help="read the pages at this size: smaller ones are harder")
    options = parser.parse_args(argv)
    images = sorted(path for path in options.images.glob("*.png") if (options.truth / f"{path.stem}.json").is_file())
    if not images:
        print(f"no form in {options.images} has its truth in {options.truth}", file=sys.stderr)
        return 2
    random.Random(17).shuffle(images)
    engine, parts = create_engine("onnx"), {"tuned": Part(), "reported": Part()}
    for number, path in enumerate(images):
        gray = cv2.resize(
            cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), None, fx=options.scale, fy=options.scale,
            interpolation=cv2.INTER_AREA,
        )  # fmt: skip
        truth = truth_of(options.truth / f"{path.stem}.json", options.scale)
        parts["tuned" if number < len(images) / 2 else "reported"].add(truth, engine.read_pages([gray])[0])
    report = {name: part.summary() for name, part in parts.items()}
    for name in next(iter(report.values())):
        print(f"{name:<20}" + "".join(f"{row[name]:>12}" for row in report.values()))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
