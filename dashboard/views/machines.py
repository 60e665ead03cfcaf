"""Machines: the computers rented right now, what they cost, and how to give them back."""

import contextlib
import functools
import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import frame, markup, tables, words
from dashboard.answers import ListedMachine, PricedOffer, RentingSwitch
from dashboard.api_client import ApiClient
from dashboard.errors import DashboardError

POLL_SECONDS = 5
CREDIT_SECONDS = 60.0
GONE = "destroyed"


def show(api: ApiClient) -> None:
    """Rented now, live; then the market."""
    _live()
    with st.expander("Rent one by hand", icon=":material/add_circle:"):
        st.caption(
            "Usually not needed: computers are rented by themselves when documents wait, and returned when idle."
        )
        frame.guarded(_offers, key="offers")
    with st.expander("Use one of our own computers", icon=":material/computer:"):
        frame.guarded(_own, key="own-computer")


@st.fragment(run_every=POLL_SECONDS)
def _live() -> None:
    frame.guarded(_now, key="machines")


def _now(api: ApiClient) -> None:
    answer = api.machines()
    here = [row for row in answer.instances if row.status != GONE]
    rented = [row for row in here if row.hosting != tables.OWN]
    headline = st.empty()
    _headline(headline, rented, None)
    _renting(api, answer.renting)
    if not rented:
        frame.empty("No computer is rented", "That is normal when nothing waits. Nothing is charged.")
    for row in here:
        _card(api, row)
    _gone([row for row in answer.instances if row.status == GONE])
    # Last, because the rental company may take seconds to answer.
    _headline(headline, rented, _credit(api))


def _headline(place: DeltaGenerator, rented: list[ListedMachine], credit_usd: float | None) -> None:
    per_hour = sum(row.usd_per_hour or 0 for row in rented)
    place.html(
        markup.figures(
            [
                ("Rented now", words.count(len(rented), "computer"), ""),
                ("Cost right now", words.dollars(per_hour), "an hour"),
                ("Credit left", words.dollars(credit_usd), "on the rental account"),
            ]
        )
    )


def _gone(rows: list[ListedMachine]) -> None:
    if not rows:
        return
    with st.expander(f"Returned earlier ({len(rows)})", icon=":material/history:"):
        for row in rows:
            frame.html(
                markup.meta(
                    row.gpu_name,
                    words.ago(row.created_at, frame.now()),
                    f"{words.dollars(row.machine_usd)} in all",
                    words.count(row.pages_done, "page"),
                    row.reason,
                    row.billing,
                )
            )


def _credit(api: ApiClient) -> float | None:
    """Asked once a minute; while the rental company is away the credit is simply not known."""
    credit_usd: float | None
    asked_at, credit_usd = st.session_state.get("credit", (-CREDIT_SECONDS, None))
    if time.monotonic() - asked_at > CREDIT_SECONDS:
        with contextlib.suppress(DashboardError):
            credit_usd = api.credit_usd()
        st.session_state["credit"] = (time.monotonic(), credit_usd)
    return credit_usd


def _renting(api: ApiClient, renting: RentingSwitch) -> None:
    if renting.paused:
        reason = f": {markup.md(renting.reason)}" if renting.reason else ""
        st.warning(f"Renting is paused{reason}. Documents wait until it goes on.", icon=":material/pause_circle:")
        frame.button(
            "Allow renting again", "play_arrow", api.resume_renting, "Renting is allowed again.", type="primary"
        )
    else:
        pause = functools.partial(api.pause_renting, "paused by hand on the dashboard")
        about = "Computers already rented finish their work and are returned as usual."
        frame.button("Pause renting", "pause", pause, "Nothing more will be rented.", help=about)


