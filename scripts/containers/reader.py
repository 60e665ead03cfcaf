"""A person at the machine, who types what a page of docs says and looks at what came of it."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scripts.containers.droplet import CHECKOUT, EVENING, MINUTES
from scripts.containers.engine import REPOSITORY
from scripts.containers.page import Block, fill_in, read_blocks

PAGE = REPOSITORY / "docs" / "production.md"
HOME_FOLDER = ("2. The droplet",)  # typed before there is a checkout


class StepFailed(Exception):
    """A line of the page did not do what the page says."""


@dataclass
class Evening:
    """One reader at one machine: what they type, what they have noted so far."""

    environ: dict[str, str]
    words: dict[str, str] = field(default_factory=dict)
    first_job: str = ""
    begun: float = field(default_factory=time.monotonic)

    def say(self, text: str) -> None:
        print(f"[{time.monotonic() - self.begun:5.0f} s] {text}", flush=True)

    def type(self, block: Block) -> str:
        """Run a block as the reader would; its output. Raises StepFailed with what it said."""
        script = fill_in(block.script, self.words)
        where = EVENING / "home" if block.heading in HOME_FOLDER else CHECKOUT
        self.say(f"{block.heading}: {script.strip().splitlines()[0][:90]}")
        log = EVENING / "typed.log"
        with log.open("a+") as output:
            output.write(f"\n## {block.heading}\n{script}----\n")
            output.flush()
            begins = output.tell()
            ended: int | str
            try:
                ended = subprocess.run(
                    ["nice", "bash", "-euo", "pipefail", "-c", script], cwd=where, env=self.environ,
                    stdout=output, stderr=output, timeout=MINUTES * 60, check=False,
                ).returncode  # fmt: skip
            except subprocess.TimeoutExpired:
                ended = f"nothing after {MINUTES} minutes"
            output.seek(begins)
            said = output.read()
        if ended:
            raise StepFailed(f"{block.heading} ends with {ended}:\n{script}\n{said[-4000:]}")
        return said

    def step(self, heading: str, page: Path = PAGE) -> str:
        """All blocks below a heading."""
        return "".join(self.type(block) for block in blocks(heading, page))


def expect(what: str, told: object) -> None:
    if not told:
        raise StepFailed(what)


def wait_for(what: str, look: Callable[[], object], seconds: float) -> None:
    """Until `look` says so; raises StepFailed after so long."""
    end = time.monotonic() + seconds
    while not look():
        if time.monotonic() > end:
            raise StepFailed(f"{what}: not within {seconds:.0f} s")
        time.sleep(1)


def blocks(heading: str, page: Path = PAGE) -> list[Block]:
    """Those below a heading, in the page's order."""
    return [block for block in read_blocks(page.read_text()) if block.heading == heading]


def fill_in_settings(answers: dict[str, str]) -> None:
    """What the person at `nano .env` is to write there."""
    (EVENING / "answers").write_text("".join(f"{name}={value}\n" for name, value in answers.items()))
