"""Batches: read a whole storage folder. The price is shown before anything is spent."""

import functools
from typing import Any

import streamlit as st

from dashboard import frame, judging_words, markup, price_quotes, tables, words
from dashboard.answers import Estimate, ListedBatch
from dashboard.api_client import ApiClient

Request = dict[str, Any]  # what POST /batch/start takes

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
MOST_SKIPPED = 2000


def show(api: ApiClient) -> None:
    """The form and its estimate, then the batches."""
    with st.expander("Read a folder", icon=":material/create_new_folder:", expanded=True):
        places = {"bucket": "Storage folder", "drive": "Google Drive folder", "mail": "Mailbox folder"}
        place = st.segmented_control(
            "Where it is",
            list(places),
            default="bucket",
            format_func=places.__getitem__,
            required=True,
            key="batch_place",
        )
        forms = {"bucket": _form, "drive": _drive_form, "mail": _mail_form}
        frame.guarded(forms[place], key="batch-form")
    _open_quotes()
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
            format_func=MIME_TYPES.__getitem__,
            selection_mode="multi",
            help="None chosen means all kinds we can read.",
        )
        most, hourly, pressed = _limits()
    request = {"prefix": prefix.strip(), "mime_types": mime_types, "max_documents": most}
    _estimate(api, "bucket", request if pressed else None, {"name": name.strip(), "max_cost_per_hour": hourly})


def _drive_form(api: ApiClient) -> None:
    with st.form("drive", border=False):
        folder = st.text_input(
            "Address of the folder", placeholder="https://drive.google.com/drive/folders/…",
            help="Open the folder in Google Drive and copy the address. It must be shared with this service.",
        )  # fmt: skip
        most, hourly, pressed = _limits()
    folder_id = folder.strip().rstrip("/").split("/")[-1].split("?")[0]
    request = {"folder_id": folder_id, "max_documents": most}
    _estimate(api, "drive", request if pressed and folder_id else None, {"max_cost_per_hour": hourly})


def _mail_form(api: ApiClient) -> None:
    with st.form("mail", border=False):
        folder = st.text_input(
            "Folder or label", placeholder="INBOX",
            help="Of the mailbox this service may read. Nothing in it is marked, moved or deleted.",
        )  # fmt: skip
        most, hourly, pressed = _limits()
    request = {"mail_folder": folder.strip(), "max_documents": most}
    _estimate(api, "mail", request if pressed and folder.strip() else None, {"max_cost_per_hour": hourly})


def _limits() -> tuple[int | None, float | None, bool]:
    """The end of each form: most documents, dollars an hour, and whether its button was pressed."""
    left, right = st.columns(2)
    most = left.number_input("At most this many documents", min_value=1, value=None, placeholder="all")
    label, none = "Spend at most, dollars an hour", "no own limit"
    hourly = right.number_input(label, min_value=0.05, value=None, step=0.5, placeholder=none)
    return most, hourly, st.form_submit_button("Count and estimate", type="primary", icon=":material/calculate:")


def _estimate(api: ApiClient, place: str, request: Request | None, limits: Request) -> None:
    """Ask for the price where there is a request; show the last one of this place, which starts the batch."""
    if request is not None:
        with st.spinner("Counting the files …"):
            st.session_state["batch_estimate"] = (place, api.estimate_batch(**request), request | limits)
    known = st.session_state.get("batch_estimate")
    if known and known[0] == place:
        _confirm(api, *known[1:])


def _confirm(api: ApiClient, estimate: Estimate, request: Request) -> None:
    new, count = estimate.new, words.count
    others = f"{count(estimate.known)} already known, {count(estimate.unsupported)} of a kind we cannot read"
    computers = f"with {count(estimate.machines, 'computer')}"
    figures = [
        ("To read", count(new, "document"), others),
        ("Pages, about", count(estimate.pages), words.size(estimate.bytes)),
        ("Time, about", words.duration(3600 * estimate.hours), computers),
        ("Cost, about", words.dollars(estimate.total_usd), "never more than your limits"),
        ("of it computers", words.dollars(estimate.machine_usd), "at the cheapest offer right now"),
        ("of it Claude", words.dollars(estimate.claude_usd), judging_words.claude_basis(estimate)),
    ]
    frame.html(markup.figures(figures))
    if not estimate.complete:
        st.caption("The folder is very large: this is what was counted in the first minute. The batch reads all of it.")
    if not new:
        st.info("There is nothing new in this folder.", icon=":material/done_all:")
        return
    may_start, label = frame.may_take_files(), f"Start reading {words.count(new, 'document')}"
    if estimate.needs_quote:
        st.caption(price_quotes.WHY)
    with st.container(horizontal=True):
        ask = st.button(
            "Ask for a price quote", type="primary" if estimate.needs_quote else "secondary",
            icon=":material/request_quote:", disabled=not may_start,
        )  # fmt: skip
        if ask and frame.attempt(lambda: api.ask_for_quote(**request), "A sample is being read."):
            _done_with_form()
        if not estimate.needs_quote and st.button(
            label, type="primary", icon=":material/play_arrow:", disabled=not may_start
        ):
            _start(api, request)
        st.button("Not now", on_click=st.session_state.pop, args=("batch_estimate", None))


def _start(api: ApiClient, request: Request) -> None:
    if frame.attempt(lambda: api.start_batch(**request), "The batch has started."):
        _done_with_form()


def _done_with_form() -> None:
    st.session_state.pop("batch_estimate", None)
    st.rerun()


