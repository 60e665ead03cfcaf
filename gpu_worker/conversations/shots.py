"""Screenshots of chats as messages: who by the side of the bubble, when by the lines that say days and clocks (pure).

What a screen does not show is not filled in: a sender without a name, a day without a year, a clock over several
messages are said as that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from gpu_worker.conversations.bubbles import Bubble, Screen, ScreenLine
from gpu_worker.conversations.clock import CLOCK, read_clock
from gpu_worker.conversations.conversation import Direction, Message, Moment, Place, Precision
from gpu_worker.ocr.page_text import Line

SERVICE, OWNER = "Screenshot", "Me"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(MONTHS)})[a-z]*\.?"
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?"
_DATE = (
    rf"(?:{_MONTH}\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
    rf"|(?P<day2>\d{{1,2}})\.?\s*{_MONTH.replace('<month>', '<month2>')})"
    r"(?:,?\s*(?P<year>20\d\d))?"
)
_NUMERIC = r"\d{1,2}[/.]\d{1,2}[/.](?:20)?\d\d|20\d\d-\d\d-\d\d"
DAY = re.compile(
    rf"(?P<said>(?:today|yesterday|{_WEEKDAY},?\s*(?:{_DATE})?|{_DATE.replace('<', '<b_')}|{_NUMERIC}))"
    rf"(?:[\s,•·|-]*(?:at\s*)?(?P<clock>{CLOCK}))?",
    re.IGNORECASE,
)
CLOCK_LINE = re.compile(
    rf"(?:{_WEEKDAY},?\s*)?(?P<clock>{CLOCK})(?:\s*[•·-]?\s*(?:sms|mms|rcs|delivered|read|sent|edited))*\W*",
    re.IGNORECASE,
)
LAST_CLOCK = re.compile(
    r"(?P<text>.*?)\s*(?P<edited>edited\s*)?(?<!\d)(?P<clock>\d{1,2}[:.]\d\d(?:\s?[ap]\.?\s?m\.?)?)"
    r"(?:(?<=\d)\s+|(?<=\D)\s*)?[^\s\d:]{0,3}",
    re.IGNORECASE,
)
"""A clock at the end of a bubble, perhaps with ticks behind it, which read like `W` or `√√`."""
STATUS = re.compile(rf"(?:delivered|read|seen|sent|edited|not delivered)\b.{{0,24}}|read\s*{CLOCK}", re.IGNORECASE)
FIELD = re.compile(r"(?:text |type a |i|rcs |sms )?message\W*|aa|sms|mms", re.IGNORECASE)
PERCENT = re.compile(r"\d{1,3}\s?%?|[\d:.\s%]+|(?:lte|5g|4g|g)\W*", re.IGNORECASE)

CENTRED = 0.07
"""Of the picture's width: how far from its middle a day line may be."""
SIDE = 0.035
BAR = 0.1
"""Of a phone's screen, twice as high as wide: what stands higher is the bar with the clock, the battery, the name."""
INSIDE_SHARE = 0.6
"""Of the bubbles end with a clock: then clocks stand in the bubbles of this app."""
COLOURED = 50
"""How coloured a name's ink is above the words it heads, which are black or white."""
NAME_GAP = 1.4
MOST_NAME_WORDS = 4
LONG_LINE = 64
"""Letters: a bubble holds some 40, a line of a page 80."""
UNSURE = 0.85
"""A clock or day read with less confidence is marked as doubtful."""
NO_YEAR = "the picture shows no year"
NO_DAY = "the picture shows no day"
NO_CLOCK = "the picture shows no clock for it"
NO_CLOCK_READ = "no clock was read in its bubble, where the others have one"
OVER = "the clock stands over several messages, not at this one"


@dataclass(frozen=True)
class ShownTime:
    """What a screen says of a message's time: the day line above it and its clock, as written; the clock is `over` it
    where it stands above several messages."""

    day: str = ""
    clock: str = ""
    is_over: bool = False
    is_sure: bool = True


@dataclass(frozen=True)
class Row:
    """A message on a screen, its time, and whether its bubble is cut off above or below."""

    message: Message
    time: ShownTime
    is_cut_above: bool = False
    is_cut_below: bool = False

    def timed(self) -> Message:
        """The message with its time as far as the screen says it."""
        doubts = self.message.doubts if self.time.is_sure else (*self.message.doubts, "its time was read unsurely")
        return replace(self.message, when=moment_of(self.time), doubts=doubts)


