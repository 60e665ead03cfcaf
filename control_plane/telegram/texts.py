"""What the bot says (pure): short, plain, in Telegram's HTML, with everything from outside escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from control_plane.alarms.telling import Told
from control_plane.database.enums import AnalysisStatus, EventKind
from control_plane.database.fleet_rows import Backlog
from control_plane.database.part_rows import Mail
from control_plane.database.report_rows import Costs
from control_plane.database.rows import Document, Finding, Job, Party, SearchHit, Totals
from control_plane.documents.family import Family
from control_plane.telegram.client import Button

HELP = (
    "Send me a PDF, a photo, an e-mail, a chat or an archive, also several at once, and I will read it and tell you "
    "what it says. "
    "Photos arrive sharper when you send them as a <i>file</i>.\n\n"
    "/status – how far everything is\n/queue – what is waiting\n/cost – what it costs\n"
    "/search words – find documents by what they say\n/help – this message"
)
STRANGER = (
    "Sorry, this is a private service, and I do not know you. Nothing you sent was kept. If you should have access, "
    "ask whoever runs it to add your number: <code>{user_id}</code>."
)
GROUP = "I only work in a private chat, so that nobody else sees your documents. Please write to me there."
OTHER = "I can read PDFs, photos, e-mails, chats and archives. Send me one, or /help to see what else I can do."
UNKNOWN_COMMAND = "I do not know this command. /help shows what I can do."
ALBUM = "Received your album. I will answer each page as soon as it is read."
RECEIVED = "Received <b>{name}</b>. I will answer here as soon as it is read."
TOO_LARGE = (
    "<b>{name}</b> has {megabytes:.0f} MB. Telegram gives me files of up to 20 MB only. "
    "Please send it on the dashboard, or in smaller parts. It was not stored."
)
NOT_TAKEN = "<b>{name}</b> was not taken: {reason}"
DUPLICATE = "You already sent <b>{name}</b>; it was not read again and cost nothing."
DUPLICATE_WAITING = "You already sent <b>{name}</b>. It is still being read; I will answer as soon as it is done."
GONE = "This document is not there any more."
SEARCH_HELP = "What shall I search for? For example: /search parenting time March"

OUR_FAULT = "Something went wrong here, and it is our fault. Please tell whoever runs this service."
FILE_FAULT = "Something went wrong with <b>{name}</b>. Look on the dashboard, and send it again if it is not there."
FILE_WAITS = "<b>{name}</b> is not stored yet: {reason} I try again by myself; Telegram keeps it for a day."
UNPROVEN = "❔ {count} more could not be confirmed: the words were not found on the page."
NOTHING_FOUND = "No contradictions or warning signs were found."
NOT_JUDGED = {
    "none": "🔍 Not judged: nobody has looked for contradictions or warning signs in it.",
    "part": "🔍 Only a part of it was judged; the rest can be read and searched.",
}

WAITS_FOR = {
    "in_line": "it is their turn soon",
    "day_cap": "today's limit for Claude is reached; it goes on by itself at midnight UTC",
    "batch_cap": "the batch's limit for Claude is reached; raise it to go on",
    "document_cap": "the limit for one document is reached; raise it to go on",
    "no_key": "no key for Claude is set",
    "claude_paused": "Claude is paused",
    "claude_busy": "Claude is busy; it is tried again",
    "claude_away": "Claude does not answer; it is tried again",
    "batch_paused": "their batch is paused",
}
KINDS = {
    "contradiction": "contradiction",
    "perjury": "possible false testimony",
    "order_violation": "order not followed",
    "fraud_indicator": "sign of fraud",
}
SCORES = (
    ("relevancy_score", "Relevance", 999),
    ("truth_score", "Truthfulness", 100),
    ("justice_score", "Fairness", 100),
    ("fraud_score", "Signs of fraud", 100),
    ("perjury_score", "Signs of false testimony", 100),
    ("legal_credit_score", "Credibility", 850),
)
MOST_NAMED, MOST_LEFT_OUT = 8, 2
"""Files inside that a message names."""
LONGEST_TEXT = 3500
"""Of a document's text; Telegram takes 4,096 characters in all."""


def result(document: Document, findings: list[Finding], family: Family) -> str:
    """What was found in a document: type, date, parties, scores, findings whose words stand, summary, files inside."""
    lines = [f"<b>{_short(document.original_filename or 'Document', 120)}</b>", _facts(document)]
    lines += _mail(family.mail) if family.mail else []
    if document.parties:
        lines.append("👥 " + _short(", ".join(_party(party) for party in document.parties[:6]), 300))
    if document.case_number:
        lines.append(f"⚖️ Case {_short(document.case_number, 100)}")
    lines += [_scores(document), *_findings(document, findings)]
    if document.summary:
        lines += ["\n" + _short(document.summary, 700)]
    with_it = [_short(each.original_filename, 60) for each in family.belongs_with[:2]]
    lines += [f"🔗 Belongs with {name}: one live photo" for name in with_it]
    lines += _inside(family)
    return "\n".join(filter(None, lines))


