"""Harder layouts to draw: newspapers, magazines, wrapped tables, four-up transcripts, exhibits, receipts, slides."""

from __future__ import annotations

from ocr_page_canvas import DPI, Canvas
from ocr_page_words import Words

PAGE = (int(8.5 * DPI), 11 * DPI)
WHITE = 250


def draw_newspaper(words: Words) -> Canvas:
    """A name, a headline over all five columns, a photo with its caption, two more stories side by side below."""
    page = Canvas(PAGE, words.random)
    page.text(f"THE {words.place().upper()} RECORD", page.center, 90, 70, bold=True, align="center")
    page.text(
        f"{words.date()}   Vol. {words.random.randint(2, 90)}   Two Dollars", page.center, 190, 22, align="center"
    )
    page.text(words.title(5), page.center, 250, 60, bold=True, align="center")
    columns = [100 + 305 * n for n in range(5)]
    split, bottom = words.random.randint(1000, 1400), page.height - 180
    for number, x in enumerate(columns):
        y = 360.0
        if number == 0:
            page.text(f"By {words.name()}", x, y, 22, bold=True)
            y += 40
        if number == 3:
            y = photo_end = page.figure(x, y, 585, words.sentence(), 20)
        _story(page, words, x, photo_end if number == 4 else y, split - 60)
    for story in (columns[:3], columns[3:]):
        page.text(words.title(len(story)), story[0], split, 44, bold=True)
        for x in story:
            _story(page, words, x, split + 80, bottom)
    page.text(f"A{words.random.randint(1, 30)}", page.center, page.height - 110, 22, align="center")
    return page


def _story(page: Canvas, words: Words, x: float, y: float, bottom: float) -> None:
    page.paragraph(words.prose(40), x, y, 280, 20, bottom=bottom - 26)


def draw_magazine(words: Words) -> Canvas:
    """A running head, two columns with a white-on-black box, a note beside the first, footnotes, a margin line."""
    page = Canvas(PAGE, words.random)
    page.text(words.title(2), 150, 80, 22)
    page.text(str(words.random.randint(2, 300)), page.width - 150, 80, 22, align="right")
    page.text(words.title(4), 150, 160, 52, bold=True)
    note_at = 1300
    page.paragraph(f"Correspondence to: {words.name()}, {words.place()}. {words.sentence()}", 120, note_at, 220, 19)
    page.paragraph(words.prose(30), 380, 280, 520, 26, bottom=page.height - 400)
    page.text("1", 380, page.height - 330, 16)
    page.paragraph(words.sentence(), 400, page.height - 330, 500, 19)
    box = 280 + words.random.randint(0, 3) * 34
    page.panel(940, box, 1500, box + 360, 20)
    page.text(words.title(3), 970, box + 24, 30, bold=True, ink=WHITE)
    page.paragraph(words.prose(3), 970, box + 80, 500, 24, bottom=box + 320, ink=WHITE)
    page.heading(words.title(2), 940, box + 400, 26)
    page.paragraph(words.prose(30), 940, box + 450, 560, 26, bottom=page.height - 300)
    page.text(f"www.{words.place().lower()}.example", page.center, page.height - 110, 20, align="center")
    page.upwards(f"Downloaded {words.date()} by {words.name()}", page.width - 70, 1500, 18)
    return page


def draw_wrapped_table(words: Words) -> Canvas:
    """A schedule whose cells take several lines each, with rules between the rows."""
    page = Canvas(PAGE, words.random)
    page.text(f"Schedule {words.random.choice('ABC')}: {words.title(3)}", 150, 140, 38, bold=True)
    stops, widths, size = (150, 330, 880, 1330), (150, 510, 400, 220), 24
    y = 260.0
    rows = [("Item", "Description", "Status", "Amount")]
    rows += [
        (f"{number}.{words.random.randint(1, 9)}", words.sentence(), words.title(4), words.money())
        for number in range(1, words.random.randint(11, 16))
    ]
    for row in rows:
        page.rule(140, y - 12, 1550, y - 12)
        cells = zip(row, stops, widths, strict=True)
        y = max(page.paragraph(cell, x, y, width, size) for cell, x, width in cells) + 30
    page.text(f"Page {words.random.randint(1, 9)}", page.width - 150, page.height - 120, 22, align="right")
    return page


