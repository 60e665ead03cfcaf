"""How a view reaches the settings and the clients of the running app."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import current_app

from control_plane.clients import Clients
from control_plane.http.callers import Callers
from control_plane.settings import Settings


def settings() -> Settings:
    """The settings of the running app."""
    return cast(Settings, current_app.extensions["settings"])


def clients() -> Clients:
    """The clients of the running app."""
    return cast(Clients, current_app.extensions["clients"])


def callers() -> Callers:
    """Who finds the running app's callers."""
    return cast(Callers, current_app.extensions["callers"])


def session_now() -> str | None:
    """The batch that runs, as the running app last heard of it."""
    return cast(Callable[[], str | None], current_app.extensions["session_now"])()
