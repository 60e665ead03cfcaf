"""Can a PDF page's text layer be trusted, or must the page be recognised? (pure)"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import wordfreq

LEAST_ZIPF = 2.2
"""A dictionary word occurs at least this often (1 in 6 million words).

The level at which the threshold below was measured.
"""
LEAST_DICTIONARY_SHARE = 0.7
"""Below lie broken font maps (0.04–0.10) and poor hidden OCR (0.3–0.7; 4.5 % of pages of born-digital PDFs)."""
MOST_IMAGE_SHARE = 0.25
"""An image this large may hold text (a pasted letter, a scan) that the layer lacks.

A letterhead's logo covers 2–5 %.
"""
LANGUAGES = ("en", "es")
WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class Verdict:
    """`sound`: read the layer. `empty`: the page shows nothing at all. Else recognise it, because of `reason`."""

    sound: bool
    reason: str
    empty: bool = False


def judge_text_layer(layer: Mapping) -> Verdict:
    """Judge what `PdfPages.read_text` found on a page."""
    text = layer["text"]
    if not layer["objects"] and not layer["annotations"]:
        return Verdict(False, "the page is empty", empty=True)
    if not text.strip():
        return Verdict(False, "no text layer")
    if layer["hidden_text"]:
        return Verdict(False, "hidden text under a scan")
    if layer["image_share"] >= MOST_IMAGE_SHARE:
        return Verdict(False, "images that may hold text")
    if layer["annotations"]:
        return Verdict(False, "form fields or notes outside the text layer")
    share = measure_dictionary_share(text)
    if share < LEAST_DICTIONARY_SHARE:
        return Verdict(False, f"only {share:.0%} of its text layer are words")
    return Verdict(True, "sound text layer")


def measure_dictionary_share(text: str) -> float:
    """Share of the words of three letters or more that are in the dictionary, 0..1; 0 where there are none."""
    words = WORD.findall(text.lower())
    return sum(word in dictionary() for word in words) / len(words) if words else 0.0


@cache
def dictionary() -> frozenset[str]:
    """Lower-case words of `LANGUAGES` (0.2 s and 40 MB, once)."""
    least_frequency = 10 ** (LEAST_ZIPF - 9)
    return frozenset(
        word
        for language in LANGUAGES
        for word, frequency in wordfreq.get_frequency_dict(language, wordlist="large").items()
        if frequency >= least_frequency and len(word) >= 3
    )
