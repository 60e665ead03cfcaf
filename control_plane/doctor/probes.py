"""What the doctor says: one probe per thing that was tried (pure, but for the trying itself)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from control_plane.doctor.mends import mend_of
from control_plane.errors import ControlPlaneError
from control_plane.vast.errors import VastAuthFailed, VastError

log = logging.getLogger(__name__)
State = Literal["ok", "off", "warning", "fault"]
"""off: the door is not set up, or is not this program's to try. A warning keeps nothing from working today."""


@dataclass(frozen=True)
class Probe:
    """One thing that was tried at one door; `code` is `ok`, or the stable name of what is wrong, `mend` what helps."""

    door: str
    tried: str
    state: State
    code: str
    message: str
    mend: str | None = None


class Trouble(Exception):
    """A fault that no error of the house's names."""

    def __init__(self, code: str, message: str, state: State = "fault") -> None:
        super().__init__(message)
        self.code, self.message, self.state = code, message, state


def look(door: str, tried: str, act: Callable[[], object]) -> Probe:
    """What comes of trying: words that `act` returns are the good news; whatever it raises is a fault of that code."""
    try:
        said = act()
    except Trouble as trouble:
        return Probe(door, tried, trouble.state, trouble.code, trouble.message, mend_of(trouble.code))
    except ControlPlaneError as error:
        return Probe(door, tried, "fault", error.code, error.message, mend_of(error.code))
    except VastError as error:
        code = "vast_key_refused" if isinstance(error, VastAuthFailed) else error.code  # as the doors call it
        return Probe(door, tried, "fault", code, f"{error}.", mend_of(code))
    except Exception as error:  # whatever a vendor may answer: the other doors are still to be tried
        log.error("the doctor stumbled: %s", type(error).__name__, exc_info=True)
        message = f"Trying this ended in {type(error).__name__}."
        return Probe(door, tried, "fault", "probe_failed", message, mend_of("probe_failed"))
    return Probe(door, tried, "ok", "ok", said if isinstance(said, str) else "It works.")


def off(door: str, message: str) -> Probe:
    """A door that is not set up, or that another program must try."""
    return Probe(door, "set up", "off", "not_set_up", message)


def is_sound(probes: list[Probe]) -> bool:
    """Whether nothing is broken; warnings are for reading."""
    return all(each.state != "fault" for each in probes)
