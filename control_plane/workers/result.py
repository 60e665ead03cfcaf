"""What a rented machine may say of a document that it read: a proposal, checked field by field (pure).

Its host is a stranger. It says what each page is and what plain rules read off it; sizes, hashes and the text are ours,
read from what it stored. It judges nobody: a finding, a score but for relevancy, a word of Claude's or of a picture is
refused, and so is a field that we do not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from control_plane.errors import BadRequest
from control_plane.http.contract import Body
from inspector.kinds import TAKEN

MOST_PAGES, MOST_PASSAGES, MOST_CLAIMS, DIMENSIONS = 100_000, 500, 2000, 384
MOST_TEXT_CHARACTERS = 5_000_000
"""What goes into the database of one document; `ocr.txt` holds all of it. Some 2,000 pages."""
PAGE_SEPARATOR = "\f\n"
RELEVANCY = "relevancy_score"
KINDS = frozenset(kind.mime_type for kind in TAKEN)


def _known_kind(value: str) -> str:
    if value not in KINDS:
        raise ValueError("must be a kind of file that is read")
    return value


def _text(most: int) -> Any:
    return Annotated[str, Field(max_length=most)]


Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:+/-]{1,60}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
LiveMark = Annotated[str, Field(pattern=r"^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
PageNumber = Annotated[int, Field(ge=1, le=MOST_PAGES)]
Seconds = Annotated[float, Field(ge=0, le=1_000_000)]
Size = Annotated[int, Field(ge=0, le=2**53)]


class _Strict(Body):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class SentRereading(_Strict):
    """A word that a machine took for a known one, and what its letters read."""

    start: Annotated[int, Field(ge=0, le=2**31 - 1)]
    text: _text(1000)  # type: ignore[valid-type]
    read: _text(1000)  # type: ignore[valid-type]


class SentPage(_Strict):
    """What became of a page."""

    page: PageNumber
    outcome: Literal["text_layer", "ocr", "ocr_fallback", "blank", "unreadable", "skipped"]
    engine: Word | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    seconds: Seconds | None = None
    reason: _text(1000) | None = None  # type: ignore[valid-type]
    words: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    rotation: Literal[0, 90, 180, 270] | None = None
    hidden_words: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    rereadings: Annotated[list[SentRereading], Field(max_length=20_000)] = []


class SentPassage(_Strict):
    """A piece of a page, and its vector."""

    page: PageNumber
    text: _text(20_000)  # type: ignore[valid-type]
    embedding: Annotated[
        list[Annotated[float, Field(ge=-2, le=2)]], Field(min_length=DIMENSIONS, max_length=DIMENSIONS)
    ]


class SentFile(_Strict):
    """An artifact as its machine declares it; it counts only if the store has exactly that."""

    bytes: Size
    sha256: Sha256


class SentClaim(_Strict):
    """What plain rules read, with the words that it rests on. SQL looks the words up in the stored text again."""

    kind: Literal["party", "date", "amount", "case_number", "court", "fact", "score"]
    state: Literal["exact", "ocr", "elsewhere", "none"]
    page: PageNumber
    quote: _text(5000)  # type: ignore[valid-type]
    stated_by: Literal["rules"]
    value: _text(5000) | None = None  # type: ignore[valid-type]
    role: _text(200) | None = None  # type: ignore[valid-type]
    start: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    box: Annotated[list[int], Field(max_length=0)] = []
    differs: Annotated[list[_text(200)], Field(max_length=200)] = []  # type: ignore[valid-type]
    reason: _text(5000) | None = None  # type: ignore[valid-type]
    number: Annotated[int, Field(ge=0, le=999)] | None = None
    readings: Annotated[list[Day], Field(max_length=2)] = []
    is_own: bool = False

    @model_validator(mode="after")
    def accuses_nobody(self) -> Self:
        """Rules say how much a document bears on the case, and judge nothing else."""
        if (self.kind == "score") != (self.role == RELEVANCY):
            raise ValueError("the only score of rules is the relevancy")
        return self


class SentAnalysis(_Strict):
    """What plain rules make of a document: no judgement."""

    analyst: Literal["rules"]
    document_type: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,60}$")] | None = None
    claims: Annotated[list[SentClaim], Field(max_length=MOST_CLAIMS)] = []
    summary: _text(20_000) | None = None  # type: ignore[valid-type]
    model: None = None
    fallback_reason: Literal["claude_off"] | None = None
    disagreements: Annotated[list[Any], Field(max_length=0)] = []
    careful_reasons: Annotated[list[Any], Field(max_length=0)] = []
    shown: Annotated[list[Any], Field(max_length=0)] = []
    transcriptions: Annotated[list[Any], Field(max_length=0)] = []
    prompt_version: Word | None = None
    inputs_sha256: Sha256 | None = None
    calls: Annotated[list[Any], Field(max_length=0)] = []


class SentMail(_Strict):
    """What an e-mail says of itself."""

    message_id: _text(998)  # type: ignore[valid-type]
    thread_id: _text(998)  # type: ignore[valid-type]
    sent: _text(60) | None  # type: ignore[valid-type]
    sender: _text(500)  # type: ignore[valid-type]
    recipients: Annotated[list[_text(500)], Field(max_length=200)]  # type: ignore[valid-type]
    subject: _text(1000)  # type: ignore[valid-type]


class SentResult(_Strict):
    """A document as a machine read it. The text is not in it: it is read from `ocr.txt`."""

    sha256: Sha256
    mime_type: Annotated[str, AfterValidator(_known_kind)]
    pages: Annotated[list[SentPage], Field(max_length=MOST_PAGES)]
    chunks: Annotated[list[SentPassage], Field(max_length=MOST_PASSAGES)] = []
    artifacts: Annotated[dict[Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,60}$")], SentFile], Field(max_length=100)]
    analysis: SentAnalysis
    seconds: Seconds
    parts_total: Annotated[int, Field(ge=0, le=MOST_PAGES)] = 0
    mail: SentMail | None = None
    live_mark: LiveMark | None = None


def as_row(result: SentResult, files: Mapping[str, Mapping[str, Any]], text: str) -> dict[str, Any]:
    """The result as `complete_job` takes it, with the files and the text as we read them ourselves.

    Raises BadRequest (`bad_argument`) where it says of the text what is not in it.
    """
    pages = text.split(PAGE_SEPARATOR)
    if result.pages and len(text) < MOST_TEXT_CHARACTERS and len(pages) != len(result.pages):
        raise BadRequest("ocr.txt has another number of pages than the result.", "bad_argument")
    require_words(result.chunks, pages)
    said = result.model_dump(mode="json")
    return said | {"pages_total": len(result.pages), "artifacts": dict(files), "text": text}


def require_words(passages: Sequence[SentPassage], pages: Sequence[str]) -> None:
    """Passages are the words of their page: what search shows is nothing that nobody wrote."""
    words = {number: " ".join(pages[number - 1].split()) for number in {each.page for each in passages} if
             number <= len(pages)}  # fmt: skip
    if any(each.text not in words.get(each.page, "") for each in passages):
        raise BadRequest("A passage has words that its page does not have.", "bad_argument")
