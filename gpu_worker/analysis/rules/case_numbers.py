"""The court and its case number in a text (pure). A number of a report, an account or a form is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gpu_worker.analysis.rules.ocr_letters import mend_case_number, mend_words, squeeze

_NUMBER = (
    r"(?P<number>(?:\([A-Z]\)\s?)?[A-Za-z0-9][A-Za-z0-9:/.\-]*"
    r"(?:[ ](?:[A-Z]{1,4}[ ])?(?=[A-Z0-9/\-]*\d)[A-Z0-9][A-Z0-9/\-]*){0,3}(?:-[A-Za-z0-9]+)*(?:[ ]?\((?:[A-Z]{1,4}"
    r"|\d{1,2})\)|[ ][A-Z]{3}(?=[ \t]*(?:\n|$)))?)"
)
_NO = r"(?:\s*(?:nos?|numbers?|num|nbr|nr|n[ºo°]|núm(?:ero)?|id|#)(?![A-Za-z])\s?[.:]?|\s*\(s\))*"
_COURT_LABEL = (
    r"(?:court\s+(?:case|file|ref(?:erence)?)|civil\s+(?:action|case)(?:\s+file)?|docket|cause|index|superior\s+court"
    r"(?:\s+case)?|family\s+court(?:\s+case)?"
    r"|(?:super|sup)\.?\s+ct\.?|c\.\s?a\.|autos|expediente|exp\.|procedimiento|juicio|aktenzeichen|geschäftszeichen"
    r"|claim|appeal|2d\s+civ\.)"
)
STRONG = re.compile(rf"(?<!\w){_COURT_LABEL}(?![A-Za-z]){_NO}\s*[:#.]*\s*{_NUMBER}", re.I)
LABELLED = re.compile(rf"(?<!\w)(?:case|file|matter|action|proceeding)(?![A-Za-z]){_NO}\s*[:#.]*\s*{_NUMBER}", re.I)
SPANISH = re.compile(
    r"(?<!\w)(?:procedimiento|autos|expediente|juicio|diligencias|divorcio|guarda y custodia|medidas)[^\n\d]{0,40}?"
    r"(?P<number>\d{1,6}/(?:19|20)\d\d)(?!/)",
    re.I,
)
BARE_NO = re.compile(
    rf"(?:^|(?<=\s\s)|(?<=[:)*|\]] ))[ \t]*(?:\d[dn]d?\s+civ\.\s+)?n(?:umber|o|os|º|°)"
    rf"(?![A-Za-z])\.?\s*:?\s*(?:R\.?G\.?\s*)?{_NUMBER}",
    re.I | re.M,
)
# Courts whose numbers say what they are: England, Australia, California and the like.
KNOWN = re.compile(
    r"(?<![\w/\-])(?P<number>[A-Z]{2}\d{2}[CDFPZ]\d{5}|\([A-Z]\)\s?[A-Z]{3}\d{1,6}/\d{4}|[A-Z]{3}\d{2,6}/\d{4}"
    r"|\d{2}[\-]?(?:FL|FAM|DR|DM|CV|FC|JV|D|CR|FA|DV)[\-]?\d{4,8}|(?:FL|FAM|RF|BD|JV|FC"
    r"|DR)[\-]?\d{2,4}-?\d{4,8})(?![\w/\-])"
)
UNLABELLED = re.compile(
    r"(?:^|\s\s|, )(?P<number>[A-Z]\d{2}[A-Z]\d{3,5}|[A-Z]{2} \d{2}-\d{2,6}|[A-Z]{1,4}-?\d{5,8}"
    r"|[A-Z]{1,4}(?:-\d{2,8}){2,3}"
    r"|[A-Z]{1,2}-\d{2}-\d{4,8}-[A-Z]{1,2}|\d{2,4}[- ]?[A-Z]{1,4}[- ]?\d{3,8}"
    r"|[A-Z]{1,4}\d{2,4}-\d{4,8})(?=\s\s|\s*$|[.,])",
    re.M,
)
"""In the head of a court's paper, a cell that is nothing but letters and many digits."""
COURT_WORDS = re.compile(
    r"\b(?:courts?|petitioner|plaintiff|defendant|respondent|applicant|claimant|appellant|juzgado|tribunal"
    r"|judge|in re|v\.|vs\.?"
    r"|attorneys?|probation|docket)(?!\w)",
    re.I,
)
COURTLIKE = re.compile(
    r"(?<![A-Z])(?:JD|JJ|DP|DK|FL|FAM|CR|CV|DR|DM|JV|FC|FA|DV|D|F|J|P)(?=\s?[\d\-])|\d[A-Z]{1,3}\d|\d:\d\d-[a-z]{2}-\d"
)
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
    r"|^.*\b(?:COUR (?:SUPÉRIEURE|D['’]APPEL|DU QUÉBEC)|Cour supérieure|(?:Amts|Land|Familien|Oberlandes)gericht)\b.*$"
    r"|^.*\b(?:COURT OF APPEALS?|Court of Appeals?|JUZGADO DE|Juzgado de|TRIBUNAL|COURT OF COMMON PLEAS)\b.*$",
    re.M,
)
MOST_COURT_CHARACTERS = 120
LABELLED_AS_CASE, OF_A_FILE, IN_CAPTION, APPEALED_FROM = range(4)
PARTS = re.compile(r"(?=.*[A-Z])(?:[A-Z0-9]{1,8}-){2,}[A-Z0-9]{2,}")
"""Letters and numbers in three parts or more: hardly anything else after `No.` in a paper of a court."""
BELOW_ITS_LABEL = re.compile(
    r"(?<!\w)(?:case|docket|cause|index|court file)[ ](?:no|nos|number|#)\.?[ \t]*:?[ \t]*\n"
    r"(?P<line>[^\n]*?)(?:[ \t]{2,})(?P<number>[A-Z0-9][A-Z0-9:/\-]{4,24}(?:[ ][A-Z0-9\-]{1,8}){0,2})[ \t]*(?:\n|$)",
    re.I,
)
"""In a form's column: the label ends its line, the number ends the next."""
OF_THE_COURT_BELOW = re.compile(
    r"(?<!\w)(?:trial|lower|district|county|superior|probate|juvenile|family|circuit|chancery|l\.?c|t\.?c|super|sup)\b"
    r"[^\n;]{0,60}$",
    re.I,
)
"""In an opinion: what the number of the case appealed from stands after."""