def _mail(mail: Mail) -> list[str]:
    """An e-mail as an e-mail: who wrote to whom, when, about what."""
    lines = [f"✉️ <b>{_short(mail.subject or 'No subject', 150)}</b>", f"From {_short(mail.sender or 'nobody', 80)}"]
    if mail.recipients:
        lines.append(f"To {_short(', '.join(mail.recipients), 120)}")
    return lines + ([f"Sent {_short(mail.sent.replace('T', ' '), 40)}"] if mail.sent else [])


def _inside(family: Family) -> list[str]:
    """The first files inside, and how many were not taken; each is read by itself."""
    if not family.parts:
        return []
    taken = [part.name for part in family.parts if part.code is None]
    left_out = [part for part in family.parts if part.code is not None]
    more = " and more" if len(taken) > MOST_NAMED or family.parts_next else ""
    lines = [f"\n📎 Inside: {_short(', '.join(taken[:MOST_NAMED]), 300)}{more}"] if taken else []
    return lines + [
        f"🚫 Not taken: <b>{_short(part.name or 'more files', 60)}</b>. {_short(part.reason or '', 120)}"
        for part in left_out[:MOST_LEFT_OUT]
    ]


def _facts(document: Document) -> str:
    date = document.document_date and document.document_date.isoformat()
    facts = [words(document.document_type), date, _pages(document.pages_total)]
    return " · ".join(_short(fact, 60) for fact in facts if fact)


def _scores(document: Document) -> str:
    scores = [
        f"{title} {score:.0f}/{most}"
        for name, title, most in SCORES
        if (score := getattr(document, name)) is not None and name not in document.unproven_scores
    ]
    return "📊 " + " · ".join(scores) if scores else ""


def _findings(document: Document, findings: list[Finding]) -> list[str]:
    """The findings, and what was not looked at: silence must not read as "nothing was found"."""
    lines = [_finding(each) for each in findings if each.verified and not each.is_wrong][:3]
    if document.unproven_findings:
        lines.append(UNPROVEN.format(count=document.unproven_findings))
    if document.analysis_status in (AnalysisStatus.WAITING, AnalysisStatus.JUDGING):
        why = _wait(document.analysis_reason or "in_line")
        return [*lines, f"⏳ Not judged yet: Claude will look for contradictions and warning signs ({why})."]
    if document.judged in NOT_JUDGED:
        return [*lines, NOT_JUDGED[document.judged]]
    return lines or [NOTHING_FOUND]


def _finding(finding: Finding) -> str:
    page = f", page {finding.page}" if finding.page else ""
    return f"⚠️ {_short(KINDS[finding.kind], 60)}{page}: “{_short(finding.quote or '', 160)}”"


def failed(name: str, reason: str | None) -> str:
    """A document that could not be read, with the reason and what to do."""
    return f"❌ <b>{_short(name, 120)}</b> could not be read. {_short(reason or 'The reason is not known.', 500)}"


def result_buttons(document_id: str) -> list[list[Button]]:
    """Buttons under a result; links are made fresh when pressed, since they live 15 minutes."""
    return [[Button("Text", data=f"text:{document_id}"), Button("Files", data=f"files:{document_id}")]]


def status(totals: Totals) -> str:
    """How far everything is."""
    checked = "Every page is accounted for." if totals.reconciled else "Some are still on the way."
    return (
        f"📄 {totals.documents:,} documents: {totals.completed:,} read, {totals.open:,} on the way, "
        f"{totals.failed:,} could not be read.\n{totals.pages_accounted:,} pages. {checked}\n{_judging(totals)}"
    )


def _judging(totals: Totals) -> str:
    """How many were judged, and for what the others wait."""
    line = f"🔍 {totals.judged:,} judged by Claude, {totals.sorted:,} sorted by simple rules"
    if not totals.waiting_for_analysis:
        return line + "."
    waits = sorted(totals.waiting_for.items(), key=lambda each: -each[1])
    told = "".join(f"\n⏳ {count:,}: {_wait(reason)}." for reason, count in waits)
    return f"{line}, {totals.waiting_for_analysis:,} wait to be judged.{told}"


def _wait(reason: str) -> str:
    return WAITS_FOR.get(reason, _short(reason.replace("_", " "), 60))


CLAUDE_PAUSED = (
    "⏸ Claude is paused: somebody paused it on the dashboard. Documents are still read; they wait to be judged, and "
    "nothing is lost."
)
CLAUDE_RESUMED = "▶️ Claude judges again; what waited goes on."


def queue(stats: list[Backlog], processing: list[Job]) -> str:
    """What waits and what is being read."""
    waiting, running = sum(row.queued for row in stats), sum(row.processing for row in stats)
    if not waiting and not running:
        return "Nothing is waiting. All is read."
    lines = [f"⏳ {waiting:,} waiting, {running:,} being read, about {sum(r.pages_waiting for r in stats):,.0f} pages."]
    lines += [
        f"• {_short(row.original_filename, 60)}: page {row.pages_done or 0} of {row.pages_total or '?'}"
        for row in processing
    ]
    return "\n".join(lines)