@dataclass(frozen=True)
class Shot:
    """What one picture of a chat says: the name in its head, and its messages from top to bottom."""

    title: str | None
    rows: tuple[Row, ...]


@dataclass
class _Draft:
    bubble: Bubble
    side: Direction
    words: list[str]
    name: str | None = None
    time: ShownTime = ShownTime()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def may_be_chat(lines: Sequence[Line]) -> bool:
    """Whether recognised lines can be a chat at all, before its picture is looked at: some say a day or a clock, few
    are long."""
    said = [line.text.strip() for line in lines]
    times = sum(bool(DAY.fullmatch(text) or CLOCK_LINE.fullmatch(text) or LAST_CLOCK.fullmatch(text)) for text in said)
    long = sum(len(text) > LONG_LINE for text in said)
    return len(said) > 2 and times > 0 and 4 * long <= len(said)


def read_shot(screen: Screen, page: int) -> Shot | None:
    """The chat that a screen shows; None where it shows none: no two bubbles, or none of the lines that tell a time."""
    screen = _without_bar(screen)
    chips = [bubble for bubble in screen.bubbles if _is_chip(bubble, screen)]
    field_ = [bubble for bubble in screen.bubbles if _is_field(bubble, screen)]
    bubbles = [bubble for bubble in screen.bubbles if bubble not in chips and bubble not in field_]
    in_bubbles = sum(len(bubble.lines) for bubble in bubbles)
    inside = _clocks_inside(bubbles)
    unexplained = sum(not _is_explained(line, screen) for line in screen.loose)
    if len(bubbles) < 2 or in_bubbles < unexplained / 2:
        return None
    if not (inside or any(_says_time(line) for line in (*screen.loose, *(chip.lines[0] for chip in chips)))):
        return None
    drafts = _drafts(screen, bubbles, chips, inside)
    title = _title(screen, bubbles, chips)
    is_group = any(draft.name for draft in drafts)
    return Shot(title, tuple(_row(draft, page, title, is_group) for draft in drafts))


def _drafts(screen: Screen, bubbles: Sequence[Bubble], chips: Sequence[Bubble], inside: bool) -> list[_Draft]:
    """The bubbles from top to bottom with what the lines between them say."""
    sides = _sides(bubbles, screen)
    halved = _most_say_half(bubbles)
    items: list[tuple[float, Bubble | ScreenLine]] = [(bubble.box[1], bubble) for bubble in (*bubbles, *chips)]
    items += [(line.box[1], line) for line in screen.loose]
    time, name = ShownTime(), None
    waiting: list[ScreenLine] = []
    drafts: list[_Draft] = []
    for _, item in sorted(items, key=lambda entry: entry[0]):
        if isinstance(item, ScreenLine):
            if _is_centred(item.box, screen) and (said := _read_time(item)):
                drafts += _bare(waiting, bubbles, sides, time)
                time, waiting = _below(time, said), []
            elif not (drafts and _take_under(item, drafts)) and item.box[1] > BAR * 2 * screen.width:
                waiting.append(item)
            continue
        above = _name_above(waiting[-1], item) if waiting and sides.get(id(item)) == Direction.RECEIVED else None
        drafts += _bare(waiting[:-1] if above else waiting, bubbles, sides, time)
        waiting = []
        if item in chips:
            said = _read_time(item.lines[0])
            time = _below(time, said) if said else time
            if said is None:
                text = " ".join(line.text for line in item.lines).strip()
                drafts.append(_Draft(item, Direction.SYSTEM, [text], time=time))
            continue
        draft = _start(item, sides[id(item)], inside, halved)
        if draft.side == Direction.RECEIVED:
            follows = bool(drafts) and drafts[-1].side == Direction.RECEIVED and not inside
            name = draft.name or above or (name if follows else None)
            draft.name = name
        draft.time = _below(time, draft.time)
        drafts.append(draft)
    return drafts + _bare(waiting, bubbles, sides, time)


