"""Log lines: one sentence per event, then what it is about. Never a secret, never a document's text."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import TextIO

FIELDS = ("job_id", "attempt", "worker", "pages", "error")


class LineFormatter(logging.Formatter):
    """`time level sentence key=value …`"""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line, with its facts and, where there is an exception, that one's type and places."""
        facts = "".join(f" {name}={getattr(record, name)}" for name in FIELDS if hasattr(record, name))
        stamp, level, said = self.formatTime(record, self.datefmt), record.levelname, record.getMessage()
        return f"{stamp} {level} {said}{facts}{_exception(record)}"


def _exception(record: logging.LogRecord) -> str:
    """Type and stack without the message: that may quote a document, and this log lies on a stranger's machine."""
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    kind, _, traceback = record.exc_info
    return f" exception={kind.__name__} at {' > '.join(_places(traceback))}"


def _places(traceback: TracebackType | None) -> list[str]:
    places = []
    while traceback is not None:
        places.append(f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return places[-8:]


def set_up(stream: TextIO) -> None:
    """Send this program's log lines to `stream`; libraries only from WARNING up (httpx would log presigned URLs)."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter(datefmt="%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("gpu_worker").setLevel(logging.INFO)
