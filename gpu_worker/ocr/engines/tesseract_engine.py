"""Tesseract, run once per page as a child process: the second opinion, and the languages PP-OCRv6 does not know
(wire)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

import cv2
import numpy as np

from gpu_worker.ocr.engines.tesseract_output import parse_tsv
from gpu_worker.ocr.errors import EngineUnavailable, LanguagePackMissing
from gpu_worker.ocr.languages import SCRIPTS, beyond
from gpu_worker.ocr.layout.stretch import stretched
from gpu_worker.ocr.page_text import PageText

PAGE_SECONDS = 30  # noise can keep it busy for minutes; a dense page takes it three seconds
SMALL_SIDE = (
    1400  # px: Tesseract wants letters 30 px high; at twice the size it finds 13 % more of a small scan's words
)
MAX_SIDE = 32_767  # px: Tesseract refuses more
NEEDED = ("PATH", "LD_LIBRARY_PATH", "TESSDATA_PREFIX", "LANG", "LC_ALL")
"""All that Tesseract gets of the environment, which holds the worker's token."""


class TesseractEngine:
    """Reads pages with the `tesseract` program; `languages` are its codes joined by `+`.

    `knows_more`: some of them PP-OCRv6 cannot write.
    """

    name = "tesseract"
    calls_at_once = 1
    pages_a_call = 1

    def __init__(self, languages: str = "eng", page_seconds: float = PAGE_SECONDS) -> None:
        program = shutil.which("tesseract")
        if program is None:
            raise EngineUnavailable("The tesseract engine needs the tesseract program: install tesseract-ocr.")
        self._program = program
        self._languages = languages
        self.knows_more = bool(beyond(languages))
        self._page_seconds = page_seconds
        # Its own threads fight each other: one thread a page is 6 to 10 times faster on two cores.
        self._environ = {name: os.environ[name] for name in NEEDED if name in os.environ} | {"OMP_THREAD_LIMIT": "1"}
        self._check_languages()

    def read_pages(self, images: Sequence[np.ndarray]) -> list[PageText]:
        """See `OcrEngine.read_pages`."""
        return [self._read_page(image) for image in images]

    def read_by_script(self, image: np.ndarray) -> tuple[str | None, PageText | None]:
        """The writing of a page in letters that PP-OCRv6 cannot write, and the page read in the languages of it that
        this machine has data for; None for either that is not known."""
        script = self._find_script(image)
        languages = [code for code in SCRIPTS.get(script or "", "").split() if code in self._installed]
        if not languages:
            return (script, None) if script in SCRIPTS else (None, None)
        return script, self._read_page(image, "+".join([*languages, "eng"] if "eng" in self._installed else languages))

    def _find_script(self, image: np.ndarray) -> str | None:
        if "osd" not in self._installed or min(image.shape[:2]) < 3 or max(image.shape[:2]) > MAX_SIDE:
            return None
        try:
            said = self._run(image, "osd", "--psm", "0")
        except subprocess.TimeoutExpired:
            return None
        return next((line.partition(":")[2].strip() for line in said.splitlines() if line.startswith("Script:")), None)

    def _read_page(self, image: np.ndarray, languages: str = "") -> PageText:
        height, width = image.shape[:2]
        if min(height, width) < 3 or max(height, width) > MAX_SIDE:
            return PageText(
                (), "", self.name, 0.0, width, height, 0, f"{width} × {height} px is no page Tesseract takes"
            )
        scale = 2 if max(height, width) < SMALL_SIDE else 1
        try:
            larger = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
            tsv = self._run(larger, languages or self._languages, "--psm", "3", "tsv")
        except subprocess.TimeoutExpired:
            return PageText((), "", self.name, 0.0, width, height, 0, f"Tesseract took over {self._page_seconds} s")
        return stretched(parse_tsv(tsv, scale * width, scale * height), width, height)

    def _run(self, image: np.ndarray, languages: str, *options: str) -> str:
        gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        header = b"P5 %d %d 255\n" % (gray.shape[1], gray.shape[0])
        done = subprocess.run(
            [self._program, "stdin", "stdout", "-l", languages, *options],
            input=header + np.ascontiguousarray(gray).tobytes(),
            capture_output=True,
            env=self._environ,
            timeout=self._page_seconds,
            check=False,
        )
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""

    def _check_languages(self) -> None:
        done = subprocess.run(
            [self._program, "--list-langs"], capture_output=True, text=True, env=self._environ, timeout=30, check=False
        )
        self._installed = set(done.stdout.split()[1:]) | set(done.stderr.split())
        missing = [code for code in self._languages.split("+") if code not in self._installed]
        if missing:
            packages = " ".join(f"tesseract-ocr-{code.replace('_', '-')}" for code in missing)
            raise LanguagePackMissing(f"Tesseract has no data for {', '.join(missing)}: install {packages}.")