def _bare(
    lines: Sequence[ScreenLine], bubbles: Sequence[Bubble], sides: Mapping[int, Direction], time: ShownTime
) -> list[_Draft]:
    """Lines in no bubble that begin or end where the words in bubbles do: messages whose bubble was not seen."""
    drafts: list[_Draft] = []
    first = min((bubble.box[1] for bubble in bubbles), default=0.0)
    for line in lines:
        if line.box[1] < first and _says_time(line):
            continue  # of a message that the picture cuts off above
        side = next((sides[id(each)] for each in bubbles if _is_flush(line, each, sides[id(each)])), None)
        if side is None or FIELD.fullmatch(line.text.strip()):
            continue
        last = drafts[-1] if drafts else None
        if last and last.side == side and line.box[1] - last.bubble.box[3] < line.height:
            last.words.append(line.text)
            box = last.bubble.box
            grown = min(box[0], line.box[0]), box[1], max(box[2], line.box[2]), line.box[3]
            last.bubble = replace(last.bubble, box=grown)
            continue
        bubble = Bubble(line.box, (0, 0, 0), (line,), is_cut_above=False, is_cut_below=False)
        drafts.append(_Draft(bubble, side, [line.text], time=time, doubts=("no bubble was seen around these words",)))
    return drafts


def _is_flush(line: ScreenLine, bubble: Bubble, side: Direction) -> bool:
    """Whether a line begins where the words of a bubble on the left do, or ends where those on the right end."""
    if side == Direction.RECEIVED:
        return abs(line.box[0] - min(each.box[0] for each in bubble.lines)) < 0.5 * line.height
    rights = max(each.box[2] for each in bubble.lines)
    return side == Direction.SENT and abs(line.box[2] - rights) < 0.5 * line.height


def _below(over: ShownTime, own: ShownTime) -> ShownTime:
    """A time under the lines above it: their day, and their clock where there is no other."""
    if own.day:
        return own
    clock = own.clock or over.clock
    return ShownTime(over.day, clock, not own.clock and bool(clock), over.is_sure and own.is_sure)


def _read_time(line: ScreenLine) -> ShownTime | None:
    """The day or clock that a line says; None where it says none."""
    text, is_sure = line.text.strip(), line.confidence >= UNSURE
    if said := DAY.fullmatch(text):
        return ShownTime(said["said"].strip(" ,"), said["clock"] or "", bool(said["clock"]), is_sure)
    if clock := CLOCK_LINE.fullmatch(text):
        return ShownTime("", clock["clock"], True, is_sure)
    return None


def _take_under(line: ScreenLine, drafts: list[_Draft]) -> bool:
    """A line under the last bubble: its clock, or whether it was delivered and read."""
    last, text = drafts[-1], line.text.strip()
    if not _is_below(line, last.bubble):
        return False
    clock = CLOCK_LINE.fullmatch(text)
    if clock and (not last.time.clock or last.time.is_over):
        last.time = ShownTime(last.time.day, clock["clock"], False, line.confidence >= UNSURE)
        return True
    if STATUS.fullmatch(text):
        last.notes = (*last.notes, text)
        return True
    return False


def _start(bubble: Bubble, side: Direction, inside: bool, halved: bool) -> _Draft:
    """A bubble's own words, the name that heads them and the clock that ends them."""
    lines = list(bubble.lines)
    draft = _Draft(bubble, side, [])
    found = LAST_CLOCK.fullmatch(lines[-1].text.strip()) if inside else None
    says_half = found is not None and found["clock"][-1].lower() == "m"
    if found and (says_half or not (halved or bubble.is_cut_below)):
        draft.time = ShownTime(clock=found["clock"], is_sure=lines[-1].confidence >= UNSURE)
        draft.notes = ("edited after it was sent",) if found["edited"] else ()
        rest = found["text"].strip()
        lines[-1:] = [ScreenLine(rest, lines[-1].box, lines[-1].confidence, lines[-1].ink)] if rest else []
    elif inside and not bubble.is_cut_below:
        draft.doubts = (NO_CLOCK_READ,)
    below = max((line.ink for line in lines[1:]), default=0 if bubble.is_cut_below else 255)
    if side == Direction.RECEIVED and lines and lines[0].ink > COLOURED > below:
        draft.name = lines.pop(0).text.strip().removeprefix("~").strip()
    draft.words = _rows_of(lines)
    if any(line.confidence < UNSURE for line in lines):
        draft.doubts = (*draft.doubts, "some of its words were read unsurely")
    return draft


