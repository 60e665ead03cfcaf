"""Writes docs/grafana/aseagi.json, the dashboard for Grafana, from the panels below.

    python -m scripts.make_grafana
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[1] / "docs" / "grafana" / "aseagi.json"
WIDTH, HEIGHT = 8, 7
# Title, unit (Grafana's), and each line's expression and name.
PANELS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("Open alarms", "none", (("aseagi_alarms_open", "{{name}}"),)),
    ("Oldest document that waits", "s", (("aseagi_queue_oldest_seconds", "oldest"),)),
    ("Documents", "none", (("sum(aseagi_queue_waiting)", "wait"), ("sum(aseagi_queue_processing)", "are read"),
                           ("aseagi_to_judge", "wait for Claude"))),
    ("Pages a second", "none", (("aseagi_ocr_pages_per_second", "all machines"),)),
    ("Pages that wait", "none", (("sum(aseagi_queue_pages)", "pages"),)),
    ("Machines", "none", (("aseagi_machines", "{{status}}"),)),
    ("Spent today", "currencyUSD", (("aseagi_spent_usd_today", "{{what}}"), ("aseagi_cap_usd", "cap {{cap}}"))),
    ("Dollars an hour", "currencyUSD", (("aseagi_machine_usd_per_hour", "machines"),)),
    ("Claude today", "none", (("aseagi_claude_calls_today", "{{outcome}}"),)),
    ("Claude's dollars today", "currencyUSD", (("aseagi_claude_usd_today", "{{outcome}}"),)),
    ("Events not read yet", "s", (("aseagi_event_lag_seconds", "{{consumer}}"), ("aseagi_events_parked", "parked"))),
    ("Silence of programs", "s", (("aseagi_program_silent_seconds", "{{program}}"),)),
    ("Programs that are late", "none", (("aseagi_program_late", "{{program}}"),)),
    ("Last backup", "s", (("aseagi_backup_age_seconds", "{{kind}} {{outcome}}"),)),
    ("Disk that is free", "percentunit", (("aseagi_disk_free_bytes / aseagi_disk_total_bytes", "{{volume}}"),)),
    ("Vendors that may be asked", "none", (("aseagi_door_open", "{{door}}"), ("aseagi_database_up", "database"))),
)


def panel(number: int, title: str, unit: str, lines: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """A graph at its place, three in a row (pure)."""
    return {
        "id": number + 1, "type": "timeseries", "title": title,
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "gridPos": {"w": WIDTH, "h": HEIGHT, "x": WIDTH * (number % 3), "y": HEIGHT * (number // 3)},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [{"refId": chr(65 + at), "expr": expression, "legendFormat": name}
                    for at, (expression, name) in enumerate(lines)],
    }  # fmt: skip


def build() -> dict[str, Any]:
    """The dashboard (pure)."""
    return {
        "title": "ASEAGI", "uid": "aseagi", "schemaVersion": 39, "refresh": "30s", "editable": True,
        "time": {"from": "now-24h", "to": "now"}, "tags": ["aseagi"],
        "templating": {"list": [{"name": "source", "type": "datasource", "query": "prometheus"}]},
        "panels": [panel(number, *each) for number, each in enumerate(PANELS)],
    }  # fmt: skip


if __name__ == "__main__":
    FILE.write_text(json.dumps(build(), indent=1) + "\n")
