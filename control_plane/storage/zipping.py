"""A ZIP that is written while it is sent (pure)."""

from __future__ import annotations

import zipfile


class Outbox:
    """What zipfile writes to: it hands out what was written since."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep a piece."""
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        """What was written since the last call."""
        taken, self._parts = b"".join(self._parts), []
        return taken

    def open_zip(self, compression: int) -> zipfile.ZipFile:
        """A ZIP that is written into this, front to back."""
        return zipfile.ZipFile(self, "w", compression)  # type: ignore[call-overload,no-any-return]
