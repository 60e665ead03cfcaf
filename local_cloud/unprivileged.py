"""The user a server runs as that refuses to run as root."""

import fcntl
import pwd
import subprocess
from contextlib import suppress
from pathlib import Path


def unprivileged_user(name: str) -> pwd.struct_passwd:
    """The system user `name`, made if there is none; KeyError where that cannot be.

    One process at a time: of six that call `useradd` at once, several succeed and write each other's user away, so that
    a server keeps an id that no user has (seen in 3 of 6 tries).
    """
    with suppress(KeyError):
        return pwd.getpwnam(name)
    with Path("/etc/passwd").open("rb") as users:
        fcntl.flock(users, fcntl.LOCK_EX)  # `useradd` puts a new file in its place: who opens that one finds the user
        with suppress(KeyError):
            return pwd.getpwnam(name)
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", name], capture_output=True)
        return pwd.getpwnam(name)
