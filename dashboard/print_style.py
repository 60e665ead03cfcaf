"""Pure: letters, colours and paragraph styles of what is printed: reports and transcripts."""

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

INK, SOFT, LINE, ACCENT, WARN = (colors.HexColor(c) for c in ("#23303b", "#66727c", "#d8d1c3", "#2f5d7c", "#8a5215"))


class Styles:
    """Paragraph styles of one printed thing."""

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


def fonts() -> tuple[str, str, str]:
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


def safe(text: str) -> str:
    """Text as a paragraph shows exactly these characters."""
    return escape("".join(c if c.isprintable() or c == " " else " " for c in str(text)))
