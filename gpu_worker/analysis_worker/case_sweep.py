"""Draws the facts of documents that are due, then says who is who and what happened, slice by slice (story)."""

from __future__ import annotations

import logging

from gpu_worker.analysis_worker.case_queue import CaseQueue, DueDocument
from gpu_worker.case.copies import find_copies
from gpu_worker.case.draw import draw_facts
from gpu_worker.case.events import link
from gpu_worker.case.people import settle
from gpu_worker.case.shapes import FACTS_VERSION, Facts
from gpu_worker.errors import TransientError

log = logging.getLogger(__name__)
DOCUMENTS_A_SLICE, NAMES_A_SLICE, TIMES_A_SLICE = 20, 200, 200
LEASE_SECONDS = 300
REFUSED = "queue_refused"


class CaseSweep:
    """One slice at a time, so that judging never waits long. Raises `TransientError`, `TokenDead`."""

    def __init__(self, queue: CaseQueue) -> None:
        self._queue = queue

    def step(self) -> bool:
        """Draw and settle a slice; True while there is more to do."""
        due = self._queue.claim(FACTS_VERSION, DOCUMENTS_A_SLICE, LEASE_SECONDS)
        for document in due:
            self._draw(document)
        # A statement's people must be known before it is told what event it is of.
        while self._settle_names():
            pass
        while self._settle_times():
            pass
        # Whom statements speak of must be known before they are held against each other.
        while self._queue.propose_pairs(DOCUMENTS_A_SLICE):
            pass
        return len(due) == DOCUMENTS_A_SLICE

    def run(self) -> None:
        """Until nothing is due."""
        while self.step():
            pass

    def _draw(self, document: DueDocument) -> None:
        try:
            facts = draw_facts(document.source)
        except Exception as error:  # a text that the rules fail on holds up no other, and is named
            log.exception("no facts could be drawn", extra={"document_id": document.document_id})
            facts = Facts("record", problem=type(error).__name__)
        try:
            if facts.bands:
                near = self._queue.find_near(document.document_id, facts.bands)
                facts = facts.with_copies(find_copies(document.text, ((each.document_id, each.text) for each in near)))
            self._queue.store(document, FACTS_VERSION, facts)
        except TransientError as error:
            log.warning("facts were not kept: %s", error, extra={"document_id": document.document_id})
            if error.code == REFUSED:  # it would be refused again: it says so, and is drawn by the next version
                self._queue.store(document, FACTS_VERSION, Facts("record", problem=REFUSED))

    def _settle_names(self) -> bool:
        names = self._queue.names_to_settle(NAMES_A_SLICE)
        if not names:
            return False
        groups, nobody = settle(names, self._queue.decisions([name.key for name in names]))
        self._queue.settle_names(groups, nobody, [name.id for name in names])
        return True

    def _settle_times(self) -> bool:
        new = self._queue.times_to_settle(TIMES_A_SLICE)
        if not new:
            return False
        self._queue.settle_times(link(new))
        return True
