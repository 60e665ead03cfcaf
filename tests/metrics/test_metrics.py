"""/metrics says what the database and this machine know, and what Grafana and the alerts ask for is there."""

import json
import re

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from control_plane.database.metric_rows import (
    AlarmMetric,
    BackupMetric,
    ClaudeMetric,
    ConsumerMetric,
    DoorMetric,
    MachineMetric,
    Metrics,
    ProgramMetric,
    QueueMetric,
)  # fmt: skip
from control_plane.metrics.families import Disk, families
from scripts.make_grafana import build
from tests.control_plane.desk import PDF, REPOSITORY, Desk, make_desk

TOKEN = "metrics-token-of-this-test-which-is-long"
FULL = Metrics(
    [QueueMetric("high", 1, 2, 3, 4.0)], 5, [MachineMetric("ready", 1, 0.5, 2.0)], 1.5,
    [ClaudeMetric("answered", 1, 0.1)], [ConsumerMetric("mail", None)], 0,
    [ProgramMetric("scale", 3.0, False)], [BackupMetric("backup", "done", 60.0)],
    [AlarmMetric("standstill", 1)], [DoorMetric("vast", "open")],
)  # fmt: skip


@pytest.fixture
def watched(clean_cloud) -> Desk:
    return make_desk(clean_cloud, METRICS_TOKEN=TOKEN)


def scrape(desk: Desk, token: str = TOKEN) -> dict[tuple[str, ...], float]:
    answer = desk.http.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    found = text_string_to_metric_families(answer.text)
    return {(each.name, *each.labels.values()): each.value for family in found for each in family.samples}


def test_the_numbers_are_the_house_s(watched: Desk):
    watched.upload(PDF, "letter.pdf", priority="high")
    database = watched.clients.database
    database.raise_alarm("standstill", "5 documents wait")
    database.take_events("telegram", 1)
    watched.add_machine("aseagi-test-00000001")
    said = scrape(watched)
    assert said["aseagi_database_up",] == 1 and said["aseagi_queue_waiting", "high"] == 1
    assert said["aseagi_queue_oldest_seconds",] >= 0 and said["aseagi_alarms_open", "standstill"] == 1
    assert said["aseagi_machines", "ready"] == 1 and said["aseagi_spent_usd_today", "machines"] >= 0
    assert said["aseagi_event_lag_seconds", "telegram"] >= 0 and said["aseagi_cap_usd", "machines_per_day"] == 20
    assert said["aseagi_disk_free_bytes", "tmp"] > 0 and said["aseagi_door_open", "vast"] == 1


@pytest.mark.parametrize("token", ["", "wrong", None])
def test_only_the_metrics_token_reads_them_and_it_reads_nothing_else(watched: Desk, token: str | None):
    shown = watched.settings.control_plane_token if token is None else token
    headers = {"Authorization": f"Bearer {shown}"}
    assert watched.http.get("/metrics", headers=headers).status_code == 401
    assert watched.http.get("/api/documents", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 401


def test_without_a_token_nobody_reads_them(clean_cloud):
    assert make_desk(clean_cloud).http.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401


def test_what_the_machine_knows_is_said_while_the_database_is_away(clean_cloud):
    desk = make_desk(clean_cloud, METRICS_TOKEN=TOKEN, SUPABASE_URL="http://127.0.0.1:9")
    said = scrape(desk)
    assert said["aseagi_database_up",] == 0 and said["aseagi_disk_free_bytes", "tmp"] > 0
    assert not [each for each in said if each[0] == "aseagi_queue_waiting"]


def test_asking_costs_the_database_little(watched: Desk):
    """With 3,000 documents in line: what the scaler asks every ten seconds anyway, and small tables."""
    in_an_empty_house = beside_the_line(watched)
    for first in (1, 1001, 2001):
        watched.sql(
            "select count(*) from enqueue_jobs((select jsonb_agg(jsonb_build_object('document_id', gen_random_uuid(),"
            " 'object_key', 'raw/' || n || '.pdf', 'original_filename', n || '.pdf', 'source', 'upload', 'sha256',"
            " lpad(n::text, 64, '0'), 'bytes', 10, 'mime_type', 'application/pdf')) from"
            " generate_series(%s::int, %s::int) n))", first, first + 999,
        )  # fmt: skip
    watched.sql("analyze")
    assert beside_the_line(watched) < in_an_empty_house + 400


def beside_the_line(desk: Desk) -> int:
    """Blocks beyond those of the queue's statistics, once a connection has its plans."""
    return blocks(desk, "get_metrics()") - blocks(desk, "get_queue_stats()")


def blocks(desk: Desk, function: str) -> int:
    for _ in range(6):
        desk.sql(f"select * from {function}")
    [(plan,)] = desk.sql(f"explain (analyze, buffers, format json) select * from {function}")
    return int(plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"])


def names_there_are() -> set[str]:
    return {family.name for family in families(FULL, {"x": 1.0}, {"tmp": Disk(1, 2)})}


def names_in(expression: str) -> set[str]:
    return set(re.findall(r"aseagi_\w+", expression))


def test_the_dashboard_and_the_alerts_ask_for_metrics_that_exist():
    board = json.loads((REPOSITORY / "docs/grafana/aseagi.json").read_text())
    assert board == build(), "python -m scripts.make_grafana"
    shown = {name for panel in board["panels"] for target in panel["targets"] for name in names_in(target["expr"])}
    assert shown == names_there_are(), "each metric has its place, and no panel is empty"
    rules = yaml.safe_load((REPOSITORY / "docs/grafana/alerts.yml").read_text())["groups"][0]["rules"]
    assert len(rules) >= 8
    assert all(names_in(rule["expr"]) and names_in(rule["expr"]) <= names_there_are() for rule in rules)
