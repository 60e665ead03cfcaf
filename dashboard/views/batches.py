"""Batches: read a whole storage folder. The price is shown before anything is spent."""

from collections.abc import Callable

import streamlit as st

from dashboard import frame, markup, tables, words
from dashboard.api_client import ApiClient, Row

MIME_TYPES = {
    "application/pdf": "PDF",
    "image/jpeg": "JPEG photo",
    "image/png": "PNG image",
    "image/tiff": "TIFF scan",
    "image/heic": "iPhone photo (HEIC)",
    "text/plain": "Plain text",
}
POLL_SECONDS = 4
PAGE_ROWS = 20


def show(api: ApiClient) -> None:
    """The form and its estimate, then the batches."""
    with st.expander("Read a folder", icon=":material/create_new_folder:", expanded=True):
        places = {"bucket": "Storage folder", "drive": "Google Drive folder"}
        place = st.segmented_control(
            "Where it is", list(places), default="bucket", format_func=places.get, required=True, key="batch_place"
        )
        frame.guarded(_form if place == "bucket" else _drive_form, key="batch-form")
    st.subheader("Batches", anchor=False)
    _live()


def _form(api: ApiClient) -> None:
    with st.form("estimate", border=False):
        left, right = st.columns([3, 2])
        prefix = left.text_input(
            "Folder in your storage", placeholder="inbox/2024/", help="Everything below it is counted."
        )
        name = right.text_input("Name for this batch", placeholder="optional")
        mime_types = st.pills(
            "Kinds of files",
            list(MIME_TYPES),
            format_func=MIME_TYPES.get,
            selection_mode="multi",
            help="None chosen means all kinds we can read.",
        )
        left, right = st.columns(2)
        most = left.number_input("At most this many documents", min_value=1, value=None, placeholder="all")
        hourly = right.number_input(
            "Spend at most, dollars an hour", min_value=0.05, value=None, step=0.5, placeholder="no own limit"
        )
        pressed = st.form_submit_button("Count and estimate", type="primary", icon=":material/calculate:")
    request = {"prefix": prefix.strip(), "mime_types": mime_types, "max_documents": most}
    _estimate(api, "bucket", request if pressed else None, {"name": name.strip(), "max_cost_per_hour": hourly})


def _drive_form(api: ApiClient) -> None:
    with st.form("drive", border=False):
        folder = st.text_input(
            "Address of the folder", placeholder="https://drive.google.com/drive/folders/…",
            help="Open the folder in Google Drive and copy the address. It must be shared with this service.",
        )  # fmt: skip
        left, right = st.columns(2)
        most = left.number_input("At most this many documents", min_value=1, value=None, placeholder="all")
        hourly = right.number_input("Spend at most, dollars an hour", min_value=0.05, value=None, step=0.5)
        pressed = st.form_submit_button("Count and estimate", type="primary", icon=":material/calculate:")
    folder_id = folder.strip().rstrip("/").split("/")[-1].split("?")[0]
    request = {"folder_id": folder_id, "max_documents": most}
    _estimate(api, "drive", request if pressed and folder_id else None, {"max_cost_per_hour": hourly})


def _estimate(api: ApiClient, place: str, request: Row | None, limits: Row) -> None:
    """Ask for the price where there is a request; show the last one of this place, which starts the batch."""
    if request is not None:
        with st.spinner("Counting the files …"):
            st.session_state["batch_estimate"] = (place, api.estimate_batch(**request), request | limits)
    known = st.session_state.get("batch_estimate")
    if known and known[0] == place:
        _confirm(api, *known[1:])


def _confirm(api: ApiClient, estimate: Row, request: Row) -> None:
    new = estimate.get("new") or 0
    frame.html(
        markup.figures(
            [
                (
                    "To read",
                    words.count(new, "document"),
                    f"{words.count(estimate.get('known'))} already known, "
                    f"{words.count(estimate.get('unsupported'))} of a kind we cannot read",
                ),
                ("Pages, about", words.count(estimate.get("pages")), words.size(estimate.get("bytes"))),
                (
                    "Time, about",
                    hours(estimate.get("hours")),
                    f"with {words.count(estimate.get('machines'), 'computer')}",
                ),
                ("Cost, about", words.dollars(estimate.get("total_usd")), "never more than your limits"),
                ("of it computers", words.dollars(estimate.get("machines_usd")), "at the cheapest offer right now"),
                ("of it Claude", words.dollars(estimate.get("claude_usd")), words.claude_basis(estimate)),
            ]
        )
    )
    if estimate.get("complete") is False:
        st.caption("The folder is very large: this is what was counted in the first minute. The batch reads all of it.")
    if not new:
        st.info("There is nothing new in this folder.", icon=":material/done_all:")
        return
    with st.container(horizontal=True):
        if st.button(f"Start reading {words.count(new, 'document')}", type="primary", icon=":material/play_arrow:"):
            _start(api, request)
        st.button("Not now", on_click=st.session_state.pop, args=("batch_estimate", None))


def _start(api: ApiClient, request: Row) -> None:
    if frame.attempt(lambda: api.start_batch(**request), "The batch has started."):
        st.session_state.pop("batch_estimate", None)
        st.rerun()


@st.fragment(run_every=POLL_SECONDS)
def _live() -> None:
    frame.guarded(_list, key="batches")