def _rows_of(lines: Sequence[ScreenLine]) -> list[str]:
    """The words as written, lines that are level joined by a space."""
    rows: list[str] = []
    before: ScreenLine | None = None
    for line in lines:
        if before is not None and abs(line.middle - before.middle) < 0.5 * min(line.height, before.height):
            rows[-1] += f" {line.text}"
        else:
            rows.append(line.text)
        before = line
    return rows


def _row(draft: _Draft, page: int, title: str | None, is_group: bool) -> Row:
    if draft.side == Direction.SENT:
        sender: str | None = OWNER
    elif draft.side == Direction.RECEIVED:
        sender = draft.name or (None if is_group else title)
    else:
        sender = None
    doubts = list(draft.doubts)
    if draft.side == Direction.RECEIVED and sender is None:
        doubts.append("the picture does not name who wrote this")
    if draft.side == Direction.UNKNOWN:
        doubts.append("the picture does not show clearly on which side this stands")
    text = " ".join(draft.words)
    message = Message(sender, None, text, draft.side, (), SERVICE, draft.notes, tuple(doubts),
                      Place(page, draft.bubble.box))  # fmt: skip
    return Row(message, draft.time, draft.bubble.is_cut_above, draft.bubble.is_cut_below)


def moment_of(time: ShownTime) -> Moment | None:
    """The moment, as far as it is said; None where neither day nor clock is."""
    clock = read_clock(time.clock) if time.clock else None
    written = " ".join(part for part in (time.day, time.clock) if part)
    if not written:
        return None
    day = _day(time.day)
    if day is None:
        missing = NO_DAY if not time.day else NO_YEAR if _names_date(time.day) else f"{NO_DAY} but ‘{time.day}’"
        return Moment(written, None, Precision.MINUTE, doubt=f"{missing}; {OVER}" if time.is_over else missing)
    if clock is None:
        return Moment(written, day.isoformat(), Precision.DAY, doubt=NO_CLOCK)
    return Moment(written, clock.on(day), clock.precision, doubt=OVER if time.is_over else None)


def _names_date(said: str) -> bool:
    found = DAY.fullmatch(said)
    return bool(found and (found["month"] or found["month2"] or found["b_month"] or found["b_month2"]))


def _day(said: str) -> date | None:
    """The day that a line says whole, with its year; numbers alone leave open which is the day."""
    found = DAY.fullmatch(said)
    if found is None:
        return None
    for prefix in ("", "b_"):
        month = found[f"{prefix}month"] or found[f"{prefix}month2"]
        number, year = found[f"{prefix}day"] or found[f"{prefix}day2"], found[f"{prefix}year"]
        if month and year:
            return _date(int(year), MONTHS.index(month[:3].lower()) + 1, int(number))
    numbers = [int(each) for each in re.findall(r"\d+", said)]
    if re.fullmatch(_NUMERIC, said):
        if numbers[0] > 31:
            return _date(*numbers)
        if numbers[0] > 12 or numbers[0] == numbers[1]:
            return _date(numbers[2] % 100 + 2000, numbers[1], numbers[0])
        if numbers[1] > 12:
            return _date(numbers[2] % 100 + 2000, numbers[0], numbers[1])
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _is_explained(line: ScreenLine, screen: Screen) -> bool:
    """Whether a line outside of bubbles is what stands there in a chat: a time, a note, the bar above."""
    text = line.text.strip()
    is_known = _says_time(line) or STATUS.fullmatch(text) or FIELD.fullmatch(text)
    return bool(is_known) or line.box[1] < BAR * 2 * screen.width


def _says_time(line: ScreenLine) -> bool:
    return _read_time(line) is not None


def _most_say_half(bubbles: Sequence[Bubble]) -> bool:
    """Whether this phone writes AM and PM in its bubbles: a last word without, like "5:30", is no clock of it then."""
    ends = [found for bubble in bubbles if (found := LAST_CLOCK.fullmatch(bubble.lines[-1].text.strip()))]
    return bool(2 * sum(found["clock"][-1].lower() == "m" for found in ends) > len(ends))


def _clocks_inside(bubbles: Sequence[Bubble]) -> bool:
    with_clock = sum(bool(LAST_CLOCK.fullmatch(bubble.lines[-1].text.strip())) for bubble in bubbles)
    return with_clock >= INSIDE_SHARE * max(len(bubbles), 1)


