"""The front desk: takes documents in, keeps the ledger, rents and returns machines."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from control_plane.clients import Clients
    from control_plane.settings import Settings

__all__ = ["create_app"]


def create_app(settings: Settings | None = None, clients: Clients | None = None) -> Flask:
    """The HTTP side of the control plane.

    Without arguments the settings come from the environment and the clients are the real ones.
    Raises SettingsError.
    """
    from control_plane.app import build_app
    from control_plane.clients import build_clients
    from control_plane.settings import Settings

    settings = settings or Settings.from_env(os.environ)
    return build_app(settings, clients or build_clients(settings))
