"""Open alarms."""

from datetime import timedelta

from flask import Blueprint, jsonify

from .answers import refusal, state

answers = Blueprint("alarms", __name__)


def sample_alarms(now) -> list[dict]:
    def alarm(number: int, name: str, message: str, hours: int, told: bool) -> dict:
        when = (now - timedelta(hours=hours)).isoformat()
        return {
            "id": number, "name": name, "about": "", "message": message, "raised_at": when,
            "last_seen_at": now.isoformat(), "told_at": when if told else None, "guide": f"/account/operations#{name}",
        }  # fmt: skip

    return [
        alarm(2, "cap_reached", "work waits, but the day's cap of $20.00 is reached", 1, True),
        alarm(1, "standstill", "12 documents wait and none was done for 31 minutes: <no offer> fits", 26, False),
    ]


@answers.get("/api/alarms")
def list_alarms():
    return jsonify(alarms=state().alarms)


@answers.post("/api/alarms/<int:alarm_id>/clear")
def clear_alarm(alarm_id: int):
    if not any(each["id"] == alarm_id for each in state().alarms):
        return refusal(404, "not_found", "There is no such alarm, or it is over.")
    state().alarms = [each for each in state().alarms if each["id"] != alarm_id]
    return jsonify(alarms=state().alarms)
