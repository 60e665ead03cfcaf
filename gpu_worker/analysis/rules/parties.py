"""The people of a document, each once, with the role it gives them (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gpu_worker.analysis.analyst import Party
from gpu_worker.analysis.rules import party_patterns as patterns
from gpu_worker.analysis.rules.names import ORGANISATIONS, name_key, read_name
from gpu_worker.analysis.rules.ocr_letters import mend_words, squeeze
from gpu_worker.analysis.rules.party_patterns import ROLE_OF, Pattern
from gpu_worker.analysis.rules.shapes import STAMP_LINE

MOST_CHARACTERS = 60_000
MAILS_AND_CHATS = frozenset({"email", "text_messages"})
LETTERS = frozenset({"letter", "child_welfare_report", "notice", "medical_record", "school_record", "evaluation"})
QUOTED_NAME = re.compile(r"'([A-Z][^'\n@]{3,40})'(?=[;,\s]|$)")
"""As Outlook prints the recipients; blanks take the place of the quotes."""
WEAK_ROLES = frozenset({"person", "signer", "party", "subject"})
SIGNED = frozenset(
    {"declaration", "motion", "proof_of_service", "response", "petition", "agreement", "notice", "affidavit"}
)


def find_parties(text: str, kind: str = "", most: int = 12) -> tuple[Party, ...]:
    """People with a role, in the order of the text; who stands there by surname only is left out beside a full name."""
    text = QUOTED_NAME.sub(r" \1 ", mend_words(squeeze(text[:MOST_CHARACTERS])))
    found = sorted(_mentions(text, kind), key=lambda mention: mention[0])
    by_key: dict[tuple[str, str], Party] = {}
    for _, party in found:
        key = name_key(party.name)
        known = by_key.get(key)
        if known is None or known.role in WEAK_ROLES and party.role not in WEAK_ROLES:
            by_key[key] = Party(known.name if known else party.name, party.role)
    surnames = {last for first, last in by_key if first != last}
    firsts = {first for first, last in by_key if first != last}
    kept = [party for key, party in by_key.items() if key[0] != key[1] or key[0] not in surnames | firsts]
    return tuple(kept)[:most]


def _mentions(text: str, kind: str) -> Iterator[tuple[int, Party]]:
    for pattern in patterns.IN_ORDER:
        yield from _by_pattern(pattern, text)
    for pair in (
        patterns.VERSUS,
        patterns.LAST_FIRST_VERSUS,
        patterns.BETWEEN,
        patterns.WE,
        patterns.FROM_TO,
        patterns.WED,
        patterns.CAPITALS_AND,
    ):
        yield from _pairs(pair, text, "party")
    yield from _around_versus(text)
    yield from _couples(text)
    if kind in MAILS_AND_CHATS:
        for pattern in (*patterns.CHAT, patterns.CHAT_WITH) if kind == "text_messages" else (patterns.CHAT_WITH,):
            yield from _by_pattern(pattern, text)
        yield from _below_stamps(text) if kind == "text_messages" else ()
        yield from _lines_of_senders(text) if kind == "text_messages" else ()
        yield from _head_line(text, kind, "participant", 3) if kind == "text_messages" else ()
    if kind in ("financial_record", "pay_stub"):
        yield from _head_line(text, kind, "account holder", 8)
    if (ending := patterns.DASHED_END.search(text)) and (name := read_name(ending["name"])):
        yield ending.start(), Party(name, "signer")
    if kind in LETTERS or kind not in MAILS_AND_CHATS and patterns.GREETED.regex.search(text):
        yield from _letter_ends(text)
    if kind in SIGNED:
        yield from _signatures(text)
    for pair in patterns.SPLIT_NAMES:
        for match in pair.finditer(text):
            if name := read_name(f"{match['first']} {match['last']}"):
                yield match.start(), Party(name, "person")


def _by_pattern(pattern: Pattern, text: str) -> Iterator[tuple[int, Party]]:
    for match in pattern.regex.finditer(text):
        place = match.start(pattern.group)
        if patterns.PLACE_AHEAD.search(text[max(0, place - 24) : place]):
            continue
        raw = re.split(r"[ \t]{2,}", match[pattern.group].strip())[0]
        role = pattern.role or _role(match["role"])
        least = 1 if role in ("judge", "protected person") and pattern.role else pattern.least_words
        name = _longest_name(raw, least)
        if name:
            yield match.start(), Party(name, role)
            if pattern is patterns.LABEL:
                before_comma = match["name"].partition(",")[0]
                is_list = "," in match["name"] and read_name(before_comma) == name
                end = match.start("name") + len(before_comma) if is_list else match.end()
                yield from _listed(text, end, role)


def _listed(text: str, place: int, role: str) -> Iterator[tuple[int, Party]]:
    """The other names of a list: `Present: Ada Dacey, Dorian Enfield and Irma Wace`."""
    while match := patterns.NEXT_LISTED.match(text, place):
        name = read_name(match["name"])
        if not name:
            return
        yield match.start("name"), Party(name, role)
        place = match.end()


def _longest_name(raw: str, least: int) -> str | None:
    """The name without what the next column or sentence added: as many of the first words as make one."""
    words = raw.split()
    if any(word.lower().strip(".,") in ORGANISATIONS for word in words[1:]):
        return read_name(raw, least)
    prefixes = (" ".join(words[:count]) for count in range(min(4, len(words) - 1), 1, -1))
    return read_name(raw, least) or next((name for prefix in prefixes if (name := read_name(prefix))), None)


def _role(words: str) -> str:
    plain = " ".join(words.split())
    for role, pattern in ROLE_OF:
        if pattern.match(plain):
            return role
    return plain.lower()


def _pairs(pattern: re.Pattern[str], text: str, role: str) -> Iterator[tuple[int, Party]]:
    for match in pattern.finditer(text):
        for side in ("one", "two"):
            if name := read_name(re.split(r"[ \t]{2,}", match[side])[0]):
                yield match.start(side), Party(name, role)


def _around_versus(text: str) -> Iterator[tuple[int, Party]]:
    """The nearest names around a line that says only `v.`, or `and` between a couple, up to three lines away."""
    lines = text[:6000].splitlines()
    for number, line in enumerate(lines):
        is_couple = patterns.AND_LINE.match(line) and patterns.COUPLE_AHEAD.search(
            " ".join(lines[max(0, number - 5) : number])
        )
        if not is_couple and not patterns.VERSUS_LINE.match(line):
            continue
        for near in (reversed(lines[max(0, number - 3) : number]), lines[number + 1 : number + 4]):
            for other in near:
                cell = re.split(r"\s{2,}", other.strip())[0].rstrip(",")
                match = patterns.NAME_LINE.match(cell)
                if match and (name := read_name(match["name"])):
                    yield text.find(other), Party(name, "party")
                    break


def _couples(text: str) -> Iterator[tuple[int, Party]]:
    """`In re the Marriage of HALVARD and CELESTE BRUNNER`: the first borrows the surname."""
    for match in (*patterns.AND_COUPLE.finditer(text), *patterns.COUPLE_LABEL.finditer(text)):
        second = read_name(match["two"])
        first = read_name(match["one"]) or (
            read_name(f"{match['one']} {second.split()[-1]}") if second and read_name(match["one"], 1) else None
        )
        for side, name in (("one", first), ("two", second)):
            if name:
                yield match.start(side), Party(name, "party")


def _head_line(text: str, kind: str, role: str, lines: int) -> Iterator[tuple[int, Party]]:
    """A name on a line of its own at the head: the contact of a screenshot of messages, the holder of an account."""
    head = [line for line in text.splitlines() if line.strip()][:lines]
    if kind != "text_messages":  # a letterhead is no person
        head = head[1:] or re.split(r"\s{2,}", "".join(head))[1:]
    for cell in (cell for line in head for cell in re.split(r"\s{2,}", line)):
        match = patterns.HEAD_NAME.match(cell)
        if match and (name := read_name(match["name"])):
            yield text.find(cell), Party(name, role)


def _below_stamps(text: str) -> Iterator[tuple[int, Party]]:
    """Who wrote, where an export sets the time, the name and the message on three lines."""
    lines = text.splitlines()
    for number, line in enumerate(lines[:-2]):
        writer, message = lines[number + 1 : number + 3]
        is_entry = STAMP_LINE.match(line) and message.strip() and not writer.rstrip().endswith((".", "!", "?"))
        if is_entry and len(writer.split()) <= 3 and (name := read_name(writer, 1)):
            yield text.find(line), Party(name, "participant")


def _lines_of_senders(text: str) -> Iterator[tuple[int, Party]]:
    """Names on lines of their own above each message, known by one that comes again."""
    lines = [line.strip() for line in text.splitlines()]
    names = {line: name for line in lines[:-1] if len(line.split()) in (2, 3) and (name := read_name(line))}
    if any(lines.count(line) >= 2 for line in names):
        for line, name in names.items():
            yield text.find(line), Party(name, "participant")


def _letter_ends(text: str) -> Iterator[tuple[int, Party]]:
    """Who signs a letter, and who it is written to."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for number, line in enumerate(lines):
        closing = patterns.CLOSING_LINE.match(line.rstrip("\n"))
        if closing and len(line) <= 60:
            after = [closing["rest"], *(below.rstrip("\n") for below in lines[number + 1 : number + 5])]
            for offset, below in enumerate(after):
                match = patterns.NAME_LINE.match(below.strip(" ,"))
                if match and (name := read_name(match["name"])):
                    yield starts[min(number + offset, len(lines))], Party(name, "signer")
                    break
        greeted = patterns.GREETED.regex.match(line.rstrip("\n"))
        if greeted and (name := _addressee(greeted["name"], lines)):
            yield starts[number], Party(name, "recipient")


def _addressee(greeted: str, lines: list[str]) -> str | None:
    """The full name of who is greeted when it stands on a line of its own; else as greeted."""
    name = read_name(greeted, 1)
    if not name:
        return None
    surname = name_key(name)[1]
    for line in lines:
        match = patterns.NAME_LINE.match(line.rstrip("\n"))
        full = read_name(match["name"]) if match else None
        if full and name_key(full)[1] == surname:
            return full
    has_title = re.match(patterns.TITLE, greeted)
    return name if has_title or len(name.split()) >= 2 else None


def _signatures(text: str) -> Iterator[tuple[int, Party]]:
    """A name on a line of its own within three lines after a date or a line to sign on."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if not patterns.SIGN_LINE.search(line):
            continue
        for below in lines[number + 1 : number + 4]:
            match = patterns.NAME_LINE.match(below)
            if match and (name := read_name(match["name"])):
                yield len(text), Party(name, "signer")
