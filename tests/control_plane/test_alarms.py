"""Alarms over HTTP, and the guide that each of them links to."""

import re
from pathlib import Path

import pytest

from control_plane.alarms.guide import render_guide
from control_plane.database.enums import DoorName
from tests.control_plane.desk import REPOSITORY, Desk

RAISED = re.compile(r"""\b(?:raise_alarm|Alarm)\(\s*["']([a-z_]+)["']""")
ROOMS = ("control_plane", "supabase/migrations", "scripts")


def raised_names() -> set[str]:
    """Every name that the code raises."""
    files = [file for room in ROOMS for file in (REPOSITORY / room).rglob("*") if file.suffix in (".py", ".sql")]
    doors = {f"{name}_paused" for name in DoorName}
    return doors | {name for file in files for name in RAISED.findall(file.read_text())}


def sections(text: str) -> set[str]:
    text = text.partition("\n# Through a year")[0]
    return set(re.findall(r"^## (\S+)$", text, re.MULTILINE))


def test_every_alarm_that_is_raised_has_its_section_and_each_section_its_alarm():
    names = raised_names()
    assert len(names) > 20
    assert names == sections(Path(REPOSITORY / "docs/operations.md").read_text())


def test_no_alarm_is_raised_under_a_name_that_the_guide_cannot_find():
    calls = re.compile(r"\b(?:raise_alarm|Alarm)\(\s*(\S)")
    for file in (REPOSITORY / "control_plane").rglob("*.py"):
        odd = {sign for sign in calls.findall(file.read_text()) if sign not in "\"'"}
        assert not odd or file.name in ("event_functions.py", "steps.py"), f"{file} computes an alarm's name"


def test_the_guide_is_a_page_with_an_anchor_for_each_section(desk: Desk):
    page = desk.http.get("/account/operations")
    assert page.status_code == 200
    for name in raised_names():
        assert f'<h2 id="{name}">' in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_guide_links_to_nothing_that_the_house_does_not_show():
    shown = render_guide("see [vendors.md](vendors.md#x) and [Vast.ai](https://cloud.vast.ai/)")
    assert "<em>vendors.md</em>" in shown and shown.count("<a ") == 1


def test_the_guide_takes_no_html():
    assert "<script>" not in render_guide("## a\n<script>alert(1)</script>")


def test_open_alarms_are_listed_until_a_person_has_seen_to_them(desk: Desk):
    database = desk.clients.database
    database.raise_alarm("standstill", "5 documents wait")
    database.raise_alarm("not_listed", "see what is billed", "aseagi-test-1")
    first, second = desk.get("/api/alarms").json["alarms"]
    assert (first["name"], first["about"], second["name"]) == ("not_listed", "aseagi-test-1", "standstill")
    assert first["told_at"] is None and second["guide"] == "/account/operations#standstill"
    left = desk.post(f"/api/alarms/{first['id']}/clear").json["alarms"]
    assert [each["name"] for each in left] == ["standstill"]
    assert desk.sql("select cleared_by from alarms where name = 'not_listed'") == [("owner",)]


@pytest.mark.parametrize("alarm_id", ["999", "x", "9" * 40])
def test_an_alarm_that_is_not_there_is_a_404(desk: Desk, alarm_id: str):
    assert desk.post(f"/api/alarms/{alarm_id}/clear").status_code == 404
