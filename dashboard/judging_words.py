"""Pure: what both windows say of judging: by whom, what is waited for, why not, and what silence means."""

from collections.abc import Mapping

from dashboard.answers import Estimate
from dashboard.words import count

JUDGED = {"none": "Not judged", "part": "Partly judged"}
NOTHING_FOUND = {
    "all": ("Nothing stood out", "No contradictions or warning signs were found in this document."),
    "part": (
        "Nothing stood out in the part that was judged",
        "Nobody has looked for contradictions or warning signs in the rest of this document.",
    ),
    "none": (
        "Not judged",
        "Nobody has looked for contradictions or warning signs in this document. That none are listed says nothing.",
    ),
}
ANALYST = {"claude": "Claude", "rules": "simple rules"}
FALLBACK = {
    "claude_paused": "it is paused",
    "claude_off": "it is switched off here",
    "claude_key_refused": "it refuses our key (ANTHROPIC_API_KEY)",
    "claude_cap_reached": "the limit on what it may cost is used up",
    "claude_busy": "it was too busy",
    "claude_away": "it could not be reached",
    "timeout": "it took too long to answer",
    "refused": "it declined to",
    "blocked_by_filter": "its content filter stopped the answer",
    "cut_off": "its answer was too long",
    "malformed_answer": "its answer could not be used",
    "request_rejected": "it did not take the request",
    "too_long": "the document is too long for it",
    "nothing_to_judge": "there is nothing to read in it",
    "only_first_pages": "it is very long",
}
ANALYSIS = {
    "waiting": "Waits to be judged",
    "judging": "Being judged",
    "judged": "Judged",
    "part": "Partly judged",
    "sorted": "Not judged",
    "failed": "Could not be judged",
}
ANALYSIS_COLOR = {"waiting": "orange", "judging": "blue", "judged": "green"}
WAITS_FOR = {
    "in_line": "next in line",
    "day_cap": "today's limit is reached; they go on by themselves after midnight (UTC)",
    "batch_cap": "their batch's limit is reached (MAX_CLAUDE_DOLLARS_PER_BATCH)",
    "document_cap": "the limit for one document is reached (MAX_CLAUDE_DOLLARS_PER_DOCUMENT)",
    "no_key": "no key is set",
    "claude_paused": "Claude is paused",
    "claude_busy": "Claude is busy; tried again by itself",
    "claude_away": "Claude does not answer; tried again by itself",
    "batch_paused": "their batch is paused",
}
PAUSED_BY = {
    "no_credit": "The credit at Anthropic is used up.",
    "key_refused": "Anthropic refuses our key.",
    "model_retired": "Anthropic no longer has the model.",
    "parameter_unsupported": "Anthropic does not take our request.",
    "overloaded": "Anthropic is overloaded.",
    "by_hand": "Somebody paused it here.",
}
NOT_BY_CLAUDE = {
    "sorted": "Any reason",
    "no_key": "No key was set",
    "cap": "A limit was reached",
    "busy": "Claude was busy or away",
    "refused": "Claude declined, or gave no usable answer",
    "older_prompt": "Judged, but by older instructions",
}
SPENDING = (
    "Nothing is spent unasked beyond your limits. A key that is set later judges new documents; those that are here "
    "already wait until you press the button. Pressing twice pays once."
)
CLAUDE_BASIS = {
    "measured": "by what a page has cost here",
    "assumed": "assumed: nothing measured yet",
    "off": "switched off; simple rules sort",
}


def judged(counts: Mapping[str, int]) -> str:
    """How much of many documents was looked through for contradictions and warning signs; counts: all, part, none."""
    whole, part, none = (counts.get(key) or 0 for key in ("all", "part", "none"))
    documents = whole + part + none
    if whole == documents:
        return f"All {count(documents, 'document')} were judged." if documents > 1 else "The document was judged."
    if none == documents:
        return "Not judged: nobody has looked for contradictions or warning signs in these documents."
    some = f"{count(whole)} of {count(documents, 'document')} were judged" + (
        f", {count(part)} more in part" if part else ""
    )
    return f"{some}. In the rest nobody has looked for contradictions or warning signs."


def nothing_found(counts: Mapping[str, int]) -> str:
    """What an empty list of findings means: nothing was found, or nobody looked."""
    if (counts.get("all") or 0) + (counts.get("part") or 0) == 0:
        return judged(counts)
    return f"No contradictions or warning signs were found in what was judged. {judged(counts)}"


def not_by_claude(reason: str) -> str:
    """Why Claude did not judge a document, or not all of it, in a sentence."""
    first = reason.split(" ")[0].split(";")[0].rstrip(":")
    known = FALLBACK.get(first)
    if first.startswith("careful_"):
        why = first.removeprefix("careful_")
        return f"Claude took a first look only; its closer look was not to be had ({FALLBACK.get(why, why)})."
    if known is None and first.endswith("_with_pictures"):
        return "Claude judged the text only, because it would not take the pictures of the pages."
    if known is None:
        return f"Claude did not judge this document ({reason.replace('_', ' ')}); simple rules sorted it."
    if " on pages " in reason:
        return f"Claude did not judge {reason.split(' on ', 1)[1].split(';')[0]}: {known}."
    if first == "only_first_pages":
        return f"Claude judged pages {reason.split(': ', 1)[1]}; the rest can be read and searched, but was not judged."
    return f"Claude did not judge this document: {known}. Simple rules sorted it."


def claude_basis(estimate: Estimate) -> str:
    """What the price of Claude rests on, in a few words."""
    return "your limit; simple rules sort the rest" if estimate.claude_capped else CLAUDE_BASIS[estimate.claude_basis]
