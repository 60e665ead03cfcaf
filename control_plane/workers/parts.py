"""Files found inside a document, as a machine tells them: each is stored, then read and hashed by us (pure shapes)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from control_plane.workers.result import PageNumber, Sha256, Size, Word, _Strict, _text

MOST_PARTS_A_CALL = 200


class SentPart(_Strict):
    """A file inside, by its position: stored as `part-` and its position, or with the code why it is left out.

    What a file that is left out is, is the machine's word; of one that is stored we say it.
    """

    position: PageNumber
    role: Literal["body", "attachment", "inline", "message", "member"]
    name: _text(1000)  # type: ignore[valid-type]
    dated: _text(60) | None = None  # type: ignore[valid-type]
    code: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$")] | None = None
    mime_type: Word | None = None
    bytes: Size | None = None
    sha256: Sha256 | None = None

    @property
    def object_name(self) -> str:
        """Under what name it lies at the lease's prefix."""
        return f"part-{self.position:06}"


class SentParts(_Strict):
    """Some of the files inside."""

    parts: Annotated[list[SentPart], Field(max_length=MOST_PARTS_A_CALL)]
