"""Pure: gathered facts → a printable PDF, as bytes."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import HRFlowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from dashboard import tables, words
from dashboard.answers import Job, ListedDocument, ListedFinding

INK, SOFT, LINE, ACCENT, WARN = (colors.HexColor(c) for c in ("#23303b", "#66727c", "#d8d1c3", "#2f5d7c", "#8a5215"))


@dataclass(frozen=True)
class Report:
    """Everything a report says; `cuts` say which lists are not whole."""

    title: str
    subtitle: str
    made_at: datetime
    documents: list[ListedDocument]
    findings: list[ListedFinding]
    figures: list[tuple[str, str]]
    failed: list[Job]
    parties: list[tuple[str, str]]
    judged: Mapping[str, int]
    with_timeline: bool
    cuts: tuple[str, ...] = ()


def render(report: Report) -> bytes:
    """The report as a Letter-size PDF with page numbers."""
    font, bold, italic = _fonts()
    style = _Styles(font, bold, italic)
    buffer = io.BytesIO()
    template = SimpleDocTemplate(
        buffer,
        pagesize=LETTER,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        title=report.title,
        author="ASEAGI",
    )

    def footer(canvas: Any, document: Any) -> None:
        canvas.setFont(font, 8)
        canvas.setFillColor(SOFT)
        canvas.drawString(20 * mm, 12 * mm, f"{report.title} · made {words.day(report.made_at)}")
        canvas.drawRightString(LETTER[0] - 20 * mm, 12 * mm, f"Page {document.page}")

    template.build(_story(report, style), onFirstPage=footer, onLaterPages=footer)
    return buffer.getvalue()


def _story(report: Report, style: "_Styles") -> list[Any]:
    story = [
        Paragraph(_safe(report.title), style.title),
        Paragraph(_safe(report.subtitle), style.lead),
        HRFlowable(width="100%", color=LINE, spaceBefore=6, spaceAfter=10),
        _figures(report.figures, style),
        *(Paragraph(_safe(cut), style.warn) for cut in report.cuts),
        Paragraph(_safe(words.SCORE_NOTE), style.small),
    ]
    if report.parties:
        story += [Paragraph("Who appears", style.heading), _pairs(report.parties, style)]
    if report.with_timeline:
        story += [Paragraph("In order of time", style.heading), *_timeline(report.documents, style)]
    story += [Paragraph("What stands out", style.heading), *_findings(report, style)]
    if report.failed:
        story += [Paragraph("Could not be read", style.heading), *_failed(report.failed, style)]
    return [*story, Paragraph("Documents", style.heading), _documents(report.documents, style)]


def _figures(figures: list[tuple[str, str]], style: "_Styles") -> Table:
    cells = [
        [Paragraph(_safe(value), style.figure) for _, value in figures],
        [Paragraph(_safe(name), style.small) for name, _ in figures],
    ]
    return Table(
        cells,
        hAlign="LEFT",
        colWidths=[(LETTER[0] - 45 * mm) / len(figures)] * len(figures),
        style=TableStyle([("LEFTPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, 0), 0)]),
    )


def _pairs(pairs: list[tuple[str, str]], style: "_Styles") -> Table:
    rows = [[Paragraph(_safe(name), style.small), Paragraph(_safe(value), style.body)] for name, value in pairs]
    return Table(
        rows,
        hAlign="LEFT",
        colWidths=[38 * mm, LETTER[0] - 84 * mm],
        style=TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
            ]
        ),
    )


def _timeline(documents: list[ListedDocument], style: "_Styles") -> list[Paragraph]:
    dated = sorted(((row.document_date, row) for row in documents if row.document_date), key=lambda pair: pair[0])
    if not dated:
        return [Paragraph("No document has a date.", style.body)]
    return [
        Paragraph(
            f"<b>{words.day(day)}</b> — {_safe(words.document_type(row.document_type))}: "
            f"{_safe(row.summary or tables.name(row.original_filename))} "
            f"<font color='#66727c'>({_safe(tables.name(row.original_filename))})</font>",
            style.item,
        )
        for day, row in dated
    ]


def _findings(report: Report, style: "_Styles") -> list[Any]:
    standing, _ = tables.standing(report.findings)
    head = words.judged(report.judged) if standing else words.nothing_found(report.judged)
    story = [Paragraph(_safe(head), style.body), Spacer(1, 6)]
    for row in standing:
        story += _finding(row, style)
    return story


def _finding(row: ListedFinding, style: "_Styles") -> list[Any]:
    strength = "" if row.score is None else f", strength {words.score(row.score)} of 100"
    parts = [
        Paragraph(f"<b>{_safe(words.label(words.KIND, row.kind))}</b>{strength}", style.item),
        Paragraph(f"{_safe(tables.name(row.original_filename))}, page {row.page or 'unknown'}", style.small),
    ]
    if row.quote:
        parts.append(Paragraph(f"“{_safe(row.quote)}”", style.quote))
    if row.explanation:
        parts.append(Paragraph(_safe(row.explanation), style.body))
    return [KeepTogether(parts), Spacer(1, 6)]


def _failed(jobs: list[Job], style: "_Styles") -> list[Paragraph]:
    return [
        Paragraph(
            f"<b>{_safe(tables.name(job.original_filename))}</b>: {_safe(job.error_message or 'unknown reason')}",
            style.item,
        )
        for job in jobs
    ]


def _documents(documents: list[ListedDocument], style: "_Styles") -> Table | Paragraph:
    if not documents:
        return Paragraph("There are no documents.", style.body)
    head = [Paragraph(text, style.small) for text in ("Document", "Type", "Date", "Pages", "Relevance")]
    rows = [
        [
            Paragraph(_safe(str("–" if row[key] is None else row[key])), style.cell)
            for key in ("Document", "Type", "Date", "Pages", "Relevance")
        ]
        for row in tables.document_rows(documents)
    ]
    widths = [73 * mm, 38 * mm, 25 * mm, 15 * mm, 19.9 * mm]
    return Table(
        [head, *rows],
        hAlign="LEFT",
        colWidths=widths,
        repeatRows=1,
        style=TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ]
        ),
    )


class _Styles:
    """Paragraph styles of one report."""

    def __init__(self, font: str, bold: str, italic: str):
        def make(name: str, **options: Any) -> ParagraphStyle:
            return ParagraphStyle(
                name,
                **(
                    {
                        "fontName": font,
                        "fontSize": 9.5,
                        "leading": 13.5,
                        "textColor": INK,
                        "alignment": TA_LEFT,
                        "splitLongWords": 1,
                    }
                    | options
                ),
            )

        self.title = make("title", fontName=bold, fontSize=20, leading=25)
        self.lead = make("lead", fontSize=10.5, leading=15, textColor=SOFT)
        self.heading = make(
            "heading", fontName=bold, fontSize=13, leading=17, spaceBefore=14, spaceAfter=6, textColor=ACCENT
        )
        self.figure = make("figure", fontName=bold, fontSize=15, leading=19)
        self.body = make("body")
        self.item = make("item", spaceAfter=3)
        self.small = make("small", fontSize=8.2, leading=11, textColor=SOFT)
        self.warn = make("warn", fontSize=8.2, leading=11, textColor=WARN)
        self.cell = make("cell", fontSize=8.6, leading=11.5)
        self.quote = make("quote", fontName=italic, leftIndent=10, spaceBefore=3, spaceAfter=3)


def _fonts() -> tuple[str, str, str]:
    """Regular, bold and italic: DejaVu where the system has it (all of Europe's letters), else the library's Vera."""
    system = Path("/usr/share/fonts/truetype/dejavu")
    folder, names = Path(reportlab.__file__).parent / "fonts", ("Vera.ttf", "VeraBd.ttf", "VeraIt.ttf")
    if (system / "DejaVuSans.ttf").exists() and (system / "DejaVuSans-Bold.ttf").exists():
        oblique = "DejaVuSans-Oblique.ttf" if (system / "DejaVuSans-Oblique.ttf").exists() else "DejaVuSans.ttf"
        folder, names = system, ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", oblique)
    for name, file in zip(("Report", "Report-Bold", "Report-Italic"), names, strict=True):
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    pdfmetrics.registerFontFamily(
        "Report", normal="Report", bold="Report-Bold", italic="Report-Italic", boldItalic="Report-Bold"
    )
    return "Report", "Report-Bold", "Report-Italic"


def _safe(text: str) -> str:
    return escape("".join(c if c.isprintable() or c == " " else " " for c in str(text)))
