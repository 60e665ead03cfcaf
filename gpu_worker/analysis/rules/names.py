"""What a person's name looks like, and how it is written down: `HOLT, LOGAN M` as `Logan M Holt` (pure)."""

from __future__ import annotations

import re
import unicodedata

PARTICLES = frozenset(
    [
        "de",
        "del",
        "la",
        "las",
        "los",
        "da",
        "das",
        "do",
        "dos",
        "di",
        "van",
        "von",
        "der",
        "den",
        "ten",
        "bin",
        "ibn",
        "al",
        "el",
        "y",
        "e",
        "ap",
        "le",
        "st",
    ]
)
TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "sir",
        "dame",
        "hon",
        "honorable",
        "honourable",
        "judge",
        "justice",
        "magistrate",
        "officer",
        "deputy",
        "detective",
        "sgt",
        "sergeant",
        "cpl",
        "lt",
        "capt",
        "sr",
        "sra",
        "srta",
        "lic",
        "licda",
        "profr",
        "profra",
        "ing",
        "don",
        "doña",
        "dna",
        "herr",
        "frau",
        "m",
        "mme",
        "rev",
        "fr",
        "sister",
        "master",
        "district",
        "commissioner",
        "referee",
        "det",
        "ofc",
        "trooper",
        "constable",
        "pc",
        "dc",
        "the",
        "presiding",
        "nurse",
        "attorney",
        "solicitor",
        "teacher",
        "parent",
        "coach",
        "chief",
        "mtra",
        "mtro",
        "dª",
        "dña",
        "d",
        "c",
        "arq",
        "madam",
    ]
)
CREDENTIALS = re.compile(
    r"[,\s]+(?:(?:m\.?d|d\.?o|ph\.?d|psy\.?d|esq(?:uire)?|lcsw|lmft|lmhc|lpc|msw|r\.?n|n\.?p|pa-?c|j\.?d"
    r"|ed\.?d|m\.?a|m\.?s|b\.?a|c\.?s\.?r|mbbs|frcs"
    r"|qc|kc|sc|dds|dmd|aprn|fnp|bcba|cpa|lsw|lcpc)\b\.?[,\s]*)+$",
    re.I,
)
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "j", "jj", "cj", "ja", "lj"})
_WORDS = """
court county state order orders motion case petition declaration department street avenue road lane drive
superior hearing custody division law the and of for to in on at with is was are were has have had by this that
these those i you we he she they it not no yes any all each other from re vs versus attorney attorneys
petitioner respondent plaintiff defendant applicant claimant appellant appellee father mother parent parents
guardian child children minor minors date dated name names dob birth number phone telephone fax address email
e-mail mail time dept page pages signature signed print printed type title party parties self represented pro
per se none unknown same above presiding judicial officer officers clerk deputy sheriff sheriffs police school
schools elementary high middle academy bank inc llc llp ltd corp company co hospital medical center centre
clinic health services service office offices city town district unified university college club church society
association agency group partners harbor report record records summary statement form notice subpoena transcript
proceedings certificate affidavit agreement contract invoice receipt total subtotal amount due balance account
subject sent received message messages re: fwd cc bcc dear sincerely yours truly regards respectfully january
february march april may june july august september october november december monday tuesday wednesday thursday
friday saturday sunday north south west east united states america california texas florida ohio illinois
arizona nevada oregon pennsylvania commonwealth circuit family supreme juvenile probate judgment decree
temporary final interim protective restraining protection domestic violence visitation parenting plan support
civil action file docket cause index code section rule exhibit attachment honorable honourable justice judge
magistrate commissioner being duly sworn shall must should would can do does did comes now requests alleges
moves says said stated hereby herein failed refused returned filed appeared agreed denied present counsel bar
esquire employee employer student patient teacher principal grade level doctor physician nurse provider social
worker caseworker investigator evaluator suspect victim witness informant complainant reporting custodian public
notary commission income gross net pay period wages tax year insurance policy id no. facility room floor suite
unit apt box p.o. po sex male female race age hair eyes height weight relationship role status home cell work
first last surname given full legal maiden occupation nationality place registrar registered local certified
copy entry when both either neither between matter marriage interest estate adoption conservatorship
guardianship dissolution paternity appeal appeals appellate opinion decision memorandum minute minutes
deposition examination direct cross redirect question answer objection sustained overruled ley juzgado tribunal
escuela primaria secundaria colegio instituto sentencia demanda fecha hora señor señora don doña madre padre
menor alumno alumna paciente director directora lugar nombre apellido apellidos domicilio policía nacional
comisaría ciudad estado sir madam concern whom team staff admin administrator reception custodians
parent/guardian whatsapp imessage gmail outlook transmission confidential privileged draft original exchange log
visit call delivered her his their my our your honour honor payment history ledger dentistry dental lessons
music facebook messenger instagram telegram signal deposit withdrawal credit debit pump fuel regular things
bring stub advice slip earnings check cheque beginning ending federal general read today yesterday pickup
drop-off dropoff weekend schedule appointment meeting fn ln dob exp iss sex hgt wgt
me you him them us thank thanks hello okay yes sure sorry good morning night
dad mom mum daddy mommy mummy kids kid wife husband ex baby son daughter brother sister aunt uncle grandma grandpa
everyday checking savings visa mastercard classic signature rewards plus
"""
NOT_NAMES = frozenset(_WORDS.split()) - {"may", "april", "june", "august", "grant", "rose"}
_TOKEN = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-.])*\Z")
MOST_WORDS = 5
_ORGANISATIONS = """
service services inc llc llp ltd plc corp company co hospital clinic school bank university college church insurance
associates group solutions systems center centre foundation agency court department
"""
ORGANISATIONS = frozenset(_ORGANISATIONS.split())
"""What follows a name that is not a person's: `Bayou Process Service`."""


