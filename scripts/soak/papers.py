"""What is sent: invented papers of a few kinds, the same ones for a seed (pure)."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from hashlib import sha256

from scripts.make_sample_documents import assemble, text_stream

# Of a hundred: letters, PDFs, e-mails and archives with files in them, PDFs that are cut off, known bytes once more.
KINDS, SHARES = ("letter", "pdf", "mail", "zip", "damaged", "again"), (62, 14, 6, 4, 4, 10)
AGAIN_OF = 200  # the last so many


@dataclass(frozen=True)
class Paper:
    """One file to send; a sound one must be read, a damaged one must be said to have failed."""

    name: str
    content: bytes
    placement: str
    is_sound: bool

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


def make_papers(seed: int) -> Iterator[Paper]:
    """Papers without end."""
    dice = random.Random(f"papers {seed}")
    made: list[Paper] = []
    number = 0
    while True:
        number += 1
        kind = dice.choices(KINDS, SHARES)[0] if made else "letter"
        placement = "datacenter_only" if dice.random() < 0.1 else "any_host"
        if kind == "again":
            old = dice.choice(made[-AGAIN_OF:])
            yield Paper(f"copy {number:05} of {old.name}", old.content, placement, old.is_sound)
            continue
        name, content = _make(kind, f"{seed}-{number:05}")
        made.append(Paper(name, content, placement, is_sound=kind != "damaged"))
        yield made[-1]


def _make(kind: str, number: str) -> tuple[str, bytes]:
    letter = f"SUPERIOR COURT\nCase No. FL-2024-0{number[-5:]}\nPaper {number}, May 1, 2024.\n" * 3
    if kind == "pdf":
        return f"filing {number}.pdf", assemble([text_stream(letter, 12), text_stream(f"Page two of {number}.", 12)])
    if kind == "damaged":
        whole = assemble([text_stream(letter, 12)])
        return f"cut off {number}.pdf", whole[: len(whole) // 4] + f"\n% {number}".encode()
    if kind == "mail":
        return f"mail {number}.eml", _mail(number, letter)
    if kind == "zip":
        return f"papers {number}.zip", _archive(number, letter)
    return f"letter {number}.txt", letter.encode()


def _mail(number: str, letter: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "dana@example.org", "lee@example.org", f"Exchange {number}"
    mail["Date"], mail["Message-ID"] = "Wed, 01 May 2024 10:00:00 +0000", f"<{number}@example.org>"
    mail.set_content(f"See what I attached, number {number}.")
    mail.add_attachment(f"Attached to {number}.\n{letter}".encode(), "text", "plain", filename=f"note {number}.txt")
    mail.set_boundary(f"====={number}")
    return mail.as_bytes()


def _archive(number: str, letter: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for inside in ("first", "second"):
            about = zipfile.ZipInfo(f"{inside} {number}.txt", (2024, 5, 1, 10, 0, 0))
            archive.writestr(about, f"The {inside} of {number}.\n{letter}")
    return packed.getvalue()
