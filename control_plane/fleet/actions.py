"""What the fleet can decide to do; each is one step that a crash may separate from the next (pure)."""

from dataclasses import dataclass

from control_plane.database.enums import Blame, Decision


@dataclass(frozen=True)
class Adopt:
    """A listed contract carries an intent's label: it is ours."""

    label: str
    contract_id: int


@dataclass(frozen=True)
class Note:
    """Write what a good list says of a machine."""

    label: str
    status: str | None
    message: str


@dataclass(frozen=True)
class End:
    """Decide a machine's end: give its jobs back, remember whose fault it was."""

    label: str
    reason: str
    blame: Blame | None = None
    worker_died: bool = False  # with its jobs: each of them may be why


@dataclass(frozen=True)
class Doubt:
    """Why a machine is not ended yet though something speaks against it."""

    reason: str


@dataclass(frozen=True)
class Say:
    """Write down what becomes of a machine, and why, where it is news."""

    label: str
    decision: Decision
    reason: str


@dataclass(frozen=True)
class ReadLog:
    """Ask what the machine's own log ends with, before it is judged."""

    label: str
    contract_id: int


@dataclass(frozen=True)
class Destroy:
    """Ask Vast.ai to end a contract whose end is decided."""

    label: str
    contract_id: int
    requeue: bool = False  # its jobs go back first
    worker_died: bool = False


@dataclass(frozen=True)
class Miss:
    """A good list lacks the machine, as so many before it did: a call that is done twice counts one list once."""

    label: str
    absences: int = 0


@dataclass(frozen=True)
class PartFrom:
    """One of our own computers has been told to stop: there is nothing to destroy, only jobs to give back."""

    label: str


@dataclass(frozen=True)
class Sweep:
    """A contract carries our label and no live row has its number: end it."""

    label: str
    contract_id: int
    status: str | None = None
    message: str = ""


@dataclass(frozen=True)
class Extend:
    """Reserve the next stretch of a machine that is still wanted, or end it at the cap."""

    label: str


@dataclass(frozen=True)
class Alarm:
    """Tell people; one alarm per name and machine, seen again at every look while it stands."""

    name: str
    message: str
    about: str = ""


@dataclass(frozen=True)
class Pause:
    """Stop renting until a person resumes it."""

    reason: str


Action = Adopt | Note | End | Destroy | Miss | PartFrom | Sweep | Extend | Alarm | Pause | Say | ReadLog
