"""Turns itself into an instance's process, which dies with the emulator (started by `processes.py`).

Arguments: the emulator's process id, then the command. A helper instead of `preexec_fn`, which is unsafe once
threads run.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>; survives exec


def main() -> None:
    """Ask the kernel for SIGKILL at the emulator's death, then become the command."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the emulator is gone")
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
