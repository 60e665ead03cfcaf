"""A recording's sound as numbers, piece by piece, inside the sandboxed child (wire: wave, ffmpeg)."""

from __future__ import annotations

import shutil
import subprocess
import wave

import numpy as np

from gpu_worker.render.errors import RenderError

RATE = 16_000
"""Samples a second that speech networks take."""
DECODER_SECONDS = 50
WIDTHS = {2: (np.int16, 32768.0), 4: (np.int32, 2147483648.0)}


def decode_sound(path: str, start: float, seconds: float) -> np.ndarray:
    """Float32 from -1 to 1, `RATE` a second, one channel; empty behind the end. Raises `RenderError` (`no_decoder`)."""
    program = shutil.which("ffmpeg")
    if program is None:
        return _decode_wave(path, start, seconds)
    done = subprocess.run(
        [program, "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-ss", str(start), "-t", str(seconds),
         "-i", f"file:{path}", "-map", "0:a:0", "-ac", "1", "-ar", str(RATE), "-f", "s16le", "pipe:1"],
        capture_output=True, timeout=DECODER_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode and not done.stdout:
        raise RenderError("no_decoder")
    return np.frombuffer(done.stdout[: len(done.stdout) // 2 * 2], np.int16).astype(np.float32) / 32768


def length_in_words(seconds: float) -> str:
    """`3:42` minutes or `1:03:42` hours."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02} hours" if hours else f"{minutes}:{whole % 60:02} minutes"


def _decode_wave(path: str, start: float, seconds: float) -> np.ndarray:
    """Plain WAV, which needs no decoder."""
    try:
        with wave.open(path, "rb") as sound:
            rate, channels, width = sound.getframerate(), sound.getnchannels(), sound.getsampwidth()
            sound.setpos(min(int(start * rate), sound.getnframes()))
            frames = sound.readframes(int(seconds * rate))
    except (wave.Error, EOFError, OSError) as error:
        raise RenderError("no_decoder") from error
    samples: np.ndarray
    if width == 1:
        samples = (np.frombuffer(frames, np.uint8).astype(np.float32) - 128) / 128
    elif width in WIDTHS:
        kind, scale = WIDTHS[width]
        samples = np.frombuffer(frames, kind).astype(np.float32) / np.float32(scale)
    else:
        raise RenderError("no_decoder")
    mono: np.ndarray = samples.reshape(-1, channels).mean(axis=1).astype(np.float32)
    if rate == RATE or not len(mono):
        return mono
    at = np.arange(round(len(mono) * RATE / rate), dtype=np.float64) * rate / RATE
    resampled: np.ndarray = np.interp(at, np.arange(len(mono)), mono).astype(np.float32)
    return resampled
