"""The dashboard's settings, read once from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dashboard.errors import SettingsError


@dataclass(frozen=True)
class Settings:
    """Where the control plane and both windows are.

    With `control_plane_token` whoever reaches the window is the owner, so only this computer may reach it; without it
    everybody is whom they signed in as.
    """

    control_plane_url: str
    control_plane_token: str | None
    exports_dir: Path
    has_samples: bool
    case_room_url: str
    dashboard_url: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings; raises SettingsError naming every missing variable, never a value."""
        problems = [f"{name} is not set" for name in REQUIRED if not environ.get(name)]
        url = environ.get("CONTROL_PLANE_URL", "")
        if url and not url.startswith(("http://", "https://")):
            problems.append("CONTROL_PLANE_URL must start with http:// or https://")
        if problems:
            raise SettingsError(problems)
        return cls(
            control_plane_url=url.rstrip("/"),
            control_plane_token=environ.get("CONTROL_PLANE_TOKEN") or None,
            exports_dir=Path(environ.get("EXPORTS_DIR") or "exports"),
            has_samples=environ.get("SAMPLES") == "yes",
            case_room_url=environ.get("CASE_ROOM_URL") or "/case/",
            dashboard_url=environ.get("DASHBOARD_URL") or "/",
        )

    @property
    def account_url(self) -> str:
        """What stands before /account/…: behind nginx nothing, since all is at one address."""
        return self.control_plane_url if self.control_plane_token else ""

    def __repr__(self) -> str:
        return f"Settings(control_plane_url={self.control_plane_url!r})"


OWNERS_ALONE = (
    "With CONTROL_PLANE_TOKEN everybody who reaches this window is the owner: listen on 127.0.0.1, or take it away and "
    "let people sign in."
)
REQUIRED = ("CONTROL_PLANE_URL",)