@st.fragment(run_every=POLL_SECONDS)
def _open_quotes() -> None:
    frame.guarded(price_quotes.show_open, key="quotes")


@st.fragment(run_every=POLL_SECONDS)
def _live() -> None:
    frame.guarded(_list, key="batches")


def _list(api: ApiClient) -> None:
    cursors = st.session_state.setdefault("batch_cursors", [None])
    page = api.batches(limit=PAGE_ROWS, cursor=cursors[-1])
    if not page.batches:
        frame.empty("No batches yet", "A batch reads a whole folder of your storage, in one go.")
    for batch in page.batches:
        _card(api, batch)
    with st.container(horizontal=True):
        if len(cursors) > 1:
            st.button("Newer batches", icon=":material/arrow_back:", on_click=cursors.pop)
        if page.next is not None:
            st.button("Older batches", icon=":material/arrow_forward:", on_click=cursors.append, args=(page.next,))


def _card(api: ApiClient, batch: ListedBatch) -> None:
    status = batch.status
    with st.container(border=True, key=f"batch-{batch.id}", gap="xsmall"):
        frame.html(markup.headline(batch.name or batch.prefix or "Batch"))
        color = words.BATCH_COLOR.get(status, "gray")
        frame.html(markup.chips(markup.chip(words.label(words.BATCH_STATUS, status), color)))
        tone = "green" if status == "completed" else ""
        frame.html(markup.meter(tables.progress(done(batch), batch.documents), tone))
        frame.html(
            markup.meta(
                account(batch),
                judging(batch),
                f"{words.count(batch.pages_done)} of about {words.count(batch.pages, 'page')}",
                f"{words.dollars(batch.total_usd)} so far",
                finish(batch),
            )
        )
        if batch.problem:
            st.warning(markup.md(batch.problem), icon=":material/warning:")
        _skipped(api, batch)
        if batch.failures:
            with st.expander(f"{words.count(batch.failed, 'document')} could not be read", icon=":material/error:"):
                reasons = [(each.message or "–", words.count(each.documents, "document")) for each in batch.failures]
                frame.html(markup.facts(reasons))
        _steering(api, batch)


def _skipped(api: ApiClient, batch: ListedBatch) -> None:
    count = batch.unsupported + batch.empty
    if count and st.toggle(f"Show {words.count(count, 'file')} not taken in", key=f"skipped-{batch.id}"):
        files = api.skipped_files(batch.id, MOST_SKIPPED)
        st.dataframe(tables.skipped_rows(files), hide_index=True)
        if cut := words.cut(len(files), count, "file"):
            st.caption(f"{cut} They are the newest.")


def _steering(api: ApiClient, batch: ListedBatch) -> None:
    def steer(label: str, icon: str, verb: str, done: str, **look: Any) -> None:
        action = functools.partial(api.steer_batch, batch.id, verb)
        frame.button(label, icon, action, done, key=f"{verb}-{batch.id}", **look)

    if batch.status in ("completed", "stopped"):
        _again(api, batch)
        return
    with st.container(horizontal=True):
        if batch.status == "paused":
            steer("Go on", "play_arrow", "resume", "The batch goes on.")
        else:
            steer("Pause", "pause", "pause", "The batch pauses; files being read now are finished.")
        with st.popover("Stop", icon=":material/stop:"):
            st.markdown("Stop it? What has been read stays. The rest is not read, until you ask for it.")
            steer("Yes, stop this batch", "", "stop", "The batch is stopped.", type="primary")


def _again(api: ApiClient, batch: ListedBatch) -> None:
    if batch.unread:
        what = "stopped" if batch.status == "stopped" else "cancelled"
        label = f"Read the {words.count(batch.unread)} that {'was' if batch.unread == 1 else 'were'} {what}"
        action = functools.partial(api.read_again, batch.id)
        frame.button(label, "replay", action, "A new batch reads them.", key=f"again-{batch.id}")


def done(batch: ListedBatch) -> int:
    """Documents that were tried: read, or found unreadable. Those that were stopped are not done."""
    return batch.completed + batch.failed


def account(batch: ListedBatch) -> str:
    """How much of a batch is read, in words: `0 of 14 documents read, stopped by you`."""
    total = words.count(batch.documents, "document")
    if batch.status == "stopped":
        return f"{words.count(batch.completed)} of {total} read, stopped by you"
    rest = f", {words.count(batch.cancelled)} cancelled" if batch.cancelled else ""
    return f"{words.count(done(batch))} of {total}{rest}"


def judging(batch: ListedBatch) -> str | None:
    """How many were judged by Claude and how many wait, and for what: `300 judged, 904 wait: next in line`."""
    if not batch.judged and not batch.waiting_for_analysis:
        return None
    done = f"{words.count(batch.judged)} judged by Claude"
    if not batch.waiting_for_analysis:
        return done
    reasons = "; ".join(words.label(judging_words.WAITS_FOR, reason) for reason in batch.waiting_for)
    return f"{done}, {words.count(batch.waiting_for_analysis)} wait" + (f": {reasons}" if reasons else "")


def finish(batch: ListedBatch) -> str | None:
    """When it will be done, in words, while it runs."""
    if batch.status != "running" or batch.finish_at is None:
        return None
    left = (batch.finish_at - frame.now()).total_seconds()
    return f"done in about {words.duration(left)}" if left > 0 else "nearly done"


frame.page(
    "Batches", "Read a whole folder at once. You see the price first, and nothing starts before you say so.", show
)
