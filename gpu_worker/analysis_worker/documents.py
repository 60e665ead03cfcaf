"""What was read of a document, out of the bucket: its text, what became of its pages, and their pictures (story)."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import BaseModel

from gpu_worker.analysis.analyst import Analysis
from gpu_worker.analysis.material import Material, Page
from gpu_worker.analysis_worker.desk import Desk
from gpu_worker.analysis_worker.queue import StoredAnalysis
from gpu_worker.clients.storage import Storage, describe_file
from gpu_worker.enums import Outcome
from gpu_worker.errors import TransientError
from gpu_worker.job import Job
from gpu_worker.reading.rereadings import Rereading
from gpu_worker.result import PAGE_SEPARATOR, picture_name


class PageFacts(BaseModel):
    """What `metadata.json` says of a page."""

    outcome: Outcome
    confidence: float | None = None
    rereadings: tuple[Rereading, ...] = ()


@dataclass(frozen=True)
class Documents:
    """Fetches and stores by presigned URLs. Raises `LeaseLost`, `TransientError`, `DocumentError`, `TokenDead`."""

    desk: Desk
    storage: Storage
    folder: Path

    def fetch(self, job: Job, mime_type: str) -> Material:
        """The document as it was read."""
        with self._download(job, "ocr.txt") as path:
            text = path.read_text("utf-8", "replace")
        with self._download(job, "metadata.json") as path, path.open(encoding="utf-8") as lines:
            facts = read_facts(lines)
        return Material(job.original_filename, mime_type, make_pages(text, facts))

    def fetch_pictures(self, job: Job, pages: Sequence[int]) -> dict[int, bytes]:
        """Those of the pages that have a picture."""
        if not pages:
            return {}
        stored = self.desk.get_urls(job).get
        pictures = {}
        for page in pages:
            if picture_name(page) in stored:
                with self._download(job, picture_name(page)) as path:
                    pictures[page] = path.read_bytes()
        return pictures

    def store(self, job: Job, analysis: Analysis) -> StoredAnalysis:
        """Put `analysis.json` beside what was read."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            path = Path(folder) / "analysis.json"
            path.write_text(json.dumps(asdict(analysis), indent=1, ensure_ascii=False), "utf-8", "surrogatepass")
            file = describe_file(path)
            target = self.desk.get_urls(job, file).put["analysis.json"]
            self.storage.upload(path, lambda: self.desk.get_urls(job, file).put["analysis.json"])
        return StoredAnalysis(target.key, file.bytes, file.sha256)

    @contextlib.contextmanager
    def _download(self, job: Job, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            path = Path(folder) / "file"
            self.storage.download(lambda: self._url_of(job, name), path)
            yield path

    def _url_of(self, job: Job, name: str) -> str:
        try:
            return self.desk.get_urls(job).get[name]
        except KeyError:
            raise TransientError("not_read", f"There is no {name} of this document.") from None


def read_facts(lines: Iterable[str]) -> list[PageFacts]:
    """The pages of `metadata.json`, which has one on a line: a whole book of boxes is never in memory at once."""
    return [PageFacts.model_validate_json(line.rstrip(" ,\n]")) for line in lines if line.startswith('{"page"')]


def make_pages(text: str, facts: Sequence[PageFacts]) -> tuple[Page, ...]:
    """Pages out of `ocr.txt` and what is known of them. Raises `TransientError` where they do not fit."""
    texts = text.split(PAGE_SEPARATOR)
    if len(texts) != len(facts):
        raise TransientError("not_read", f"The text has {len(texts)} pages and its description {len(facts)}.")
    return tuple(
        Page(said, fact.outcome, fact.confidence, fact.rereadings) for said, fact in zip(texts, facts, strict=True)
    )
