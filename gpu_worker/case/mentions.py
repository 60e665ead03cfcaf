"""People as they stand in a statement: full names, initials, titles, first names, kin, roles (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gpu_worker.analysis.rules.names import NOT_NAMES, ORGANISATIONS, PARTICLES
from gpu_worker.analysis.rules.ocr_letters import mend_words
from gpu_worker.case.shapes import Name
from gpu_worker.case.vocabulary import FATHER, FEMALE, KIN, MALE, MOTHER, SHORT_FORMS, STOP, SUFFIXES, TITLES

_MORE = """
member guest owner subscriber cardholder holder passenger driver client occupant tenant cashier customer from kept
avenue lodge inn motel hotel zoo roofing market store diner cafe restaurant pharmacy academy library park church parish
lake river mount mountain valley bay beach island creek springs falls harbor port fort camp arena stadium museum
plumbing electric towing garage motors airlines trucking landscaping construction realty salon bakery grill pizza
county city village borough township province state easter christmas thanksgiving halloween ramadan eid passover
hanukkah labor memorial mother's father's new year's eve spring summer autumn fall winter officer practice team league
incident visa asthma emergency triumph honda toyota ford chevrolet tesla subaru nissan arrival departure folio card
registration vehicle progress vet terrier lager saturday's sunday's savemore walmart target costco statement message
photo photograph note coach detective letter dear reply tuesdays mondays wednesdays thursdays fridays saturdays sundays
pay employee respondent petitioner children child
"""
NO_PERSON = NOT_NAMES | ORGANISATIONS | frozenset(_MORE.split()) | STOP
_ENDS = frozenset(
    """
