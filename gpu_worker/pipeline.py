"""One document's way through the workshop: fetch → pages → OCR → analysis → artifacts → result (story).

Several threads run it at once, each with its own document, so the stages of different documents overlap; the OCR
engine is shared through `OcrBatcher`, whose bounded queue is what holds everybody back.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from gpu_worker.analysis.analyst import Analysis
from gpu_worker.analysis.judging import Judging
from gpu_worker.analysis.material import Material, Page
from gpu_worker.analysis.pages import PICTURE_PIXELS
from gpu_worker.artifacts import ArtifactFolder
from gpu_worker.clients.control_plane import ControlPlaneClient
from gpu_worker.clients.storage import Storage, StoredFile, UploadTarget, describe_file
from gpu_worker.embedding.minilm import MiniLm
from gpu_worker.embedding.passages import cut_passages
from gpu_worker.enums import Outcome
from gpu_worker.errors import DOCUMENT_PROBLEMS, DocumentError
from gpu_worker.job import Job, Lease
from gpu_worker.ocr.structure.roles import DocumentRoles, cut_repeated, find_roles
from gpu_worker.parts import PartsDesk, describe_container, read_mail_facts
from gpu_worker.reading.ocr_batcher import OcrBatcher
from gpu_worker.reading.pages import read_pages
from gpu_worker.reading.talks import TalkFinder
from gpu_worker.recordings.speech import Speech
from gpu_worker.render.errors import RenderError
from gpu_worker.render.facts import find_live_mark
from gpu_worker.render.pool import RenderPool
from gpu_worker.render.rendered_file import RenderedFile
from gpu_worker.result import EmbeddedPassage, MailFacts, PageOutcome, Result, StoredArtifact
from inspector.heads import HEAD_BYTES, inspect
from inspector.kinds import Kind, Verdict, explain_refusal, kind_named

log = logging.getLogger(__name__)
THUMBNAIL_PIXELS = 400
MOST_PASSAGES = 500
"""Passages of one document that get a vector, as many as are kept: some 250 pages, 30 s of one core."""
EMBEDDED_AT_ONCE = 64


@dataclass(frozen=True)
class ReadPages:
    """All pages of a document: what became of each, its text, and what its lines are."""

    outcomes: tuple[PageOutcome, ...]
    texts: tuple[str, ...]
    roles: DocumentRoles

    @property
    def searched(self) -> list[list[str]]:
        """The texts in pieces, without heads, feet and numbers that only repeat."""
        return [cut_repeated(text, spans) for text, spans in zip(self.texts, self.roles.repeated, strict=True)]

    def as_material(self) -> tuple[Page, ...]:
        """The pages as an analyst takes them."""
        read = zip(self.texts, self.outcomes, strict=True)
        return tuple(Page(text, page.outcome, page.confidence, page.rereadings) for text, page in read)


@dataclass(frozen=True)
class Pipeline:
    """The clients and engines that process documents, shared by all threads."""

    control_plane: ControlPlaneClient
    storage: Storage
    render_pool: RenderPool
    batcher: OcrBatcher
    embedder: MiniLm
    work_dir: Path
    speech: Speech | None = None

    def process(self, lease: Lease) -> Result:
        """Process one document.

        Raises `DocumentError`, `TransientError`, `MachineBroken`, `LeaseLost` or `TokenDead`; nothing stays on disk in
        any case.
        """
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="job-", dir=self.work_dir) as folder:
            file = self._fetch(lease.job, Path(folder) / "original")
            kind = identify(file)
            lease.check()
            with (
                self._open(lease.job, file, kind) as rendered,
                contextlib.closing(ArtifactFolder(Path(folder))) as artifacts,
            ):
                kind = kind_named(rendered.kind) if rendered.kind else kind
                parts = self._enter_parts(lease, rendered, Path(folder))
                mail, live_mark = _keep_structure(rendered, artifacts)
                pages = self._read(lease, rendered, kind.mime_type, artifacts)
                passages = self._embed(lease, pages.searched)
                lease.finish_reading()
                if rendered.pages:
                    analysis = self._analyse(lease.job, rendered, kind.mime_type, pages, artifacts)
                else:
                    analysis = describe_container(kind, rendered.label, parts)
                stored = self._upload(lease, artifacts)
        return Result(
            sha256=file.sha256,
            mime_type=kind.mime_type,
            pages=pages.outcomes,
            passages=passages,
            analysis=analysis,
            artifacts=stored,
            seconds=round(time.monotonic() - started, 3),
            parts=parts,
            mail=mail,
            live_mark=live_mark,
        )

    def _fetch(self, job: Job, destination: Path) -> StoredFile:
        file = self.storage.download(lambda: self.control_plane.get_download_url(job), destination)
        if file.sha256 != job.sha256:
            raise DocumentError("object_changed")
        return file

    @contextlib.contextmanager
    def _open(self, job: Job, file: StoredFile, kind: Kind) -> Iterator[RenderedFile]:
        def get_passwords() -> Sequence[str]:
            return self.control_plane.get_passwords(job)

        with contextlib.ExitStack() as stack:
            try:
                rendered = stack.enter_context(self.render_pool.open(file.path, kind.reader, get_passwords))
            except RenderError as error:
                if error.kind is not None:
                    raise DocumentError("unsupported_type", message=kind_named(error.kind).refusal) from error
                raise DocumentError(_document_code(error.code, kind.mime_type)) from error
            yield rendered

    def _enter_parts(self, lease: Lease, rendered: RenderedFile, folder: Path) -> int:
        """Enter the files inside; a document without these and without a page is empty."""
        desk = PartsDesk(self.control_plane, self.storage)
        try:
            parts = desk.enter(lease, rendered, folder)
        except RenderError as error:
            raise DocumentError(_document_code(error.code, "")) from error
        if not parts and not rendered.pages:
            raise DocumentError("no_pages")
        return parts

    def _read(self, lease: Lease, rendered: RenderedFile, mime_type: str, artifacts: ArtifactFolder) -> ReadPages:
        """Read every page; the render child goes back to the pool for the next document. A container has none."""
        pages = self._read_pages(lease, rendered, artifacts)
        if not rendered.pages:
            artifacts.finish(lease.job, mime_type, self.batcher.engine_name, pages.roles)
            rendered.close()
            return pages
        _require_a_drawn_page(pages.outcomes, mime_type)
        with contextlib.suppress(RenderError):  # a first page that cannot be drawn: the document has no thumbnail
            artifacts.add_file("thumbnail.jpg", rendered.draw_jpeg(1, THUMBNAIL_PIXELS))
        artifacts.finish(lease.job, mime_type, self.batcher.engine_name, pages.roles)
        _make_searchable(rendered, mime_type, artifacts)
        rendered.close()
        return pages

    def _read_pages(self, lease: Lease, rendered: RenderedFile, artifacts: ArtifactFolder) -> ReadPages:
        lease.pages_total = rendered.pages
        outcomes, texts, outlines = [], [], []
        talk = TalkFinder(rendered)
        for page in read_pages(rendered, self.batcher, lease.check, self.speech):
            page = replace(page, text=clean_text(page.text))
            if page.merged is not None:
                rendered.rotations[page.page] = page.merged.rotation
            artifacts.add_page(page)
            talk.add(page)
            outcomes.append(page.as_outcome())
            texts.append(page.text)
            outlines.append(page.outline)
            lease.pages_done = len(outcomes)
        if found := talk.finish(texts):
            artifacts.add_file("conversation.json", found)
        return ReadPages(tuple(outcomes), tuple(texts), find_roles(outlines))

    def _embed(self, lease: Lease, texts: Sequence[Sequence[str]]) -> tuple[EmbeddedPassage, ...]:
        """The first passages with their vectors; what follows is found by its words alone."""
        passages = list(islice(cut_passages(texts), MOST_PASSAGES))
        embedded: list[EmbeddedPassage] = []
        for start in range(0, len(passages), EMBEDDED_AT_ONCE):
            lease.check()
            batch = passages[start : start + EMBEDDED_AT_ONCE]
            vectors = self.embedder.embed([passage.text for passage in batch])
            for passage, vector in zip(batch, vectors, strict=True):
                rounded = tuple(round(float(value), 4) for value in vector)
                embedded.append(EmbeddedPassage(passage.page, passage.text, rounded))
        return tuple(embedded)

    def _analyse(
        self, job: Job, rendered: RenderedFile, mime_type: str, pages: ReadPages, artifacts: ArtifactFolder
    ) -> Analysis:
        def draw_jpeg(page: int, pixels: int) -> bytes:
            try:
                return rendered.draw_jpeg(page, pixels)
            finally:
                rendered.close()  # the answer takes half a minute; no child waits for it

        material = Material(job.original_filename, mime_type, pages.as_material())
        judging = Judging(material)
        if job.allow_claude:
            _keep_pictures(judging, draw_jpeg, artifacts)
        # No rented machine asks Claude, nor judges: `complete_job` queues the document for the analysis worker.
        analysis = judging.plain if job.allow_claude else judging.conclude((), stopped="claude_off")
        artifacts.add_analysis(analysis)
        return analysis

    def _upload(self, lease: Lease, artifacts: ArtifactFolder) -> dict[str, StoredArtifact]:
        """Store the artifacts, by name."""
        lease.check()
        job, files = lease.job, {name: describe_file(path) for name, path in artifacts.paths.items()}
        targets = self.control_plane.get_upload_targets(job, files)
        for name, file in files.items():
            first = iter([targets[name]])

            def get_target(
                name: str = name, file: StoredFile = file, first: Iterator[UploadTarget] = first
            ) -> UploadTarget:
                return next(first, None) or self.control_plane.get_upload_targets(job, {name: file})[name]

            self.storage.upload(file.path, get_target)
        return {name: StoredArtifact(file.bytes, file.sha256) for name, file in files.items()}


def _keep_pictures(judging: Judging, draw_jpeg: Callable[[int, int], bytes], artifacts: ArtifactFolder) -> None:
    """The pages that Claude is shown, now or whenever the document is judged again; one that cannot be drawn is not."""
    for page in judging.pictures:
        with contextlib.suppress(RenderError):
            artifacts.add_picture(page, draw_jpeg(page, PICTURE_PIXELS))


def _keep_structure(rendered: RenderedFile, artifacts: ArtifactFolder) -> tuple[MailFacts | None, str | None]:
    """The file's structure as an artifact, where it has one; of it what lists, threads and live photos need."""
    try:
        found = rendered.read_structure()
    except RenderError as error:
        raise DocumentError(_document_code(error.code, "")) from error
    if found is None:
        return None, None
    name, content = found
    artifacts.add_file(name, content)
    mail = read_mail_facts(content) if name == "mail.json" else None
    return mail, find_live_mark(content) if name == "facts.json" else None


