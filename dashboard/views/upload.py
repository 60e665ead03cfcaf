"""Upload & monitor: hand files in, and watch each one being read."""

import functools

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard import frame, markup, tables, words
from dashboard.answers import Job, RefusedFile
from dashboard.api_client import ApiClient
from dashboard.errors import DashboardError
from dashboard.tables import SentFile

POLL_SECONDS = 2
LATEST_JOBS = 12
MOST_UNSAID = 50
MOST_REFUSED = 10


def show(api: ApiClient) -> None:
    """The uploader, then the live list."""
    _uploader(api)
    _monitor()
    me = st.session_state.get("me")
    if me is not None and me.by == "root":
        st.caption(words.NO_SIGN_IN)
        st.page_link("views/accounts.py", label="Add a person", icon=":material/person_add:")


def _uploader(api: ApiClient) -> None:
    turn = st.session_state.setdefault("upload_turn", 0)
    files = st.file_uploader(
        "Choose files, or drop them here",
        accept_multiple_files=True,
        key=f"files-{turn}",
        help="Scans, photos, PDFs, e-mails, archives; several at once. What you sent before is recognised, and free.",
    )
    by_default = api.default_placement().sensitive_placement
    st.caption(f"{words.PLACEMENT_EXPLAINED} {words.SENSITIVE_EXPLAINED[by_default]}")
    with st.expander("Options: order and privacy", icon=":material/tune:"):
        left, right = st.columns(2)
        order, places = ["normal", "high", "low"], list(words.PLACEMENT)
        priority = left.selectbox("When to read them", order, format_func=words.PRIORITY.__getitem__)
        placement = right.selectbox("Where they may be read", places, format_func=words.PLACEMENT.__getitem__)
    with st.expander("A file is locked with a password?", icon=":material/lock_open:"):
        _passwords(api)
    label = f"Send {words.count(len(files), 'file')}" if files else "Send"
    may_send = bool(files) and frame.may_take_files()
    if st.button(label, type="primary", icon=":material/send:", disabled=not may_send):
        _send(api, files, priority, placement)
        st.session_state["upload_turn"] = turn + 1
        st.rerun()


def _passwords(api: ApiClient) -> None:
    st.caption(
        "It is kept sealed and tried on every locked PDF and ZIP from now on, on the computer that reads it. The file "
        "itself stays as it came. Read those that failed again afterwards."
    )
    with st.form("password", clear_on_submit=True, border=False):
        password = st.text_input("Password", type="password", autocomplete="off")
        note = st.text_input("Note", placeholder="the bank")
        if st.form_submit_button("Keep it") and password:
            api.keep_password(password, note)
            st.success("Kept.")


def _send(api: ApiClient, files: list[UploadedFile], priority: str, placement: str) -> None:
    sent = st.session_state.setdefault("sent", [])
    bar = st.progress(0.0, text="Sending …")
    for index, file in enumerate(files):
        bar.progress(index / len(files), text=f"Sending {markup.md(file.name)}")
        sent.insert(0, _send_one(api, file, priority, placement))
    bar.empty()


def _send_one(api: ApiClient, file: UploadedFile, priority: str, placement: str) -> SentFile:
    try:
        return SentFile(file.name, api.upload(file.name, file, file.type, priority, placement))
    except DashboardError as error:
        return SentFile(file.name, None, str(error))


@st.fragment(run_every=POLL_SECONDS)
def _monitor() -> None:
    frame.guarded(_live_lists, key="monitor")


def _live_lists(api: ApiClient) -> None:
    _unsaid(api)
    page = api.jobs(limit=LATEST_JOBS)
    sent: list[SentFile] = st.session_state.get("sent", [])
    if sent:
        st.subheader("Files you just sent", anchor=False)
        for index, file in enumerate(sent):
            _sent_card(api, file, page.jobs, key=f"sent-{index}")
    _refused(api, {file.name for file in sent if file.taken is None})
    st.subheader("Everything so far", anchor=False)
    _totals(api)
    if not page.jobs and not sent:
        frame.empty("Nothing here yet", "Send your first file above. You can close this page while it is read.")
    above = {file.taken.job_id for file in sent if file.taken}
    for job in page.jobs:
        if job.id not in above:
            _job_card(api, job, key=f"job-{job.id}")
    if page.next is not None:
        st.caption(f"These are the newest {words.count(len(page.jobs))}. All are under Documents.")


