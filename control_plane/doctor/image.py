"""The worker's image: its tag, and whether strangers' machines can pull it with our login (wire)."""

from __future__ import annotations

from control_plane.doctor.probes import Probe, Trouble, look, off
from control_plane.errors import KeyRefused
from control_plane.registry import Image, Login, Registry
from control_plane.settings import Settings

DOOR = "image"
LOGIN_ELSEWHERE = (
    "The registry gives the image to no stranger, and this program has no WORKER_IMAGE_LOGIN: `docker compose run --rm "
    "scaler python -m control_plane doctor image` looks with it."
)


def examine(settings: Settings) -> list[Probe]:
    """As a rented machine's Docker asks for it, up to the bytes."""
    if settings.worker_image_login and Login.of(settings.worker_image_login) is None:
        return [look(DOOR, "its login", _login_unreadable)]
    found = look(DOOR, f"{settings.worker_image} can be pulled", lambda: _pull(settings))
    return [off(DOOR, LOGIN_ELSEWHERE)] if found.code == "image_not_public" else [found]


def _pull(settings: Settings) -> str:
    registry = Registry(Image.of(settings.worker_image), Login.of(settings.worker_image_login))
    gigabytes = registry.find_gigabytes()
    if gigabytes > settings.fleet.image_gb:
        raise Trouble(
            "image_too_large",
            f"It is {gigabytes:.1f} GB compressed, more than FLEET_IMAGE_GB ({settings.fleet.image_gb:g}).",
            "warning",
        )
    return f"The tag is there, {gigabytes:.2f} GB to pull."


def _login_unreadable() -> None:
    raise KeyRefused("WORKER_IMAGE_LOGIN is not like `-u USER -p TOKEN ghcr.io`.", "image_login_unreadable")