def find_case_number(text: str, kind: str = "") -> str | None:
    """The first number of a court's case as it stands there; None if there is none, or it may be another body's."""
    head = squeeze(text[:20_000])
    is_court = (bool(COURT_WORDS.search(head)) or kind in OF_A_COURT) and kind not in NOT_OF_A_COURT
    candidates = list(_candidates(head, text, kind, is_court))
    if kind in OF_A_COURT and (kind == "opinion" or not candidates):
        first_lines = "\n".join(head.lstrip().splitlines()[:12])
        candidates += [(IN_CAPTION, match.start(), match["number"]) for match in UNLABELLED.finditer(first_lines)]
    best = min(candidates, key=lambda each: (each[0], each[1], -len(each[2])), default=None)
    return best[2] if best else None


def _candidates(head: str, text: str, kind: str, is_court: bool) -> Iterator[tuple[int, int, str]]:
    """Rank (lower is better), place and number; the best is the first of the best rank."""
    patterns = (STRONG, SPANISH, LABELLED, BELOW_ITS_LABEL, BARE_NO, *([KNOWN] if is_court else []))
    for pattern in patterns:
        for match in pattern.finditer(head):
            number = _clean(match["number"])
            ahead = re.split(r"\n|[ \t]{2,}", head[max(0, match.start() - 80) : match.start()])[-1]
            if not number or OTHERS_NUMBER.search(ahead[-30:]):
                continue
            if pattern is LABELLED and not (is_court and kind not in OFTEN_ANOTHERS or COURTLIKE.search(number)):
                continue
            if pattern is BARE_NO and not (is_court and (find_court(text) or PARTS.fullmatch(number))):
                continue
            yield _rank(kind, ahead, match), match.start("number"), number


def _rank(kind: str, ahead: str, match: re.Match[str]) -> int:
    label = match[0][: match.start("number") - match.start()]
    if kind == "opinion" and OF_THE_COURT_BELOW.search(ahead + label):
        return APPEALED_FROM
    # Some courts give a family a file and each case a docket; the docket is the case's.
    return OF_A_FILE if re.match(r"file\b", label, re.I) else LABELLED_AS_CASE


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
    if re.match(r"[A-Za-z]{5,}|[A-Z][a-z]", number):  # `Case Identifier: 190066412` is no number of a court
        return None
    if digits < 3 or is_day or is_phone or re.fullmatch(r"(?:19|20)\d\d|\d{1,3}", number):
        return None
    return mend_case_number(number)