def read_name(raw: str, least_words: int = 2) -> str | None:
    """A person's name out of what stands where one is expected; None if it is not one.

    Titles, credentials and what follows a comma are left out; `Last, First` is turned round; capitals become `Elena
    O'Donnell`.
    """
    text = " ".join(raw.replace("’", "'").split()).strip(' .,;:*_"“”()[]<>|/-–')
    text = CREDENTIALS.sub("", text)
    last, comma, first = text.partition(",")
    if comma:
        text = _turn_round(last.strip(), first.strip()) or last
    words = [word.strip(",;:") for word in text.split()]
    while words and _bare(words[0]) in TITLES and (len(_bare(words[0])) > 1 or len(words) > 2):
        words = words[1:]
    while len(words) > 1 and (_bare(words[-1]) in SUFFIXES or words[-1] == "-"):
        words = words[:-1]
    if any(word.lower().endswith("'s") for word in words):
        return None  # of somebody or something
    if not least_words <= len(words) <= MOST_WORDS or not _are_name_words(words):
        return None
    return " ".join(_in_case(word, index) for index, word in enumerate(words))


def _turn_round(last: str, first: str) -> str | None:
    """`HOLT` and `LOGAN M` as `LOGAN M HOLT`; None when what follows the comma is no first name."""
    firsts = first.split()
    if _bare(first) in SUFFIXES or not firsts or len(firsts) > 3 or len(last.split()) > 2:
        return None
    is_one_word = len(last.split()) == 1 or last.isupper() and first.isupper()
    stem = firsts[:-1] if len(firsts) > 1 and len(_bare(firsts[-1])) == 1 else firsts  # without a last initial
    if not is_one_word or not _are_name_words(stem) or not _are_name_words(last.split()):
        return None
    return f"{first} {last}"


def _are_name_words(words: list[str]) -> bool:
    for word in words:
        bare = _bare(word)
        if bare in PARTICLES and word != words[-1]:
            continue
        if not _TOKEN.match(word) or not word[0].isupper() or bare in NOT_NAMES:
            return False
        if len(bare) > 3 and word.endswith(".") or re.search(r"[a-z][A-Z]{2}", word):
            return False
    letters = [_bare(word).replace(".", "") for word in words]
    # Initials (`L.M.H.`) protect a child: they are no name to look somebody up by.
    return len(letters[-1]) >= 2 and not re.fullmatch(r"(?:[A-Z]\.){2,}[A-Z]?\.?", words[-1])


def _in_case(word: str, index: int) -> str:
    if not word.isupper() or len(word.replace(".", "")) == 1:
        return word
    if index and word.lower() in PARTICLES:
        return word.lower()
    pieces = re.split(r"(['\-])", word.lower())
    cased = "".join(piece[:1].upper() + piece[1:] for piece in pieces)
    return re.sub(r"^Mc([a-z])", lambda match: "Mc" + match[1].upper(), cased)


def _bare(word: str) -> str:
    return word.lower().strip(".,;:'")


def name_key(name: str) -> tuple[str, str]:
    """First and last word without case and accents: two mentions of one person have the same."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().split() or [name.lower()]
    return plain[0], plain[-1]
