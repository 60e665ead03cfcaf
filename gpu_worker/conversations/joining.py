"""Screens of one chat joined: what two of them show is said once, what none of them shows is named as a hole (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from gpu_worker.conversations.conversation import (
    NO_ZONE,
    Conversation,
    Direction,
    Message,
    people_of,
    title_of,
)
from gpu_worker.conversations.shots import OWNER, SERVICE, Row, Shot, ShownTime

SAME_TEXT = 0.85
"""Likeness of two readings of one message: a letter in ten may be read otherwise."""
TELLING_LETTERS = 12
"""An overlap of less text than this, all its messages together, may be chance: everybody writes "ok" twice."""
SAME_PART = 0.7
"""Likeness of a cut message to the end or beginning of the whole one: its last line may be half letters."""
LEAST_PART = 4
LEAST_SHARED = 2
HOLE = "between this picture and the one before messages may be missing: they show nothing alike"
CUT = "the picture cuts this message off"


@dataclass(frozen=True)
class _Chain:
    """Pictures that overlap each other, in order, joined."""

    first: int
    rows: tuple[Row, ...]


def join_shots(shots: Sequence[Shot]) -> Conversation:
    """One conversation out of screens in any order; pictures that overlap follow each other, others stay as given."""
    chains = _chains(shots)
    messages: list[Message] = []
    for number, chain in enumerate(chains):
        for place, row in enumerate(_carried(chain.rows)):
            doubts: tuple[str, ...] = (HOLE,) if number and place == 0 else ()
            doubts += (CUT,) if row.is_cut_above or row.is_cut_below else ()
            message = row.timed()
            messages.append(replace(message, doubts=(*doubts, *message.doubts)))
    titles = [shot.title for shot in shots if shot.title]
    people = people_of(messages, OWNER)
    said = [NO_ZONE, "Who wrote is read from the side of the bubbles: the right is taken as the phone's owner."]
    if len(chains) > 1:
        said.append(f"The {len(shots)} pictures show {len(chains)} stretches of the chat; messages between may lack.")
    title = f"{SERVICE}: {titles[0]}" if titles else title_of(SERVICE, people)
    return Conversation(title, SERVICE, people, tuple(messages), tuple(said))


def _carried(rows: Sequence[Row]) -> Iterator[Row]:
    """Day lines and clocks that stand over several messages hold until the next, also where a picture begins below
    them: pictures that overlap leave nothing out."""
    day, over = "", ""
    for row in rows:
        time = row.time
        if time.day and time.day != day:
            day, over = time.day, ""
        over = time.clock if time.is_over else over
        if not time.day or (not time.clock and over):
            clock = time.clock or over
            time = ShownTime(day, clock, time.is_over or not time.clock and bool(clock), time.is_sure)
        yield replace(row, time=time)


def _chains(shots: Sequence[Shot]) -> list[_Chain]:
    """Each picture is joined to the chain that it goes on, or that goes on it; a new chain where nothing is alike."""
    chains: list[_Chain] = []
    for number, shot in enumerate(shots):
        chain = _Chain(number, shot.rows)
        at = len(chains)
        for other in [*reversed(chains)]:
            joined = _join(other, chain) or _join(chain, other)
            if joined is not None:
                at = min(at, chains.index(other))
                chains.remove(other)
                chain = joined
        chains.insert(at, chain)
    return chains


def _join(before: _Chain, after: _Chain) -> _Chain | None:
    """The second chain going on the first; None where the end of one is not the beginning of the other.

    A scrap of a message at a picture's edge, a name or half a line, may stand in the way: it is left out where the
    other picture shows what stands there.
    """
    for end, begin in ((0, 0), (1, 0), (0, 1), (1, 1)):
        upper, lower = before.rows[: len(before.rows) - end], after.rows[begin:]
        found = _overlap(upper, lower)
        if found is None or (end or begin) and not _shows_scraps(upper, lower, found, bool(end), bool(begin)):
            continue
        start, length = found
        shared = [_fuller(a, b) for a, b in zip(upper[start : start + length], lower[:length], strict=True)]
        rest = upper[start + length :] or lower[length:]
        return _Chain(min(before.first, after.first), (*upper[:start], *shared, *rest))
    return None


def _shows_scraps(
    upper: Sequence[Row], lower: Sequence[Row], found: tuple[int, int], end: bool, begin: bool
) -> bool:
    """Whether pictures that share two messages or more each go on where the other's scrap stands."""
    start, length = found
    goes_on = len(lower) > length and start + length == len(upper)
    return length >= LEAST_SHARED and (goes_on or not end) and (start > 0 or not begin)


