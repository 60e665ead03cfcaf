"""Which languages PP-OCRv6 reads by itself, and letters that it cannot write (pure)."""

from __future__ import annotations

import re

from gpu_worker.ocr.page_text import PageText

CODES = (
    "afr cat ces chi_sim chi_tra cym dan deu eng est eus fin fra gle glg hrv hun ind isl ita jpn lat lav lit msa nld "
    "nor pol por ron slk slv spa sqi swe tur"
)
BY_ITSELF = frozenset(CODES.split())
"""Tesseract's codes of the languages whose letters are all among the recogniser's classes.

Vietnamese and Greek are not: it leaves out the accented letters it lacks and is sure of the rest (0.98 on a page)."""

SCRIPTS = {
    "Arabic": "ara fas urd", "Armenian": "hye", "Bengali": "ben", "Cyrillic": "rus ukr bul srp bel mkd",
    "Devanagari": "hin mar nep", "Ethiopic": "amh", "Georgian": "kat", "Greek": "ell", "Gujarati": "guj",
    "Gurmukhi": "pan", "Hangul": "kor", "Hebrew": "heb yid", "Kannada": "kan", "Khmer": "khm", "Korean": "kor",
    "Malayalam": "mal", "Sinhala": "sin", "Tamil": "tam", "Telugu": "tel", "Thai": "tha",
}  # fmt: skip
"""What Tesseract calls the writings that PP-OCRv6 cannot write, and the languages in each, the most spoken first."""

OWN_LETTERS = re.compile("[A-Za-z\u00aa-\u024f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
SURE_WORD = 0.7
FOREIGN_SHARE = 0.05  # of a page's letters: an English page read with Russian at hand has a stray А or О


def beyond(languages: str) -> set[str]:
    """Those of the languages (Tesseract's codes joined by `+`) that PP-OCRv6 cannot write."""
    return set(languages.split("+")) - BY_ITSELF


def is_foreign(page: PageText) -> bool:
    """Whether a page holds letters that PP-OCRv6 cannot write, among the words that were read surely."""
    letters = [c for word in page.words if word.confidence >= SURE_WORD for c in word.text if c.isalpha()]
    foreign = sum(not OWN_LETTERS.match(letter) for letter in letters)
    return foreign > FOREIGN_SHARE * len(letters)
