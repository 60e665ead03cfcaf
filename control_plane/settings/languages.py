"""The languages that a worker's image reads, by Tesseract's codes (pure)."""

from __future__ import annotations

CODES = (
    "afr cat ces chi_sim chi_tra cym dan deu eng est eus fin fra gle glg hrv hun ind isl ita jpn lat lav lit msa nld "
    "nor pol por ron slk slv spa sqi swe tur"
)
BY_ITSELF = frozenset(CODES.split())
"""What the OCR networks write without help."""

PACK_CODES = "amh ara ben ell eng fas guj heb hin hye kor pan rus tam tel tha ukr urd vie"
PACKS = frozenset(PACK_CODES.split())
"""What Dockerfile.worker has Tesseract's data for."""


def find_unknown(languages: str) -> list[str]:
    """Those of the codes, joined by `+`, that no worker reads."""
    return sorted(set(languages.split("+")) - BY_ITSELF - PACKS)


def packs_of(languages: str) -> list[str]:
    """Those of the codes that Tesseract is asked for; English always, which most pages also hold."""
    return ["eng", *sorted(set(languages.split("+")) & (PACKS - {"eng"}))]
