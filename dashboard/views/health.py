"""Health: what the doctor found at each vendor, which programs live, and whether backups are made."""

from itertools import groupby

import streamlit as st

from dashboard import frame, markup, words
from dashboard.answers import Looked, Probe, ProgramLife, Readiness
from dashboard.api_client import ApiClient

DOORS = {
    "bucket": "The bucket", "storage": "The storage", "database": "The database", "vast": "Vast.ai",
    "image": "The worker's image",
    "claude": "Claude", "telegram": "Telegram", "drive": "Google Drive", "mailbox": "The mailbox", "mail": "Mail to us",
    "timestamp": "The time stamp authority", "host": "This machine",
}  # fmt: skip
PROGRAMS = {
    "serve": "The control plane", "scale": "The scaler", "import": "The importer", "notify": "The notifier",
    "reap": "The reaper", "analyse": "The analysis worker",
    "dashboard": "The dashboard",
    "case_room": "The case room",
}  # fmt: skip
STATES = {"ok": ("Sound", "green"), "off": ("Not set up", "gray"), "warning": ("Look at it", "orange"),
          "fault": ("Broken", "red")}  # fmt: skip
WORST = ("fault", "warning", "ok", "off")


def body(api: ApiClient) -> None:
    """The programs first: they are what may have died since somebody last looked."""
    readiness = api.readiness()
    st.subheader("Programs", anchor=False)
    _programs(api, readiness)
    _backup(readiness)
    for door in readiness.paused_doors:
        name, why = words.label(DOORS, door.name), markup.md(door.message or door.code or "")
        st.warning(f"**{name} is paused.** {why} What waits behind it goes on by itself.")
    st.subheader("The doctor", anchor=False)
    _doctor(api, api.doctor())


def _programs(api: ApiClient, readiness: Readiness) -> None:
    if not readiness.programs:
        frame.empty("No program was heard of yet", "Each notes its life every quarter of a minute.")
    for life in readiness.programs:
        chip = markup.chip("Lives", "green") if life.ok else markup.chip("Silent", "red")
        frame.html(markup.chips(chip), markup.facts([(_called(life.name), _life(life))]))
        if not life.ok and life.silent_seconds is not None:
            frame.button(
                f"{_called(life.name)} is not expected any more", "close",
                lambda name=life.name: api.forget_program(name),  # type: ignore[misc]
                "It counts again once it is heard of.", key=f"forget-{life.name}",
            )  # fmt: skip


def _called(name: str) -> str:
    program, _, place = name.partition(" ")
    return f"{words.label(PROGRAMS, program)}{f' ({place})' if place else ''}"


def _life(life: ProgramLife) -> str:
    if life.silent_seconds is None:
        return "was never heard of"
    silent = words.duration(life.silent_seconds)
    said = f"silent for {silent}, and never longer than {words.duration(life.late_after_seconds)}"
    said = f"heard of {silent} ago" if life.ok else said
    return f"{said}; its last round: {life.problem}" if life.problem else said


def _backup(readiness: Readiness) -> None:
    backup = readiness.backup
    chip = markup.chip("Fresh", "green") if backup.ok and backup.newest_at else markup.chip("None", "gray")
    chip = chip if backup.ok else markup.chip("Late", "red")
    told = [("Backup", backup.message)]
    told += [("Newest", words.moment(backup.newest_at.isoformat()))] if backup.newest_at else []
    told += [("Last tried to bring one back", words.moment(backup.tried_at.isoformat()))] if backup.tried_at else []
    frame.html(markup.chips(chip), markup.facts(told))


def _doctor(api: ApiClient, looked: Looked) -> None:
    if looked.examined_at is None:
        frame.empty("The doctor has not looked yet", "It tries every vendor as production does, and costs a cent.")
    else:
        count = sum(probe.state == "fault" for probe in looked.probes)
        verdict = (
            "Nothing is broken"
            if not count
            else f"{words.count(count, 'thing')} {'is' if count == 1 else 'are'} broken"
        )
        st.caption(markup.md(f"{verdict}. It looked {words.ago(looked.examined_at, frame.now())}."))
    frame.button("Look now", "stethoscope", api.run_doctor, "The doctor has looked.", key="look-now")
    for door, probes in groupby(looked.probes, key=lambda probe: probe.door):
        _door(door, list(probes))


def _door(door: str, probes: list[Probe]) -> None:
    worst = min((probe.state for probe in probes), key=WORST.index)
    with st.container(border=True):
        label, color = STATES[worst]
        frame.html(markup.headline(words.label(DOORS, door)), markup.chips(markup.chip(label, color)))
        for probe in probes:
            if probe.state in ("fault", "warning"):
                text = f"**{markup.md(probe.message)}** {markup.md(probe.mend or '')}  \n`{probe.code}`"
                (st.error if probe.state == "fault" else st.warning)(text)
        sound = [(probe.tried, probe.message) for probe in probes if probe.state in ("ok", "off")]
        frame.html(markup.facts(sound) if sound else "")


frame.page("Health", "Which programs live, whether backups are made, and what the doctor found at each vendor.", body)
