"""Pure: the words people read, in one place: everyday language, since readers are parents and lawyers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from dashboard.answers import ReadPage

STATUS = {
    "queued": "Waiting",
    "processing": "Being read",
    "completed": "Done",
    "failed": "Could not be read",
    "cancelled": "Cancelled",
}
STATUS_COLOR = {"queued": "gray", "processing": "blue", "completed": "green", "failed": "red", "cancelled": "gray"}

OUTCOME = {
    "text_layer": "had readable text",
    "ocr": "read from the image",
    "ocr_fallback": "read on a second try",
    "blank": "blank",
    "unreadable": "could not be read",
    "skipped": "skipped",
}

KIND = {
    "contradiction": "Contradiction",
    "perjury": "Possible false testimony",
    "order_violation": "Order not followed",
    "fraud_indicator": "Sign of fraud",
}
TRANSCRIBED = {"handwriting": "Handwriting", "chat": "Picture of a chat"}
CLAIMED = {
    "party": "Person or office",
    "date": "Date",
    "amount": "Amount",
    "case_number": "Case number",
    "court": "Court",
    "fact": "What it says",
    "finding": "Finding",
    "score": "Score",
}
DATE_ROLE = {"signed": "signed", "filed": "filed", "hearing": "hearing", "event": "happened", "printed": "printed"}
NOT_THERE = "These exact words were not found on the page. Check the original first."
STATE_NOTE = {
    "ocr": "Letters that the scan shows badly are read so",
    "picture": "Seen in the picture of the page, not in its text. Check the original.",
    "elsewhere": "These words stand on this page, and not on the one that was named: not counted.",
    "none": NOT_THERE,
}
CHECKED = {"exact": "Found on the page", "ocr": "Found on the page, but for misread letters"}
DISAGREED = {
    "document_type": "the type",
    "document_date": "the date",
    "case_number": "the case number",
    "relevancy_score": "the relevance",
}
KIND_COLOR = {"contradiction": "orange", "perjury": "red", "order_violation": "violet", "fraud_indicator": "red"}

SCORES = {
    "relevancy_score": ("Relevance to your case", 0, 999, "How much this document matters. Higher is more relevant."),
    "truth_score": ("Truthfulness", 0, 100, "How well the statements agree with each other. Higher is better."),
    "justice_score": ("Fairness", 0, 100, "How fair the treatment described is. Higher is better."),
    "legal_credit_score": ("Credibility", 300, 850, "How much weight the source deserves, like a credit score."),
    "fraud_score": ("Signs of fraud", 0, 100, "How strong the signs of fraud are. Higher is worse."),
    "perjury_score": ("Signs of false testimony", 0, 100, "How strong the signs of perjury are. Higher is worse."),
}

SAMPLES = "These are sample documents. Your own files belong in a house of their own: `make run DOCS=folder`"
AMONG_SAMPLES = "Send it all the same: it will stand among invented documents, in every search, total and report."
NO_SIGN_IN = (
    "On this computer you are the owner, without a sign-in: nobody else reaches this page. To let a helper or a lawyer "
    "in, add them under Accounts; they get a link, and choose a password and a second factor."
)
ALREADY_HERE = "You already had this file, so it was not read again"

RECORDING_LAW = (
    "Whether people may be recorded without knowing it differs from place to place; in some it is a crime, and a court "
    "may refuse such a recording. Ask a lawyer before you play it to anybody or hand it in."
)
MARKED_WRONG = "You marked these wrong: they are in no count and no report."
CORRECTED = {
    "document_type": "type",
    "document_date": "date",
    "parties": "names",
    "case_number": "case number",
    "court": "court",
}
NOT_ON_THE_PAGE = "Not confirmed: these words were not found on the page. They are in no count and in no chart."

PLACEMENT = {
    "any_host": "Any rented computer (cheapest)",
    "datacenter_only": "Certified data centres only",
    "local_only": "Only our own computers (waits until one has joined)",
}
_OTHERWISE = "You change that for each of them with *Where it may be read*."
PLACEMENT_EXPLAINED = (
    "A rented computer belongs to a stranger, who can see the papers that it reads. Under *Options* you choose "
    "which computers may: any, certified data centres, or only your own."
)
SENSITIVE_EXPLAINED = {
    "any_host": "Papers about a child, health or money are read anywhere, too, while nobody says otherwise.",
    "datacenter_only": "Papers whose name or kind speaks of a child, of health or of money are read in certified data "
    f"centres only. {_OTHERWISE}",
    "local_only": "Papers whose name or kind speaks of a child, of health or of money are read on our own computers "
    f"only. {_OTHERWISE}",
}
PRIORITY = {"high": "Read it first", "normal": "Normal", "low": "When nothing else waits"}
ROLE = {
    "body": "Body",
    "attachment": "Attachment",
    "inline": "Picture in the text",
    "message": "Message",
    "member": "Member",
}
MAIL_CLAIMS = "Sender, recipients and time are what the e-mail says of itself; such lines can be edited."
SOURCE = {
    "upload": "Upload", "telegram": "Telegram", "bucket": "Storage folder", "drive": "Google Drive", "mail": "Mailbox",
}  # fmt: skip


SEEN_TO = "It is gone from here; it comes back while its cause is there."
AS_RECORDED = (
    "Checked just now and as recorded: how it came, every file below, its text, its pages, what was found in it and "
    "what people decided about it."
)
NO_SENDER, NO_TIME = "Sender not known", "time not known"
NO_DAY, NO_CLOCK = "Day not known", "no clock shown"

MACHINE_STATUS = {
    "intent": "Being ordered",
    "booting": "Starting up",
    "ready": "Working",
    "destroying": "Being returned",
    "destroyed": "Returned",
}
MACHINE_COLOR = {"intent": "gray", "booting": "orange", "ready": "green", "destroying": "gray", "destroyed": "gray"}
VERDICT = {
    "adopt": "Found again",
    "keep": "Kept",
    "wait": "Waited for",
    "hedge": "Waited for, and doubted",
    "end": "To be returned",
    "return": "Being returned",
}
HOSTING = {"community": "Private host", "datacenter": "Data centre", "local": "Our own"}

BATCH_STATUS = {
    "scanning": "Counting files",
    "running": "Reading",
    "judging": "Read; being judged",
    "paused": "Paused",
    "stopped": "Stopped",
    "completed": "Finished",
}
BATCH_COLOR = {"scanning": "blue", "running": "blue", "judging": "blue", "paused": "orange",
               "stopped": "gray", "completed": "green"}  # fmt: skip

ARRIVAL = {
    "caption": "Written with it",
    "sender": "Sent by",
    "sent_at": "Sent",
    "forwarded_from": "Forwarded from",
    "forwarded_sent_at": "First sent",
    "album": "Album",
    "path": "Folder",
    "owner": "Owner",
    "created_at": "Made",
    "modified_at": "Last changed",
    "link": "Where it lies",
    "received_at": "Received",
    "labels": "Labels",
    "subject": "Subject",
}
ARTIFACT = {
    "original": "Original file",
    "ocr.txt": "Plain text",
    "searchable.pdf": "Searchable PDF",
    "analysis.json": "Analysis (data file)",
    "metadata.json": "Reading details (data file)",
    "thumbnail.jpg": "Preview image",
    "mail.json": "E-mail (data file)",
    "conversation.json": "Conversation (data file)",
    "tables.json": "Tables (data file)",
    "tables.xlsx": "Tables (spreadsheet)",
    "facts.json": "What the file says of itself (data file)",
}


FILE_STATUS = {
    "unchanged": "Unchanged",
    "changed": "Has been changed",
    "missing": "Is missing",
    "not_recorded": "Has no fingerprint to compare with",
}

SCORE_NOTE = (
    "Scores and findings are made by a computer to help you decide what to read first. They are not legal advice and "
    "not evidence. Always check the quoted words on the page itself."
)


def dollars(amount: float | None) -> str:
    """`$1,234.50`; under ten cents two significant digits, so that a page's price is visible; unknown is a dash."""
    if amount is None:
        return "–"
    if amount and abs(amount) < 0.1:
        return f"${float(f'{amount:.2g}'):.6f}".rstrip("0")
    return f"${amount:,.2f}"


