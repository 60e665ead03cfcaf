"""What a child reports about a file; the codes are those of `gpu_worker.errors`."""

from __future__ import annotations


class RenderError(Exception):
    """A file, or one page of it, cannot be drawn."""

    def __init__(self, code: str, kind: str | None = None) -> None:
        """`kind` is what a file is that nobody reads, where only its opening told."""
        super().__init__(code)
        self.code = code
        self.kind = kind
