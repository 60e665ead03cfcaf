"""What the control plane is told from outside."""

from control_plane.settings.reader import SettingsError
from control_plane.settings.settings import Settings

__all__ = ["Settings", "SettingsError"]
