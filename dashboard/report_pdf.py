"""Pure: gathered facts → a printable PDF, as bytes."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reportlab.lib.pagesizes import LETTER
from reportlab.lib.units import mm
from reportlab.platypus import HRFlowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from dashboard import judging_words, pair_words, tables, words
from dashboard.answers import Job, ListedDocument, ListedFinding, Pair
from dashboard.print_style import LINE, SOFT, Styles, fonts, safe


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
    pairs: list[Pair] = field(default_factory=list)


def render(report: Report) -> bytes:
    """The report as a Letter-size PDF with page numbers."""
    font, bold, italic = fonts()
    style = Styles(font, bold, italic)
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


def _story(report: Report, style: Styles) -> list[Any]:
    story = [
        Paragraph(safe(report.title), style.title),
        Paragraph(safe(report.subtitle), style.lead),
        HRFlowable(width="100%", color=LINE, spaceBefore=6, spaceAfter=10),
        *([_figures(report.figures, style)] if report.figures else []),
        *(Paragraph(safe(cut), style.warn) for cut in report.cuts),
        Paragraph(safe(words.SCORE_NOTE), style.small),
    ]
    if report.parties:
        story += [Paragraph("Who appears", style.heading), _pairs(report.parties, style)]
    if report.with_timeline:
        story += [Paragraph("In order of time", style.heading), *_timeline(report.documents, style)]
    if report.pairs:
        story += [
            Paragraph("What does not fit together between two documents", style.heading),
            *_differences(report.pairs, style),
        ]
    story += [Paragraph(pair_words.FINDINGS_WITHIN, style.heading), *_findings(report, style)]
    if report.failed:
        story += [Paragraph("Could not be read", style.heading), *_failed(report.failed, style)]
    return [*story, Paragraph("Documents", style.heading), _documents(report.documents, style)]


def _figures(figures: list[tuple[str, str]], style: Styles) -> Table:
    cells = [
        [Paragraph(safe(value), style.figure) for _, value in figures],
        [Paragraph(safe(name), style.small) for name, _ in figures],
    ]
    return Table(
        cells,
        hAlign="LEFT",
        colWidths=[(LETTER[0] - 45 * mm) / len(figures)] * len(figures),
        style=TableStyle([("LEFTPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, 0), 0)]),
    )


def _pairs(pairs: list[tuple[str, str]], style: Styles) -> Table:
    rows = [[Paragraph(safe(name), style.small), Paragraph(safe(value), style.body)] for name, value in pairs]
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


def _timeline(documents: list[ListedDocument], style: Styles) -> list[Paragraph]:
    dated = sorted(((row.document_date, row) for row in documents if row.document_date), key=lambda pair: pair[0])
    if not dated:
        return [Paragraph("No document has a date.", style.body)]
    return [
        Paragraph(
            f"<b>{words.day(day)}</b> — {safe(words.document_type(row.document_type))}: "
            f"{safe(row.summary or tables.name(row.original_filename))} "
            f"<font color='#66727c'>({safe(tables.name(row.original_filename))})</font>",
            style.item,
        )
        for day, row in dated
    ]


def _findings(report: Report, style: Styles) -> list[Any]:
    standing, _ = tables.standing(report.findings)
    head = judging_words.judged(report.judged) if standing else judging_words.nothing_found(report.judged)
    story = [Paragraph(safe(f"{head} {pair_words.FINDINGS_COUNTED}"), style.body), Spacer(1, 6)]
    for row in standing:
        story += _finding(row, style)
    return story


def _finding(row: ListedFinding, style: Styles) -> list[Any]:
    strength = "" if row.score is None else f", strength {words.score(row.score)} of 100"
    parts = [
        Paragraph(f"<b>{safe(words.label(words.KIND, row.kind))}</b>{strength}", style.item),
        Paragraph(f"{safe(tables.name(row.original_filename))}, page {row.page or 'unknown'}", style.small),
    ]
    if row.quote:
        parts.append(Paragraph(f"“{safe(row.quote)}”", style.quote))
    if row.explanation:
        parts.append(Paragraph(safe(row.explanation), style.body))
    return [KeepTogether(parts), Spacer(1, 6)]


def _differences(pairs: list[Pair], style: Styles) -> list[Any]:
    story: list[Any] = [Paragraph(safe(pair_words.PAIRS_COUNTED), style.body), Spacer(1, 6)]
    for pair in pairs:
        parts = [Paragraph(f"<b>{safe(pair_words.pair_title(pair))}</b>", style.item)]
        for side in (pair.a, pair.b):
            who = f"{side.speaker}: " if side.speaker else ""
            where = f"{who}{tables.name(side.original_filename)}, page {side.page}"
            parts += [Paragraph(f"“{safe(side.quote)}”", style.quote), Paragraph(safe(where), style.small)]
        parts.append(Paragraph(safe(pair_words.pair_reason(pair)), style.body))
        story += [KeepTogether(parts), Spacer(1, 6)]
    return story


def _failed(jobs: list[Job], style: Styles) -> list[Paragraph]:
    return [
        Paragraph(
            f"<b>{safe(tables.name(job.original_filename))}</b>: {safe(job.error_message or 'unknown reason')}",
            style.item,
        )
        for job in jobs
    ]


def _documents(documents: list[ListedDocument], style: Styles) -> Table | Paragraph:
    if not documents:
        return Paragraph("There are no documents.", style.body)
    head = [Paragraph(text, style.small) for text in ("Document", "Type", "Date", "Pages", "Relevance")]
    rows = [
        [
            Paragraph(safe(str("–" if row[key] is None else row[key])), style.cell)
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