avenue street road lane drive lodge inn motel hotel zoo roofing market store diner cafe restaurant pharmacy library park
church county city lake river valley bay beach island school elementary bank plumbing towing garage motors academy salon
bakery grill pizza services dept department center clinic hospital
""".split()  # noqa: SIM905
)
_CAP = r"[A-ZÁÉÍÓÚÑÄÖÜ](?:[\w’'\-]*\w)?\.?"
_PARTICLE = rf"(?:{'|'.join(sorted(PARTICLES))})"
RUN = re.compile(rf"(?<![\w@./]){_CAP}(?:(?:[ ]{_PARTICLE})*[ ]{_CAP})*(?:,? (?:Sr|Jr|II|III|IV)\b\.?)?")
LAST_FIRST = re.compile(
    r"(?<![\w,])(?P<last>[A-Z][A-Z'’\-]+),\s(?P<first>[A-Z][A-Z'’\-]+)(?:\s(?P<middle>[A-Z])\b\.?)?(?![a-z])"
    r"|(?<=: )(?P<last2>[A-Z][a-z'’\-]+),\s(?P<first2>[A-Z][a-z'’\-]+)(?:\s(?P<middle2>[A-Z])\b\.?)?(?=\s*$|\s\s|[;\n])"
)
ROLE = re.compile(
    r"\b(?P<my>my\s)?(?:(?:the|their|her|his|children['’]s|child['’]s|said)\s(?:\w+ing\s)?)?(?P<role>"
    + "|".join(sorted(FATHER | MOTHER | {"petitioner", "respondent"})) + r")\b(?!['’]s\s(?:day|mother|father))", re.I
)  # fmt: skip
LABEL = re.compile(
    r"(?:\b(?:owner|guest|employee|member|patient|parent|name|from|to|cc|by|client|student|subscriber|signed|card of"
    r"|dear|declaration of|affidavit of|statement of|testimony of|officer|witness|customer|cardholder|tenant|payee"
    r"|passenger|teacher|participant|matter of|marriage of|account of|holder|attn|sent by|written by|and|with)"
    r"[:.]?\s*|\bI,\s|[/]s[/]\s*|^\s*\w+:\s)$", re.I
)  # fmt: skip
VERB = re.compile(
    r"\s+(?:\([^)]{1,20}\)\s)?(?:is|was|has|had|did|said|says|told|tells|reports?|reported|states?|stated|came|comes|took"
    r"|takes|found|broke|hit|arrived|left|went|agrees?|agreed|declares?|paid|pays|called|calls|sent|shall|may|will|would"
    r"|picked|dropped|brought|kept|asked|lives?|lived|works?|worked|drove|signed|wrote|admitted|denied|refused|present"
    r"|missed|showed|attended|returned|received|never|who|does|wants?|cannot|can|yelled|stayed|met|and [A-Z])\b"
)  # fmt: skip
PLACE_BEFORE = re.compile(
    r"\b(?:in|at|near|into|towards?|through|via|around|outside|leaving|of|from|the|to|on)\s$", re.I
)


@dataclass(frozen=True)
class Mention:
    """A name where it stands in a statement."""

    start: int
    end: int
    name: Name


def find_mentions(quote: str) -> list[Mention]:
    """Everybody whom a statement names, in order, none inside another."""
    text = mend_words(quote.replace("\n", " "))
    found = [*_last_first(text), *_runs(text), *_roles(text)]
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda each: (each.start, each.start - each.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def read_person(words: str, *signs: str) -> Name | None:
    """The name of somebody where only a name can stand, such as who sends a message."""
    text = mend_words(" ".join(words.split())).strip(" .,:;<>\"'")
    mentions = [*_last_first(text), *_runs(text)]
    if mentions:
        return signed(mentions[0].name, "sure", *signs)
    tokens = [token for token in text.split() if token[:1].isalpha()]
    if len(tokens) == 1 and plain(tokens[0]) not in STOP:
        return signed(_first(tokens[0]), "sure", *signs)
    return None


def signed(name: Name, *signs: str) -> Name:
    """The name with these signs too."""
    return Name(
        name.key, name.words, name.form, name.first, name.last, name.suffix, name.title,
        tuple(dict.fromkeys((*name.signs, *signs))),
    )  # fmt: skip


def plain(word: str) -> str:
    """A word of a name as it is compared: small, without points, `quill0n` as `quillon`."""
    return word.lower().strip(".,;:'’").replace("’", "'").removesuffix("'s")


def _last_first(text: str) -> Iterator[Mention]:
    for match in LAST_FIRST.finditer(text):
        last, first = match["last"] or match["last2"], match["first"] or match["first2"]
        if plain(last) in NO_PERSON or plain(first) in NO_PERSON:
            continue
        sure = ("sure",) if LABEL.search(text[: match.start()]) or match["middle"] or match["middle2"] else ()
        yield Mention(match.start(), match.end(), _full(match[0], plain(first), plain(last), "", "", sure))


def _roles(text: str) -> Iterator[Mention]:
    for match in ROLE.finditer(text):
        word = match["role"].lower()
        role = "father" if word in FATHER else "mother" if word in MOTHER else word
        if not match["my"]:
            yield Mention(match.start(), match.end(), Name(f"role:{role}", f"the {role}", "role"))


def _runs(text: str) -> Iterator[Mention]:
    for match in RUN.finditer(text):
        for start, run in _parted(match.start(), match[0]):
            yield from _read_run(text, start, run)


def _parted(start: int, run: str) -> Iterator[tuple[int, str]]:
    """`Nord Avenue Mr. Sorrell` is a street and a man."""
    begin = 0
    for match in re.finditer(r"\S+", run):
        if match.start() > begin and (plain(match[0]) in TITLES - {"sr"}):
            yield start + begin, run[begin : match.start()].rstrip()
            begin = match.start()
    yield start + begin, run[begin:]


def _read_run(text: str, start: int, run: str) -> Iterator[Mention]:
    """The name in some capitalised words: what is no name before and after it is left out."""
    tokens = [(start + match.start(), match[0]) for match in re.finditer(r"[^\s]+", run)]
    suffix = SUFFIXES.get(plain(tokens[-1][1]), "") if len(tokens) > 1 else ""
    if suffix:
        tokens = tokens[:-1]
    if any(plain(token) in ORGANISATIONS or plain(token) in _ENDS for _, token in tokens[1:]):
        return
    while tokens and plain(tokens[0][1]) in NO_PERSON and plain(tokens[0][1]) not in TITLES | KIN:
        tokens = tokens[1:]
    title = ""
    while tokens and plain(tokens[0][1]) in TITLES and len(tokens) > 1:
        title = plain(tokens[0][1])
        tokens = tokens[1:]
        while len(tokens) > 1 and plain(tokens[0][1]) in NO_PERSON:
            tokens = tokens[1:]
    cut = next((n for n, (_, token) in enumerate(tokens) if plain(token) in NO_PERSON or len(plain(token)) > 20), None)
    tokens = tokens[:cut] if cut is not None else tokens
    if not tokens or any(re.search(r"\d", token) for _, token in tokens) or len(tokens) > 4:
        return
    first_place, end = tokens[0][0], tokens[-1][0] + len(tokens[-1][1].removesuffix("'s").removesuffix("’s"))
    words = [plain(token) for _, token in tokens]
    before, after = text[:first_place], text[end:]
    shown = text[first_place:end].strip(" .,")
    if words[0] in KIN and len(words) == 2:
        yield Mention(first_place, end, _kin(shown, words))
    elif len(words) == 1 and title:
        place = text.rfind(" ", 0, first_place - 1) + 1
        key, spoken = f"titled:{title} {words[0]}", f"{title.title()}. {shown}"
        yield Mention(place, end, Name(key, spoken, "titled", "", words[0], suffix, title, ("sure",)))
    elif len(words) == 1:
        if _is_first(tokens[0][1], before, after):
            yield Mention(first_place, end, _first(shown))
    elif len(words[0]) == 1 and len(words[-1]) > 1:
        yield Mention(first_place, end, Name(
            f"initial:{words[0]} {words[-1]}" + (f" {suffix}" if suffix else ""), shown, "initial", words[0], words[-1],
            suffix, title, ("sure",) if title or LABEL.search(before) else ()))  # fmt: skip
    elif len(words[-1]) > 1:
        is_sure = title or suffix or LABEL.search(before) or VERB.match(after) or words[0] in FEMALE | MALE
        is_shouted = shown.isupper() and not LABEL.search(before) and not suffix and words[0] not in FEMALE | MALE
        sure = ("sure",) if is_sure and not is_shouted and not PLACE_BEFORE.search(before[-8:]) or title else ()
        if LABEL.search(before) or words[0] in FEMALE | MALE:
            sure = ("sure",)
        yield Mention(first_place, end, _full(shown, words[0], words[-1], suffix, title, sure))


def _full(shown: str, first: str, last: str, suffix: str, title: str, signs: tuple[str, ...]) -> Name:
    key = f"full:{first} {last}" + (f" {suffix}" if suffix else "")
    words = " ".join(part.capitalize() if part.isupper() and len(part) > 1 else part for part in shown.split())
    if "," in shown:
        words = f"{first.capitalize()} {last.capitalize()}"
    if suffix:
        words += f" {suffix.capitalize()}." if suffix in ("sr", "jr") else f" {suffix.upper()}"
    return Name(key, words, "full", first, last, suffix, title, signs)


def _kin(shown: str, words: list[str]) -> Name:
    return Name(f"kin:{words[0]} {words[1]}", shown, "kin", _whole(words[1]), "", "", words[0], ("sure",))


def _first(shown: str) -> Name:
    word = plain(shown)
    return Name(f"first:{word}", shown.strip(".,:;'"), "first", _whole(word))


def _whole(word: str) -> str:
    """The long form of a short one where there is only one."""
    forms = SHORT_FORMS.get(word, ())
    return forms[0] if len(forms) == 1 else word


def _is_first(token: str, before: str, after: str) -> bool:
    """Whether a single capitalised word may be somebody's first name; who is so called, other documents say."""
    word = plain(token)
    if len(word) < 3 or token.isupper() or token.endswith(".") and after.strip():
        return False
    if PLACE_BEFORE.search(before[-10:]) and not re.search(r"\b(?:to|from|of)\s$", before[-6:]):
        return False
    is_opener = not before.strip() or bool(re.search(r"[.!?]\s*$", before))
    return not is_opener or bool(VERB.match(after)) or bool(re.match(r"(?:['’]s\b|,| and [A-Z])", after))