def _is_centred(box: tuple[float, float, float, float], screen: Screen) -> bool:
    return abs((box[0] + box[2]) / 2 - screen.width / 2) < CENTRED * screen.width


def _is_chip(bubble: Bubble, screen: Screen) -> bool:
    """A small shape in the middle, away from both sides' bubbles: a day, or what the service says."""
    if not _is_centred(bubble.box, screen):
        return False
    if DAY.fullmatch(" ".join(line.text for line in bubble.lines).strip()):
        return True
    near = SIDE * screen.width
    left, right = min(each.box[0] for each in screen.bubbles), max(each.box[2] for each in screen.bubbles)
    return bubble.box[0] - left > near and right - bubble.box[2] > near


def _without_bar(screen: Screen) -> Screen:
    """The screen with the lines of its upper bar, which a photo can make look like a bubble, outside of bubbles."""
    bars = [bubble for bubble in screen.bubbles if bubble.box[1] < BAR * 2 * screen.width and _is_bar(bubble)]
    bubbles = tuple(bubble for bubble in screen.bubbles if bubble not in bars)
    return replace(screen, bubbles=bubbles, loose=(*(line for bar in bars for line in bar.lines), *screen.loose))


def _is_bar(bubble: Bubble) -> bool:
    return any(PERCENT.fullmatch(line.text.strip()) for line in bubble.lines[:3]) and len(bubble.lines) > 1


def _is_field(bubble: Bubble, screen: Screen) -> bool:
    """Where the next message would be typed."""
    text = " ".join(line.text for line in bubble.lines).strip()
    return bool(FIELD.fullmatch(text)) and bubble is max(screen.bubbles, key=lambda each: each.box[1])


def _sides(bubbles: Sequence[Bubble], screen: Screen) -> dict[int, Direction]:
    """Right is whose phone it is; a bubble that nearly fills the width goes by the colour of the others."""
    sides: dict[int, Direction] = {}
    for bubble in bubbles:
        left, right = bubble.box[0], screen.width - bubble.box[2]
        if abs(left - right) > SIDE * screen.width:
            sides[id(bubble)] = Direction.SENT if left > right else Direction.RECEIVED
    for bubble in bubbles:
        if id(bubble) not in sides:
            near = sorted((_distance(bubble, each), sides[id(each)]) for each in bubbles if id(each) in sides)
            is_clear = bool(near) and near[0][0] < 30 and all(s == near[0][1] for d, s in near if d < near[0][0] + 10)
            sides[id(bubble)] = near[0][1] if is_clear else Direction.UNKNOWN
    return sides


def _distance(a: Bubble, b: Bubble) -> int:
    return max(abs(x - y) for x, y in zip(a.colour, b.colour, strict=True))


def _is_below(line: ScreenLine, bubble: Bubble) -> bool:
    gap = line.box[1] - bubble.box[3]
    return -0.5 * line.height < gap < 2.5 * line.height


def _name_above(line: ScreenLine | None, bubble: Bubble) -> str | None:
    """A name on the ground just above a bubble, at its left edge: a few words, each like a name's; others are none."""
    if line is None or PERCENT.fullmatch(line.text.strip()) or _says_time(line):
        return None
    words = line.text.strip().removeprefix("~").split()
    gap = bubble.box[1] - line.box[3]
    near = -0.5 * line.height < gap < NAME_GAP * line.height and abs(line.box[0] - bubble.box[0]) < 4 * line.height
    is_name = 0 < len(words) <= MOST_NAME_WORDS and not any(word[0].islower() for word in words)
    return " ".join(words) if near and is_name else None


def _title(screen: Screen, bubbles: Sequence[Bubble], chips: Sequence[Bubble]) -> str | None:
    """The name in the bar above: its first line below the row of clock and battery."""
    first = min(bubble.box[1] for bubble in (*bubbles, *chips))
    bar = [line for line in screen.loose if line.box[1] < BAR * 2 * screen.width and line.box[3] < first]
    top = [line for line in bar if PERCENT.fullmatch(line.text.strip()) or _says_time(line)]
    names = [line for line in bar if line not in top and sum(letter.isalpha() for letter in line.text) > 2]
    below = [line for line in names if not any(abs(line.middle - other.middle) < other.height for other in top)]
    return min(below, key=lambda line: line.middle).text.strip() if below else None
