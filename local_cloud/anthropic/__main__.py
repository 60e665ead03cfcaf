"""`python -m local_cloud.anthropic --port P`: the stand-in until SIGTERM, with ANTHROPIC_API_KEY as its key."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from .account import Account
from .batches import Batches
from .server import Server

BATCH_SECONDS = 2.0
"""A batch of samples takes so long: enough to be seen in progress, where the real one takes up to an hour."""


def main() -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m local_cloud.anthropic", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    account = Account(os.environ["ANTHROPIC_API_KEY"])
    server = Server(account, Batches(account, BATCH_SECONDS), parser.parse_args().port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
