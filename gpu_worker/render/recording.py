"""A recording as its one page: how long it is, and when and where it was made by its own account (wire)."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tinytag import TinyTag, TinyTagException

from gpu_worker.recordings.boxes import Movie, read_movie
from gpu_worker.recordings.sound import decode_sound, length_in_words
from gpu_worker.render.facts import LIVE_MARK, Fact, as_structure
from gpu_worker.render.layer import Recording
from gpu_worker.render.part import Structure
from gpu_worker.render.reader import Reader
from gpu_worker.render.written import WrittenPages

EDITABLE = "Whoever has the file can change this; the phone's clock may have been wrong too."
AMR_FRAMES = {b"#!AMR\n": (12, 13, 15, 17, 19, 20, 26, 31, 5), b"#!AMR-WB\n": (17, 23, 32, 36, 40, 46, 50, 58, 60, 5)}
"""Bytes of a frame of 20 ms, by its mode."""
APPLE = {"location.ISO6709": "Place", "creationdate": "Recorded", "make": "Made with", "model": "Model",
         "content.identifier": LIVE_MARK}  # fmt: skip


class RecordingPages(Reader):
    """The recording's own page; its sound is decoded piece by piece for whoever writes down what is said."""

    count = 1

    def __init__(self, path: str) -> None:
        self._path = path
        self._facts, self._seconds = _look_at(path)
        self._shown = WrittenPages(["\n".join(f"{fact.name}: {fact.value}" for fact in self._facts)])

    def read_text(self, page: int, look: bool = True) -> Recording:
        """Its length, if known; what is said in it is for others to write down."""
        return Recording(self._seconds)

    def draw(self, page: int) -> tuple[np.ndarray, str | None]:
        """What it says of itself, for the thumbnail."""
        return self._shown.draw(page)

    def draw_jpeg(self, page: int, pixels: int, rotation: int) -> bytes:
        """What it says of itself as a JPEG of at most `pixels` on its long side."""
        return self._shown.draw_jpeg(page, pixels, rotation)

    def decode(self, start: float, seconds: float) -> np.ndarray:
        """See `Reader.decode`. Raises `RenderError` (`no_decoder`)."""
        return decode_sound(self._path, start, seconds)

    def structure(self) -> Structure | None:
        """Length, time, place and device, as claims."""
        return as_structure(self._facts)


def _look_at(path: str) -> tuple[list[Fact], float | None]:
    with Path(path).open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":
        return _movie_facts(_read_boxes(path))
    if head.startswith(b"#!AMR"):
        return _plain_facts(_measure(path, _amr_seconds))
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return _plain_facts(_measure(path, _wave_seconds))
    return _tag_facts(path)


def _measure(path: str, measure: Callable[[str], float]) -> float | None:
    try:
        return measure(path)
    except (wave.Error, EOFError, OSError, ValueError, ZeroDivisionError):
        return None


def _read_boxes(path: str) -> Movie:
    with Path(path).open("rb") as file:
        return read_movie(file, Path(path).stat().st_size)


def _movie_facts(movie: Movie) -> tuple[list[Fact], float | None]:
    facts, _ = _plain_facts(movie.seconds)
    shown = [what for what, is_there in (("picture", movie.has_picture), ("sound", movie.has_sound)) if is_there]
    facts += [Fact("Holds", " and ".join(shown), claim=False)] if shown else []
    if movie.created is not None and "creationdate" not in movie.claims:
        facts.append(Fact("Recorded", f"{movie.created:%Y-%m-%d %H:%M:%S} UTC", warning=EDITABLE))
    if movie.place and "location.ISO6709" not in movie.claims:
        facts.append(Fact("Place", movie.place.rstrip("/"), warning=EDITABLE))
    facts += [Fact(name, movie.claims[key].rstrip("/"), warning=EDITABLE) for key, name in APPLE.items()
              if key in movie.claims]  # fmt: skip
    return facts, movie.seconds


def _tag_facts(path: str) -> tuple[list[Fact], float | None]:
    try:
        tag = TinyTag.get(path)
    except (TinyTagException, OSError, ValueError):
        return _plain_facts(None)
    facts, seconds = _plain_facts(tag.duration)
    named = (("Title", tag.title), ("By", tag.artist), ("Recorded", tag.year), ("Comment", tag.comment))
    return [*facts, *(Fact(name, str(value), warning=EDITABLE) for name, value in named if value)], seconds


def _plain_facts(seconds: float | None) -> tuple[list[Fact], float | None]:
    length = length_in_words(seconds) if seconds else "not stated by the file"
    return [Fact("Length", length, claim=False)], seconds or None


def _wave_seconds(path: str) -> float:
    with wave.open(path, "rb") as sound:
        return sound.getnframes() / sound.getframerate()


def _amr_seconds(path: str) -> float:
    content = Path(path).read_bytes()
    mark = next(mark for mark in AMR_FRAMES if content.startswith(mark))
    sizes, at, frames = AMR_FRAMES[mark], len(mark), 0
    while at < len(content):
        mode = content[at] >> 3 & 15
        at += 1 + (sizes[mode] if mode < len(sizes) else 0)
        frames += 1
    return frames * 0.02


