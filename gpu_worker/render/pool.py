"""Children for as many documents as are in work, each for one document alone (wire)."""

from __future__ import annotations

import contextlib
import logging
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gpu_worker.render.children import RenderChild, Zygote, ZygoteGone
from gpu_worker.render.rendered_file import RenderedFile
from gpu_worker.settings import RenderLimits

log = logging.getLogger(__name__)
GetPasswords = Callable[[], Sequence[str]]


class RenderPool:
    """A fresh child for every document, at the price of a fork. `folder` is where children get folders of their own."""

    def __init__(self, limits: RenderLimits, folder: Path | None = None) -> None:
        self._limits, self._folder = limits, folder or Path(tempfile.gettempdir())
        self._lock = threading.Lock()
        self._zygote: Zygote | None = None
        self._busy: set[RenderChild] = set()

    @contextlib.contextmanager
    def open(self, path: Path, reader: str, get_passwords: GetPasswords = tuple) -> Iterator[RenderedFile]:
        """A file opened in a child, closed at the end. Raises `RenderError` when it cannot be opened.

        `get_passwords` is asked once, for a file that is locked.
        """
        rendered = RenderedFile(self, path, reader, get_passwords)
        try:
            rendered.open()
            yield rendered
        finally:
            rendered.close()

    def report_sandbox(self) -> None:
        """Say once in the log which layers of the sandbox this machine's kernel lacks. Raises `RenderError`."""
        child = self.take(Path("/dev/null"), "text")
        try:
            missing = child.find_missing_layers()
        finally:
            self.give_back(child)
        for layer, why in missing.items():
            log.warning("documents are opened without a layer of their sandbox: %s (%s)", layer, why)
        if not missing:
            log.info("documents are opened in a whole sandbox")

    def take(self, path: Path, reader: str) -> RenderChild:
        """A child that may read this document and nothing else, for the calling thread alone."""
        with self._lock:
            child = self._fork(path, reader)
            self._busy.add(child)
            return child

    def give_back(self, child: RenderChild) -> None:
        """End it: it has seen a document."""
        with self._lock:
            self._busy.discard(child)
        child.stop()

    def stop(self) -> None:
        """Kill every child."""
        with self._lock:
            zygote, self._zygote = self._zygote, None
            children = [*self._busy]
        for child in children:
            child.stop()
        if zygote is not None:
            zygote.stop()

    def _fork(self, path: Path, reader: str) -> RenderChild:
        """A child of the zygote; of a new one where the old is gone (a machine out of memory kills anything)."""
        if self._zygote is not None and self._zygote.is_alive:
            with contextlib.suppress(ZygoteGone):
                return RenderChild(self._zygote, path, reader, self._limits, self._folder)
        self._zygote = Zygote()
        return RenderChild(self._zygote, path, reader, self._limits, self._folder)
