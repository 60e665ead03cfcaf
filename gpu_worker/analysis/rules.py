"""Analysis by plain rules: what can be extracted without judging (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gpu_worker.analysis.analyst import Analysis, ReadDocument
from gpu_worker.analysis.case import find_case_number, find_court, find_parties
from gpu_worker.analysis.dates import choose_document_date, find_dates

HEAD_CHARACTERS = 3000
"""A document says what it is at its beginning."""
MOST_CHARACTERS = 400_000
"""Beyond some 150 pages rules find nothing new, and regular expressions cost time."""


@dataclass(frozen=True)
class DocumentType:
    """A kind of document, the phrases that show it, and how much it bears on a custody case (0–999)."""

    name: str
    phrases: tuple[str, ...]
    relevancy: int


DOCUMENT_TYPES = (
    DocumentType(
        "custody_order",
        (
            "custody order",
            "order regarding custody",
            "findings and order",
            "it is hereby ordered",
            "it is so ordered",
            "order after hearing",
            "temporary orders",
        ),
        900,
    ),
    DocumentType(
        "declaration", ("declaration of", "under penalty of perjury", "i declare", "affidavit", "being duly sworn"), 850
    ),
    DocumentType(
        "police_report",
        (
            "police department",
            "incident report",
            "police report",
            "reporting officer",
            "sheriff's office",
            "offense report",
        ),
        850,
    ),
    DocumentType(
        "child_welfare_report",
        (
            "child protective services",
            "child welfare",
            "department of children",
            "social worker",
            "emergency response referral",
        ),
        880,
    ),
    DocumentType("petition", ("petition for", "petition to", "verified petition", "complaint for"), 800),
    DocumentType(
        "motion", ("notice of motion", "motion to", "motion for", "request for order", "ex parte application"), 800
    ),
    DocumentType(
        "transcript",
        (
            "reporter's transcript",
            "transcript of proceedings",
            "deposition of",
            "direct examination",
            "cross-examination",
        ),
        800,
    ),
    DocumentType(
        "medical_record",
        ("patient name", "date of birth", "diagnosis", "medical record", "discharge summary", "pediatric", "physician"),
        600,
    ),
    DocumentType(
        "school_record",
        ("report card", "attendance record", "school district", "unexcused", "homeroom", "grade level"),
        550,
    ),
    DocumentType("email", ("from:", "to:", "subject:", "sent:", "cc:"), 500),
    DocumentType("letter", ("dear ", "sincerely", "yours truly", "regards"), 450),
    DocumentType("text_messages", ("imessage", "delivered", "read receipt", "text message"), 500),
    DocumentType("invoice", ("invoice", "amount due", "bill to", "balance due", "payment terms"), 250),
    DocumentType("receipt", ("receipt", "subtotal", "total", "cash", "change", "visa", "thank you for shopping"), 150),
)
OTHER_RELEVANCY = 100
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
MOST_SENTENCE_CHARACTERS = 400
SHORT_LINE_CHARACTERS = 50


class RulesAnalyst:
    """Extracts type, dates, parties, case number and court; judges nothing, so every score but relevancy is None."""

    def __init__(self, fallback_reason: str | None = None) -> None:
        self._fallback_reason = fallback_reason

    def analyse(self, document: ReadDocument) -> Analysis:
        """Analyse the text; pages without text add nothing."""
        text = "\n".join(document.texts)[:MOST_CHARACTERS]
        kind = choose_document_type(text)
        dates = find_dates(text)
        return Analysis(
            analyst="rules",
            document_type=kind.name if kind else "other",
            document_date=choose_document_date(text, dates),
            dates=tuple(dict.fromkeys(found.iso for found in dates)),
            parties=find_parties(text),
            case_number=find_case_number(text),
            court=find_court(text),
            summary=summarise(text),
            key_facts=find_key_facts(text),
            relevancy_score=score_relevancy(text, kind),
            fallback_reason=self._fallback_reason,
        )


def choose_document_type(text: str) -> DocumentType | None:
    """The type whose phrases stand in a title or most often at the beginning; None if there are too few of any."""
    head, body = text[:HEAD_CHARACTERS], text.lower()
    titles = "\n".join(line for line in head.splitlines()[:40] if line.isupper()).lower()
    head = head.lower()

    def score(kind: DocumentType) -> int:
        return sum(8 * (phrase in titles) + 2 * (phrase in head) + (phrase in body) for phrase in kind.phrases)

    best = max(DOCUMENT_TYPES, key=lambda kind: (score(kind), kind.relevancy))
    return best if score(best) >= 3 else None


def score_relevancy(text: str, kind: DocumentType | None) -> int:
    """0–999: what its type usually is worth, plus what it says about custody."""
    if not text.strip():
        return 0
    lowered = text.lower()
    said = sum(word in lowered for word in CUSTODY_WORDS)
    return min(999, (kind.relevancy if kind else OTHER_RELEVANCY) + 40 * said)


def summarise(text: str, sentences: int = 3) -> str:
    """The sentences that say most, in their order; the beginning if there are no sentences."""
    found = _sentences(text)
    if not found:
        return " ".join(text.split())[:300]
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
    return sum(word in lowered for word in FACT_WORDS) + bool(re.search(r"\$\d|\b(19|20)\d\d\b", sentence))
