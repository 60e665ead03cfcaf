"""Whoever writes down what is said: a speech model in a folder of this machine, if there is one (wire)."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from gpu_worker.recordings.sound import RATE

LONGEST_SILENCE = 0.7
"""Seconds between words after which a new line begins."""
SPHINX_CONFIDENCE = 0.5
"""What it says of its own words is 1.0 throughout; of a novel read aloud it had about half right."""


@dataclass(frozen=True)
class Utterance:
    """What is said from `start` to `end` (seconds), and how surely it was heard (0..1)."""

    start: float
    end: float
    text: str
    confidence: float


class Speech(Protocol):
    """A speech model. `transcribe` takes float32 from -1 to 1, 16,000 a second, one channel."""

    name: str

    def transcribe(self, sound: np.ndarray) -> Iterator[Utterance]: ...


class SpeechModelUnusable(Exception):
    """The folder holds no model that this machine can load."""


def load_speech(folder: Path | None, on_gpu: bool) -> Speech | None:
    """The model in `folder`: Whisper as CTranslate2 has it (`model.bin`), or an acoustic model of Sphinx (`mdef`).

    None where no folder is named. Raises `SpeechModelUnusable`.
    """
    if folder is None:
        return None
    try:
        if (folder / "model.bin").is_file():
            require_package("faster_whisper", folder)
            return Whisper(folder, on_gpu)
        if (acoustic := _find_sphinx(folder)) is not None:
            require_package("pocketsphinx", folder)
            return Sphinx(folder, acoustic)
    except (RuntimeError, ValueError, OSError) as error:  # a file that broke off on its way, a model of another form
        raise SpeechModelUnusable(f"The model in {folder} cannot be loaded: {error}") from error
    raise SpeechModelUnusable(f"{folder} holds neither Whisper's model.bin nor a Sphinx model.")


def require_package(package: str, folder: Path) -> None:
    """Raises `SpeechModelUnusable` where the package that loads the model in `folder` is not installed."""
    if importlib.util.find_spec(package) is None:
        raise SpeechModelUnusable(f"The model in {folder} needs the package {package}, which is not installed.")


class Whisper:
    """Whisper through faster-whisper; silence is left out first, so that nothing is made up in it."""

    name = "whisper"

    def __init__(self, folder: Path, on_gpu: bool) -> None:
        from faster_whisper import WhisperModel

        device, kind = ("cuda", "float16") if on_gpu else ("cpu", "int8")
        self._model: Any = WhisperModel(str(folder), device=device, compute_type=kind, local_files_only=True)

    def transcribe(self, sound: np.ndarray) -> Iterator[Utterance]:
        """See `Speech`; what the model itself takes for no speech is left out."""
        segments, _ = self._model.transcribe(sound, vad_filter=True, condition_on_previous_text=False)
        for each in segments:
            if each.no_speech_prob < 0.6:
                yield Utterance(each.start, each.end, each.text.strip(), float(np.exp(each.avg_logprob)))


class Sphinx:
    """CMU Sphinx through pocketsphinx: small enough for any machine, and right about half of the time."""

    name = "sphinx"

    def __init__(self, folder: Path, acoustic: Path) -> None:
        from pocketsphinx import Decoder

        words = sorted(folder.glob("*.dict"))
        languages = [path for path in sorted(folder.glob("*.lm.bin")) if "phone" not in path.name]
        if not words or not languages:
            raise ValueError("it has no *.dict or no *.lm.bin")
        files = {"hmm": str(acoustic), "dict": str(words[0]), "lm": str(languages[0])}
        self._decoder: Any = Decoder(**files, samprate=RATE, loglevel="FATAL")

    def transcribe(self, sound: np.ndarray) -> Iterator[Utterance]:
        """See `Speech`; a new line begins after a silence."""
        self._decoder.start_utt()
        self._decoder.process_raw((sound * 32767).clip(-32768, 32767).astype(np.int16).tobytes(), full_utt=True)
        self._decoder.end_utt()
        words = [each for each in self._decoder.seg() or () if not each.word.startswith(("<", "["))]
        line = list[Any]()
        for each in words:
            if line and each.start_frame - line[-1].end_frame > 100 * LONGEST_SILENCE:
                yield self._said(line)
                line = []
            line.append(each)
        if line:
            yield self._said(line)

    @staticmethod
    def _said(words: list[Any]) -> Utterance:
        text = " ".join(each.word.partition("(")[0] for each in words)
        return Utterance(words[0].start_frame / 100, words[-1].end_frame / 100, text, SPHINX_CONFIDENCE)


def _find_sphinx(folder: Path) -> Path | None:
    return next((path.parent for path in sorted(folder.glob("*/mdef"))), None)
