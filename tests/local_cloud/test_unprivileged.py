"""The server's user is one user, however many processes start at once on a machine that has none yet."""

import os
import pwd
import secrets
import subprocess
import sys

import pytest

ASK = "import sys; from local_cloud.unprivileged import unprivileged_user; print(unprivileged_user(sys.argv[1]).pw_uid)"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes users")
def test_processes_that_start_at_once_run_as_one_user() -> None:
    name = f"aseagi-test-{secrets.token_hex(3)}"
    try:
        askers = [subprocess.Popen([sys.executable, "-c", ASK, name], stdout=subprocess.PIPE) for _ in range(8)]
        told = {int(asker.communicate()[0]) for asker in askers}
        assert told == {pwd.getpwnam(name).pw_uid}
    finally:
        subprocess.run(["userdel", name], check=False, capture_output=True)
