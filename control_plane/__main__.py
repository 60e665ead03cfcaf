"""The control plane's programs.

`serve` the HTTP API, `scale` the fleet, `import` whole prefixes and folders, `notify` people on Telegram and programs
at their webhooks, `reap` what the ledger does not know; `drive-login` connects a Google Drive, once; `invite NAME`
prints a link by which an owner comes in; `doctor` tries every vendor as production does, and says what to mend;
`bundle` writes what somebody who helps must know, without a secret or a document's word.
"""

from __future__ import annotations

import argparse
import os
import sys

from control_plane.settings import Settings, SettingsError


def main(arguments: list[str] | None = None) -> int:
    """Run one program until it ends; 2 means the settings are not usable."""
    parser = argparse.ArgumentParser(prog="python -m control_plane", description=__doc__)
    parser.add_argument("program", choices=(*PROGRAMS, "invite", "doctor", "bundle"))
    parser.add_argument("name", nargs="?", help="whom to invite; where a second reaper looks from; the doctor's door")
    parser.add_argument("--json", action="store_true", help="the doctor's answer for programs")
    given = parser.parse_args(arguments)
    program: str = given.program
    if (program == "invite") != bool(given.name) and program not in ("reap", "doctor"):
        parser.error("invite needs a name, a second reaper and the doctor may have one, and nothing else takes one")
    if given.json and program != "doctor":
        parser.error("only the doctor takes --json")
    try:
        settings = Settings.from_env(os.environ, LIKE.get((program, given.name), LIKE.get((program, None), program)))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    from control_plane.http.access_log import set_up_logging

    set_up_logging()
    if program == "bundle":
        return bundle(settings)
    if program == "doctor":
        return doctor(settings, given.json, given.name)
    if program == "invite":
        return invite(settings, given.name)
    return reap(settings, given.name) if program == "reap" else PROGRAMS[program](settings)


def serve(settings: Settings) -> int:
    """Serve the HTTP API with gunicorn on HOST and PORT."""
    from control_plane.server import Server

    Server(settings).run()
    return 0


def scale(settings: Settings) -> int:
    """Rent and return machines until told to stop."""
    from control_plane.fleet import scaler

    return scaler.run(settings)


def import_batches(settings: Settings) -> int:
    """Scan running batches until told to stop."""
    from control_plane.batches import importer

    return importer.run(settings)


def drive_login(settings: Settings) -> int:
    """Let a person connect their Google Drive, once."""
    from control_plane.drive import login

    return login.run(settings)


def reap(settings: Settings, place: str | None = None) -> int:
    """Compare Vast.ai's list with the ledger once and destroy what is ours and unknown."""
    from control_plane.fleet import reaper

    return reaper.run(settings, place)


def invite(settings: Settings, name: str) -> int:
    """Print a link by which an owner comes in."""
    from control_plane.accounts.invitations import invite_owner

    return invite_owner(settings, name)


def doctor(settings: Settings, as_json: bool, door: str | None) -> int:
    """Try every vendor as production does; 1 when something is broken."""
    from control_plane.doctor.examine import run

    return run(settings, as_json, door)


def bundle(settings: Settings) -> int:
    """Write what somebody who helps must know, without a secret or a word of a document."""
    from control_plane.bundle import run

    return run(settings)


def notify(settings: Settings) -> int:
    """Tell people on Telegram, and programs at their webhooks, what happened until told to stop."""
    from control_plane.notify import run

    return run(settings)


LIKE = {
    ("invite", None): "serve", ("drive-login", None): "serve", ("doctor", None): "serve", ("bundle", None): "serve",
    ("doctor", "image"): "scale",
}  # fmt: skip
"""Whose settings a program needs that has none of its own; the image is looked at with the scaler's login."""
PROGRAMS = {
    "serve": serve,
    "scale": scale,
    "import": import_batches,
    "notify": notify,
    "reap": reap,
    "drive-login": drive_login,
}

if __name__ == "__main__":
    sys.exit(main())
