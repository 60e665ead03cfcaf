"""What kind of document a text is (pure): its headings first, then its shape, then what it speaks of."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from gpu_worker.analysis.rules.kinds import KINDS, Kind
from gpu_worker.analysis.rules.ocr_letters import mend_words, squeeze
from gpu_worker.analysis.rules.shapes import count_shapes

HEAD_CHARACTERS = 4000
"""A document says what it is at its beginning."""
HEADING_LINES = 45
LEAST_SCORE = 4.0
WHOLE_LINE, LINE_START, IN_CAPITALS, IN_LINE, LETTERHEAD, STRONG, SIGN = 12.0, 8.0, 5.0, 3.0, 4.0, 6.0, 2.0
FORM_NUMBER = r"(?:form )?(?!w-?[24]\b|p[46][05]\b|t4\b|c100\b)[a-z]{1,4}-?\d{1,4}(?:\([a-z]\))?[\s:.\-–]+"
LEADING_CAPITALS = re.compile(r"(?:[A-Z][A-Z'’&/\-]+\b[ ]?)+(?=[^A-Za-z]|[a-z])")
PREPOSITION = re.compile(r"\W*(?:of|for|on|re|to|in|regarding|after|from|with|by)\b", re.I)
IS_TITLE_CASE = re.compile(r"[^a-z]+$|(?:[A-Z0-9(][^\s]*(?:\s|$)|(?:of|for|and|the|to|in|a|on)\s){2,8}$")
SPEAKS_OF = re.compile(
    r"\s*(?:\b(?:on|re|regarding|granting|denying|to|in support of|in opposition to|of)\b|re:)", re.I
)
CUSTODY = re.compile(
    r"\b(?:custody|visitation|parenting time|parental responsibilit|managing conservator|live with|lives with"
    r"|primary residence|timesharing|time-sharing|custodia|guarda|the child(?:ren)? (?:shall|live|spend))",
    re.I,
)


def _bounded(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(patterns) + r")(?!\w)", re.I)


def _alternatives(patterns: Iterable[str]) -> list[str]:
    """The alternatives of all patterns, longest first, so that a heading is met by the fullest of its titles."""
    found, depth = [""], 0
    for character in "|".join(patterns):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "|" and not depth:
            found.append("")
        else:
            found[-1] += character
    return sorted(found, key=len, reverse=True)


_TITLES = {kind.name: _bounded(_alternatives(kind.titles)) for kind in KINDS if kind.titles}
_SIGNS = {kind.name: tuple(_bounded([sign]) for sign in kind.signs) for kind in KINDS}
_STRONG = {kind.name: tuple(_bounded([sign]) for sign in kind.strong) for kind in KINDS if kind.strong}
_LETTERHEADS = {kind.name: _bounded(kind.letterheads) for kind in KINDS if kind.letterheads}
_BY_NAME = {kind.name: kind for kind in KINDS}


def choose_kind(text: str) -> Kind | None:
    """The kind its headings, shape and words show most; None when nothing shows enough."""
    head = mend_words(squeeze(text[: 2 * HEAD_CHARACTERS])[:HEAD_CHARACTERS])
    scores: defaultdict[str, float] = defaultdict(float)
    for name, score in _score_headings(head).items():
        scores[name] += score
    for name, signs in _SIGNS.items():
        scores[name] += SIGN * sum(bool(sign.search(head)) for sign in signs)
    for name, strong in _STRONG.items():
        scores[name] += STRONG * sum(bool(sign.search(head)) for sign in strong)
    for name, score in _score_letterheads(head).items():
        scores[name] += score
    for name, score in count_shapes(head).items():
        scores[name] += score
    order = list(_BY_NAME)
    best = max(order, key=lambda name: (scores[name], -order.index(name)))
    if scores[best] < LEAST_SCORE:
        return None
    if best == "court_order" and CUSTODY.search(text[: 3 * HEAD_CHARACTERS]):
        best = "custody_order"
    return _BY_NAME[best]


def _score_headings(head: str) -> Counter[str]:
    """Per kind, the best two headings that name it; a heading counts for the kind that explains most of it."""
    found: dict[str, list[float]] = {}
    lines = [line for line in head.splitlines() if line.strip()][:HEADING_LINES]
    for number, line in enumerate(lines):
        nearness = 1.0 if number < 12 else 0.7
        for cell in _headings(line.strip(), number):
            for name, score in _explain(cell):
                found.setdefault(name, []).append(score * nearness)
    return Counter({name: sum(sorted(scores, reverse=True)[:2]) for name, scores in found.items()})


def _headings(line: str, number: int) -> list[str]:
    """The cells of a line that are headings; where text runs on without lines, the words in capitals it begins with, or
    what the first lines say before their first full stop, colon or comma.
    """
    cells = [cell for cell in re.split(r"\s{2,}|\t", line) if is_heading(cell)]
    capitals = LEADING_CAPITALS.match(line)
    if not cells and capitals:
        cells = [capitals[0]]
    if not cells and number < 3:
        start = re.split(r"[:.,;(]|\s\d", line)[0]
        cells = [start] if is_heading(start) or start[:1].isupper() and len(start.split()) <= 6 else []
    return cells


def _score_letterheads(head: str) -> Counter[str]:
    """Who writes, from the first lines."""
    lines = [line.strip() for line in head.splitlines() if line.strip()][:6]
    return Counter(
        {
            name: LETTERHEAD
            for name, pattern in _LETTERHEADS.items()
            if any(
                is_heading(cell) and ":" not in cell and pattern.search(cell)
                for line in lines
                for cell in re.split(r"\s{2,}", line)
            )
        }
    )


def is_heading(cell: str) -> bool:
    """In capitals, or short, without the end of a sentence, and with its longer words capitalised."""
    letters = [character for character in cell if character.isalpha()]
    if len(letters) < 3:
        return False
    if sum(character.isupper() for character in letters) >= 0.7 * len(letters):
        return True
    longer = [word for word in re.findall(r"[^\W\d_]+", cell) if len(word) > 3] or [cell.strip()]
    # A first line such as "Visit log" or "Voicemail transcript" is a heading with one capital.
    capitals = sum(word[0].isupper() for word in longer)
    is_short = len(cell) <= 80 and not cell.rstrip().endswith((".", ",", ";"))
    return is_short and (capitals >= 0.6 * len(longer) or (len(longer) <= 3 and longer[0][0].isupper()))


def _head_noun(plain: str, matches: list[tuple[int, int, str]]) -> tuple[int, int, str] | None:
    """The title a heading begins with, where another follows that it only speaks of: `ORDER ON FATHER'S MOTION`."""
    firsts = [match for match in matches if match[1] == 0]
    if not firsts:
        return None
    length, start, name = max(firsts)
    return (length, start, name) if SPEAKS_OF.match(plain[length:]) or SPEAKS_OF.search(plain[:length]) else None


def _explain(cell: str) -> list[tuple[str, float]]:
    """The kinds whose title covers most of this heading, and how well."""
    plain = re.sub(rf"^(?:{FORM_NUMBER}|vs?\. )", "", cell.strip(" )|:*\t"), flags=re.I)
    matches = [
        (match.end() - match.start(), match.start(), name)
        for name, pattern in _TITLES.items()
        for match in pattern.finditer(plain)
    ]
    if not matches:
        return []
    longest = max(length for length, _, _ in matches)
    best = [(length, start, name) for length, start, name in matches if length == longest]
    if head := _head_noun(plain, matches):
        best, longest = [head], head[0]
    letters = len(plain.strip(" .:-–*_#"))
    share = longest / max(1, letters)
    scores = []
    for _, start, name in best[:1]:
        score = (
            WHOLE_LINE if share >= 0.9 else LINE_START if start == 0 else IN_CAPITALS if plain.isupper() else IN_LINE
        )
        is_noun = not plain[start + longest :].strip() or PREPOSITION.match(plain[start + longest :])
        scores.append((name, score if share >= 0.25 or start == 0 or is_noun and IS_TITLE_CASE.match(plain) else 1.0))
    return scores
