"""What is said in a recording, line by line with its times; or why nobody wrote it down (story)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gpu_worker.errors import PAGE_PROBLEMS
from gpu_worker.recordings.sound import RATE, length_in_words
from gpu_worker.recordings.speech import Speech, Utterance
from gpu_worker.render.errors import RenderError
from gpu_worker.render.layer import Recording
from gpu_worker.render.rendered_file import RenderedFile

PIECE_SECONDS = 600
"""Decoded and heard at a time: 38 MB. A sentence across the seam is cut there."""
LEAST_LOUDNESS = 0.002
"""Of full scale, 54 dB below it: a whisper into a phone has 0.005, a quiet room 0.001."""
NO_MODEL = "not transcribed: this machine has no speech model"


class NotTranscribed(Exception):
    """Nobody can write down what is said; the message is for a person."""


def transcribe(
    file: RenderedFile, recording: Recording, speech: Speech | None, check_lease: Callable[[], None]
) -> list[Utterance]:
    """Everything that is said, with its times. Raises `NotTranscribed`, and what `check_lease` raises."""
    kept = f"; the recording ({length_in_words(recording.seconds)}) is kept" if recording.seconds else "; it is kept"
    if speech is None:
        raise NotTranscribed(NO_MODEL + kept)
    said, start = list[Utterance](), 0.0
    try:
        while len(sound := file.decode(start, PIECE_SECONDS)) > RATE // 10:
            check_lease()
            said += [Utterance(each.start + start, each.end + start, each.text, each.confidence)
                     for each in speech.transcribe(sound) if is_heard(sound, each)]  # fmt: skip
            start += PIECE_SECONDS
    except RenderError as error:
        raise NotTranscribed(f"not transcribed: {PAGE_PROBLEMS.get(error.code, error.code)}{kept}") from error
    return said


def is_heard(sound: np.ndarray, said: Utterance) -> bool:
    """Whether there is any sound where a model heard words: in silence models make up words."""
    piece = sound[max(0, int(said.start * RATE)) : int(said.end * RATE) + 1]
    return len(piece) > 0 and float(np.sqrt(np.mean(np.square(piece)))) >= LEAST_LOUDNESS


def write_transcript(said: list[Utterance]) -> str:
    """A line for everything said, behind the time at which it begins."""
    return "\n".join(f"[{_clock(each.start)}] {each.text}" for each in said)


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
