"""One-time links by which people come in."""

from __future__ import annotations

from control_plane.clients import build_supabase
from control_plane.database import Database
from control_plane.errors import Conflict
from control_plane.http.callers import digest, make_secret
from control_plane.settings import Settings


def invitation_link(url: str, token: str) -> str:
    """The token stands in the query, which no log of ours keeps."""
    return f"{url}/account/invitation?t={token}"


def invite_owner(settings: Settings, name: str) -> int:
    """Print a link by which an owner comes in: the first one, or one who lost password, telephone and codes."""
    database, token = Database(build_supabase(settings)), make_secret()
    try:
        database.add_account(name, "owner", digest(token), "owner")
    except Conflict:
        known = next(person for person in database.list_accounts() if person.name.lower() == name.lower())
        database.invite_again(known.id, "owner", digest(token))
    print(invitation_link(settings.control_plane_url, token))
    return 0