def _card(api: ApiClient, row: ListedMachine) -> None:
    label, status, alive_at = row.label, row.status, row.last_heartbeat_at
    with st.container(border=True, key=f"machine-{label}", gap="xsmall"):
        frame.html(markup.headline(label))
        frame.html(
            markup.chips(
                markup.chip(words.label(words.MACHINE_STATUS, status), words.MACHINE_COLOR.get(status, "gray")),
                markup.chip(f"{words.dollars(row.machine_usd)} so far"),
            )
        )
        frame.html(markup.meta(tables.machine_line(row, frame.now())))
        frame.html(
            markup.meta(
                words.count(row.pages_done, "page") + " read" if row.pages_done else None,
                f"{row.pages_per_second:.1f} pages a second" if row.pages_per_second else None,
                f"working on {words.count(row.jobs_held, 'document')}" if row.jobs_held else None,
                f"last sign of life {words.ago(alive_at, frame.now())}" if alive_at else None,
                row.reason,
            )
        )
        if row.verdict_reason:
            since = words.ago(row.verdict_at, frame.now()) if row.verdict_at else ""
            frame.html(markup.meta(f"{words.label(words.VERDICT, row.verdict)}: {row.verdict_reason}", since))
        if row.price_increase:
            st.warning(
                f"Its host asks more, and it is not accepted: {markup.md(row.price_increase)}. It is returned before.",
                icon=":material/price_change:",
            )
        own = row.hosting == tables.OWN
        with st.container(horizontal=True):
            if not own and st.button("Log", key=f"log-{label}", icon=":material/article:"):
                _log(label)
            if own and status != "destroying":
                done = "Its files go back in line, and its worker ends."
                frame.button("Let it go", "undo", lambda: api.destroy_machine(label), done, key=f"destroy-{label}")
            elif status != "destroying":
                with st.popover("Give back", icon=":material/undo:"):
                    st.markdown(
                        "Give this computer back now? Files it has not finished go back in line; nothing is lost."
                    )
                    frame.button(
                        "Yes, give it back", "", lambda: api.destroy_machine(label), "It is being returned.",
                        key=f"destroy-{label}", type="primary",
                    )  # fmt: skip


@st.dialog("What the computer wrote", width="large")
def _log(label: str) -> None:
    frame.guarded(
        lambda api: st.code(api.machine_log(label) or "Nothing yet.", language=None, wrap_lines=True), key="log"
    )


def _offers(api: ApiClient) -> None:
    done = "One more is being ordered, within the limits."
    frame.button("Rent one more now", "add", api.launch_machine, done, type="primary")
    if not st.toggle("Show what is on offer", key="show_offers"):
        return
    offers = api.offers()
    if not offers:
        frame.empty("Nothing on offer", "No computer on the market fits right now. Try again in a few minutes.")
        return
    _choose(api, offers)
    st.dataframe(
        tables.offer_rows(offers),
        hide_index=True,
        column_config={
            "What waits costs": st.column_config.NumberColumn(format="$%.3f"),
            "Hours": st.column_config.NumberColumn(format="%.1f"),
            "Dollars an hour": st.column_config.NumberColumn(format="$%.3f"),
            "Reliability": st.column_config.NumberColumn(format="%.1f %%"),
            "Download speed": st.column_config.NumberColumn(format="%d Mbit/s"),
        },
    )


def _choose(api: ApiClient, offers: list[PricedOffer]) -> None:
    """One of the offers, best first, as the service itself would take them."""
    lines = {row.id: tables.offer_line(row) for row in offers}
    chosen = st.selectbox("Choose one yourself (the best comes first)", list(lines), format_func=lambda id: lines[id])
    done = "It is being ordered, within the limits."
    frame.button("Rent this one", "shopping_cart", lambda: api.launch_machine(chosen), done)


def _own(api: ApiClient) -> None:
    st.caption("It costs nothing, and may read documents that must not leave our own computers.")
    name = st.text_input("A name for it", placeholder="desk", help="a–z, 0–9 and '-'")
    if st.button("Let it join", icon=":material/computer:", disabled=not name):
        st.session_state["own"] = api.join_own_computer(name.strip().lower())
    if joined := st.session_state.get("own"):
        st.markdown(
            f"**{markup.md(joined.label)}** may join now. Keep this file to yourself; it is good for an hour unless "
            "the worker has started, which renews it."
        )
        st.download_button(
            "Download own.env", tables.environment_file(joined.environment), "own.env", icon=":material/download:"
        )
        st.code("docker run --rm --gpus all --env-file own.env WORKER_IMAGE", language="sh")


frame.page("Machines", "Computers are rented only while there is work, and given back after five idle minutes.", show)