def _list(api: ApiClient) -> None:
    cursors = st.session_state.setdefault("batch_cursors", [None])
    page = api.batches(limit=PAGE_ROWS, cursor=cursors[-1])
    batches = page["batches"]
    if not batches:
        frame.html(markup.empty("No batches yet", "A batch reads a whole folder of your storage, in one go."))
    for batch in batches:
        _card(api, batch)
    with st.container(horizontal=True):
        if len(cursors) > 1:
            st.button("Newer batches", icon=":material/arrow_back:", on_click=cursors.pop)
        if page.get("next"):
            st.button("Older batches", icon=":material/arrow_forward:", on_click=cursors.append, args=(page["next"],))


def _card(api: ApiClient, batch: Row) -> None:
    state = batch.get("state") or ""
    total = batch.get("documents") or 0
    with st.container(border=True, key=f"batch-{batch['id']}", gap="xsmall"):
        frame.html(markup.headline(batch.get("name") or batch.get("prefix") or "Batch"))
        color = words.BATCH_COLOR.get(state, "gray")
        frame.html(markup.chips(markup.chip(words.label(words.BATCH_STATE, state), color)))
        frame.html(markup.meter(tables.progress(done(batch), total), "green" if state == "completed" else ""))
        frame.html(
            markup.meta(
                account(batch),
                f"{words.count(batch.get('pages_done'))} of about {words.count(batch.get('pages'), 'page')}",
                f"{words.dollars(batch.get('cost_usd'))} so far",
                finish(batch),
            )
        )
        if batch.get("problem"):
            st.warning(markup.md(batch["problem"]), icon=":material/warning:")
        _skipped(api, batch)
        if batch.get("failures"):
            with st.expander(
                f"{words.count(batch.get('failed'), 'document')} could not be read", icon=":material/error:"
            ):
                frame.html(
                    markup.facts(
                        [(f["message"], words.count(f.get("documents"), "document")) for f in batch["failures"]]
                    )
                )
        _steering(api, batch, state)


def _skipped(api: ApiClient, batch: Row) -> None:
    count = (batch.get("unsupported") or 0) + (batch.get("empty") or 0)
    if count and st.toggle(f"Show {words.count(count, 'file')} not taken in", key=f"skipped-{batch['id']}"):
        files = api.skipped_files(batch["id"])
        st.dataframe(tables.skipped_rows(files), hide_index=True)
        if len(files) < count:
            st.caption(f"These are the newest {words.count(len(files))} of {words.count(count, 'file')}.")


def _steering(api: ApiClient, batch: Row, state: str) -> None:
    def steer(verb: str, done: str) -> None:
        frame.do(lambda: api.steer_batch(batch["id"], verb), done)

    if state in ("completed", "stopped"):
        _again(batch, lambda: frame.do(lambda: api.read_again(batch["id"]), "A new batch reads them."))
        return
    with st.container(horizontal=True):
        if state == "paused":
            st.button(
                "Go on",
                key=f"resume-{batch['id']}",
                icon=":material/play_arrow:",
                on_click=steer,
                args=("resume", "The batch goes on."),
            )
        else:
            st.button(
                "Pause",
                key=f"pause-{batch['id']}",
                icon=":material/pause:",
                on_click=steer,
                args=("pause", "The batch pauses; files being read now are finished."),
            )
        with st.popover("Stop", icon=":material/stop:"):
            st.markdown("Stop it? What has been read stays. The rest is not read, until you ask for it.")
            st.button(
                "Yes, stop this batch",
                key=f"stop-{batch['id']}",
                type="primary",
                on_click=steer,
                args=("stop", "The batch is stopped."),
            )


def _again(batch: Row, read_again: Callable[[], None]) -> None:
    unread = batch.get("unread") or 0
    if not unread:
        return
    what = "stopped" if batch.get("state") == "stopped" else "cancelled"
    st.button(
        f"Read the {words.count(unread)} that {'was' if unread == 1 else 'were'} {what}",
        key=f"again-{batch['id']}", icon=":material/replay:", on_click=read_again,
    )  # fmt: skip


def done(batch: Row) -> int:
    """Documents that were tried: read, or found unreadable. Those that were stopped are not done."""
    return (batch.get("completed") or 0) + (batch.get("failed") or 0)


def account(batch: Row) -> str:
    """How much of a batch is read, in words: `0 of 14 documents read, stopped by you`."""
    total = words.count(batch.get("documents") or 0, "document")
    if batch.get("state") == "stopped":
        return f"{words.count(batch.get('completed') or 0)} of {total} read, stopped by you"
    cancelled = batch.get("cancelled") or 0
    rest = f", {words.count(cancelled)} cancelled" if cancelled else ""
    return f"{words.count(done(batch))} of {total}{rest}"


def hours(value: float | None) -> str:
    """Hours in words."""
    return words.duration(None if value is None else value * 3600)


def finish(batch: Row) -> str | None:
    """When it will be done, in words, while it runs."""
    when = words.moment(batch.get("finish_at"))
    if batch.get("state") != "running" or when is None:
        return None
    left = (when - frame.now()).total_seconds()
    return f"done in about {words.duration(left)}" if left > 0 else "nearly done"


frame.page(
    "Batches", "Read a whole folder at once. You see the price first, and nothing starts before you say so.", show
)
