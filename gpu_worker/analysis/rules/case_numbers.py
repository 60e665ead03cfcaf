"""The court and its case number in a text (pure). A number of a report, an account or a form is none."""

from __future__ import annotations

import re

from gpu_worker.analysis.rules.ocr_letters import mend_case_number, mend_words, squeeze

_NUMBER = (
    r"(?P<number>(?:\([A-Z]\)\s?)?[A-Za-z0-9][A-Za-z0-9:/.\-]*"
    r"(?:[ ](?:[A-Z]{1,4}[ ])?(?=[A-Z0-9/\-]*\d)[A-Z0-9][A-Z0-9/\-]*){0,3}(?:-[A-Za-z0-9]+)*(?:[ ]?\([A-Z]{1,4}\))?)"
)
_NO = r"(?:\s*(?:nos?|numbers?|num|nbr|nr|n[ºo°]|núm(?:ero)?|id|#)(?![A-Za-z])\s?[.:]?|\s*\(s\))*"
_COURT_LABEL = (
    r"(?:court\s+(?:case|file)|civil\s+(?:action|case)(?:\s+file)?|docket|cause|index|superior\s+court"
    r"(?:\s+case)?|family\s+court(?:\s+case)?"
    r"|(?:super|sup)\.?\s+ct\.?|autos|expediente|procedimiento|juicio|aktenzeichen|claim|appeal|2d\s+civ\.)"
)
STRONG = re.compile(rf"(?<!\w){_COURT_LABEL}(?![A-Za-z]){_NO}\s*[:#.]*\s*{_NUMBER}", re.I)
LABELLED = re.compile(rf"(?<!\w)(?:case|file|matter|action|proceeding)(?![A-Za-z]){_NO}\s*[:#.]*\s*{_NUMBER}", re.I)
SPANISH = re.compile(
    r"(?<!\w)(?:procedimiento|autos|expediente|juicio|diligencias|divorcio|guarda y custodia|medidas)[^\n\d]{0,40}?"
    r"(?P<number>\d{1,6}/(?:19|20)\d\d)(?!/)",
    re.I,
)
BARE_NO = re.compile(
    rf"(?:^|(?<=\s\s))[ \t]*(?:\d[dn]d?\s+civ\.\s+)?n(?:umber|o|os|º|°)"
    rf"(?![A-Za-z])\.?\s*:?\s*{_NUMBER}",
    re.I | re.M,
)
# Courts whose numbers say what they are: England, Australia, California and the like.
KNOWN = re.compile(
    r"(?<![\w/\-])(?P<number>[A-Z]{2}\d{2}[CDFPZ]\d{5}|\([A-Z]\)\s?[A-Z]{3}\d{1,6}/\d{4}|[A-Z]{3}\d{2,6}/\d{4}"
    r"|\d{2}[\-]?(?:FL|FAM|DR|DM|CV|FC|JV|D|CR|FA|DV)[\-]?\d{4,8}|(?:FL|FAM|RF|BD|JV|FC"
    r"|DR)[\-]?\d{2,4}-?\d{4,8})(?![\w/\-])"
)
UNLABELLED = re.compile(
    r"(?:^|\s\s|, )(?P<number>[A-Z]{1,4}-?\d{5,8}|[A-Z]{1,4}(?:-\d{2,8}){2,3}"
    r"|\d{2,4}[- ]?[A-Z]{1,4}[- ]?\d{3,8})(?=\s\s"
    r"|\s*$|[.,])",
    re.M,
)
"""In the head of a court's paper, a cell that is nothing but letters and many digits."""
COURT_WORDS = re.compile(
    r"\b(?:courts?|petitioner|plaintiff|defendant|respondent|applicant|claimant|appellant|juzgado|tribunal"
    r"|judge|in re|v\.|vs\.?"
    r"|attorneys?|probation|docket)(?!\w)",
    re.I,
)
COURTLIKE = re.compile(r"(?:FL|FAM|CR|CV|DR|DM|JV|FC|FA|DV|D|F|J|P)(?=[\d\-])|\d[A-Z]{1,3}\d|\d:\d\d-[a-z]{2}-\d")
NOT_OF_A_COURT = frozenset(
    {
        "police_report",
        "medical_record",
        "school_record",
        "receipt",
        "invoice",
        "pay_stub",
        "tax_form",
        "financial_record",
        "call_log",
    }
)
OF_A_COURT = frozenset(
    [
        "custody_order",
        "court_order",
        "restraining_order",
        "minute_order",
        "opinion",
        "motion",
        "petition",
        "response",
        "declaration",
        "proof_of_service",
        "subpoena",
        "summons",
        "transcript",
    ]
)
OFTEN_ANOTHERS = frozenset({"child_welfare_report", "letter", "evaluation"})
"""Kinds that often carry a number of the agency's own under the name of a case."""
OTHERS_NUMBER = re.compile(
    r"(?<!\w)(?:report|incident|referral|account|acct|invoice|policy|claim|badge|id|ref|reference|member"
    r"|customer|student|employee|order|tracking"
    r"|crime|urn|certificate|form|permit|licen[cs]e|police|investigation|agency|provider|patient|bar|cps"
    r"|dcfs)\W+(?:\w+\W+)?$",
    re.I,
)
COURT = re.compile(
    r"^(?!.*\bJudge\b).*\b(?:Superior|District|Circuit|Family|Supreme|Juvenile|Probate|Municipal|County"
    r"|Chancery|Magistrates'?)\s+Court\b.*$"
    r"|^.*\b(?:SUPERIOR|DISTRICT|CIRCUIT|FAMILY|SUPREME|JUVENILE|PROBATE|MUNICIPAL|COUNTY|CHANCERY)\s+COURT\b.*$"
    r"|^.*\b(?:COURT OF APPEALS?|Court of Appeals?|JUZGADO DE|Juzgado de|TRIBUNAL|COURT OF COMMON PLEAS)\b.*$",
    re.M,
)
MOST_COURT_CHARACTERS = 120