def _make_searchable(rendered: RenderedFile, mime_type: str, artifacts: ArtifactFolder) -> None:
    """`searchable.pdf`, where anything was recognised; a file that cannot be taken apart goes without."""
    if not artifacts.spool.has_text:
        return
    destination = artifacts.path_of("searchable.pdf")
    try:
        rendered.make_searchable(mime_type, artifacts.spool.path, destination)
    except RenderError as error:
        destination.unlink(missing_ok=True)
        log.warning("no searchable PDF", extra={"error": error.code})


def clean_text(text: str) -> str:
    """Text as PostgreSQL takes it.

    No NUL, no lone surrogates, no control characters but line ends, tabs and form feeds.
    """
    text = text.encode("utf-8", errors="ignore").decode("utf-8")
    return "".join(character for character in text if character >= " " or character in "\n\t\f").replace("\x7f", "")


def identify(file: StoredFile) -> Kind:
    """What the file is. Raises `DocumentError` (`empty_file`, `unsupported_type`)."""
    if file.bytes == 0:
        raise DocumentError("empty_file")
    with file.path.open("rb") as opened:
        kind = inspect(opened.read(HEAD_BYTES))
    if kind is None or kind.verdict is Verdict.REFUSED:
        raise DocumentError("unsupported_type", message=explain_refusal(kind))
    return kind


def _document_code(code: str, mime_type: str) -> str:
    """The document's code for a code of its only, or its every, page."""
    if code in DOCUMENT_PROBLEMS:
        return code
    if mime_type == "application/pdf":
        return "corrupt_pdf"
    return "corrupt_image" if mime_type.startswith("image/") else "corrupt_file"


def _require_a_drawn_page(pages: Sequence[PageOutcome], mime_type: str) -> None:
    """A document none of whose pages could even be drawn has failed; the outcomes say so page by page."""
    if all(page.outcome == Outcome.UNREADABLE and page.engine is None for page in pages):
        code = Counter((page.reason or "").split(":")[0] for page in pages).most_common(1)[0][0]
        raise DocumentError(_document_code(code, mime_type), pages)