def draw_transcript(words: Words) -> Canvas:
    """Four numbered pages of a transcript on one sheet, down the left half and then down the right."""
    page = Canvas(PAGE, words.random)
    page.text(f"{words.name()} - {words.date()}", page.center, 60, 24, align="center")
    first = words.random.randint(2, 300)
    for number in range(4):
        x, y = 110 + 790 * (number // 2), 130 + 1000 * (number % 2)
        page.text(f"Page {first + number}", x + 600, y, 22, mono=True, align="right")
        page.line_numbers(25, x, y + 50, 36, 20, mono=True)
        lines: list[str] = []
        while len(lines) < 25:
            mark = "Q." if words.random.random() < 0.5 else "A."
            lines += page.wrapped(f"{mark} {words.sentence()}", 560, 20, mono=True)
        for row, line in enumerate(lines[:25]):
            page.text(line, x + 80, y + 50 + 36 * row, 20, mono=True)
    page.text(f"Pages {first} - {first + 3}", page.center, page.height - 70, 22, align="center")
    return page


def draw_exhibit(words: Words) -> Canvas:
    """A statement under oath with signatures side by side, footnotes, an exhibit mark and a Bates number."""
    page = Canvas(PAGE, words.random)
    page.text(f"DECLARATION OF {words.name().upper()}", page.center, 150, 30, bold=True, align="center")
    y = 260.0
    for number in range(1, 6):
        page.text(f"{number}.", 150, y, 28)
        y = page.paragraph(words.prose(2), 230, y, page.width - 380, 28) + 24
    for x in (150, 900):
        page.text(f"Dated: {words.date()}", x, y + 40, 26)
        page.text(words.name(), x, y + 120, 26)
        page.text(words.random.choice(("Declarant", "Attorney at Law", "Witness")), x, y + 160, 26)
    page.rule(150, page.height - 330, 700, page.height - 330)
    for number in (1, 2):
        page.paragraph(f"{number} {words.sentence()}", 150, page.height - 370 + 60 * number, page.width - 300, 19)
    page.text(f"EXHIBIT {words.random.choice('ABCDEF')}", page.center, page.height - 120, 30, bold=True, align="center")
    page.text(f"SMITH{words.random.randint(1, 99999):06d}", page.width - 120, page.height - 70, 24, align="right")
    return page


def draw_receipt(words: Words) -> Canvas:
    """A till's slip: shop, things bought with their prices at the right edge, a total, thanks."""
    page = Canvas((640, 1500), words.random)
    page.text(f"{words.place().upper()} HARDWARE", page.center, 60, 34, mono=True, align="center")
    page.text(f"{words.random.randint(1, 999)} {words.place()} Ave", page.center, 120, 26, mono=True, align="center")
    page.text(f"{words.date()}  Reg {words.random.randint(1, 9)}", page.center, 160, 26, mono=True, align="center")
    lines = [(words.title(2).upper(), words.money()) for _ in range(words.random.randint(12, 22))]
    lines += [(name, words.money()) for name in ("SUBTOTAL", "TAX 8.25%", "TOTAL", "VISA")]
    y = 240.0
    for name, price in lines:
        page.text(name, 40, y, 26, mono=True)
        page.text(price, 600, y, 26, mono=True, align="right")
        y += 42
    page.text("THANK YOU", page.center, y + 40, 28, mono=True, align="center")
    return page


def draw_slide(words: Words) -> Canvas:
    """A title, two lists side by side, white on dark, a footer."""
    page = Canvas((2000, 1125), words.random)
    page.panel(0, 0, 2000, 1125, 30)
    page.text(words.title(4), 120, 80, 72, bold=True, ink=WHITE)
    for x in (120, 1060):
        page.text(words.title(2), x, 260, 44, bold=True, ink=WHITE)
        y = 350.0
        for _ in range(words.random.randint(4, 5)):
            y = page.paragraph(f"• {words.random.choice(TOPICS)} {words.title(3)}", x, y, 780, 38, ink=WHITE) + 30
    page.text(f"{words.name()}, {words.date()}", 120, 1050, 26, ink=WHITE)
    page.text(str(words.random.randint(2, 40)), 1900, 1050, 26, align="right", ink=WHITE)
    return page


TOPICS = ("What we learned:", "Next steps:", "Risk:", "Agreed:", "Open question:", "Deadline moved:")
