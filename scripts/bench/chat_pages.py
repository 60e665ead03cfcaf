"""Chats drawn as five phone apps show them, with their truth: what `chats.py` measures with (own drawings, invented
words)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parents[1] / "fonts"
WIDTH, SCREEN = 1080, 2160
SUBJECTS = ("Mia", "the school", "your mother", "my lawyer", "the judge", "Aunt Jo", "the doctor", "her teacher")
VERBS = (
    "is waiting at the door", "called me at work", "wants the form by Friday", "said you never came",
    "has a fever of 39", "needs new shoes", "will not change the order", "asked about the money again",
)  # fmt: skip
ENDS = ("", "", " and you know it", " so stop asking", ", as always", " before 5:30", " - page 4 of the order")
SHORT = ("ok", "No", "why?", "Fine.", "busy", "I know", "not today", "whatever", "Yes please", "on my way")
NAMES = ("Marcus O", "Dana W", "Aunt Jo", "Grandpa Lee", "Priya N")


@dataclass(frozen=True)
class Said:
    """One message as drawn: who (None: the phone's owner), its words, the clock and day the picture gives it."""

    sender: str | None
    text: str
    at: datetime
    clock: str | None
    day: str | None


@dataclass(frozen=True)
class Skin:
    """How an app looks. `clock` is where it shows times: `inside` every bubble, `below` a run of them, or `head` over
    them."""

    name: str
    ground: tuple[int, int, int]
    left: tuple[int, int, int]
    right: tuple[int, int, int]
    left_ink: tuple[int, int, int]
    right_ink: tuple[int, int, int]
    faint: tuple[int, int, int]
    bar: tuple[int, int, int]
    bar_ink: tuple[int, int, int]
    clock: str
    radius: int = 34
    size: int = 40
    chip: tuple[int, int, int] | None = None
    fades_to: tuple[int, int, int] | None = None


SKINS = {
    skin.name: skin
    for skin in (
        Skin("imessage", (255, 255, 255), (233, 233, 235), (10, 132, 255), (0, 0, 0), (255, 255, 255), (138, 138, 142),
             (246, 246, 246), (0, 0, 0), "head", radius=44),
        Skin("whatsapp", (236, 229, 221), (255, 255, 255), (217, 253, 211), (17, 27, 33), (17, 27, 33), (102, 119, 129),
             (0, 128, 105), (255, 255, 255), "inside", radius=22, chip=(225, 243, 251)),
        Skin("dark", (11, 20, 26), (32, 44, 51), (0, 92, 75), (233, 237, 239), (233, 237, 239), (150, 165, 173),
             (32, 44, 51), (233, 237, 239), "inside", radius=22, chip=(24, 34, 41)),
        Skin("android", (254, 247, 255), (236, 230, 240), (11, 87, 208), (29, 27, 32), (255, 255, 255), (73, 69, 79),
             (254, 247, 255), (29, 27, 32), "below", radius=40),
        Skin("messenger", (255, 255, 255), (240, 240, 240), (0, 132, 255), (5, 5, 5), (255, 255, 255), (101, 103, 107),
             (255, 255, 255), (5, 5, 5), "head", radius=40, fades_to=(140, 60, 240)),
    )
}  # fmt: skip


@cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The letters of the repository, at this size."""
    return ImageFont.truetype(FONTS / f"Arimo-{'Bold' if bold else 'Regular'}.ttf", size)


def make_talk(chance: random.Random, count: int, group: bool) -> list[tuple[str | None, str, datetime]]:
    """Invented messages over two or three days; None writes where the phone's owner does."""
    others = chance.sample(NAMES, 3 if group else 1)
    at = datetime(2024, chance.randint(1, 12), chance.randint(1, 25), chance.randint(8, 20), chance.randint(0, 59))
    talk: list[tuple[str | None, str, datetime]] = []
    sender: str | None = chance.choice(others)
    for _ in range(count):
        if chance.random() < 0.6:
            sender = chance.choice([None, *others])
        text = chance.choice(SHORT) if chance.random() < 0.25 else _sentence(chance)
        if chance.random() < 0.25:
            text += ". " + _sentence(chance)
        talk.append((sender, text, at))
        at += timedelta(minutes=chance.choice((0, 1, 2, 3, 7, 30, 95, 600)))
    return talk


def _sentence(chance: random.Random) -> str:
    words = f"{chance.choice(SUBJECTS)} {chance.choice(VERBS)}{chance.choice(ENDS)}"
    return words[0].upper() + words[1:]


@dataclass
class _Canvas:
    skin: Skin
    image: Image.Image
    pen: ImageDraw.ImageDraw
    y: int
    bands: list[tuple[int, int]] = field(default_factory=list)
    """Where each message's bubble stands, top and bottom."""


def draw_talk(
    skin: Skin, talk: list[tuple[str | None, str, datetime]], chance: random.Random, with_year: bool, group: bool
) -> tuple[Image.Image, list[Said], list[tuple[int, int]]]:
    """The whole chat on one long picture without bars, its truth, and the rows where each message stands."""
    image = Image.new("RGB", (WIDTH, 420 * len(talk) + 400), skin.ground)
    canvas = _Canvas(skin, image, ImageDraw.Draw(image), 30)
    if skin.chip:
        _doodle(canvas, chance)
    said: list[Said] = []
    day, head = None, None
    for number, (sender, text, at) in enumerate(talk):
        before = talk[number - 1] if number else None
        after = talk[number + 1] if number + 1 < len(talk) else None
        if skin.clock == "head" and (before is None or at - before[2] > timedelta(minutes=25)):
            head = at
            _centred(canvas, _head_line(skin, at, with_year))
        elif skin.clock != "head" and at.date() != day:
            _centred(canvas, _day_line(skin, at, with_year))
        day = at.date()
        is_new = before is None or before[0] != sender
        name = sender if group and sender and (is_new or skin.clock == "inside") else None
        is_last = after is None or after[0] != sender or after[2] - at > timedelta(minutes=5)
        shows = skin.clock == "inside" or (skin.clock == "below" and is_last)
        clock = _clock(at) if shows else None
        _bubble(canvas, sender, text, name, clock)
        canvas.y += 10 if after and after[0] == sender else 34
        shown = head if skin.clock == "head" else at if shows else None
        iso = at.date().isoformat() if with_year else None
        said.append(Said(sender, text, at, _clock(shown) if shown else None, iso))
    return image.crop((0, 0, WIDTH, canvas.y + 40)), said, canvas.bands


def screens(
    skin: Skin, picture: Image.Image, bands: list[tuple[int, int]], title: str, overlap: int
) -> list[Image.Image]:
    """The picture cut into phone screens with a bar above and below; each shows the last `overlap` px of the one
    before."""
    inner = SCREEN - 330
    shots, top = [], 0
    while True:
        shot = Image.new("RGB", (WIDTH, SCREEN), skin.ground)
        shot.paste(picture.crop((0, top, WIDTH, min(picture.height, top + inner))), (0, 200))
        _bars(skin, shot, title)
        shots.append(shot)
        if top + inner >= picture.height:
            return shots
        top = min(top + inner - overlap, max(0, picture.height - inner))


def _bars(skin: Skin, shot: Image.Image, title: str) -> None:
    pen = ImageDraw.Draw(shot)
    pen.rectangle((0, 0, WIDTH, 200), fill=skin.bar)
    pen.text((50, 24), "11:26", font=font(32), fill=skin.bar_ink)
    pen.text((960, 24), "76%", font=font(30), fill=skin.bar_ink)
    if skin.name in ("imessage", "messenger"):
        pen.text((WIDTH // 2, 130), title, font=font(38, bold=True), fill=skin.bar_ink, anchor="mm")
    else:
        pen.ellipse((60, 90, 150, 180), fill=skin.faint)
        pen.text((180, 112), title, font=font(40, bold=True), fill=skin.bar_ink)
    pen.rectangle((0, SCREEN - 130, WIDTH, SCREEN), fill=skin.ground)
    pen.rounded_rectangle((120, SCREEN - 110, 880, SCREEN - 30), 40, outline=skin.faint, width=2)
    pen.text((160, SCREEN - 92), {"imessage": "iMessage", "messenger": "Aa"}.get(skin.name, "Message"),
             font=font(36), fill=skin.faint)  # fmt: skip


def _doodle(canvas: _Canvas, chance: random.Random) -> None:
    ground = tuple(max(0, channel - 6) for channel in canvas.skin.ground)
    for _ in range(canvas.image.height // 12):
        x, y = chance.randint(0, WIDTH), chance.randint(0, canvas.image.height)
        canvas.pen.arc((x, y, x + 40, y + 40), chance.randint(0, 180), 360, fill=ground, width=3)


def _centred(canvas: _Canvas, text: str) -> None:
    letters = font(30)
    width = canvas.pen.textlength(text, font=letters)
    canvas.y += 24
    if canvas.skin.chip:
        box = (WIDTH / 2 - width / 2 - 28, canvas.y - 8, WIDTH / 2 + width / 2 + 28, canvas.y + 48)
        canvas.pen.rounded_rectangle(box, 16, fill=canvas.skin.chip)
    canvas.pen.text((WIDTH / 2, canvas.y + 20), text, font=letters, fill=canvas.skin.faint, anchor="mm")
    canvas.y += 76


def _bubble(canvas: _Canvas, sender: str | None, text: str, name: str | None, clock: str | None) -> None:
    skin, pen, letters = canvas.skin, canvas.pen, font(canvas.skin.size)
    lines = _wrap(text, letters, 720, pen)
    step = skin.size + 14
    inside = skin.clock == "inside"
    clock_width = pen.textlength(clock, font=font(26)) + (50 if sender is None else 0) if clock and inside else 0
    width = max(pen.textlength(line, font=letters) for line in lines)
    if name and inside:
        width = max(width, pen.textlength(name, font=font(34, bold=True)))
    last = pen.textlength(lines[-1], font=letters)
    same_row = bool(inside and last + clock_width + 30 <= max(width, 680))
    width = max(width, last + clock_width + 30 if same_row else clock_width)
    height = step * len(lines) + 40 + (0 if same_row or not inside else 36) + (48 if name and inside else 0)
    if name and not inside:
        pen.text((140, canvas.y), name, font=font(28), fill=skin.faint)
        canvas.y += 40
    left = WIDTH - 40 - width - 60 if sender is None else (100 if skin.name == "messenger" else 40)
    box = (left, canvas.y, left + width + 60, canvas.y + height)
    pen.rounded_rectangle(box, min(skin.radius, height / 2), fill=_colour(skin, sender, canvas.y))
    ink, y = (skin.right_ink if sender is None else skin.left_ink), canvas.y + 20
    if name and inside:
        pen.text((left + 30, y), name, font=font(34, bold=True), fill=(200, 70, 40))
        y += 48
    for line in lines:
        pen.text((left + 30, y), line, font=letters, fill=ink)
        y += step
    if clock and inside:
        x, down = left + width + 30 - clock_width, canvas.y + height - 44
        pen.text((x, down), clock, font=font(26), fill=skin.faint)
        if sender is None:
            x += clock_width - 44
            pen.line([(x, down + 16), (x + 8, down + 24), (x + 24, down + 6)], fill=(83, 189, 235), width=4)
            pen.line([(x + 14, down + 20), (x + 18, down + 24), (x + 34, down + 6)], fill=(83, 189, 235), width=4)
    canvas.bands.append((int(canvas.y), int(canvas.y + height)))
    canvas.y = int(box[3])
    if clock and not inside:
        anchor, x = ("ra", WIDTH - 60) if sender is None else ("la", 60)
        pen.text((x, canvas.y + 10), clock, font=font(28), fill=skin.faint, anchor=anchor)
        canvas.y += 52


def _colour(skin: Skin, sender: str | None, y: int) -> tuple[int, int, int]:
    if sender is not None:
        return skin.left
    if skin.fades_to is None:
        return skin.right
    share = (y % SCREEN) / SCREEN
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(skin.right, skin.fades_to, strict=True))
    return red, green, blue


def _wrap(text: str, letters: ImageFont.FreeTypeFont, width: int, pen: ImageDraw.ImageDraw) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and pen.textlength(longer, font=letters) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _clock(at: datetime) -> str:
    return at.strftime("%I:%M %p").lstrip("0")


def _day_line(skin: Skin, at: datetime, with_year: bool) -> str:
    if skin.name == "android":
        return at.strftime("%A, %b ") + str(at.day) + (f", {at.year}" if with_year else "")
    return at.strftime("%B ") + str(at.day) + (f", {at.year}" if with_year else "")


def _head_line(skin: Skin, at: datetime, with_year: bool) -> str:
    if skin.name == "messenger":
        return (at.strftime("%b ") + f"{at.day}, " + (f"{at.year}, " if with_year else "") + _clock(at)).upper()
    day = at.strftime("%a, %b ") + str(at.day) + (f", {at.year}" if with_year else "")
    return f"{day} at {_clock(at)}"
