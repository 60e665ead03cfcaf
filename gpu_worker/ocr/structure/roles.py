"""The roles of a document's lines: running heads and feet by what repeats from page to page, page numbers by what
counts up, the rest as each page tells it; and what of a page's text only repeats (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from gpu_worker.ocr.structure.role_lines import EdgeLine, PageOutline, Role, Span

NEIGHBOURS = (-1, 1, -2, 2)
"""Pages on which a head must stand as well: the next ones, or in a book the next but one."""
ALIKE = 0.85
MOVED = 0.02
SHIFTED = 0.05
ROMAN = re.compile(r"(?=[ivxl])x{0,3}(?:ix|iv|v?i{0,3})", re.I)
VALUES = {"i": 1, "v": 5, "x": 10, "l": 50}
NUMBERED = re.compile(
    r"[\W_]*(?P<said>page|pages|p\.|pg\.?|página|pág\.?|seite)?[\W_]*(?P<number>\d{1,4}|[ivxl]{1,6})"
    r"(?:\s*(?P<of>of|/|de|von)\s*(?P<total>\d{1,4}))?[\W_]*",
    re.I,
)
DASHED = re.compile(r"\s*[-–—]\s*\d{1,4}\s*[-–—]\s*")
COUNTING = re.compile(r"(^\W*|\b(?:page|pages|p|pg|página|pág|seite)\W*|[|•·–—]\s*)?(\d+)", re.I)
"""A number, and before it what says that it counts pages: nothing else on its line, "page", a stroke."""
CENTRED = 0.06
MOST_PIECES = 6

Neighbours = Sequence[tuple[int, Sequence[EdgeLine]]]
"""The same edge of pages near by, and how many pages on they are."""


@dataclass(frozen=True)
class DocumentRoles:
    """Of each page the role of each line, and the stretches of its text that only repeat what stands before."""

    roles: tuple[tuple[Role, ...], ...]
    repeated: tuple[tuple[Span, ...], ...]


def find_roles(pages: Sequence[PageOutline]) -> DocumentRoles:
    """The roles of all lines of a document's pages, in their order.

    A line at an edge is a head or foot where a page near by has one like it in the same place (digits apart), so have
    half of the lines of its row, and no row farther out holds anything else. Numbers of pages and of lines repeat
    always, heads and feet from the second on, if they differ in nothing but numbers that count pages.
    """
    roles, repeated = [], []
    for number, page in enumerate(pages):
        mine, spans = list(page.roles), list(page.numbers)
        for line, role, repeats in _of_page(number, pages):
            mine[line.number] = role
            if repeats and line.span:
                spans.append(line.span)
        roles.append(tuple(mine))
        repeated.append(tuple(sorted(spans)))
    return DocumentRoles(tuple(roles), tuple(repeated))


def cut_repeated(text: str, spans: Sequence[Span]) -> list[str]:
    """What stands between these stretches of a page's text, in pieces: none has words side by side that the page has
    apart. A text that would be shredded, as by a number before each line, stays whole."""
    pieces, at = list[str](), 0
    for start, end in spans:
        if start >= at:
            pieces.append(text[at:start])
            at = end
    said = [piece for piece in (*pieces, text[at:]) if piece.strip()]
    return said if len(said) <= MOST_PIECES else [text]


def _of_page(number: int, pages: Sequence[PageOutline]) -> Iterator[tuple[EdgeLine, Role, bool]]:
    """The edge lines of a page that are no body, their roles, and whether they only repeat."""
    page = pages[number]
    near = [(step, pages[number + step]) for step in NEIGHBOURS if 0 <= number + step < len(pages)]
    for role, lines, others in (
        (Role.HEADER, page.top, [(step, each.top) for step, each in near]),
        (Role.FOOTER, page.bottom, [(step, each.bottom) for step, each in near]),
    ):
        for row in _rows(lines):
            told = [each for line in row if (each := _tell(line, role, page, others, line is lines[0]))]
            if 2 * len(told) >= len(row):
                yield from told
            if len(told) < len(row):
                break


def _tell(
    line: EdgeLine, role: Role, page: PageOutline, others: Neighbours, is_outermost: bool
) -> tuple[EdgeLine, Role, bool] | None:
    """A line with its role and whether it only repeats; None for one that no page near by has as well."""
    if _counts_pages(line, others) or (is_outermost and _says_page(line, role)):
        return line, Role.PAGE_NUMBER, True
    alike = [(step, other) for step, there in others for other in there if _is_like(line, other)]
    if page.roles[line.number] != Role.BODY:  # "Table 3: …" is another caption than "Table 4: …"
        alike = [(step, other) for step, other in alike if line.text == other.text]
    return (line, role, any(step < 0 and _only_repeats(line, other, step) for step, other in alike)) if alike else None


def _rows(lines: Sequence[EdgeLine]) -> list[list[EdgeLine]]:
    """The lines of an edge, those level with each other together."""
    rows: list[list[EdgeLine]] = []
    for line in lines:
        if rows and _is_level(line, rows[-1][0]):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _is_level(line: EdgeLine, other: EdgeLine) -> bool:
    """Whether two lines stand in one row."""
    return min(line.bottom, other.bottom) - max(line.top, other.top) > 0.3 * (line.bottom - line.top)


def _is_like(line: EdgeLine, other: EdgeLine) -> bool:
    """Whether both stand in one place, on facing pages mirrored, and say the same but for digits."""
    if abs(line.top - other.top) > MOVED:
        return False
    sides = (line.left - other.left, line.right - other.right, line.left + line.right - other.left - other.right,
             line.left + other.right - 1, line.right + other.left - 1)  # fmt: skip
    return min(map(abs, sides)) < SHIFTED and (line.text == other.text or _say_the_same(line.key, other.key))


def _say_the_same(a: str, b: str) -> bool:
    if sum(map(str.isalpha, a)) < 2:  # dates and amounts of a table are all alike
        return False
    if a == b:
        return True
    if a[:2] != b[:2] and a[-2:] != b[-2:]:  # cheap, and a recogniser seldom misreads both ends
        return False
    if 2 * min(len(a), len(b)) < ALIKE * (len(a) + len(b)):
        return False
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _only_repeats(line: EdgeLine, other: EdgeLine, step: int) -> bool:
    """Whether a line differs from the one `step` pages on in nothing but numbers that are as far apart."""
    mine, theirs = (COUNTING.findall(each.text) for each in (line, other))
    counts = len(mine) == len(theirs) and all(
        a == b or (counts_pages and int(b) - int(a) == step)
        for (counts_pages, a), (_, b) in zip(mine, theirs, strict=True)
    )
    return counts and line.key == other.key


def _counts_pages(line: EdgeLine, others: Neighbours) -> bool:
    """Whether it is a number, and one of the pages near by has the number that it must have in the same place."""
    mine = _number_of(line.text)
    return mine is not None and any(
        abs(line.top - other.top) < 2 * MOVED and _number_of(other.text) == (mine[0] + step, mine[1])
        for step, there in others
        for other in there
        if abs(step) == 1 or abs(line.right - other.right) < MOVED
    )


def _says_page(line: EdgeLine, role: Role) -> bool:
    """Whether the outermost line says by itself that it numbers a page."""
    found = NUMBERED.fullmatch(line.text)
    if found is None or not found["number"].isdigit():
        return False
    is_alone = role == Role.FOOTER and abs((line.left + line.right) / 2 - 0.5) < CENTRED
    return bool(found["said"] or found["of"] == "of" or DASHED.fullmatch(line.text) or is_alone)


def _number_of(text: str) -> tuple[int, str | None] | None:
    """The number that a line is, and of how many."""
    found = NUMBERED.fullmatch(text) if len(text) <= 24 else None
    if found is None:
        return None
    number = found["number"].lower()
    if number.isdigit():
        return int(number), found["total"]
    if not ROMAN.fullmatch(number):
        return None
    digits = [VALUES[letter] for letter in number]
    pairs = zip(digits, [*digits[1:], 0], strict=True)
    return sum(-value if value < following else value for value, following in pairs), found["total"]
