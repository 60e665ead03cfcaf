"""`make compose-test`: docs/production.md typed on an empty machine, selfhosted, and looked at after each step.

An empty folder, image builds, settings, a start, a person, a first document that a rented container reads, five people
and 300 MB at once, a backup, and that backup on a machine that has nothing. Ends with 1 where a step fails.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scripts.containers import droplet, visitors
from scripts.containers.bases import make_bases
from scripts.containers.droplet import CHECKOUT, DOMAIN, EVENING
from scripts.containers.engine import REPOSITORY
from scripts.containers.images import make_images
from scripts.containers.memory import Watch
from scripts.containers.page import Block, fill_in, read_blocks

PAGE = REPOSITORY / "docs" / "production.md"
# Every block of the page stands here: typed, or left out because it needs what no test has.
TYPED = (
    "2. The droplet", "3. The images", "4. The settings", "6. Start", "People", "7. The first document", "Update",
    "Back up", "Restore", "A new droplet", "A second pair of eyes",
)  # fmt: skip
LEFT_OUT = {
    "1. Accounts": "an account at Supabase",
    "5. Database and bucket": "an account at Supabase and one at Spaces",
    "The doctor": "the vendors themselves: it says of a stand-in what it is",
    "Your own computer as a worker": "a GPU",
}
VAST_KEY = "evening-" + "k" * 40
HOME_FOLDER = ("2. The droplet",)  # typed before there is a checkout
DOCUMENT = REPOSITORY / "tests" / "documents" / "custody_order.pdf"


class StepFailed(Exception):
    """A line of the page did not do what the page says."""


@dataclass
class Evening:
    """One reader at one machine: what they type, what they have noted so far."""

    environ: dict[str, str]
    words: dict[str, str] = field(default_factory=dict)
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
            code = subprocess.run(
                ["nice", "bash", "-euo", "pipefail", "-c", script], cwd=where, env=self.environ,
                stdout=output, stderr=output, timeout=droplet.MINUTES * 60, check=False,
            ).returncode  # fmt: skip
            output.seek(begins)
            said = output.read()
        if code:
            raise StepFailed(f"{block.heading} ends with {code}:\n{script}\n{said[-4000:]}")
        return said

    def step(self, heading: str) -> str:
        """All blocks below a heading."""
        return "".join(self.type(block) for block in read_blocks(PAGE.read_text()) if block.heading == heading)


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


def settings(evening: Evening) -> dict[str, str]:
    """What a person fills in at step 4, a login with a mind of its own among it."""
    return {
        "DOMAIN": DOMAIN, "CERTBOT_EMAIL": f"me@{DOMAIN}", "COMPOSE_PROFILES": "selfhosted",
        "BACKUP_RECIPIENT": evening.words["BACKUP_RECIPIENT"], "SUPABASE_URL": f"https://db.{DOMAIN}",
        "SPACES_ENDPOINT": f"https://s3.{DOMAIN}", "SPACES_REGION": "us-east-1", "SPACES_BUCKET": "aseagi",
        "VAST_API_KEY": VAST_KEY, "VAST_URL": f"http://vast.{DOMAIN}:8080", "DEPLOYMENT": "main",
        "WORKER_IMAGE": evening.words["WORKER_IMAGE"], "CONTROL_PLANE_URL": f"https://{DOMAIN}",
        "WORKER_IMAGE_LOGIN": f"-u me -p $$(touch {EVENING}/ran);x ghcr.io", "IDLE_SECONDS": "60",
        "OCR_ENGINE": "onnx",  # `auto` gives a machine back that has no GPU
    }  # fmt: skip


def first_evening(evening: Evening) -> None:
    """Steps 2 to 7."""
    evening.step("2. The droplet")
    built = evening.step("3. The images")
    evening.words |= dict(re.findall(r"^((?:WORKER|CONTROL_PLANE)_IMAGE)=(\S+)$", built, re.MULTILINE))
    (EVENING / "worker_image").write_text(evening.words["WORKER_IMAGE"])
    key, *rest = [block for block in read_blocks(PAGE.read_text()) if block.heading == "4. The settings"]
    evening.words["BACKUP_RECIPIENT"] = re.findall(r"age1\w+", evening.type(key))[0]
    answers = settings(evening)
    (EVENING / "answers").write_text("".join(f"{name}={value}\n" for name, value in answers.items()))
    for block in rest:
        evening.type(block)
    start(evening)
    link = re.findall(r"https://\S+", evening.step("People"))[0]
    evening.words["COOKIE"] = visitors.enter(link)
    expect("the dashboard is shown to who is signed in", "<title>" in visitors.look("/", evening.words["COOKIE"]))
    shutil.copy(DOCUMENT, CHECKOUT / "letter.pdf")
    sent = evening.step("7. The first document")
    job = json.JSONDecoder().raw_decode(sent[sent.index("{") :])[0]["job_id"]  # curl's progress stands around it
    evening.say(f"letter.pdf is job {job}")
    wait_for(
        "the first document is read by a rented container", lambda: visitors.job(job)["status"] == "completed", 600
    )
    expect("no value of .env was run", not (EVENING / "ran").exists())


def start(evening: Evening) -> None:
    said = evening.step("6. Start")
    expect("deploy.sh says where it is ready", f"ready: https://{DOMAIN}" in said)
    expect("who has no token is told yes", visitors.is_ready())


def five_people_and_300_megabytes(evening: Evening) -> None:
    """What the memory limits are for; raises StepFailed where one of them was reached."""
    with Watch(evening.environ) as watch, visitors.sessions(5, evening.words["COOKIE"]) as people:
        visitors.send_300_megabytes()
        people.look_around()
    for line in watch.told():
        evening.say(line)
    expect("nothing was ended for its memory", not watch.killed())


def the_night_and_the_morning_after(evening: Evening) -> None:
    """A backup; it replaces what is there; and it comes to a machine that has nothing but its `.env`."""
    before = visitors.count_documents()
    droplet.share_backups()
    evening.step("Back up")
    nights = sorted(path.name for path in (CHECKOUT / "backups").glob("2*Z"))
    expect("a backup lies in ./backups", nights)
    evening.words["NIGHT"] = nights[-1]
    restored(evening, before)
    shutil.move(CHECKOUT / ".env", EVENING / "env.before")
    droplet.clear(evening.environ)
    evening.step("A new droplet")
    expect("the settings are those of before", (CHECKOUT / ".env").read_text() == (EVENING / "env.before").read_text())
    restored(evening, before)


def restored(evening: Evening, documents: int) -> None:
    evening.step("Restore")
    expect(f"{documents} documents are back", visitors.count_documents() == documents)
    expect("who had an account signs in", visitors.sign_in_again())


def a_changed_house(evening: Evening) -> None:
    """New secrets in `.env` are in force after the next deployment; and a second reaper starts elsewhere."""
    lines = (CHECKOUT / ".env").read_text().splitlines()
    changed = ("PGPASSWORD=", "AUTHENTICATOR_PASSWORD=", "SUPABASE_JWT_SECRET=")
    lines = [f"{line.partition('=')[0]}={'n' * 40}" if line.startswith(changed) else line for line in lines]
    (CHECKOUT / ".env").write_text("\n".join(lines) + "\n")
    evening.step("Update")
    expect("the house is ready with its new secrets", visitors.is_ready())
    elsewhere = Path("/etc/aseagi.env")
    elsewhere.write_text((CHECKOUT / ".env").read_text())
    try:
        evening.step("A second pair of eyes")
    finally:
        elsewhere.unlink()


def main() -> int:
    if not droplet.is_inside():
        make_bases()
        make_images()
        droplet.enter()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    environ = droplet.furnish()
    droplet.clear(environ)
    evening = Evening(environ, {"DROPLET": DOMAIN, "REPOSITORY": str(REPOSITORY), "YOU": "you", "DOMAIN": DOMAIN})
    vast = visitors.start_vast(environ, VAST_KEY)
    try:
        first_evening(evening)
        five_people_and_300_megabytes(evening)
        the_night_and_the_morning_after(evening)
        a_changed_house(evening)
    except StepFailed as problem:
        print(f"FAILED {problem}", file=sys.stderr)
        return 1
    finally:
        droplet.clear(environ)
        vast.kill()
    evening.say("docs/production.md does what it says")
    return 0


if __name__ == "__main__":
    sys.exit(main())
