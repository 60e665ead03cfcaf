"""Recordings: how long, when and where by their own account; what is said where a model hears it, else why not."""

from __future__ import annotations

import struct
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pocketsphinx
import pytest

from gpu_worker.ocr.page_text import PageText
from gpu_worker.reading.ocr_batcher import OcrBatcher
from gpu_worker.reading.pages import PageResult, read_pages
from gpu_worker.recordings.speech import SpeechModelUnusable, Utterance, load_speech, require_package
from gpu_worker.render.pool import RenderPool
from gpu_worker.render.readers import READERS
from gpu_worker.settings import RenderLimits
from tests.gpu_worker.recordings.tiny_whisper import make_tiny_whisper


def box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + name + body


def film(brand: bytes = b"qt  ", mark: str = "") -> bytes:
    """What a phone writes: sound and picture first, then what it says of them; `mark`: it is a live photo's clip."""
    times = struct.pack(">IIIII", 0, 3_792_459_600, 0, 600, 600 * 222)
    names = [b"com.apple.quicktime.location.ISO6709", b"com.apple.quicktime.make"]
    names += [b"com.apple.quicktime.content.identifier"] if mark else []
    keys = box(b"keys", bytes(4), struct.pack(">I", len(names)), *(box(b"mdta", name) for name in names))
    values = [b"+33.9533-117.3962/", b"Apple", *([mark.encode()] if mark else [])]
    data = (box(struct.pack(">I", n), box(b"data", struct.pack(">II", 1, 0), v)) for n, v in enumerate(values, 1))
    tracks = [box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), kind, bytes(12)))) for kind in (b"vide", b"soun")]
    meta = box(b"meta", box(b"hdlr", bytes(8), b"mdta", bytes(12)), keys, box(b"ilst", *data))
    moov = box(b"moov", box(b"mvhd", times, bytes(80)), *tracks, meta)
    return box(b"ftyp", brand, bytes(4)) + box(b"mdat", bytes(1000)) + moov


def sound(path: Path, seconds: float, rate: int = 8000, is_loud: bool = True) -> Path:
    with wave.open(str(path), "wb") as made:
        made.setparams((2, 2, rate, 0, "NONE", ""))
        hum = np.full(2 * int(seconds * rate), 3000 if is_loud else 0, "<i2")
        made.writeframes(hum.tobytes())
    return path


def voice(path: Path, seconds: int) -> Path:
    """A hum that swells and falls as syllables do."""
    at = np.arange(seconds * 16_000) / 16_000
    with wave.open(str(path), "wb") as made:
        made.setparams((1, 2, 16_000, 0, "NONE", ""))
        hum = 9000 * np.sin(2 * np.pi * 150 * at) * (1 + np.sin(2 * np.pi * 4 * at))
        made.writeframes(hum.astype("<i2").tobytes())
    return path


def facts(path: Path) -> dict[str, str]:
    return {fact["name"]: fact["value"] for fact in READERS["recording"](str(path)).structure().value}


def test_a_phones_film_says_how_long_when_and_where_as_claims(tmp_path):
    (tmp_path / "a").write_bytes(film())
    assert facts(tmp_path / "a") == {
        "Length": "3:42 minutes", "Holds": "picture and sound", "Recorded": "2024-03-05 05:00:00 UTC",
        "Place": "+33.9533-117.3962", "Made with": "Apple",
    }  # fmt: skip
    (*_, place, _) = READERS["recording"](str(tmp_path / "a")).structure().value
    assert place["claim"] and "can change" in place["warning"]


@pytest.mark.parametrize(
    ("content", "length"),
    [
        (b"#!AMR\n" + (b"\x3c" + bytes(31)) * 500, "0:10 minutes"),
        (b"OggS damaged", "not stated by the file"),
        (film()[:1040], "not stated by the file"),
        (box(b"ftyp", b"mp42") + b"\0\0\0\1moov" + b"\xff" * 8, "not stated by the file"),
    ],
    ids=["voicemail", "damaged", "cut off", "a box of forged size"],
)
def test_a_length_is_found_or_said_not_to_be_stated(tmp_path, content, length):
    (tmp_path / "a").write_bytes(content)
    assert facts(tmp_path / "a")["Length"] == length


