"""What a text says, in its own sentences, and how much it bears on custody (pure)."""

from __future__ import annotations

import re

from gpu_worker.analysis.rules.kinds import OTHER_RELEVANCY, Kind

CUSTODY_WORDS = (
    "custody",
    "visitation",
    "parenting time",
    "minor child",
    "best interest",
    "guardian ad litem",
    "petitioner",
    "respondent",
    "family court",
    "child support",
)
FACT_WORDS = (
    "ordered",
    "shall",
    "failed",
    "refused",
    "agreed",
    "denied",
    "paid",
    "filed",
    "stated",
    "admitted",
    "hearing",
    "custody",
    "violation",
)
ABBREVIATIONS = ("Mr", "Ms", "Mrs", "Dr", "No", "Hon", "St", "vs", "v", "p.m", "a.m", "Inc", "Jr", "Sr", "Esq", "Dept")
SENTENCE_END = re.compile(
    "".join(rf"(?<!\b{re.escape(word)}\.)" for word in ABBREVIATIONS)
    + r"(?<!\b[A-Z]\.)(?<!\b\d\.)(?<!\b\d\d\.)(?<=[.!?])\s+(?=[\"“A-Z0-9])"
)
MAIL_HEADER = re.compile(r"\A\s*(?:(?:From|To|Cc|Bcc|Date|Sent|Subject|Attached):[^\n]*\n){3,}\n\s*(?=\S)")
"""Who wrote when to whom stands in fields of its own: a summary says what an e-mail says."""
MOST_SENTENCE_CHARACTERS = 400
SHORT_LINE_CHARACTERS = 50


def score_relevancy(text: str, kind: Kind | None) -> int:
    """0–999: what its type usually is worth, plus what it says about custody."""
    if not text.strip():
        return 0
    lowered = text.lower()
    said = sum(has_word(word, lowered) for word in CUSTODY_WORDS)
    return min(999, (kind.relevancy if kind else OTHER_RELEVANCY) + 40 * said)


def summarise(text: str, sentences: int = 3) -> str:
    """The sentences that say most, in their order; the beginning if there are no sentences."""
    found = _sentences(text)
    if not found:
        return " ".join(MAIL_HEADER.sub("", text).split())[:300]
    best = sorted(sorted(found, key=_weigh, reverse=True)[:sentences], key=found.index)
    return " ".join(best)


def find_key_facts(text: str, most: int = 5) -> tuple[str, ...]:
    """Sentences that name a day, an amount or an act, in their order."""
    facts = [sentence for sentence in _sentences(text) if re.search(r"\d", sentence) and _weigh(sentence) >= 2]
    return tuple(dict.fromkeys(facts))[:most]


def _sentences(text: str) -> list[str]:
    """Sentences of at least six words; headings and lists without a full stop are none."""
    found = []
    for paragraph in _paragraphs(text[:60_000].splitlines()):
        for sentence in SENTENCE_END.split(paragraph):
            sentence = re.sub(r"^\d{1,2}\.\s+", "", sentence)
            if sentence.endswith((".", "!", "?")) and len(sentence.split()) >= 6:
                found.append(sentence[:MOST_SENTENCE_CHARACTERS])
    return found


def _paragraphs(lines: list[str]) -> list[str]:
    """Lines joined to paragraphs: a short line or a number ends one, as text layers keep no empty lines."""
    paragraphs = [""]
    for line in (line.strip() for line in lines):
        if re.match(r"\d{1,2}\.\s", line):
            paragraphs.append("")
        paragraphs[-1] = f"{paragraphs[-1]} {line}".strip()
        if len(line) < SHORT_LINE_CHARACTERS:
            paragraphs.append("")
    return paragraphs


def _weigh(sentence: str) -> int:
    lowered = sentence.lower()
    return sum(has_word(word, lowered) for word in FACT_WORDS) + bool(re.search(r"\$\d|\b(19|20)\d\d\b", sentence))


def has_word(words: str, lowered: str) -> bool:
    """Whether the words stand there as words: "paid" does not stand in "repaid"."""
    return re.search(rf"\b{re.escape(words)}(?:s|ren)?\b", lowered) is not None
