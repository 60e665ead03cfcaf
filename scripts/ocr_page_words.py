"""Words for drawn pages: names, dates, money, legal prose, all from a seed (pure)."""

from __future__ import annotations

import random

FIRST = [
    "Amelia",
    "Bernard",
    "Carla",
    "Dominic",
    "Elena",
    "Farid",
    "Grace",
    "Hugo",
    "Irene",
    "Jonas",
    "Katya",
    "Luis",
    "Miriam",
    "Nolan",
    "Olga",
    "Percy",
]
LAST = [
    "Abbott",
    "Brennan",
    "Castillo",
    "Dhillon",
    "Ekström",
    "Fontaine",
    "Gallagher",
    "Hartmann",
    "Ivanov",
    "Jimenez",
    "Kowalski",
    "Lindqvist",
    "Moreau",
]
PLACES = [
    "Alameda",
    "Fresno",
    "Humboldt",
    "Kern",
    "Madera",
    "Napa",
    "Orange",
    "Placer",
    "Riverside",
    "Sonoma",
    "Tehama",
    "Ventura",
    "Yolo",
]
WHO = [
    "the court",
    "the respondent",
    "opposing counsel",
    "the minor's guardian",
    "a licensed appraiser",
    "the custodian of records",
    "the landlord",
    "each trustee",
    "the witness",
    "the county clerk",
    "an independent auditor",
    "the petitioner",
]
DID = [
    "filed",
    "denied",
    "acknowledged",
    "requested",
    "reviewed in full",
    "refused to produce",
    "relied upon",
    "objected to",
    "signed",
    "postponed",
    "received by certified mail",
    "described under oath",
    "failed to disclose",
    "attached",
]
WHAT = [
    "the amended declaration",
    "a motion to compel",
    "the settlement agreement",
    "three bank statements",
    "the visitation schedule",
    "every invoice dated before closing",
    "the quarterly report",
    "two sworn affidavits",
    "the original lease",
    "an order to show cause",
    "the property inventory",
    "photographs of the premises",
]
WHEN = [
    "on or about the date of separation",
    "within thirty days",
    "without notice to the parties",
    "at the hearing in Department 12",
    "before the deadline set by stipulation",
    "pursuant to section 2030.300",
    "despite repeated requests",
    "in the presence of counsel",
    "as shown in Exhibit B",
    "after the mediation failed",
]
TITLES = [
    "Notice",
    "Report",
    "Summary",
    "Review",
    "Annual",
    "Financial",
    "Custody",
    "Response",
    "Final",
    "Account",
    "Estate",
    "Evidence",
    "Public",
    "Record",
]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


class Words:
    """Draws words from one random source, so that a seed fixes the page."""

    def __init__(self, source: random.Random) -> None:
        self.random = source

    def sentence(self) -> str:
        pick = self.random.choice
        text = f"{pick(WHO)} {pick(DID)} {pick(WHAT)} {pick(WHEN)}"
        if self.random.random() < 0.4:
            text += f", and {pick(WHO)} {pick(DID)} {pick(WHAT)}"
        return text[0].upper() + text[1:] + "."

    def prose(self, sentences: int) -> str:
        return " ".join(self.sentence() for _ in range(sentences))

    def title(self, words: int) -> str:
        return " ".join(self.random.sample(TITLES, words))

    def name(self) -> str:
        return f"{self.random.choice(FIRST)} {self.random.choice(LAST)}"

    def place(self) -> str:
        return self.random.choice(PLACES)

    def date(self) -> str:
        return f"{self.random.choice(MONTHS)[:3]} {self.random.randint(1, 28)}, {self.random.randint(1998, 2025)}"

    def money(self) -> str:
        return f"{self.random.randint(10, 99999):,}.{self.random.randint(0, 99):02d}"

    def case_number(self) -> str:
        return f"{self.random.randint(18, 25)}-CV-{self.random.randint(10000, 99999)}"
