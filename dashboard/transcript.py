"""Pure: a document's conversations as a numbered transcript, a table (CSV) or pages to print (PDF)."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from reportlab.lib.pagesizes import LETTER
from reportlab.lib.units import mm
from reportlab.platypus import HRFlowable, KeepTogether, LongTable, Paragraph, SimpleDocTemplate, TableStyle

from dashboard import words
from dashboard.print_style import LINE, SOFT, Styles, fonts, safe
from dashboard.tables import safe_cell
from dashboard.talks import Said, Talk, Talks

COLUMNS = (
    "Number", "Page", "Day", "Clock", "UTC offset", "As written", "From", "Direction", "Service", "Text", "Files",
    "Notes", "Doubts",
)  # fmt: skip
WIDTHS = (14 * mm, 36 * mm, 34 * mm, LETTER[0] - 40 * mm - 84 * mm)


def to_csv(talks: Talks) -> bytes:
    """One line a message, UTF-8 with a mark so that Excel reads it right."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for talk in talks.conversations:
        writer.writerows([safe_cell(value) for value in _row(said)] for said in talk.messages)
    return file.getvalue().encode("utf-8-sig")


def _row(said: Said) -> tuple[object, ...]:
    time = said.time
    local = (time.local or "") if time else ""
    offset, written = (time.offset or "", time.written) if time else ("", "")
    who = said.sender or words.NO_SENDER
    lists = ("; ".join(each) for each in (said.media, said.notes, said.all_doubts))
    return (
        said.number, said.page, local[:10], local[11:], offset, written, who, said.direction, said.service or "",
        said.text, *lists,
    )  # fmt: skip


def to_pdf(talks: Talks, name: str, sha256: str | None, made_at: datetime) -> bytes:
    """Letter-size pages: every message with its number, so that a court can be told "message 14"."""
    font, bold, italic = fonts()
    style = Styles(font, bold, italic)
    buffer = io.BytesIO()
    template = SimpleDocTemplate(buffer, pagesize=LETTER, leftMargin=20 * mm, rightMargin=20 * mm, topMargin=18 * mm,
                                 bottomMargin=20 * mm, title=f"Transcript of {name}", author="ASEAGI")  # fmt: skip

    def footer(canvas: Any, document: Any) -> None:
        canvas.setFont(font, 8)
        canvas.setFillColor(SOFT)
        canvas.drawString(20 * mm, 12 * mm, f"Transcript of {name}"[:80])
        canvas.drawRightString(LETTER[0] - 20 * mm, 12 * mm, f"Page {document.page}")

    facts = [f"Made {words.day(made_at)} from the file “{name}”."]
    facts += [f"Its fingerprint (SHA-256): {sha256}"] if sha256 else []
    story: list[Any] = [Paragraph("Transcript", style.title), *(Paragraph(safe(fact), style.small) for fact in facts)]
    for talk in talks.conversations:
        story += _talk(talk, style)
    template.build(story, onFirstPage=footer, onLaterPages=footer)
    return buffer.getvalue()


def _talk(talk: Talk, style: Styles) -> Iterator[Any]:
    people = ", ".join(f"{p.name} ({p.address})" if p.address not in (None, p.name) else p.name for p in talk.people)
    said = [f"Between: {people}" if people else "", words.count(len(talk.messages), "message"), *talk.doubts]
    said += talk.unread
    yield KeepTogether([
        Paragraph(safe(talk.title), style.heading),
        *(Paragraph(safe(line), style.small) for line in said if line),
        HRFlowable(width="100%", color=LINE, spaceBefore=4, spaceAfter=4),
    ])  # fmt: skip
    if not talk.messages:
        return
    rows = [[Paragraph(f"<b>{title}</b>", style.small) for title in ("No.", "Time", "From", "Message")]]
    rows += [_cells(message, style) for message in talk.messages]
    rules = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.25, LINE),
             ("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 4)]  # fmt: skip
    yield LongTable(rows, colWidths=WIDTHS, repeatRows=1, style=TableStyle(rules), splitInRow=1)


def _cells(said: Said, style: Styles) -> list[Paragraph]:
    text = safe(said.text).replace("\n", "<br/>")
    extra = [*(f"File: {name}" for name in said.media), *said.notes, *(f"Doubt: {doubt}" for doubt in said.all_doubts)]
    small = "".join(f"<br/><font size=7.5 color='#66727c'>{safe(line)}</font>" for line in extra)
    sender = said.sender or ("Notice" if said.direction == "system" else words.NO_SENDER)
    return [
        Paragraph(str(said.number), style.small),
        Paragraph(safe(said.time.shown) if said.time else words.NO_TIME, style.small),
        Paragraph(safe(sender), style.small),
        Paragraph(text + small, style.body),
    ]
