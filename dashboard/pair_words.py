"""Pure: what both windows say of pairs of statements, and which pairs and findings a number is of."""

from dashboard.answers import Pair
from dashboard.words import count, label

PAIRS_COUNTED = (
    "Two statements that do not fit together, each with its own words. Listed are pairs that a person accepted, and "
    "those undecided that rules or Claude call a conflict. A conflict is a lead to check: each may have an innocent "
    "explanation."
)
FINDINGS_WITHIN = "Findings within one document"
FINDINGS_COUNTED = (
    "Counted are findings within one document whose words stand on its page and that were not marked as wrong. What "
    "does not fit together between two documents is a difference, and is counted beside them."
)
PAIR_TITLE = {
    "contradiction": "Contradiction",
    "order_violation": "Order not kept",
    "changed_statement": "Changed statement",
    "corroboration": "Agree with each other",
}
PAIR_STATE = {
    "open": "not decided", "accepted": "accepted", "explained": "explained", "dismissed": "dismissed",
    "later": "put off",
}  # fmt: skip
PAIR_TITLE_VERDICT = {"conflict": "a conflict", "no_conflict": "no conflict", "cannot_tell": "cannot be told"}


def of_which(conflicts: int, accepted: int) -> str:
    """Which differences a number is of: `3 accepted, 9 open`."""
    return f"{count(accepted)} accepted, {count(conflicts - accepted)} open"


def pair_title(pair: Pair) -> str:
    """`Order not kept: a conflict (by rules); accepted by owner`."""
    verdict = f"{label(PAIR_TITLE_VERDICT, pair.verdict)} (by {pair.verdict_by})" if pair.verdict else "to check"
    decided = f" by {pair.decided_by}" if pair.decided_by else ""
    return f"{label(PAIR_TITLE, pair.kind)}: {verdict}; {label(PAIR_STATE, pair.state)}{decided}"


def pair_reason(pair: Pair) -> str:
    """Why, and what would explain it."""
    explained = f"What would explain it: {pair.explained_by}" if pair.explained_by else ""
    return " ".join(filter(None, (pair.reason, explained, pair.why and f"Decided because: {pair.why}")))