def count(number: float | None, noun: str = "") -> str:
    """`1,204 pages`, `1 page`, or a dash when unknown."""
    if number is None:
        return "–"
    if not noun:
        return f"{number:,.0f}"
    return f"{number:,.0f} {noun if number == 1 else plural(noun)}"


def cut(shown: int, total: int, noun: str) -> str:
    """What a list that is not whole says of itself: `The first 500 of 1,204 findings are listed.`"""
    return f"The first {count(shown)} of {count(total, noun)} are listed." if shown < total else ""


def plural(noun: str) -> str:
    """The regular English plural."""
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2] not in "aeiou" else noun + "s"


def size(byte_count: float | None) -> str:
    """`1.4 MB`, or a dash when unknown."""
    if byte_count is None:
        return "–"
    amount = float(byte_count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, {"bytes": "KB", "KB": "MB", "MB": "GB", "GB": "TB"}[unit]
    return f"{amount:,.0f} {unit}" if unit == "bytes" or amount >= 100 else f"{amount:,.1f} {unit}"


def duration(seconds: float | None) -> str:
    """`45 seconds`, `12 minutes`, `3 h 20 min`, `2 days`, or a dash when unknown."""
    if seconds is None:
        return "–"
    if seconds < 90:
        return count(round(seconds), "second")
    if seconds < 5400:
        return count(round(seconds / 60), "minute")
    if seconds < 172_800:
        return f"{int(seconds // 3600)} h {round(seconds % 3600 / 60) % 60} min"
    return count(round(seconds / 86_400), "day")


def day(value: date | None) -> str:
    """`1 May 2024`, or a dash when unknown."""
    return "–" if value is None else f"{value.day} {value:%b %Y}"


def moment(written: str | None) -> str:
    """`5 Mar 2024, 18:03 (UTC-08:00)` from a time in ISO 8601, with the zone that was written; unreadable as it is."""
    if not written:
        return "–"
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        return written
    zone = f" ({when.tzname()})" if when.tzinfo else ""
    return f"{day(when.date())}, {when:%H:%M}{zone}"


def long_day(iso: str) -> str:
    """`Tuesday, 5 March 2024` for 2024-03-05."""
    value = date.fromisoformat(iso)
    return f"{value:%A}, {value.day} {value:%B %Y}"


def ago(when: datetime | None, now: datetime) -> str:
    """`5 minutes ago`, or a date once it is more than two days."""
    if when is None:
        return "–"
    seconds = (now - when).total_seconds()
    if seconds < 10:
        return "just now"
    if 5400 <= seconds < 86_400:
        return f"{count(round(seconds / 3600), 'hour')} ago"
    return f"{duration(seconds)} ago" if seconds < 5400 else "yesterday" if seconds < 172_800 else day(when)


def document_type(name: str | None) -> str:
    """`custody_order` as `Custody order`; a type nobody found is said so."""
    return (name or "Type unknown").replace("_", " ").strip().capitalize() or "Type unknown"


def score(value: float | None) -> str:
    """A score as a whole number, or a dash when nobody judged it."""
    return "–" if value is None else f"{value:.0f}"


MOST_PAGES_NAMED = 10


def hidden_words(pages: Sequence[ReadPage]) -> str | None:
    """The warning about words that a document holds and nobody sees; None where it holds none."""
    holding = [page for page in pages if page.hidden_words]
    if not holding:
        return None
    where = ", ".join(str(page.page) for page in holding[:MOST_PAGES_NAMED])
    more = " and more" if len(holding) > MOST_PAGES_NAMED else ""
    held = count(sum(page.hidden_words for page in holding), "word")
    return (
        f"This file holds {held} that nobody sees when it is opened (page {where}{more}). They are no part of its "
        "text: nothing quotes them, no search finds them, and Claude is not shown them. The case room lists them below "
        "the page's text."
    )


def not_read(pages: Sequence[ReadPage]) -> str | None:
    """The warning about pages that nobody tried to read; None where there are none."""
    skipped = [page for page in pages if page.outcome == "skipped"]
    if not skipped:
        return None
    why = f": {skipped[0].reason}" if skipped[0].reason else ""
    return f"Not read: {count(len(skipped), 'page')} of {count(len(pages))}{why}."


def companion(mime_type: str | None) -> str:
    """Which file of a live photo it is."""
    return "Clip" if (mime_type or "").startswith("video/") else "Picture"


def days_over(days: int) -> str:
    """What an estimate says of the day's limit: `, over 3 more days of your limit`."""
    return f", over {count(days, 'more day')} of your limit" if days else ""


def artifact(name: str) -> str:
    """A file made of a document, for people: `Picture of page 3`."""
    if name.startswith("page-") and name.endswith(".jpg"):
        return f"Picture of page {int(name[5:-4])}"
    if name.startswith("table-") and name.endswith(".csv"):
        return f"Table {int(name[6:-4])} (CSV)"
    return label(ARTIFACT, name)


def label(words: Mapping[str, str], key: str | None) -> str:
    """The word for a key; an unknown key is shown readable rather than hidden."""
    return words.get(key or "", (key or "–").replace("_", " ").capitalize())


RECORDED = {
    "document_journal": "How it came", "master_document_registry": "What is shown of it", "document_pages": "Its pages",
    "document_repository": "Its text", "document_parts": "What lies in it", "mails": "Its header",
    "analysis_runs": "An analysis of it", "document_claims": "What was found in it",
    "document_findings": "What the analysis points at", "document_transcriptions": "A transcription",
    "judgements": "What people said of it", "decision_changes": "The history of decisions", "binders": "Its binder",
    "binder_members": "The pages of its binder",
}  # fmt: skip


def fault(subject: str, fault: str) -> str:
    """What is not as recorded, for people."""
    return f"{RECORDED.get(subject.partition('/')[0], subject.capitalize())}: {fault}."
