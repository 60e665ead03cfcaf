"""`make compose-test`: docs/production.md typed on an empty machine, selfhosted, and looked at after each step.

An empty folder, image builds, settings, a start, a person, a first document that a rented container reads, five people
and 300 MB at once, a backup, and that backup on a machine that has nothing. Ends with 1 where a step fails.
"""

import json
import re
import shutil
import signal
import sys
from pathlib import Path

from scripts.containers import droplet, visitors
from scripts.containers.bases import make_bases
from scripts.containers.droplet import CHECKOUT, DOMAIN, EVENING
from scripts.containers.engine import REPOSITORY
from scripts.containers.images import make_images
from scripts.containers.memory import Watch
from scripts.containers.reader import Evening, StepFailed, blocks, expect, fill_in_settings, wait_for
from scripts.containers.rotation import every_key_changed

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
DOCUMENT = REPOSITORY / "tests" / "documents" / "custody_order.pdf"


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
    key, *rest = blocks("4. The settings")
    evening.words["BACKUP_RECIPIENT"] = re.findall(r"age1\w+", evening.type(key))[0]
    fill_in_settings(settings(evening))
    for block in rest:
        evening.type(block)
    start(evening)
    link = re.findall(r"https://\S+", evening.step("People"))[0]
    evening.words["COOKIE"] = visitors.enter(link)
    expect("the dashboard is shown to who is signed in", "<title>" in visitors.look("/", evening.words["COOKIE"]))
    shutil.copy(DOCUMENT, CHECKOUT / "letter.pdf")
    sent = evening.step("7. The first document")
    told = sent[sent.index("{") :]  # curl's progress stands around it
    job = evening.first_job = json.JSONDecoder().raw_decode(told)[0]["job_id"]
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


def elsewhere(evening: Evening) -> None:
    """The house is updated, and a second reaper starts on another machine."""
    evening.step("Update")
    expect("the house is ready after an update", visitors.is_ready())
    settings_there = Path("/etc/aseagi.env")
    settings_there.write_text((CHECKOUT / ".env").read_text())
    try:
        evening.step("A second pair of eyes")
    finally:
        settings_there.unlink()


def main() -> int:
    if not droplet.is_inside():
        make_bases()
        make_images()
        droplet.enter()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    environ = droplet.furnish()
    droplet.clear(environ)
    code = str(droplet.publish())
    evening = Evening(environ, {"DROPLET": DOMAIN, "REPOSITORY": code, "YOU": "you", "DOMAIN": DOMAIN})
    vast = visitors.start_vast(environ, VAST_KEY)
    try:
        first_evening(evening)
        five_people_and_300_megabytes(evening)
        the_night_and_the_morning_after(evening)
        vast = every_key_changed(evening, vast)
        elsewhere(evening)
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
