"""A database that is away is told once, after a while, and so is its return."""

from control_plane.doors.absence import BACK, Absence
from control_plane.errors import Conflict, KeyRefused, QueueUnavailable


def test_a_long_absence_is_told_once_and_its_end_too():
    now = 0.0
    absence = Absence(lambda: now)
    away = QueueUnavailable("It is away.")
    assert absence.note(away) is None and absence.note(None) is None, "a moment is nobody's business"
    absence.note(away)
    now = 599.0
    assert absence.note(away) is None
    now = 660.0
    assert "11 minutes. It is away." in (absence.note(KeyRefused("It is away.", "database_key_refused")) or "")
    assert absence.note(away) is None and absence.note(None) == BACK and absence.note(None) is None


def test_an_answer_that_says_no_is_no_absence():
    absence = Absence(lambda: 9e9, since=0.0)
    assert absence.note(Conflict("No.")) is None
