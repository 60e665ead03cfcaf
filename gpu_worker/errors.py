"""What can go wrong in a worker. Two questions decide the shape: whose fault, and does trying again help?

WorkerError
├── DocumentError     the document's own fault; final: the job fails with `code` and is not tried again
├── TransientError    somebody else's fault and it passes; the job is tried again
├── LeaseLost         the job is another worker's (or cancelled); the result is thrown away
├── MachineBroken     this machine cannot read pages; its jobs go back unharmed and the machine must go
├── TokenDead         this machine left the ledger; the worker stops and destroys its machine
├── SettingsError     the environment is incomplete; the worker cannot start
└── GpuUnusable       this machine was rented for a GPU that cannot be used; it goes back
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpu_worker.enums import Fault

if TYPE_CHECKING:
    from gpu_worker.result import PageOutcome

DOCUMENT_PROBLEMS = {
    "empty_file": "The file is empty (0 bytes). Upload it again from the original.",
    "unsupported_type": "This kind of file cannot be read. Open it, print it to PDF, and upload that.",
    "corrupt_pdf": "The PDF is damaged and cannot be opened. Export or scan it again.",
    "corrupt_office": (
        "The document is damaged and cannot be opened. Save it again in the program that made it, or print it to PDF."
    ),
    "password_protected": (
        "The file is protected by a password. Keep the password (POST /api/passwords, or on the page of uploads) and "
        "read it again."
    ),
    "corrupt_file": "The file is damaged and cannot be opened. Export or save it again.",
    "corrupt_archive": "The archive is damaged and cannot be opened. Pack it again, or upload what is inside.",
    "locked_archive": (
        "The archive is locked with a password, and 7z and RAR archives are not unlocked here, whatever passwords are "
        "kept. Unpack it with the program that made it and upload what is inside, or pack that as a ZIP."
    ),
    "unknown_packing": (
        "The archive is packed in a way that is not known here. Unpack it with the program that made it and upload "
        "what is inside, or pack that as a ZIP."
    ),
    "empty_archive": "There is no file inside.",
    "too_many_parts": "There are more than 200,000 files inside. Unpack it and upload the folders one by one.",
    "ratio_too_high": "What is inside is far larger than honest archives are. Unpack it and upload what is inside.",
    "no_pages": "The document has no pages.",
    "corrupt_image": "The image is damaged and nothing of it can be decoded. Take or scan it again.",
    "image_too_large": (
        "The image has more pixels than can be decoded safely (limit 200 megapixels). Save it smaller or split it."
    ),
    "object_missing": "The file is no longer in storage. It was deleted or moved after it was queued; upload it again.",
    "object_changed": (
        "The file in storage is not the file that was queued (its content changed). Upload it again, or scan its "
        "folder again."
    ),
    "artifact_too_large": "The document makes a result larger than can be stored. Split it and upload the parts.",
    "render_timeout": (
        "The document took too long to open and was stopped. It may be built to hang its reader; print it to a new PDF."
    ),
    "render_out_of_memory": (
        "The document needs more memory than a page is allowed and was stopped. Print it to a new, simpler PDF."
    ),
    "render_crashed": "The document crashed the program that draws its pages. Print it to a new PDF and upload that.",
}
"""Every final code with the sentence a person reads."""

PAGE_PROBLEMS = {
    "page_damaged": "this page is damaged and could not be drawn",
    "render_timeout": "drawing this page took too long and was stopped",
    "render_out_of_memory": "drawing this page needed more memory than a page is allowed",
    "render_crashed": "this page crashed the program that draws pages",
    "image_too_large": "this page has more pixels than can be decoded safely",
    "corrupt_image": "this page's image is damaged",
    "no_decoder": "this machine cannot decode the recording's sound",
}
"""Why one page of a document that is otherwise read could not be drawn."""


class WorkerError(Exception):
    """Base of everything this program raises; `code` is stable, `str()` is a sentence for a person."""

    code = "worker_error"


class DocumentError(WorkerError):
    """Final: the document itself cannot be processed; `pages` are the outcomes of pages already accounted for."""

    def __init__(self, code: str, pages: Sequence[PageOutcome] = (), message: str | None = None) -> None:
        super().__init__(message or DOCUMENT_PROBLEMS[code])
        self.code = code
        self.pages = tuple(pages)


class TransientError(WorkerError):
    """Passes by itself: storage, network or a machine was away for longer than the retries lasted."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class LeaseLost(WorkerError):
    """The lease ended (expired and claimed by another, or the job was cancelled); nothing may be written for it."""

    code = "lease_lost"


class MachineBroken(WorkerError):
    """This machine reads no page, however sound; none of its documents is at fault."""

    code = "ocr_engine_broken"

    def __init__(self) -> None:
        super().__init__("The OCR engine of this machine fails on every page.")


class TokenDead(WorkerError):
    """The worker's token is no longer honoured: the machine left the ledger."""

    code = "token_dead"


class SettingsError(WorkerError):
    """Variables are missing or malformed; the message names them all and never shows a value."""

    code = "bad_settings"


class GpuUnusable(WorkerError):
    """torch cannot compute on the GPU of a machine that is rented for it; the message says why."""

    code = Fault.GPU_UNUSABLE
