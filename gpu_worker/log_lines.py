"""Log lines: one sentence per event, then what it is about. Never a secret, never a document's text."""

from __future__ import annotations

import logging
from typing import TextIO

FIELDS = ("job_id", "attempt", "worker", "pages", "error")


class LineFormatter(logging.Formatter):
    """`time level sentence key=value …`"""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line (and a traceback, where there is one)."""
        facts = "".join(f" {name}={getattr(record, name)}" for name in FIELDS if hasattr(record, name))
        line = super().format(record)
        head, _, rest = line.partition("\n")
        return head + facts + ("\n" + rest if rest else "")


def set_up(stream: TextIO) -> None:
    """Send this program's log lines to `stream`; libraries only from WARNING up (httpx would log presigned URLs)."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("gpu_worker").setLevel(logging.INFO)
