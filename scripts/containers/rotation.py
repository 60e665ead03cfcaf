"""Every key of the house is changed at once, as docs/operations.md says; and what was there before works on."""

import base64
import re
import secrets
import subprocess

from scripts.containers import visitors
from scripts.containers.droplet import CHECKOUT
from scripts.containers.engine import REPOSITORY
from scripts.containers.reader import Evening, blocks, expect, fill_in_settings, wait_for

OPERATIONS = REPOSITORY / "docs" / "operations.md"
HEADING = "Change every key"
# Left empty, they are made anew by the deployment.
MADE = (
    "CONTROL_PLANE_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "ANALYSIS_WORKER_SECRET", "RECORD_SIGNING_KEY", "SPACES_KEY",
    "SPACES_SECRET", "SUPABASE_JWT_SECRET", "PGPASSWORD", "AUTHENTICATOR_PASSWORD",
)  # fmt: skip
DOCUMENT = REPOSITORY / "tests" / "documents" / "text_messages.txt"


def every_key_changed(evening: Evening, vast: "subprocess.Popen[bytes]") -> "subprocess.Popen[bytes]":
    """Old keys open nothing, new ones everything, of yesterday as of today; returns the stand-in for Vast.ai of now."""
    before, first_night = visitors.settings(), evening.words["NIGHT"]
    told = visitors.original(evening.first_job)
    key, change = blocks(HEADING, OPERATIONS)
    (recipient,) = re.findall(r"age1\w+", evening.type(key))
    vast_key, sealing = f"changed-{'k' * 40}", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    fill_in_settings(
        dict.fromkeys(MADE, "")
        | {"METRICS_TOKEN": secrets.token_hex(24), "VAST_API_KEY": vast_key, "BACKUP_RECIPIENT": recipient}
        | {"PASSWORDS_KEY": f"{sealing},{before['PASSWORDS_KEY']}"}
    )
    vast.terminate()
    vast.wait()
    vast = visitors.start_vast(evening.environ, vast_key)
    evening.type(change)
    after = visitors.settings()
    expect("every key is another", all(after[name] != before[name] for name in (*MADE, "SUPABASE_SERVICE_KEY")))
    expect("the old token opens nothing", visitors.status_with(before["CONTROL_PLANE_TOKEN"]) == 401)
    expect("the house is ready with its new keys", visitors.is_ready())
    expect("who had an account signs in", visitors.sign_in_again())
    expect("the first document's bytes are what they were", visitors.original(evening.first_job) == told)
    job = visitors.send(DOCUMENT)
    wait_for("another document is read by a container", lambda: visitors.job(job)["status"] == "completed", 600)
    nights = sorted(path.name for path in (CHECKOUT / "backups").glob("2*Z"))
    for night, identity, opens in (
        (nights[-1], "identity-new.txt", True), (nights[-1], "identity.txt", False),
        (first_night, "identity.txt", True), (first_night, "identity-new.txt", False),
    ):  # fmt: skip
        expect(f"{identity} {'opens' if opens else 'does not open'} {night}", opened(night, identity) is opens)
    return vast


def opened(night: str, identity: str) -> bool:
    """Whether this key opens the settings, and each part of objects, of that night."""
    files = [CHECKOUT / "backups" / night / "settings.env.age"]
    files += (CHECKOUT / "backups" / "objects" / night).glob("*.age")
    command = ["age", "--decrypt", "--identity", str(CHECKOUT / identity), "--output", "/dev/null"]
    return not any(subprocess.run([*command, str(each)], capture_output=True, check=False).returncode for each in files)