def _unsaid(api: ApiClient) -> None:
    """Files whose choices were lost on their way: they wait on our own computers until somebody says otherwise."""
    page = api.jobs(choices_unsaid="yes", status="queued", limit=MOST_UNSAID)
    if not page.jobs:
        return
    st.warning(
        f"{words.count(page.total, 'file')} came in while the service was interrupted, and it is not known where they "
        "may be read. Until you say so, only our own computers may read them, and Claude does not see them.",
        icon=":material/lock:",
    )
    for job in page.jobs:
        with st.container(border=True, key=f"card-unsaid-{job.id}", gap="xsmall"):
            frame.html(markup.headline(tables.name(job.original_filename)))
            _choices(api, job, key=f"unsaid-{job.id}")
    if cut := words.cut(len(page.jobs), page.total or 0, "file"):
        st.caption(cut)


def _refused(api: ApiClient, shown: set[str]) -> None:
    """Files that were not taken in, also those of an earlier visit, or that came by Telegram."""
    page = api.refused_files(limit=MOST_REFUSED)
    refused = [row for row in page.refused if row.original_filename not in shown]
    if not refused:
        return
    total = (page.total or 0) - (len(page.refused) - len(refused))
    with st.expander(f"Not taken in: {words.count(total, 'file')}", icon=":material/block:", expanded=True):
        kept = "Nothing of these was kept. A file leaves this list when one of its name comes in."
        st.caption(f"{kept} {words.cut(len(refused), total, 'file')}")
        frame.html(markup.facts([(row.original_filename, _refusal(row)) for row in refused]))


def _refusal(row: RefusedFile) -> str:
    return f"{row.message} ({words.ago(row.created_at, frame.now())})"


def _choices(api: ApiClient, job: Job, key: str) -> None:
    with st.popover("Where it may be read", icon=":material/lock_open:"), st.form(f"choices-{key}", border=False):
        places = list(words.PLACEMENT)
        placement = st.selectbox(
            "Where it may be read", places, index=places.index(job.placement), format_func=words.PLACEMENT.__getitem__
        )
        allow_claude = st.checkbox("Claude may see it", value=job.allow_claude)
        if st.form_submit_button("Save"):
            frame.do(lambda: api.set_job_choices(job.id, placement, allow_claude), "Saved.")
            st.rerun()


def _totals(api: ApiClient) -> None:
    totals = api.totals()
    frame.html(
        markup.figures(
            [
                ("Documents", words.count(totals.documents), ""),
                ("Done", words.count(totals.completed), ""),
                ("On the way", words.count(totals.open), ""),
                ("Could not be read", words.count(totals.failed), ""),
                *([("Cancelled", words.count(totals.cancelled), "not read")] if totals.cancelled else []),
                ("Pages", words.count(totals.pages_accounted), "every page has an outcome"),
            ]
        )
    )
    frame.html(markup.meta(tables.totals_sentence(totals)))


def _sent_card(api: ApiClient, file: SentFile, latest: list[Job], key: str) -> None:
    if file.taken and file.taken.job_id:
        known = {job.id: job for job in latest}
        _job_card(api, known.get(file.taken.job_id) or api.job(file.taken.job_id), key)
        return
    with st.container(border=True, key=f"card-{key}", gap="xsmall"):
        frame.document_link(file.taken.document_id if file.taken else None, tables.name(file.name))
        here = file.taken is not None
        frame.html(markup.chips(markup.chip("Already here" if here else "Not sent", "orange" if here else "red")))
        frame.html(markup.meta(words.ALREADY_HERE if here else file.problem))


def _job_card(api: ApiClient, job: Job, key: str) -> None:
    with st.container(border=True, key=f"card-{key}", gap="xsmall"):
        is_done = job.status == "completed"
        frame.document_link(job.document_id if is_done else None, tables.name(job.original_filename))
        state = words.STATUS[job.status], words.STATUS_COLOR[job.status]
        state = ("Already here", "orange") if job.duplicate_of else state
        kind = markup.chip(words.document_type(job.document_type)) if is_done and job.document_type else ""
        frame.html(markup.chips(markup.chip(*state), kind))
        frame.html(markup.meta(tables.job_sentence(job), words.ago(job.created_at, frame.now())))
        if job.status == "processing":
            frame.html(markup.meter(tables.progress(job.pages_done, job.pages_total)))
        if job.status in ("failed", "cancelled"):
            retry = functools.partial(api.retry_job, job.id)
            frame.button("Try again", "replay", retry, "It is back in line.", key=f"retry-{key}")
        elif job.status in ("queued", "processing"):
            cancel = functools.partial(api.cancel_job, job.id)
            frame.button("Cancel", "", cancel, "Cancelled.", key=f"cancel-{key}", type="tertiary")
        if job.status == "queued" and job.placement != "any_host" and not job.choices_unsaid:
            _choices(api, job, key)


frame.page(
    "Upload & monitor",
    "Send scans, photos, PDFs, e-mails or chats. They are stored first, then read; watch here or come back later.",
    show,
)
