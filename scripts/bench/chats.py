#!/usr/bin/env python3
"""How many messages of chat screenshots come out right: drawn chats in the looks of five apps, read as the worker reads
them.

    python scripts/bench/chats.py [--skins imessage,whatsapp,...] [--seeds 11,12] [--messages 16] [--json FILE]

Each chat is cut into overlapping screens, and those are read clean, blurred and photographed, then joined. A message
is right when its words (letters and digits), its side and sender, its clock and its day are; F1 is over messages.
Numbers were chosen on seeds below 20; others are what `docs/conversations.md` reports.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gpu_worker.conversations.bubbles import find_bubbles  # noqa: E402
from gpu_worker.conversations.clock import read_clock  # noqa: E402
from gpu_worker.conversations.conversation import Message  # noqa: E402
from gpu_worker.conversations.joining import join_shots  # noqa: E402
from gpu_worker.conversations.shots import OWNER, read_shot  # noqa: E402
from gpu_worker.ocr.engines.engine import create_engine  # noqa: E402
from scripts.bench.chat_pages import SKINS, Said, draw_talk, make_talk, screens  # noqa: E402

OVERLAP = 420
SAME_WORDS = 0.97
Look = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def clean(picture: np.ndarray, noise: np.random.Generator) -> np.ndarray:
    """A screenshot as the phone made it."""
    return picture


def blurred(picture: np.ndarray, noise: np.random.Generator) -> np.ndarray:
    """Forwarded a few times: made small, large again and compressed."""
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (width * 11 // 20, height * 11 // 20), interpolation=cv2.INTER_AREA)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return _compressed(large, 45)


def photographed(picture: np.ndarray, noise: np.random.Generator) -> np.ndarray:
    """A photo of the phone: seen from the side, light falling off, grainy, dark around it."""
    height, width = picture.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = corners + 50 + noise.uniform(-32, 32, (4, 2)).astype(np.float32)
    turn = cv2.getPerspectiveTransform(corners, seen)
    photo = cv2.warpPerspective(picture, turn, (width + 100, height + 100), borderValue=(40, 38, 36)).astype(np.float32)
    photo = cv2.GaussianBlur(photo, (0, 0), noise.uniform(0.7, 1.1))
    photo *= np.linspace(noise.uniform(0.75, 1), noise.uniform(0.75, 1), photo.shape[1])[None, :, None]
    photo *= np.linspace(noise.uniform(0.8, 1), noise.uniform(0.8, 1), photo.shape[0])[:, None, None]
    return _compressed(np.clip(photo + noise.normal(0, 4, photo.shape), 0, 255).astype(np.uint8), 75)


def _compressed(picture: np.ndarray, quality: int) -> np.ndarray:
    coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])


LOOKS: dict[str, Look] = {"clean": clean, "blurred": blurred, "photographed": photographed}


@dataclass
class Score:
    """Messages drawn, read and right; and of those whose words are right, how many have the right side, clock, day."""

    drawn: int = 0
    read: int = 0
    right: int = 0
    words: int = 0
    senders: int = 0
    clocks: int = 0
    days: int = 0
    invented: int = 0
    """A time or sender that is wrong and not marked as doubtful."""

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, self.drawn + self.read)

    def add(self, other: Score) -> None:
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)


def letters(text: str) -> str:
    """What counts of a message's words."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def score(truth: Sequence[Said], read: Sequence[Message], title: str | None) -> Score:
    """Messages in both, in order; every message counts once."""
    result = Score(len(truth), len(read))
    drawn = [letters(said.text) for said in truth]
    matcher = SequenceMatcher(None, drawn, [letters(message.text) for message in read], autojunk=False)
    pairs = [(truth[a + n], read[b + n]) for a, b, size in matcher.get_matching_blocks() for n in range(size)]
    matched = {id(message) for _, message in pairs}
    rest = [said for said in truth if all(said is not one for one, _ in pairs)]
    for message in read:
        near = next((s for s in rest if id(message) not in matched and _near(s.text, message.text)), None)
        if near is not None:
            pairs.append((near, message))
            rest.remove(near)
    for said, message in pairs:
        sender = (OWNER if said.sender is None else said.sender) == message.sender
        clock, day = _clock(message) == said.clock, _day(message) == said.day
        result.words, result.right = result.words + 1, result.right + (sender and clock and day)
        result.senders, result.clocks, result.days = result.senders + sender, result.clocks + clock, result.days + day
        wrong = (not sender and message.sender is not None) or (not clock and _clock(message) is not None)
        result.invented += bool(wrong and not message.doubts)
    return result


def _near(one: str, other: str) -> bool:
    return SequenceMatcher(None, letters(one), letters(other), autojunk=False).ratio() >= SAME_WORDS


def _clock(message: Message) -> str | None:
    if message.when is None:
        return None
    written = message.when.written.split()
    for words in (" ".join(written[-2:]), written[-1] if written else ""):
        if clock := read_clock(words):
            return f"{(clock.hour - 1) % 12 + 1}:{clock.minute:02} {'PM' if clock.hour >= 12 else 'AM'}"
    return None


def _day(message: Message) -> str | None:
    return message.when.day if message.when else None


def read_talk(pictures: Iterable[np.ndarray], engine: object) -> tuple[list[Message], str | None]:
    """The pictures read and joined, as the worker does."""
    shots = []
    for number, picture in enumerate(pictures, 1):
        (page,) = engine.read_pages([picture])  # type: ignore[attr-defined]
        screen = find_bubbles(picture, page.lines, page.width, page.height)
        if shot := read_shot(screen, number):
            shots.append(shot)
    return list(join_shots(shots).messages) if shots else [], next((shot.title for shot in shots if shot.title), None)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skins", default=",".join(SKINS))
    parser.add_argument("--seeds", default="21,22")
    parser.add_argument("--looks", default=",".join(LOOKS))
    parser.add_argument("--messages", type=int, default=16)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    engine = create_engine("onnx")
    results: dict[str, dict[str, object]] = {}
    for skin in arguments.skins.split(","):
        for look in arguments.looks.split(","):
            total, started = Score(), time.monotonic()
            for seed in (int(each) for each in arguments.seeds.split(",")):
                total.add(measure(skin, look, seed, arguments.messages, engine))
            results[f"{skin}/{look}"] = asdict(total) | {"f1": round(total.f1, 3)}
            print(f"{skin:10} {look:13} F1 {total.f1:.3f}  drawn {total.drawn} read {total.read} right {total.right} "
                  f"words {total.words} senders {total.senders} clocks {total.clocks} days {total.days} "
                  f"wrong, not doubted {total.invented}  {time.monotonic() - started:.0f} s", flush=True)  # fmt: skip
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")


def measure(skin: str, look: str, seed: int, count: int, engine: object) -> Score:
    """One chat: odd seeds are groups and show no year."""
    chance, group = random.Random(f"{skin} {seed}"), seed % 2 == 1
    talk = make_talk(chance, count, group)
    picture, truth, bands = draw_talk(SKINS[skin], talk, chance, not group, group)
    title = "Mia's family" if group else next((sender for sender, _, _ in talk if sender), "Marcus O")
    noise = np.random.default_rng(seed)
    shots = screens(SKINS[skin], picture, bands, title, OVERLAP)
    read, found = read_talk((LOOKS[look](np.asarray(shot), noise) for shot in shots), engine)
    return score(truth, read, found)


if __name__ == "__main__":
    main()