def _overlap(before: Sequence[Row], after: Sequence[Row]) -> tuple[int, int] | None:
    """Where in `before` the rows of `after` begin, and how many both have: the longest run that reaches an end."""
    for start in range(len(before)):
        length = min(len(before) - start, len(after))
        pairs = list(zip(before[start : start + length], after[:length], strict=True))
        marked = _at_edges(pairs, length == len(before) - start)
        if all(_alike(*pair) for pair in marked) and _is_telling(pairs):
            return start, length
    return None


def _at_edges(pairs: Sequence[tuple[Row, Row]], reaches_end: bool) -> list[tuple[Row, Row]]:
    """The pairs, with what stands at a picture's edge taken as perhaps cut there, whether its shape shows it or not."""
    marked = [*pairs]
    if not marked:
        return marked
    marked[0] = marked[0][0], replace(marked[0][1], is_cut_above=True)
    if reaches_end:
        marked[-1] = replace(marked[-1][0], is_cut_below=True), marked[-1][1]
    return marked


def _is_telling(pairs: Sequence[tuple[Row, Row]]) -> bool:
    """Whether what two screens share cannot be chance: enough words, or the same clock beside each."""
    letters = sum(min(len(_letters(a)), len(_letters(b))) for a, b in pairs)
    clocks = sum(_own_clock(a) is not None and _own_clock(a) == _own_clock(b) for a, b in pairs)
    return letters >= TELLING_LETTERS or (clocks == len(pairs) and letters >= LEAST_PART)


def _alike(a: Row, b: Row) -> bool:
    """Whether two rows can be one message: same side, clocks that do not contradict, words alike as far as shown."""
    sides = {a.message.direction, b.message.direction} - {Direction.UNKNOWN}
    if len(sides) > 1 or (_own_clock(a) and _own_clock(b) and _own_clock(a) != _own_clock(b)):
        return False
    one, other = _letters(a), _letters(b)
    if one == other:
        return True
    if SequenceMatcher(None, one, other, autojunk=False).ratio() >= SAME_TEXT:
        return True
    shorter, longer = sorted((a, b), key=lambda row: len(_letters(row)))
    if not _letters(shorter):
        return True
    part, whole = _letters(shorter), _letters(longer)
    ends = [whole[-len(part) :]] if shorter.is_cut_above else []
    ends += [whole[: len(part)]] if shorter.is_cut_below else []
    return any(SequenceMatcher(None, part, end, autojunk=False).ratio() >= SAME_PART for end in ends)


def _fuller(a: Row, b: Row) -> Row:
    """Of two readings of a message the one that is whole, then the one with a clock and a day, then the first."""
    best, other = (b, a) if _worth(b) > _worth(a) else (a, b)
    message, twin = best.message, other.message
    if message.sender is None and twin.sender is not None:
        doubts = tuple(doubt for doubt in message.doubts if "name" not in doubt)
        message = replace(message, sender=twin.sender, doubts=doubts)
    return replace(best, message=message, time=_both_times(best.time, other.time))


def _worth(row: Row) -> tuple[bool, bool, int]:
    message = row.message
    return not (row.is_cut_above or row.is_cut_below), not message.doubts, len(_letters(row))


def _both_times(one: ShownTime, other: ShownTime) -> ShownTime:
    """What two screens say of one message: the day line that one shows, and the clock at the message itself if any."""
    clocks = sorted((one, other), key=lambda time: (bool(time.clock), not time.is_over))
    said = clocks[-1]
    return ShownTime(one.day or other.day, said.clock, said.is_over, one.is_sure and other.is_sure)


def _letters(row: Row) -> str:
    return "".join(letter for letter in row.message.text.casefold() if letter.isalnum())


def _own_clock(row: Row) -> str | None:
    """The clock that stands at the message itself, as written."""
    return None if row.time.is_over else re.sub(r"[\s.]", "", row.time.clock).casefold() or None
