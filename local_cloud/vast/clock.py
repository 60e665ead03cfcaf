"""A clock that can be moved and sped up, and that goes on while the emulator is down (pure)."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Self


@dataclass(frozen=True)
class Clock:
    """Virtual time: `virtual_epoch` at `real_epoch`, then `speed` virtual seconds for each real one."""

    virtual_epoch: float
    real_epoch: float
    speed: float = 1.0

    def now(self, real_now: float) -> float:
        """Virtual time, in epoch seconds, at the real time `real_now`."""
        return self.virtual_epoch + (real_now - self.real_epoch) * self.speed

    def advanced(self, real_now: float, seconds: float) -> Self:
        """The same clock, `seconds` later; raises ValueError for a step back, which would undo bills."""
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        return replace(self, virtual_epoch=self.now(real_now) + seconds, real_epoch=real_now)

    def at_speed(self, real_now: float, speed: float) -> Self:
        """The same time, from now on at `speed`; 0 stops it."""
        if speed < 0:
            raise ValueError("the clock only moves forward")
        return replace(self.advanced(real_now, 0.0), speed=speed)

    def to_json(self) -> dict[str, Any]:
        """The three numbers, for the state file."""
        return asdict(self)
