"""What the doctor found, who lives, and whether backups are made."""

from datetime import timedelta

from flask import Blueprint, jsonify, request

from .answers import refusal, state

answers = Blueprint("health", __name__)


def never_looked() -> dict:
    return {"examined_at": None, "seconds": None, "sound": True, "probes": []}


def sample_look(now) -> dict:
    def probe(door: str, tried: str, message: str, state="ok", code="ok", mend: str | None = None) -> dict:
        return {"door": door, "tried": tried, "state": state, "code": code, "message": message, "mend": mend}

    return {
        "examined_at": (now - timedelta(hours=2)).isoformat(), "seconds": 41.5, "sound": False,
        "probes": [
            probe("bucket", "a second time", "The second PUT is refused (412)."),
            probe("bucket", "versions", "The bucket keeps no versions.", "warning", "bucket_without_versions",
                  "Run scripts/setup_spaces.sh; where the store has no versions, originals are copied instead."),
            probe("database", "the publishable key", "The publishable key opens nothing."),
            probe("vast", "offers by clause", "Verified and free: 64+, num_gpus=1: 64+, gpu_ram>=8: 51."),
            probe("image", "ghcr.io/you/worker:abc can be pulled", "The registry ghcr.io does not give the worker's "
                  "image to our login (403).", "fault", "image_login_refused", "Make a new token that may read "
                  "packages, and put it into WORKER_IMAGE_LOGIN."),
            probe("telegram", "set up", "No TELEGRAM_BOT_TOKEN is set: there is no bot.", "off", "not_set_up"),
        ],
    }  # fmt: skip


def sample_readiness(now) -> dict:
    def life(name: str, ok: bool, seconds: float | None, late: int | None = 300, problem: str | None = None) -> dict:
        return {"name": name, "ok": ok, "silent_seconds": seconds, "late_after_seconds": late, "problem": problem}

    good = {"ok": True, "code": None, "message": None}
    return {
        "ready": False, "postgres": good, "storage": good, "vast": good,
        "programs": [
            life("analyse", True, 21.0, 600), life("import", True, 4.2, 900), life("notify", False, None, None),
            life("reap elsewhere", True, 640.0, 2700), life("scale", False, 725.0, 300, "vast_blind"),
            life("serve", True, 8.0, 120),
        ],
        "backup": {
            "ok": True, "configured": True, "newest_at": None, "tried_at": None, "message": "There is none yet.",
        },
        "faults": ["image_login_refused"],
        "paused_doors": [{
            "name": "drive", "status": "paused", "code": "drive_quota", "since": now.isoformat(), "tries": 2,
            "message": "Google Drive's daily quota is used up.", "next_try_at": now.isoformat(),
        }],
    }  # fmt: skip


@answers.get("/api/doctor")
def get_look():
    return jsonify(state().looked)


@answers.post("/api/doctor/run")
def look_now():
    state().looked = sample_look(state().now) | {"examined_at": state().now.isoformat()}
    return jsonify(state().looked)


@answers.get("/api/readiness")
def get_readiness():
    return jsonify(state().readiness)


@answers.post("/api/programs/forget")
def forget():
    name, lives = request.get_json()["name"], state().readiness["programs"]
    if not any(each["name"] == name for each in lives):
        return refusal(404, "not_found", "There is no such program.")
    state().readiness["programs"] = [each for each in lives if each["name"] != name]
    return jsonify(name=name, forgotten=True)
