"""What a child reports about a file; the codes are those of `gpu_worker.errors`."""

from __future__ import annotations


class RenderError(Exception):
    """A file, or one page of it, cannot be drawn."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
