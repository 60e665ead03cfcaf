"""What /ready says to strangers and to us: vendors, programs, backups."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from control_plane.app import build_app
from control_plane.database.health_rows import Program
from control_plane.database.heartbeat import BEAT_SECONDS, Heartbeat
from control_plane.readiness import STARTING_SECONDS, WATCH_SECONDS, Watch, find_drill_fault, judge_programs
from control_plane.settings import Settings, SettingsError
from tests.control_plane.desk import PDF, Desk, make_desk
from tests.tiny_disk import tiny_disk

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def test_strangers_hear_yes_or_no_and_nothing_else(desk: Desk, away):
    told = desk.http.get("/ready")
    assert (told.status_code, told.json) == (200, {"ready": True})
    for dependency in ("database", "storage"):
        refused = away(dependency).get("/ready")
        assert (refused.status_code, refused.json) == (503, {"ready": False})
    assert desk.http.get("/ready", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_what_strangers_hear_is_asked_for_once_in_a_while(desk: Desk):
    assert desk.http.get("/ready").json == {"ready": True}
    desk.clients.database.note_program("scale", 1, "0")
    desk.sql("update programs set beat_at = now() - interval '1 minute'")
    assert desk.http.get("/ready").json == {"ready": True}  # a moment ago it was so
    checks = desk.http.application.extensions["readiness"]
    checks.clock = lambda: float("inf")
    assert desk.http.get("/ready").json == {"ready": False}


def test_a_dead_scaler_is_seen_and_one_that_never_came(clean_cloud):
    desk = make_desk(clean_cloud, EXPECTED_PROGRAMS="scale, import")
    never = desk.get("/ready")
    assert never.status_code == 503 and [life["name"] for life in never.json["programs"]] == ["import", "scale"]
    for name in ("scale", "import"):
        Heartbeat(desk.clients.database, name, 300)()
    assert desk.get("/ready").status_code == 200
    desk.sql("update programs set beat_at = now() - interval '301 seconds' where name = 'scale'")
    dead = desk.get("/ready")
    assert dead.status_code == 503
    assert {life["name"]: life["ok"] for life in dead.json["programs"]} == {"import": True, "scale": False}
    assert desk.post("/api/programs/forget", name="scale").json == {"name": "scale", "forgotten": True}


def test_a_paused_door_is_named_and_makes_nothing_red(desk: Desk):
    desk.clients.database.pause_door("drive", "drive_quota", "Google's quota is used up.")
    told = desk.get("/ready")
    (door,) = told.json["paused_doors"]
    assert told.status_code == 200 and (door["name"], door["code"]) == ("drive", "drive_quota") and door["next_try_at"]


def test_a_program_says_why_its_round_did_nothing_and_writes_seldom(desk: Desk):
    now = [0.0]
    beat = Heartbeat(desk.clients.database, "scale", 300, clock=lambda: now[0])
    beat("vast_blind")
    beat()  # too soon to be worth a row
    assert [each.problem for each in desk.clients.database.get_programs()] == ["vast_blind"]
    now[0] = BEAT_SECONDS
    beat()
    assert [each.problem for each in desk.clients.database.get_programs()] == [None]


def test_a_database_that_is_away_ends_no_program(clean_cloud):
    Heartbeat(make_desk(clean_cloud, SUPABASE_URL="http://127.0.0.1:9").clients.database, "scale", 300)()


def test_the_analysis_worker_is_heard_of_where_it_asks_for_work(desk: Desk):
    desk.sql("select claim_case_documents(1, 1, 60)")
    assert [each.name for each in desk.clients.database.get_programs()] == ["analyse"]


def test_who_lives_is_said_of_each_by_its_own_measure():
    heard = [
        Program("scale", "1", NOW, 200.0, 300, False, None),
        Program("reap", "1", NOW, 3000.0, 2700, True, "vast_blind"),
    ]  # fmt: skip
    lives = judge_programs(("scale", "notify"), heard)
    assert [(each.name, each.ok, each.problem) for each in lives] == [
        ("scale", True, None), ("reap", False, "vast_blind"), ("notify", False, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hours_of_backup", "hours_of_document", "recipient", "ok"),
    [
        (None, 90, None, True),  # nobody asked for backups, and that is said
        (None, None, "age1x", True),  # nothing to lose yet
        (None, 40, "age1x", False),
        (5, 90, "age1x", True),
        (37, 90, "age1x", False),
        (37, 90, None, False),  # made elsewhere, and not any more
    ],
)
def test_a_backup_that_is_too_old_turns_it_red(desk: Desk, hours_of_backup, hours_of_document, recipient, ok):
    if hours_of_document:
        desk.upload(PDF)
        desk.sql("update master_document_registry set created_at = now() - %s", timedelta(hours=hours_of_document))
    if hours_of_backup:
        values = ("backup", "20261122T030000Z", timedelta(hours=hours_of_backup), timedelta(hours=hours_of_backup))
        desk.sql(
            "insert into backups (kind, name, started_at, finished_at, outcome) "
            "values (%s, %s, now() - %s, now() - %s, 'done')", *values,
        )  # fmt: skip
    app = build_app(replace(desk.settings, backup_recipient=recipient), desk.clients)
    told = app.test_client().get("/ready", headers=desk.auth)
    assert (told.status_code == 200, told.json["backup"]["ok"]) == (ok, ok)
    assert told.json["backup"]["configured"] is (recipient is not None or hours_of_backup is not None)
    assert "BACKUP_RECIPIENT" in told.json["backup"]["message"] or told.json["backup"]["configured"]
    assert json.dumps(app.test_client().get("/ready").json) == json.dumps({"ready": ok})


def test_a_trial_that_failed_or_is_overdue_is_an_alarm_until_one_is_sound(desk: Desk):
    made_here = replace(desk.settings, backup_recipient="age1x")

    def told(**trial) -> list[str]:
        """The alarm after a trial became this, so many days ago."""
        if trial:
            desk.sql(
                "insert into backups (kind, name, started_at, finished_at, outcome, message) values "
                "('trial', 'N', now(), now() - make_interval(days => %s), %s, 'It stopped while opening it.')",
                trial["days"], trial["outcome"],
            )  # fmt: skip
        desk.sql("update alarms set last_seen_at = now() - interval '5 minutes'")
        Watch(made_here, desk.clients.database).look()
        return [message for (message,) in desk.sql("select message from alarms where name = 'drill_late' "
                                                   "and cleared_at is null")]  # fmt: skip

    desk.upload(PDF)
    assert told() == [], "nothing is so old that a trial is due"
    desk.sql("update master_document_registry set created_at = now() - interval '36 days'")
    assert "For 36 days" in told()[0]
    assert told(days=34, outcome="done") == []
    assert told(days=2, outcome="failed") == ["The trial of backup N failed: It stopped while opening it."]
    assert told(days=1, outcome="done") == []
    desk.sql("delete from backups")
    assert find_drill_fault(desk.settings, desk.clients.database, datetime.now(UTC)) is None, "none are made from here"


def test_the_silence_of_a_program_is_an_alarm_until_it_speaks_again(desk: Desk):
    now = [0.0]
    watch = Watch(replace(desk.settings, expected_programs=("scale",)), desk.clients.database, clock=lambda: now[0])

    def open_alarms() -> list[tuple[str, str]]:
        return desk.sql("select name, about from alarms where cleared_at is null order by 1, 2")

    watch()  # the others may still be starting
    assert open_alarms() == []
    now[0] = STARTING_SECONDS
    watch()
    assert open_alarms() == [("program_silent", "scale")]
    desk.clients.database.note_program("scale", 300, "1")
    desk.sql("update alarms set last_seen_at = now() - interval '5 minutes'")
    watch()  # not yet due
    assert open_alarms() == [("program_silent", "scale")]
    now[0] += WATCH_SECONDS
    watch()
    assert open_alarms() == []


def test_a_full_disk_is_an_alarm_until_there_is_room(desk: Desk, tmp_path):
    with tiny_disk(tmp_path / "state", "64k") as state:
        full = replace(desk.settings, vast_home=state / "vast")
        Watch(full, desk.clients.database).look()
        opened = "select message from alarms where name = 'disk_full' and cleared_at is null"
        assert "0 MB left" in desk.sql(opened)[0][0]
        desk.sql("update alarms set last_seen_at = now() - interval '5 minutes'")
        Watch(replace(desk.settings, vast_home=tmp_path), desk.clients.database).look()
        assert desk.sql(opened) == []


def test_a_window_lives_while_it_answers(desk: Desk, clean_cloud):
    windows = {"dashboard": f"{clean_cloud.vast_url}/api/v0/gpu_names/unique/", "case_room": "http://127.0.0.1:9/"}
    Watch(replace(desk.settings, watched_windows=windows), desk.clients.database)()
    assert [each.name for each in desk.clients.database.get_programs()] == ["dashboard"]
    environ = desk.environ | {"WATCHED_WINDOWS": "dashboard=http://d:1/x case_room=http://c:2/y"}
    assert Settings.from_env(environ).watched_windows == {"dashboard": "http://d:1/x", "case_room": "http://c:2/y"}
    with pytest.raises(SettingsError, match="WATCHED_WINDOWS"):
        Settings.from_env(environ | {"WATCHED_WINDOWS": "dashboard"})
