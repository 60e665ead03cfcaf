"""Pure: in whose name the control plane is asked. Who is signed in there, or the owner on their own computer."""

import ipaddress
from collections.abc import Callable
from urllib.parse import quote

from dashboard import answers
from dashboard.errors import NotAllowed
from dashboard.settings import Settings

COOKIE = "aseagi_session"
"""What the control plane leaves in the browser of whoever signs in."""
OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")


def find_visitor(
    cookie: str | None, settings: Settings, ask: Callable[[str], answers.Me]
) -> tuple[str, answers.Me | None] | None:
    """The token to ask with and whose it is; None for whoever must sign in.

    A session comes first; without one the owner's own token counts, which only `make run` gives to a window.
    """
    for token in (cookie, settings.control_plane_token):
        if token:
            try:
                return token, ask(token)
            except NotAllowed:
                continue
    return None


def sign_in_address(settings: Settings, wanted: str) -> str:
    """Where the control plane asks who it is, and from where it leads back here."""
    return f"{settings.account_url}/account/sign-in?to={quote(wanted, safe='/')}"


def is_own_name(host: str) -> bool:
    """Whether a request names this computer as itself: another site's name that leads here does not."""
    return host.rpartition(":")[0] in OWN_NAMES or host in OWN_NAMES


def is_loopback(address: str) -> bool:
    """Whether only this computer reaches an interface."""
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
