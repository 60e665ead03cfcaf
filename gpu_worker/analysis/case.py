"""Who, where and which case: parties, court and case number in a text (pure)."""

from __future__ import annotations

import re

from gpu_worker.analysis.analyst import Party

CASE_NUMBER = re.compile(
    r"\b(?:case|cause|docket|index|file|matter)\s*(?:no|number|num|nbr|#)?\s*[.:#]*\s*(?:no\.?\s*)?(?P<number>[A-Z0-9][A-Z0-9\-/:]{3,24}\d[A-Z0-9\-]*)",
    re.I,
)
COURT = re.compile(
    r"^(?!.*\bJudge\b).*\b(?:Superior|District|Circuit|Family|Supreme|Juvenile|Probate|Municipal)\s+Court\b.*$"
    r"|^.*\b(?:SUPERIOR|DISTRICT|CIRCUIT|FAMILY|SUPREME|JUVENILE|PROBATE|MUNICIPAL)\s+COURT\b.*$",
    re.M,
)
_NAME = r"[A-Z][A-Za-z.'’\-]*(?:[ \t]+[A-Z][A-Za-z.'’\-]*){1,4}"
ROLES = (
    "petitioner",
    "respondent",
    "plaintiff",
    "defendant",
    "mother",
    "father",
    "minor child",
    "guardian ad litem",
    "claimant",
    "appellant",
    "declarant",
)
_ROLE = "|".join(ROLES)
ROLE_FIRST = re.compile(
    rf"\b(?P<role>(?i:{_ROLE}|judge|attorney for \w+))[ \t]*(?:\([^)\n]{{1,20}}\))?[ \t]*[:,\-–][ \t]*(?P<name>{_NAME})"
)
NAME_FIRST = re.compile(rf"(?P<name>{_NAME})[ \t]*[,\n][\s:)|]{{0,40}}(?:the[ \t]+)?(?P<role>(?i:{_ROLE}))\b")
HONORABLE = re.compile(rf"\b(?i:hon\.|honorable|judge)[ \t]+(?P<name>{_NAME})")
MAIL_HEADER = re.compile(rf"^(?P<role>From|To)[ \t]*:[ \t]*(?P<name>{_NAME})", re.M)
NOT_NAMES = re.compile(
    r"\b(?:court|county|state|order|motion|case|petition|declaration|department|street|avenue|superior|hearing|custody"
    r"|california|division|law|the|and|in re|attorney)\b",
    re.I,
)


def find_case_number(text: str) -> str | None:
    """The first case, cause, docket or file number; None if there is none."""
    match = CASE_NUMBER.search(text)
    return match["number"].strip(":-/").upper() if match else None


def find_court(text: str) -> str | None:
    """The first line that names a court, with its state line's words as they stand."""
    match = COURT.search(text[:20_000])
    if not match:
        return None
    line = " ".join(match.group().split()).strip(" .,;:")
    return line if len(line) <= 120 else None


def find_parties(text: str, most: int = 12) -> tuple[Party, ...]:
    """People with a role, each name once, in the order of the patterns that name them."""
    found: dict[str, Party] = {}
    for pattern, fixed_role in ((ROLE_FIRST, None), (NAME_FIRST, None), (HONORABLE, "judge"), (MAIL_HEADER, None)):
        for match in pattern.finditer(text[:60_000]):
            name = re.sub(r"^(?:Hon\.|Honorable|Judge)\s+", "", " ".join(match["name"].split())).strip(" .,")
            role = fixed_role or {"from": "sender", "to": "recipient"}.get(match["role"].lower(), match["role"].lower())
            if not NOT_NAMES.search(name) and len(name.split()) >= 2:
                found.setdefault(name.title(), Party(name, role))
    return tuple(found.values())[:most]
