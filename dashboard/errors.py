"""What can go wrong in the dashboard, in words a reader can act on.

DashboardError
├── SettingsError        the environment is incomplete (raised once, at start)
├── ControlPlaneAway     no answer: stopped, starting, or the network is down
└── ApiError             an answer that says no, with the control plane's stable `code`
    ├── NotAllowed       401/403: the dashboard's token is wrong
    └── NotFound         404
"""


class DashboardError(Exception):
    """Base of every error a page may show; `str(error)` is the sentence to show."""

    code = "dashboard_error"


class SettingsError(DashboardError):
    """The environment is incomplete; lists every problem at once and no value."""

    code = "bad_settings"

    def __init__(self, problems: list[str]):
        super().__init__("The dashboard cannot start: " + "; ".join(problems) + ".")
        self.problems = problems


class NoRoom(DashboardError):
    """The disk takes no report."""

    code = "disk_full"

    def __init__(self) -> None:
        super().__init__("The report could not be kept: the disk has no room. Nothing of it was written.")


class ControlPlaneAway(DashboardError):
    """The service did not answer."""

    code = "control_plane_away"

    def __init__(self, reason: str = ""):
        super().__init__(
            "The service that holds your documents is not answering right now. Nothing is lost: "
            "uploads and results are kept. Wait a minute and try again."
        )
        self.reason = reason


class ApiError(DashboardError):
    """The control plane answered with an error; `code` is stable, the message says what to do."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status = status
        self.code = code


class NotAllowed(ApiError):
    """The dashboard's own token was refused."""


class NotFound(ApiError):
    """There is no such thing (any more)."""
