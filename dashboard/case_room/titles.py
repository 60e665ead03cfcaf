"""Pure: the words of the case room alone, beside those that both windows have (dashboard/words.py)."""

PAPER_STATUS = {
    "waiting": "Waiting to be read",
    "failed": "Could not be read",
    "cancelled": "Stopped before it was read",
    "read": "Read",
    "sorted": "Read, not judged",
    "part": "Partly judged",
    "judged": "Judged",
}
PAIR_KIND = {
    "contradiction": "Two statements that may not both be so",
    "order_violation": "Something that an order may not allow",
    "changed_statement": "A statement that changed",
    "corroboration": "Two statements that agree",
}
PAIR_VERDICT = {
    "conflict": "They conflict",
    "no_conflict": "They do not conflict",
    "cannot_tell": "It cannot be told",
}
NO_FACET = {
    "type": "Type unknown", "person": "Nobody named", "year": "Undated", "tag": "Not tagged", "folder": "No folder",
}  # fmt: skip
FILTER = {
    "q": "Words", "important": "Important", "exhibit": "Exhibit", "case_number": "Case number", "batch_id": "Batch",
    "person_id": "Speaks of",
    "since": "Received since", "date_from": "Dated from", "date_to": "Dated to", "min_relevancy": "Relevance at least",
}  # fmt: skip
