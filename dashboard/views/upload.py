"""Upload & monitor: hand files in, and watch each one being read."""

import streamlit as st

from dashboard import frame, markup, tables, words
from dashboard.api_client import ApiClient, Row
from dashboard.errors import DashboardError

FILE_TYPES = ["pdf", "jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "txt"]
POLL_SECONDS = 2
LATEST_JOBS = 12
MOST_UNSAID = 50
MOST_REFUSED = 10


def show(api: ApiClient) -> None:
    """The uploader, then the live list."""
    _uploader(api)
    _monitor()


def _uploader(api: ApiClient) -> None:
    turn = st.session_state.setdefault("upload_turn", 0)
    files = st.file_uploader(
        "Choose files, or drop them here",
        type=FILE_TYPES,
        accept_multiple_files=True,
        key=f"files-{turn}",
        help="Scans, photos and PDFs. Several at once is fine; a file you sent before is recognised and costs nothing.",
    )
    with st.expander("Options: order and privacy", icon=":material/tune:"):
        left, right = st.columns(2)
        priority = left.selectbox(
            "When to read them", ["normal", "high", "low"], format_func=words.PRIORITY.__getitem__
        )
        placement = right.selectbox("Where they may be read", list(words.PLACEMENT), format_func=words.PLACEMENT.get)
    label = f"Send {words.count(len(files), 'file')}" if files else "Send"
    if st.button(label, type="primary", icon=":material/send:", disabled=not files):
        _send(api, files, priority, placement)
        st.session_state["upload_turn"] = turn + 1
        st.rerun()


def _send(api: ApiClient, files: list, priority: str, placement: str) -> None:
    sent = st.session_state.setdefault("sent", [])
    bar = st.progress(0.0, text="Sending …")
    for index, file in enumerate(files):
        bar.progress(index / len(files), text=f"Sending {markup.md(file.name)}")
        sent.insert(0, _send_one(api, file, priority, placement))
    bar.empty()


def _send_one(api: ApiClient, file, priority: str, placement: str) -> Row:
    try:
        answer = api.upload(file.name, file, file.type, priority, placement)
    except DashboardError as error:
        return {"original_filename": file.name, "status": "failed", "error_message": str(error), "not_sent": True}
    if answer.get("duplicate") and not answer.get("job_id"):
        answer |= {"status": "completed", "duplicate_of": answer.get("document_id")}
    return answer | {"original_filename": file.name}


@st.fragment(run_every=POLL_SECONDS)
def _monitor() -> None:
    frame.guarded(_live_lists, key="monitor")


def _live_lists(api: ApiClient) -> None:
    _unsaid(api)
    page = api.jobs(limit=LATEST_JOBS)
    latest = page["jobs"]
    sent = [_refreshed(api, row, latest) for row in st.session_state.get("sent", [])]
    if sent:
        st.subheader("Files you just sent", anchor=False)
        for index, row in enumerate(sent):
            _file_card(api, row, key=f"sent-{index}")
    _refused(api, {row["original_filename"] for row in sent if row.get("not_sent")})
    st.subheader("Everything so far", anchor=False)
    _totals(api)
    others = [row for row in latest if row["id"] not in {row.get("id") or row.get("job_id") for row in sent}]
    if not latest and not sent:
        frame.html(
            markup.empty("Nothing here yet", "Send your first file above. You can close this page while it is read.")
        )
    for row in others:
        _file_card(api, row, key=f"job-{row['id']}")
    if page.get("next"):
        st.caption(f"These are the newest {words.count(len(latest))}. All are under Documents.")


def _unsaid(api: ApiClient) -> None:
    """Files whose choices were lost on their way: they wait on our own computers until somebody says otherwise."""
    page = api.jobs_without_choices(limit=MOST_UNSAID)
    waiting = [job for job in page["jobs"] if job["status"] == "queued"]
    if not waiting:
        return
    more = "" if page.get("next") is None else "More than "
    number = more + words.count(len(waiting), "file")
    st.warning(
        f"{number} came in while the service was interrupted, and it is not known where they may be read. Until you "
        "say so, only our own computers may read them, and Claude does not see them.",
        icon=":material/lock:",
    )
    for job in waiting:
        with st.container(border=True, key=f"card-unsaid-{job['id']}", gap="xsmall"):
            frame.html(markup.headline(tables.name(job)))
            _choices(api, job, key=f"unsaid-{job['id']}")


def _refused(api: ApiClient, shown: set[str]) -> None:
    """Files that were not taken in, also those of an earlier visit, or that came by Telegram."""
    page = api.refused_files(limit=MOST_REFUSED)
    refused = [row for row in page["refused"] if row["original_filename"] not in shown]
    if not refused:
        return
    title = words.count(len(refused), "file") + ("" if page.get("next") is None else " and more")
    with st.expander(f"Not taken in: {title}", icon=":material/block:", expanded=True):
        st.caption("Nothing of these was kept. A file leaves this list when one of its name comes in.")
        frame.html(markup.facts([(row["original_filename"], _refusal(row)) for row in refused]))


def _refusal(row: Row) -> str:
    return f"{row['message']} ({words.ago(row['created_at'], frame.now())})"


def _choices(api: ApiClient, job: Row, key: str) -> None:
    with st.popover("Where it may be read", icon=":material/lock_open:"), st.form(f"choices-{key}", border=False):
        places = list(words.PLACEMENT)
        now = places.index(job["placement"]) if job.get("placement") in places else 0
        placement = st.selectbox("Where it may be read", places, index=now, format_func=words.PLACEMENT.get)
        allow_claude = st.checkbox("Claude may see it", value=bool(job.get("allow_claude")))
        if st.form_submit_button("Save"):
            frame.do(lambda: api.set_job_choices(job["id"], placement, allow_claude), "Saved.")
            st.rerun()


def _refreshed(api: ApiClient, row: Row, latest: list[Row]) -> Row:
    job_id = row.get("job_id")
    if not job_id or row.get("duplicate_of"):
        return row
    return next((job for job in latest if job["id"] == job_id), None) or api.job(job_id)


def _totals(api: ApiClient) -> None:
    totals = api.totals()
    frame.html(
        markup.figures(
            [
                ("Documents", words.count(totals.get("documents")), ""),
                ("Done", words.count(totals.get("completed")), ""),
                ("On the way", words.count(totals.get("open")), ""),
                ("Could not be read", words.count(totals.get("failed")), ""),
                *([("Cancelled", words.count(totals["cancelled"]), "not read")] if totals.get("cancelled") else []),
                ("Pages", words.count(totals.get("pages_accounted")), "every page has an outcome"),
            ]
        )
    )
    frame.html(markup.meta(tables.totals_sentence(totals)))


def _file_card(api: ApiClient, row: Row, key: str) -> None:
    status = row.get("status") or "queued"
    job_id = row.get("id") or row.get("job_id")
    with st.container(border=True, key=f"card-{key}", gap="xsmall"):
        frame.document_link(row.get("document_id") if status == "completed" else None, tables.name(row))
        color = "orange" if row.get("duplicate_of") else words.STATUS_COLOR.get(status, "gray")
        label = "Not sent" if row.get("not_sent") else words.label(words.STATUS, status)
        kind = row.get("document_type") if status == "completed" else None
        frame.html(
            markup.chips(
                markup.chip("Already here" if row.get("duplicate_of") else label, color),
                markup.chip(words.document_type(kind)) if kind else "",
            )
        )
        frame.html(markup.meta(tables.job_sentence(row), words.ago(row.get("created_at"), frame.now())))
        if status == "processing":
            frame.html(markup.meter(tables.progress(row.get("pages_done"), row.get("pages_total"))))
        if status in ("failed", "cancelled") and job_id:
            st.button(
                "Try again",
                key=f"retry-{key}",
                icon=":material/replay:",
                on_click=frame.do,
                args=(lambda: api.retry_job(job_id), "It is back in line."),
            )
        elif status in ("queued", "processing") and job_id:
            st.button(
                "Cancel",
                key=f"cancel-{key}",
                type="tertiary",
                on_click=frame.do,
                args=(lambda: api.cancel_job(job_id), "Cancelled."),
            )
        if status == "queued" and row.get("placement") == "local_only" and not row.get("choices_unsaid"):
            _choices(api, row, key)


frame.page(
    "Upload & monitor",
    "Send scans, photos or PDFs. They are stored first, then read; you can watch here or come back later.",
    show,
)
