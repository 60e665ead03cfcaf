"""How a view reaches the settings and the clients, and how it describes itself for auth and for the API document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from flask import current_app

from control_plane.clients import Clients
from control_plane.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])
Auth = Literal["operator", "worker", "none"]


def settings() -> Settings:
    """The settings of the running app."""
    return current_app.extensions["settings"]


def clients() -> Clients:
    """The clients of the running app."""
    return current_app.extensions["clients"]


@dataclass(frozen=True)
class Description:
    """What the API document says of one route; `query` maps a parameter to (type, sentence), bodies are schemas."""

    summary: str
    tag: str
    query: dict[str, tuple[str, str]] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    body_type: str = "application/json"
    status: int = 200
    answer: dict[str, Any] | None = None
    answer_type: str = "application/json"
    errors: tuple[int, ...] = ()


def describe(summary: str, tag: str, *, auth: Auth = "operator", **details: Any) -> Callable[[View], View]:
    """Attach a route's description and its kind of token to its view."""

    def attach(view: View) -> View:
        view.description = Description(summary, tag, **details)  # type: ignore[attr-defined]
        view.auth = auth  # type: ignore[attr-defined]
        return view

    return attach


def readiness() -> dict[str, Callable[[], None]]:
    """The running app's checks, one per dependency."""
    return current_app.extensions["readiness"]