def find_case_number(text: str, kind: str = "") -> str | None:
    """The first number of a court's case as it stands there; None if there is none, or it may be another body's."""
    head = squeeze(text[:20_000])
    is_court = (bool(COURT_WORDS.search(head)) or kind in OF_A_COURT) and kind not in NOT_OF_A_COURT
    candidates = []
    for pattern, is_sure in ((STRONG, True), (SPANISH, True), (LABELLED, False), (BARE_NO, False), (KNOWN, is_court)):
        for match in pattern.finditer(head):
            number = _clean(match["number"])
            if not number or OTHERS_NUMBER.search(head[max(0, match.start() - 30) : match.start()].rsplit("\n", 1)[-1]):
                continue
            if pattern is LABELLED and not (is_court and kind not in OFTEN_ANOTHERS or COURTLIKE.search(number)):
                continue
            if pattern is BARE_NO and not (is_court and find_court(text)):
                continue
            if is_sure or pattern in (LABELLED, BARE_NO):
                candidates.append((match.start("number"), number))
    if not candidates and kind in OF_A_COURT:
        first_lines = "\n".join(head.lstrip().splitlines()[:6])
        candidates = [(match.start(), match["number"]) for match in UNLABELLED.finditer(first_lines)]
    return min(candidates)[1] if candidates else None


def find_court(text: str) -> str | None:
    """The first line that names a court as its caption does."""
    for match in COURT.finditer(mend_words(squeeze(text[:20_000]))):
        line = max(re.split(r"\s{3,}|\t", match[0]), key=lambda cell: bool(COURT.search(cell)))
        line = " ".join(line.split()).strip(" .,;:")
        is_sentence = re.search(r"\b(?:was|were|is|are|has|had|to the|referred|ordered|filed)\b", line)
        if len(line) <= MOST_COURT_CHARACTERS and not is_sentence:
            return line
    return None


def _clean(number: str) -> str | None:
    """The number without what hangs on to it; None for a day, a telephone number, a year or too few digits."""
    number = re.split(r"\s{2,}|\n", number)[0]
    number = re.sub(r"\s+(?:DEPT?|DIV|HON|ROOM|TIME|DATE|PAGE?)\b.*$", "", number, flags=re.I).strip(" :-/.,#")
    digits = sum(character.isdigit() for character in number)
    is_day = re.fullmatch(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}|\d{4}-\d{2}-\d{2}", number)
    is_phone = re.fullmatch(r"\d{3}-\d{3}-\d{4}|\d{3}-\d{4}", number)
    if digits < 3 or is_day or is_phone or re.fullmatch(r"(?:19|20)\d\d|\d{1,3}", number):
        return None
    return mend_case_number(number)
