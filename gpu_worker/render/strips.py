"""Long pictures (a chat scrolled over twenty screens) at full scale, cut into overlapping strips (pure)."""

from __future__ import annotations

from dataclasses import dataclass

STRIP_HEIGHT = 2400
"""px: about a phone's screen, which the engines read best and whose memory is bounded."""
OVERLAP = 320
"""px: every line of a chat is whole in one of the two strips; a heading at most 150 px high too."""


@dataclass(frozen=True)
class Strip:
    """The rows `top` to `bottom` (px) of a picture."""

    top: int
    bottom: int


def cut_strips(height: int, longest: int) -> tuple[Strip, ...]:
    """The strips of a picture `height` px high, from the top; one where it is no higher than `longest`."""
    if height <= longest:
        return (Strip(0, height),)
    count = -(-(height - OVERLAP) // (STRIP_HEIGHT - OVERLAP))
    tops = [round(n * (height - STRIP_HEIGHT) / (count - 1)) for n in range(count)]
    return tuple(Strip(top, top + STRIP_HEIGHT) for top in tops)
