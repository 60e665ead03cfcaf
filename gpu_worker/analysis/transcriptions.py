"""Handwriting and pictures of chats that Claude transcribed: beside the text of the pages, never in it (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from gpu_worker.analysis.answer_shape import StatedLine, StatedTranscription
from gpu_worker.enums import TranscriptionKind

MOST_LINES = 200
"""Of a page and kind: a sheet written closely by hand has 60."""
MOST_CHARACTERS = 500
"""Of a line."""
# What is no character to show: controls, what turns the direction of writing, and halves of characters.
NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


@dataclass(frozen=True)
class TranscribedLine:
    """A line; `doubtful` where it could not be read surely."""

    text: str
    doubtful: bool


@dataclass(frozen=True)
class Transcription:
    """What `engine` (with its `model`) read off the picture of a page."""

    page: int
    kind: TranscriptionKind
    lines: tuple[TranscribedLine, ...]
    engine: str
    model: str


def read_transcriptions(
    stated: Iterable[StatedTranscription], pictures: Collection[int], engine: str, model: str
) -> tuple[Transcription, ...]:
    """Those of pages that were shown as pictures, one of each kind and page, without empty lines."""
    kept: dict[tuple[int, TranscriptionKind], Transcription] = {}
    for one in stated:
        lines = tuple(line for each in one.lines if (line := _clean(each)).text)[:MOST_LINES]
        if one.page in pictures and lines:
            kept.setdefault((one.page, one.kind), Transcription(one.page, one.kind, lines, engine, model))
    return tuple(kept.values())


def _clean(line: StatedLine) -> TranscribedLine:
    """A line cut short is doubtful: not all of it is there."""
    text = " ".join(NOT_SHOWN.sub(" ", line.text).split())
    return TranscribedLine(text[:MOST_CHARACTERS].rstrip(), line.doubtful or len(text) > MOST_CHARACTERS)
