"""Judging: whom Claude has judged, who waits and for what, what it costs, and judging again."""

import functools
from typing import Any

import streamlit as st

from dashboard import frame, judging_words, markup, words
from dashboard.answers import AnalysisReport, ClaudeDoor, JudgingEstimate
from dashboard.api_client import ApiClient

POLL_SECONDS = 5
SILENT_SECONDS = 300.0
"""After which the program that asks Claude counts as not running: it asks for work every few seconds."""


def show(api: ApiClient) -> None:
    """How it stands, live; then judging again."""
    _live()
    st.subheader("Judge again", anchor=False)
    _form(api)


@st.fragment(run_every=POLL_SECONDS)
def _live() -> None:
    frame.guarded(_now, key="judging")


def _now(api: ApiClient) -> None:
    report = api.analysis()
    _door(api, report)
    spent = report.spent
    failed = f"{words.count(report.failed)} could not be judged" if report.failed else "by type, date and names only"
    frame.html(
        markup.figures(
            [
                ("Judged by Claude", words.count(report.judged, "document"), f"{words.dollars(spent.usd)} in all"),
                ("Sorted by simple rules", words.count(report.sorted, "document"), failed),
                (
                    "Waiting to be judged",
                    words.count(report.waiting, "document"),
                    f"{words.count(report.waiting_pages, 'page')}, about {words.dollars(report.waiting_usd)}",
                ),
                (
                    "Per 1,000 pages",
                    words.dollars(spent.usd_per_1000_pages),
                    f"expected {words.dollars(report.expected_usd_per_1000_pages)}",
                ),
            ]
        )
    )
    today = f"Claude today: {words.dollars(report.today_usd)} of {words.dollars(report.max_usd_per_day)}."
    st.caption(markup.md(f"{today} {judging_words.SPENDING}"))
    _waiting(api, report)
    if report.without_key.documents and report.door.status != "no_key":
        with st.container(border=True, gap="xsmall"):
            frame.html(markup.headline("Sorted before there was a key"))
            _offer(api, report.without_key, {"reason": "no_key"}, "without-key")


def _door(api: ApiClient, report: AnalysisReport) -> None:
    door = report.door
    if door.status == "paused":
        _paused(api, door)
    elif door.status == "no_key":
        st.info(
            "No key for Claude is set (ANTHROPIC\\_API\\_KEY), so documents are sorted by simple rules. Nobody looks "
            "for contradictions or warning signs.",
            icon=":material/key_off:",
        )
    else:
        if report.waiting and (door.claimed_at is None or _seconds_since(door) > SILENT_SECONDS):
            heard = words.ago(door.claimed_at, frame.now()) if door.claimed_at else "never"
            st.warning(
                f"The program that asks Claude was last heard: {heard}. Is it running?", icon=":material/warning:"
            )
        about = "What waits stays in line, and nothing more is spent on Claude, until you let it go on."
        frame.button("Pause Claude", "pause", api.pause_claude, "Claude is asked nothing more.", help=about)


def _paused(api: ApiClient, door: ClaudeDoor) -> None:
    why = words.label(judging_words.PAUSED_BY, door.code)
    said = f" It says: “{door.message}”" if door.message else ""
    since = words.ago(door.since, frame.now())
    tried = "" if door.code == "by_hand" else " One document is tried every few minutes; when it works, all go on."
    st.error(
        markup.md(f"Claude is paused since {since}. {why}{said} Documents wait; nothing is lost.{tried}"),
        icon=":material/pause_circle:",
    )
    frame.button("Let Claude go on", "play_arrow", api.resume_claude, "Claude is asked again.", type="primary")


def _seconds_since(door: ClaudeDoor) -> float:
    return 0.0 if door.claimed_at is None else (frame.now() - door.claimed_at).total_seconds()


def _waiting(api: ApiClient, report: AnalysisReport) -> None:
    if not report.waiting:
        return
    waits = sorted(report.waiting_for.items(), key=lambda each: -each[1])
    being_judged = report.waiting - sum(report.waiting_for.values())
    rows = [(words.count(count, "document"), words.label(judging_words.WAITS_FOR, reason)) for reason, count in waits]
    if being_judged:
        rows.insert(0, (words.count(being_judged, "document"), "being judged now"))
    frame.html(markup.facts(rows))
    with st.popover("Take all out of the line", icon=":material/remove_done:"):
        st.markdown("They keep what the simple rules found, and nothing is spent on them. You can ask again later.")
        cancel = functools.partial(api.cancel_judging)
        frame.button("Yes, do not judge them", "", cancel, "They are out of the line.", type="primary")


def _form(api: ApiClient) -> None:
    with st.form("judge-again", border=False):
        reason = st.selectbox(
            "Which documents", list(judging_words.NOT_BY_CLAUDE), format_func=judging_words.NOT_BY_CLAUDE.__getitem__,
            help="Why Claude has not judged them, or not by today's instructions.",
        )  # fmt: skip
        left, right = st.columns(2)
        case = left.text_input("Only of this case number", placeholder="all")
        kind = right.text_input("Only of this type", placeholder="all, or for example custody_order")
        left, right = st.columns(2)
        since = left.date_input("Dated from", value=None)
        until = right.date_input("Dated to", value=None)
        pressed = st.form_submit_button("Count and estimate", type="primary", icon=":material/calculate:")
    if pressed:
        said = {
            "reason": reason,
            "case_number": case.strip(),
            "document_type": kind.strip().lower().replace(" ", "_"),
            "date_from": since and since.isoformat(),
            "date_to": until and until.isoformat(),
        }
        wanted = {name: value for name, value in said.items() if value}
        st.session_state["judging_estimate"] = (api.estimate_judging(**wanted), wanted)
    if "judging_estimate" in st.session_state:
        estimate, wanted = st.session_state["judging_estimate"]
        _offer(api, estimate, wanted, "again")


def _offer(api: ApiClient, estimate: JudgingEstimate, wanted: dict[str, Any], key: str) -> None:
    """The price, and the button that pays it."""
    others = [
        f"{words.count(count)} {why}"
        for count, why in (
            (estimate.waiting, "wait already"),
            (estimate.judged, "are judged already"),
            (estimate.not_allowed, "may not be shown to Claude"),
        )
        if count
    ]
    rest = f" ({', '.join(others)})" if others else ""
    if not estimate.documents:
        st.info(f"There is nothing to judge{rest}.", icon=":material/done_all:")
        return
    if estimate.basis == "off":
        st.info(
            f"{words.count(estimate.documents, 'document')}{rest}; a key must be set first.", icon=":material/key_off:"
        )
        return
    price = f"about {words.dollars(estimate.usd)}"
    pages = words.count(estimate.pages, "page")
    basis = judging_words.CLAUDE_BASIS[estimate.basis]
    st.markdown(
        markup.md(
            f"{words.count(estimate.documents, 'document')}, {pages}: {price}{words.days_over(estimate.days)} "
            f"({basis}).{rest}"
        )
    )
    again = functools.partial(_judge, api, wanted)
    label = f"Judge {words.count(estimate.documents, 'document')}"
    frame.button(label, "gavel", again, "They are in the line.", key=f"judge-{key}", type="primary")


def _judge(api: ApiClient, wanted: dict[str, Any]) -> None:
    while api.judge_again(**wanted).left:
        pass
    st.session_state.pop("judging_estimate", None)


frame.page(
    "Judging",
    "Claude looks for contradictions and warning signs in what was read. You see the price before you ask.",
    show,
)
