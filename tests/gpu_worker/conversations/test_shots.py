"""Screens of chats: bubbles, sides, names and clocks become messages; what a screen does not show is not filled in."""

from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

from gpu_worker.conversations.bubbles import find_bubbles
from gpu_worker.conversations.conversation import Conversation, Direction
from gpu_worker.conversations.joining import CUT, HOLE, join_shots
from gpu_worker.conversations.shots import Shot, may_be_chat, read_shot
from gpu_worker.ocr.page_text import Line

WIDTH, HEIGHT = 1080, 2000
GROUND, LEFT, RIGHT, CHIP = (236, 229, 221), (255, 255, 255), (217, 253, 211), (225, 243, 251)


@dataclass
class Drawn:
    """A screen being drawn: bars for letters, and the lines that an engine would read there."""

    ground: tuple[int, int, int] = GROUND
    y: int = 260
    lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", (WIDTH, HEIGHT), self.ground)
        self.pen = ImageDraw.Draw(self.image)

    def write(self, text: str, left: float, top: float, ink: tuple[int, int, int] = (20, 20, 20)) -> "Drawn":
        right, bottom = left + 18 * len(text), top + 40
        for n, letter in enumerate(text):
            if letter != " ":
                self.pen.rectangle((left + 18 * n + 3, top + 8, left + 18 * n + 12, top + 32), fill=ink)
        quad = ((left, top), (right, top), (right, bottom), (left, bottom))
        self.lines.append(Line((), text, quad, 0.99))
        return self

    def bubble(
        self, side: str, *texts: str, clock: str = "", name: str = "", left=LEFT, right=RIGHT, cut: bool = False
    ) -> "Drawn":
        rows = [*([name] if name else []), *texts, *([clock] if clock else [])]
        width, height = 18 * max(map(len, rows)) + 60, 54 * len(rows) + 30
        x = 40 if side == "left" else WIDTH - 40 - width
        colour = left if side == "left" else right
        self.pen.rounded_rectangle((x, self.y, x + width, self.y + height), 0 if cut else 24, fill=colour)
        for n, text in enumerate(rows):
            self.write(text, x + 30, self.y + 15 + 54 * n, (200, 60, 30) if name and n == 0 else (20, 20, 20))
        self.y += height + 24
        return self

    def centred(self, text: str, chip: bool = False) -> "Drawn":
        wide = 18 * len(text)
        if chip:
            box = (WIDTH / 2 - wide / 2 - 24, self.y - 8, WIDTH / 2 + wide / 2 + 24, self.y + 52)
            self.pen.rounded_rectangle(box, 16, fill=CHIP)
        self.write(text, WIDTH / 2 - wide / 2, self.y, (120, 120, 120))
        self.y += 80
        return self

    def head(self, title: str) -> "Drawn":
        self.pen.rectangle((0, 0, WIDTH, 200), fill=(0, 128, 105))
        return self.write("11:26", 50, 20).write("76%", 980, 20).write(title, 180, 100)

    def read(self, page: int = 1) -> Shot | None:
        picture = np.asarray(self.image)
        return read_shot(find_bubbles(picture, self.lines, WIDTH, HEIGHT), page)


def talk(*screens: Drawn) -> Conversation:
    shots = [screen.read(page) for page, screen in enumerate(screens, 1)]
    return join_shots([shot for shot in shots if shot])


def test_bubbles_become_messages_with_side_sender_day_and_clock():
    screen = Drawn().head("Marcus O").centred("March 5, 2024", chip=True)
    screen.bubble("left", "I am not coming", "tonight", clock="9:41 PM").bubble("right", "why", clock="9:42 PM W")
    shot = screen.read()
    assert shot and shot.title == "Marcus O"
    first, second = (row.timed() for row in shot.rows)
    assert (first.sender, first.text, first.direction) == ("Marcus O", "I am not coming tonight", Direction.RECEIVED)
    assert first.when and first.when.local == "2024-03-05T21:41"
    assert (second.sender, second.text, second.direction) == ("Me", "why", Direction.SENT)
    assert first.doubts == second.doubts == ()
    assert first.place and first.place.page == 1 and first.place.box and abs(first.place.box[0] - 40) < 10


def test_what_the_picture_does_not_show_stays_unknown():
    chat = talk(Drawn().bubble("left", "Will you come", clock="9:41 PM").bubble("right", "No", clock="9:42 PM"))
    first, second = chat.messages
    assert first.sender is None and "does not name" in first.doubts[0]
    assert first.when and (first.when.local, first.when.written) == (None, "9:41 PM")
    assert first.when.doubt == "the picture shows no day"
    today = talk(Drawn().centred("Today", chip=True).bubble("left", "a", clock="9:41 PM").bubble("right", "b"))
    assert today.messages[0].when and today.messages[0].when.local is None and "Today" in today.messages[0].when.written
    yearless = talk(Drawn().centred("Tue, Mar 5 at 9:41 PM").bubble("left", "a b").bubble("right", "c d"))
    assert yearless.messages[0].when and yearless.messages[0].when.doubt
    assert "no year" in yearless.messages[0].when.doubt and "several messages" in yearless.messages[0].when.doubt