class Stenographer:
    """Hears one sentence in each piece of sound."""

    name = "stenographer"

    def transcribe(self, sound: np.ndarray) -> Iterator[Utterance]:
        yield Utterance(1.0, 2.0, f"{len(sound) / 16_000:g} seconds", 0.9)


class Blind:
    name, calls_at_once, pages_a_call = "blind", 1, 1

    def read_pages(self, images: list[np.ndarray]) -> list[PageText]:
        raise AssertionError("nothing is to be recognised")


@pytest.fixture
def hear(tmp_path: Path) -> Iterator[object]:
    pool, batcher = RenderPool(RenderLimits()), OcrBatcher(Blind(), None)

    def read(path: Path, speech: object) -> PageResult:
        with pool.open(path, "recording") as file:
            (page,) = read_pages(file, batcher, lambda: None, speech)
        return page

    yield read
    batcher.stop()
    pool.stop()


def test_what_is_said_stands_with_its_time_in_the_whole_recording(hear, tmp_path):
    page = hear(sound(tmp_path / "a", 605), Stenographer())
    assert (page.outcome, page.engine, page.confidence) == ("ocr", "stenographer", 0.9)
    assert page.text.splitlines() == ["[0:00:01] 600 seconds", "[0:10:01] 5 seconds"]
    assert "listen before" in page.reason


def test_without_a_model_the_recording_is_kept_and_says_so(hear, tmp_path):
    page = hear(sound(tmp_path / "a", 2), None)
    assert (page.outcome, page.text) == ("unreadable", "")
    assert page.reason == "not transcribed: this machine has no speech model; the recording (0:02 minutes) is kept"


def test_a_model_in_a_folder_is_loaded_and_hears_no_words_in_silence(hear, tmp_path):
    """Any Sphinx model loads like the small one that pocketsphinx ships."""
    speech = load_speech(Path(pocketsphinx.get_model_path()) / "en-us", on_gpu=False)
    assert speech.name == "sphinx" and list(speech.transcribe(np.zeros(16_000, np.float32))), "it makes up a word"
    page = hear(sound(tmp_path / "a", 2, is_loud=False), speech)
    assert (page.outcome, page.engine, page.text) == ("blank", "sphinx", "")


def test_whisper_is_loaded_from_a_folder_and_writes_down_what_it_hears(hear, tmp_path):
    """Its files are made here, with random weights: what it hears means nothing, all that leads there is real."""
    speech = load_speech(make_tiny_whisper(tmp_path / "model"), on_gpu=False)
    page = hear(voice(tmp_path / "a", 4), speech)
    assert (speech.name, page.engine, page.outcome) == ("whisper", "whisper", "ocr")
    assert page.text.startswith("[0:00:0") and 0 < page.confidence < 1
    times = [line[1:8] for line in page.text.splitlines()]
    assert times == sorted(times) and times[-1] < "0:00:05", "nothing is heard after the end"
    assert hear(sound(tmp_path / "b", 3, is_loud=False), speech).outcome == "blank"


def test_a_folder_without_a_usable_model_says_what_is_missing(tmp_path):
    assert load_speech(None, on_gpu=False) is None
    with pytest.raises(SpeechModelUnusable, match="holds neither"):
        load_speech(tmp_path, on_gpu=False)
    (tmp_path / "sphinx" / "acoustic").mkdir(parents=True)
    (tmp_path / "sphinx" / "acoustic" / "mdef").touch()
    with pytest.raises(SpeechModelUnusable, match=r"cannot be loaded: it has no \*.dict"):
        load_speech(tmp_path / "sphinx", on_gpu=False)
    (tmp_path / "model.bin").touch()
    with pytest.raises(SpeechModelUnusable, match="cannot be loaded"):
        load_speech(tmp_path, on_gpu=False)
    with pytest.raises(SpeechModelUnusable, match="needs the package no_such_package"):
        require_package("no_such_package", tmp_path)
