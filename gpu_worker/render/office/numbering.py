"""The numbers that Word puts before paragraphs and never writes into the file: 1., (a), iii. (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from gpu_worker.render.office.package import attribute, local

DEEPEST = 9
ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
         (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
MOST_ROMAN = 3999


@dataclass(frozen=True)
class Level:
    """How one level of a list counts."""

    form: str = "decimal"
    text: str = "%1."
    start: int = 1


class Numbering:
    """Counts through a document: each list has its own levels, and a level begins anew under the next higher one."""

    def __init__(self, numbering: Element | None, styles: Element | None) -> None:
        self._levels = _read_lists(numbering) if numbering is not None else {}
        self._styles = _read_styles(styles) if styles is not None else {}
        self._at: dict[str, list[int | None]] = {}

    def label(self, properties: Element | None) -> str:
        """The number before a paragraph with these properties, with a blank behind it; empty where it has none."""
        found = _list_of(properties)
        style = next((attribute(each, "val") for each in properties or () if local(each) == "pStyle"), "")
        number, depth = found or self._styles.get(style, ("", 0))
        if not number or number == "0" or number not in self._levels or depth >= DEEPEST:
            return ""
        levels, at = self._levels[number], self._at.setdefault(number, [None] * DEEPEST)
        level = levels.get(depth, Level())
        before = at[depth]
        at[depth] = level.start if before is None else before + 1
        at[depth + 1 :] = [None] * (DEEPEST - depth - 1)
        if level.form == "bullet":
            return "- "
        if level.form == "none":
            return ""
        return _write(level.text, at, levels) + " "


def _write(pattern: str, at: list[int | None], levels: Mapping[int, Level]) -> str:
    def count(found: re.Match[str]) -> str:
        depth = int(found[1]) - 1
        level = levels.get(depth, Level())
        return _form(at[depth] if at[depth] is not None else level.start, level.form)

    return re.sub(r"%([1-9])", count, pattern)


def _form(value: int | None, form: str) -> str:
    number = value or 0
    if form in ("lowerLetter", "upperLetter") and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 % 10 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman") and 0 < number <= MOST_ROMAN:
        roman = ""
        for size, letters in ROMAN:
            roman += letters * (number // size)
            number %= size
        return roman.upper() if form == "upperRoman" else roman
    return f"{number:02}" if form == "decimalZero" else str(number)


def _read_lists(numbering: Element) -> dict[str, dict[int, Level]]:
    kinds = {
        attribute(each, "abstractNumId"): _read_levels(each) for each in numbering if local(each) == "abstractNum"
    }
    lists = {}
    for each in numbering:
        if local(each) == "num":
            kind = next((attribute(child, "val") for child in each if local(child) == "abstractNumId"), "")
            lists[attribute(each, "numId")] = kinds.get(kind, {})
    return lists


def _read_levels(kind: Element) -> dict[int, Level]:
    levels = {}
    for each in kind:
        if local(each) != "lvl":
            continue
        about = {local(child): attribute(child, "val") for child in each}
        depth, start = attribute(each, "ilvl"), about.get("start", "1")
        if depth.isdecimal():
            first = int(start) if start.isdecimal() else 1
            levels[int(depth)] = Level(about.get("numFmt", "decimal"), about.get("lvlText", ""), first)
    return levels


def _read_styles(styles: Element) -> dict[str, tuple[str, int]]:
    found = {}
    for each in styles:
        properties = next((child for child in each if local(child) == "pPr"), None)
        if own := _list_of(properties):
            found[attribute(each, "styleId")] = own
    return found


def _list_of(properties: Element | None) -> tuple[str, int] | None:
    if properties is None:
        return None
    for each in properties:
        if local(each) == "numPr":
            about = {local(child): attribute(child, "val") for child in each}
            depth = about.get("ilvl", "0")
            return (about["numId"], int(depth) if depth.isdecimal() else 0) if "numId" in about else None
    return None
