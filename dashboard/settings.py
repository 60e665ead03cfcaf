"""The dashboard's settings, read once from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dashboard.errors import SettingsError

PASSWORD_MIN_CHARACTERS = 8


@dataclass(frozen=True)
class Settings:
    """Where the control plane and both windows are, how to speak to it, and who may look."""

    control_plane_url: str
    control_plane_token: str
    password: str
    exports_dir: Path
    behind_proxy: bool
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
        password = environ.get("DASHBOARD_PASSWORD", "")
        if password and len(password) < PASSWORD_MIN_CHARACTERS:
            problems.append(f"DASHBOARD_PASSWORD must have at least {PASSWORD_MIN_CHARACTERS} characters")
        if problems:
            raise SettingsError(problems)
        return cls(
            control_plane_url=url.rstrip("/"),
            control_plane_token=environ["CONTROL_PLANE_TOKEN"],
            password=password,
            exports_dir=Path(environ.get("EXPORTS_DIR") or "exports"),
            behind_proxy=environ.get("DASHBOARD_BEHIND_PROXY") == "yes",
            has_samples=environ.get("SAMPLES") == "yes",
            case_room_url=environ.get("CASE_ROOM_URL") or "/case/",
            dashboard_url=environ.get("DASHBOARD_URL") or "/",
        )

    def __repr__(self) -> str:
        return f"Settings(control_plane_url={self.control_plane_url!r})"


REQUIRED = ("CONTROL_PLANE_URL", "CONTROL_PLANE_TOKEN", "DASHBOARD_PASSWORD")