def test_a_group_names_who_wrote_and_a_number_at_the_end_is_no_clock():
    screen = Drawn().head("Mia's family")
    screen.bubble("left", "come before 5:30", clock="9:41 PM", name="Aunt Jo").bubble("right", "ok", clock="9:42 PM")
    screen.bubble("left", "no", clock="9:43 PM", name="Grandpa Lee")
    assert [(m.sender, m.text) for m in talk(screen).messages] == [
        ("Aunt Jo", "come before 5:30"), ("Me", "ok"), ("Grandpa Lee", "no")]  # fmt: skip


def test_a_name_close_above_a_bubble_is_no_part_of_its_message():
    screen = Drawn((255, 255, 255)).head("Mia's family").centred("Tuesday, March 5, 2024 at 9:41 PM")
    for name in ("Aunt Jo", "Grandpa Lee"):
        screen.y += 40
        screen.write(name, 70, screen.y - 35).bubble("left", "I saw it", left=(240, 240, 240))
    assert [(m.sender, m.text) for m in talk(screen).messages] == [("Aunt Jo", "I saw it"), ("Grandpa Lee", "I saw it")]


def test_clocks_under_bubbles_and_what_became_of_a_message():
    screen = Drawn((255, 255, 255)).head("Marcus O").centred("Tuesday, March 5, 2024")
    screen.bubble("left", "are you there", left=(236, 230, 240))
    screen.write("9:41 PM", 60, screen.y - 10)
    screen.y += 60
    screen.bubble("right", "no", right=(11, 87, 208)).write("Read 9:45 PM", 820, screen.y - 10)
    first, second = talk(screen).messages
    assert first.when and first.when.local == "2024-03-05T21:41" and first.when.doubt is None
    assert second.notes == ("Read 9:45 PM",) and second.when and second.when.local == "2024-03-05"


def pages(*texts: str, first: int = 0) -> Drawn:
    screen = Drawn().centred("March 5, 2024", chip=True) if first == 0 else Drawn()
    for number, text in enumerate(texts, first):
        screen.bubble(("left", "right")[number % 2], text, clock=f"9:{10 + number} PM")
    return screen


def test_screens_that_overlap_are_joined_once_in_any_order_and_days_are_carried_on():
    one, two, three = ["first thing said", "second thing said"], ["third thing said", "fourth thing said"], ["fifth"]
    first, second = pages(*one, *two), pages(*two, *three, first=2)
    for order in ((first, second), (second, first)):
        chat = talk(*order)
        assert [message.text for message in chat.messages] == one + two + three
        assert {message.when.day for message in chat.messages if message.when} == {"2024-03-05"}
        assert not any(HOLE in message.doubts for message in chat.messages)


def test_screens_with_nothing_alike_are_a_hole_that_is_named():
    chat = talk(pages("first thing said", "second thing said"), pages("seventh thing said", "eighth thing", first=6))
    assert [HOLE in message.doubts for message in chat.messages] == [False, False, True, False]
    assert "2 stretches" in chat.doubts[-1]
    assert chat.messages[2].when and chat.messages[2].when.day is None, "no day is carried over a hole"
    short = talk(pages("ok", "no"), pages("ok", "no", first=20))
    assert len(short.messages) == 4, "two short words alike, at other times, are not the same messages"


def test_a_message_cut_by_the_picture_s_edge_is_taken_whole_from_the_next_picture():
    first = pages("first thing said", "second thing said")
    first.bubble("left", "the judge ordered it", cut=True)
    second = pages("second thing said", first=1)
    second.bubble("left", "the judge ordered it", "read the paper", clock="9:12 PM")
    whole = talk(first, second).messages[-1]
    assert whole.text == "the judge ordered it read the paper"
    assert whole.when and whole.when.local == "2024-03-05T21:12", "the day of one picture, the clock of the other"
    assert len(talk(first, second).messages) == 3
    assert CUT in talk(first).messages[-1].doubts


def test_a_letter_a_form_and_a_table_are_no_chat():
    letter = Drawn((255, 255, 255))
    for number in range(12):
        letter.write("On March 5 at 9:41 PM he did not come", 100, 200 + 60 * number)
    letter.write("9:41 PM", 500, 1200)
    assert letter.read() is None
    form = Drawn((255, 255, 255))
    for number in range(6):
        form.pen.rectangle((100, 200 + 100 * number, 900, 290 + 100 * number), outline=(0, 0, 0), width=3)
        form.write(f"9:4{number} PM", 120, 220 + 100 * number)
    assert form.read() is None
    assert not may_be_chat(letter.lines[:0]) and not may_be_chat(letter.lines[:1] * 9)


def test_the_clock_of_a_message_cut_off_above_is_no_message():
    screen = Drawn((255, 255, 255)).head("Marcus O").write("9:22 PM", 884, 240)
    screen.y = 320
    screen.bubble("left", "are you there", left=(236, 230, 240)).write("9:41 PM", 60, screen.y - 10)
    screen.y += 60
    screen.bubble("right", "no", right=(11, 87, 208)).write("9:45 PM", 884, screen.y - 10)
    assert [message.text for message in talk(screen).messages] == ["are you there", "no"]
