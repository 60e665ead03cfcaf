"""The rented machine as seen from inside: what it has, and how it ends itself (wire)."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlsplit

from gpu_worker.errors import WorkerError

log = logging.getLogger(__name__)
DESTROY_EVERY_SECONDS = 5.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def find_gpu_name() -> str | None:
    """The first GPU's name as `nvidia-smi` gives it, or None on a machine without one."""
    if shutil.which("nvidia-smi") is None:
        return None
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = answer.stdout.splitlines()
    return lines[0].strip() if answer.returncode == 0 and lines else None


def find_gpu_problem() -> str | None:
    """Why torch cannot compute on this machine's GPU, in words, or None where it just did.

    A card that is listed is not yet one that computes: the driver may be too old or the card too new for this torch.
    """
    if importlib.util.find_spec("torch") is None:
        return "torch is not installed"
    import torch

    if not torch.cuda.is_available():
        return "torch finds no GPU"
    try:
        torch.ones(8, device="cuda").sum().item()
    except RuntimeError as error:
        return f"torch cannot compute on the GPU: {str(error).splitlines()[0][:200]}"
    return None


@dataclass(frozen=True)
class Machine:
    """The contract this program runs under; `container_*` are None where Vast.ai gave none."""

    base_url: str
    container_id: str | None
    container_api_key: str | None
    is_own: bool = False  # a person's own computer: it is left as it is
    is_emulated: bool = False  # of the market on this computer: it has no card, and nobody pays for one

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Machine:
        """Read it; never fails, as a machine with broken settings must be able to end itself too."""
        base_url = environ.get("VAST_BASE_URL", "").strip().rstrip("/") or "https://console.vast.ai"
        says_emulated = environ.get("EMULATED_MACHINE", "").strip() == "yes"
        return cls(
            base_url=base_url,
            container_id=environ.get("CONTAINER_ID", "").strip() or None,
            container_api_key=environ.get("CONTAINER_API_KEY", "").strip() or None,
            is_own=environ.get("OWN_COMPUTER", "").strip() == "yes",
            # Only the emulator sets the variable, and only of a market on loopback is it believed.
            is_emulated=says_emulated and urlsplit(base_url).hostname in LOOPBACK,
        )

    @property
    def must_have_gpu(self) -> bool:
        """A machine is rented for its card: without one it is paid for what any computer does."""
        return not (self.is_own or self.is_emulated)

    @property
    def has_key(self) -> bool:
        """Can it destroy itself without help?"""
        return bool(self.container_id and self.container_api_key) and not self.is_own


def destroy_machine(
    machine: Machine, say_goodbye: Callable[[], None], sleep: Callable[[float], object] = time.sleep
) -> None:
    """Destroy this machine, trying every 5 s until that is certain; only then return.

    The control plane is told first: a machine that vanished without a word counts there as a bad one. With the
    machine's own key follows a DELETE at Vast.ai until 200 or "no such instance"; without one, the control plane is
    asked until it has heard. Nothing but a destroyed contract ends billing, so there is no giving up.
    """
    heard = _ask_to_be_destroyed(say_goodbye)
    while not (_delete_instance(machine) if machine.has_key else heard):
        sleep(DESTROY_EVERY_SECONDS)
        heard = heard or _ask_to_be_destroyed(say_goodbye)


def sleep_forever() -> NoReturn:
    """Wait to be stopped from outside: when PID 1 exits, Vast.ai starts the container again, and bills it."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # as PID 1 there is no default for it
    while True:
        time.sleep(3600)


def _delete_instance(machine: Machine) -> bool:
    """One DELETE; True once the instance is gone. The standard library only: this must work when all else is broken."""
    url = f"{machine.base_url}/api/v0/instances/{machine.container_id}/"
    headers = {"Authorization": f"Bearer {machine.container_api_key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=b"{}", method="DELETE", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError as error:
        if error.code == 404 and _is_missing_instance(error.read()):
            return True
        log.warning("destroying this machine answered HTTP %s; trying again", error.code)
    except OSError as error:
        log.warning("destroying this machine failed (%s); trying again", type(error).__name__)
    return False


def _is_missing_instance(body: bytes) -> bool:
    """Is this 404 about the instance, and not a wrong path or a proxy's?"""
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    return isinstance(answer, dict) and "instance" in json.dumps(answer).lower()


def _ask_to_be_destroyed(say_goodbye: Callable[[], None]) -> bool:
    try:
        say_goodbye()
    except WorkerError as error:
        log.warning("the control plane did not hear the goodbye (%s)", error.code)
        return error.code == "token_dead"  # out of the ledger: destroyed already, or about to be
    return True