def cost(costs: Costs, day_cap: float, claude_cap: float) -> str:
    """What was spent today and this month."""
    today, month = costs.today, costs.month
    lines = [
        f"💵 Today {_dollars(today.total_usd)} (computers {_dollars(today.machine_usd)} of {_dollars(day_cap)}, "
        f"Claude {_dollars(today.claude_usd)} of {_dollars(claude_cap)}).",
        f"This month {_dollars(month.total_usd)}.",
    ]
    if costs.today_at_most.total_usd > today.total_usd:
        lines.insert(1, f"With what still runs, today costs at most {_dollars(costs.today_at_most.total_usd)}.")
    if costs.usd_per_document is not None:
        lines.append(f"{_dollars(costs.usd_per_document)} a document, {_dollars(costs.usd_per_page)} a page.")
    return "\n".join(lines)


def found(query: str, hits: list[SearchHit]) -> str:
    """Search results, at least one, best first."""
    lines = [f"🔎 “{_short(query, 100)}”"]
    if hits[0].matches > len(hits):
        some = "more than " if hits[0].capped else ""
        lines.append(f"The first {len(hits)} of {some}{hits[0].matches:,} documents.")
    for hit in hits:
        page = f", page {hit.page}" if hit.page else ""
        snippet = _plain(hit.snippet)
        lines.append(f"\n<b>{_short(hit.original_filename, 80)}</b>{page}\n{_short(snippet, 220)}")
    return "\n".join(lines)


def nothing_found(query: str, cut: bool) -> str:
    """A search without results; `cut`: not everything was looked at."""
    more = " Too many pages hold these words to look at them all: add a rarer one." if cut else ""
    return f"Nothing found for “{_short(query, 100)}”.{more}"


def found_buttons(hits: list[SearchHit]) -> list[list[Button]]:
    """One button per result, that shows the document."""
    names = [hit.original_filename[:40].strip() or "Document" for hit in hits]
    return [[Button(name, data=f"show:{hit.document_id}")] for name, hit in zip(names, hits, strict=True)]


def text_excerpt(name: str, whole: str | None) -> str:
    """The beginning of a document's text."""
    if not (whole or "").strip():
        return f"No text was found on the pages of <b>{_short(name, 120)}</b>."
    return f"<b>{_short(name, 120)}</b>\n\n{_short((whole or '').strip(), LONGEST_TEXT)}"


ALARM_SIGNS = {EventKind.ALARM_RAISED: "🚨", EventKind.ALARM_STANDS: "🚨", EventKind.ALARM_CLEARED: "✅"}


def plain(sentence: str) -> str:
    """A sentence of the house's, as Telegram's HTML has it."""
    return f"🚨 {_short(sentence, 1000)}"


def alarm(kind: EventKind, told: Told) -> str:
    """Something that a person must look at, that still stands, or that is over; with where it is explained."""
    lines = [f"{ALARM_SIGNS[kind]} <b>{_short(told.headline, 120)}</b>", _short(told.message, 1000)]
    if kind is not EventKind.ALARM_CLEARED:
        lines.append(f"What to do: {_short(told.guide_url, 300)}")
    return "\n".join(lines)


def record_signed(head: Mapping[str, Any]) -> str:
    """The head of the record, to be kept where the house cannot reach it."""
    return (
        f"🔏 The record of your documents has {head['seq']} entries today. Keep this message: with it anybody can see "
        f"later whether one was changed.\n<code>{_short(str(head['hash']), 64)}</code>\n"
        f"<code>{_short(str(head['signature']), 128)}</code>\nkey <code>{_short(str(head['public_key']), 64)}</code>"
    )


def batch_done(name: str, totals: Totals) -> str:
    """A batch that has ended."""
    return f"✅ Batch <b>{_short(name, 120)}</b> is done.\n{status(totals)}"


def words(name: str | None) -> str:
    """`custody_order` as `Custody order`."""
    return (name or "").replace("_", " ").capitalize()


def _party(party: Party) -> str:
    return f"{party.name} ({party.role})" if party.role else party.name


def _pages(count: int | None) -> str | None:
    return None if count is None else f"{count} page{'' if count == 1 else 's'}"


def _dollars(amount: float | None) -> str:
    amount = amount or 0.0
    return f"${amount:.4f}" if 0 < amount < 0.1 else f"${amount:,.2f}"


def _short(text: str, most: int) -> str:
    """Escaped text of at most `most` characters: Telegram refuses a message that is too long as a whole."""
    if len(escape(text)) <= most:
        return escape(text)
    cut = text[: most - 1]
    while len(escape(cut)) >= most:
        cut = cut[: len(cut) * 9 // 10]
    return escape(cut.rstrip()) + "…"


def _plain(snippet: str) -> str:
    return snippet.replace("<b>", "").replace("</b>", "").replace("<mark>", "").replace("</mark>", "")
