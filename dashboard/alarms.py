"""The open alarms, at the top of the first page: what is wrong, since when, where to read what to do."""

import contextlib
import functools

import streamlit as st

from dashboard import frame, markup, words
from dashboard.answers import OpenAlarm
from dashboard.errors import DashboardError

MOST_SHOWN = 5


def show() -> None:
    """One box per alarm, the newest first. While the service is away the page itself says so."""
    with contextlib.suppress(DashboardError):
        found = frame.client().alarms()
        for alarm in found[:MOST_SHOWN]:
            _show(alarm)
        if len(found) > MOST_SHOWN:
            with st.expander(f"{words.count(len(found) - MOST_SHOWN, 'older alarm')}"):
                for alarm in found[MOST_SHOWN:]:
                    _show(alarm)


def _show(alarm: OpenAlarm) -> None:
    with st.container(border=True, gap="xsmall"):
        frame.html(markup.alarm(alarm, st.session_state["account_url"], frame.now()))
        me = st.session_state.get("me")
        if me is None or "admin" in me.scopes:
            clear = functools.partial(frame.client().clear_alarm, alarm.id)
            frame.button("Seen to", "done", clear, words.SEEN_TO, key=f"alarm-{alarm.id}", type="tertiary")
