"""Pure: pieces of a page as safe HTML and Markdown. Every text from a document or a file name is escaped here."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from html import escape

from dashboard import words
from dashboard.answers import Claim, Evidence, Finding, Mail, OpenAlarm, Transcription

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-!|$:<>~^@])")
NO_WORDS = "<br><small>No words on a page were found for it; it is in no chart.</small>"
_HIGHLIGHT = re.compile(r"&lt;(/?)(?:b|mark|em)&gt;")


def md(text: object) -> str:
    """Text as Markdown that shows exactly these characters (no links, no formulas, no colours)."""
    return _MARKDOWN.sub(r"\\\1", str(text)).replace("\n", " ")


def lead(text: str) -> str:
    """The sentence under a page's title."""
    return f'<p class="a-lead">{escape(text)}</p>'


def chip(text: object, color: str = "gray") -> str:
    """A small rounded label; color: gray, blue, green, red, orange or violet."""
    return f'<span class="a-chip {color}">{escape(str(text))}</span>'


def chips(*parts: str) -> str:
    """Chips side by side."""
    return f"<div>{''.join(parts)}</div>"


def meta(*parts: object) -> str:
    """Small grey facts separated by dots; empty ones and dashes are left out."""
    return f'<div class="a-meta">{" · ".join(escape(str(p)) for p in parts if p not in (None, "", "–"))}</div>'


def summary(text: str, limit: int = 260) -> str:
    """A few lines of text; search highlights become marks."""
    return f'<div class="a-summary">{highlighted(clip(text, limit))}</div>' if text else ""


def highlighted(text: str) -> str:
    """Escaped text in which only the search engine's own highlights survive."""
    return _HIGHLIGHT.sub(r"<\1mark>", escape(text))


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words."""
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0].rstrip(" ,.;") + " …"


def thumbnail(url: str | None) -> str:
    """A page preview, or an empty sheet."""
    if not is_link(url):
        return '<div class="a-thumb none">❡</div>'
    return f'<img class="a-thumb" loading="lazy" alt="First page" src="{escape(url or "", quote=True)}">'


def page_image(url: str | None, rotation: int = 0, preview: str | None = None) -> str:
    """A page as large as its column, turned clockwise by 0, 90, 180 or 270°; an upright preview gives its shape."""
    if not is_link(url):
        return ""
    source = escape(url or "", quote=True)
    if rotation not in (90, 180, 270):
        return f'<img class="a-page" alt="Page image" src="{source}">'
    shape = page_image(preview)
    turned = f'<div><img alt="Page image" src="{source}"></div>'
    return f'<div class="a-turned r{rotation}{"" if shape else " alone"}">{shape}{turned}</div>'


def is_link(url: str | None) -> bool:
    """Whether this is a web address (and not, say, a script)."""
    return bool(url) and str(url).startswith(("http://", "https://"))


def headline(text: str) -> str:
    """The name on a card."""
    return f'<div class="a-file">{escape(text)}</div>'


def facts(pairs: Sequence[tuple[str, object]]) -> str:
    """Label and value, one pair a line; unknown values are left out."""
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in pairs if value not in (None, "", "–")
    )
    return f'<dl class="a-facts">{rows}</dl>'


def figures(items: list[tuple[str, str, str]]) -> str:
    """Headline numbers side by side: (label, value, small print)."""
    cells = "".join(
        f'<div class="a-figure"><span>{escape(name)}</span><b>{escape(value)}</b><small>{escape(small)}</small></div>'
        for name, value, small in items
    )
    return f'<div class="a-figures">{cells}</div>'


def meter(share: float, color: str = "") -> str:
    """A thin bar filled to `share` (0–1)."""
    return f'<div class="a-bar {color}"><i style="width:{100 * share:.0f}%"></i></div>'


def scores(items: list[tuple[str, int, float, str, bool]]) -> str:
    """Score meters: (name, score, share of the scale, explanation on hover, whether quoted words stand for it)."""
    cells = "".join(
        f'<div class="a-score{"" if stands else " unproven"}" title="{escape(meaning, quote=True)}">'
        f"<span>{escape(title)}</span><b>{score}</b>"
        f"{meter(share, 'red' if title.startswith('Signs') else '') if stands else NO_WORDS}</div>"
        for title, score, share, meaning, stands in items
    )
    return f'<div class="a-scores">{cells}</div>'


def quote(row: Finding) -> str:
    """A finding: what, how strong, the words on the page, and why it matters."""
    head = chip(words.label(words.KIND, row.kind), words.KIND_COLOR[row.kind])
    if row.score is not None:
        head += chip(f"strength {words.score(row.score)} of 100")
    return chips(head, _page(row)) + quoted(row) + summary(row.explanation or "", 600)


def words_quoted(said: str) -> str:
    """Words that stand in a document."""
    return f'<div class="a-quote">“{escape(said)}”</div>'


def evidence(row: Evidence) -> str:
    """What a score rests on: its name, the words on the page, the reason."""
    title = words.SCORES[row.score][0] if row.score in words.SCORES else words.document_type(row.score)
    return chips(chip(title, "blue"), _page(row)) + quoted(row) + summary(row.reason or "", 600)


def quoted(row: Finding | Evidence) -> str:
    """The words on the page; with a warning when they were not found there."""
    if not row.quote:
        return ""
    return _in_state(row.quote, row.state or ("exact" if row.verified else "none"), row.differs, row.verified)


def claim(row: Claim) -> str:
    """What an analysis states: what kind of thing, what it is, the words on the page, and how they stand there."""
    what = row.value if row.kind != "fact" else None
    if row.kind == "date":
        doubt = " or ".join(words.day(day) for day in row.readings)
        what = words.day(date.fromisoformat(row.value)) if row.value and row.readings else doubt or row.value
    role = words.label(words.DATE_ROLE, row.role) if row.role else None
    head = chip(words.label(words.CLAIMED, row.kind), "blue") + (chip(role) if role else "")
    head += chip("day or month first? not sure", "orange") if len(row.readings) > 1 else ""
    title = f'<div class="a-file">{escape(what)}</div>' if what else ""
    page = chip(f"page {row.page}")
    return chips(head, page) + title + _in_state(row.quote, row.state, row.differs, row.accepted)


def _in_state(quote: str, state: str, differs: Sequence[str], counts: bool) -> str:
    """Words of a page, with a note where they do not simply stand there."""
    note = words.STATE_NOTE.get(state)
    if state == "ocr" and note:
        note = f"{note}: {'; '.join(differs)}." if differs else None
    below = f'<div class="a-note">{escape(note)}</div>' if note else ""
    return f'<div class="a-quote{"" if counts else " unverified"}">“{escape(quote)}”</div>{below}'


def _page(row: Finding | Evidence) -> str:
    return chip(f"page {row.page}") if row.page else ""


def mail(letter: Mail, body: str) -> str:
    """An e-mail: its subject, who and when, and its words exactly as written."""
    pairs = [("From", letter.sender), ("To", ", ".join(letter.recipients)), ("Sent", words.moment(letter.sent))]
    head = f'<div class="a-file">{escape(letter.subject or "No subject")}</div>{facts(pairs)}'
    words_of_it = f'<div class="a-mail-body">{escape(body)}</div>'
    return f'<div class="a-mail"><div class="a-mail-head">{head}</div>{words_of_it}</div>'


def alarm(row: OpenAlarm, account_url: str, now: datetime) -> str:
    """An alarm: its name, since when, what is wrong, and where it is explained."""
    told = "" if row.told_at else " Nobody was told by Telegram or mail."
    head = f'{chip("Alarm", "red")}<b>{escape(row.name.replace("_", " ").capitalize())}</b>'
    return (
        f'<div class="a-alarm" role="alert">{head} '
        f'<span class="a-meta">{escape(words.ago(row.raised_at, now))}.{told}</span><br>{escape(row.message)} '
        f'<a href="{escape(account_url + row.guide)}" target="_blank" rel="noreferrer">What to do</a></div>'
    )


def empty(title: str, advice: str) -> str:
    """What to show instead of an empty list."""
    return f'<div class="a-empty"><b>{escape(title)}</b>{escape(advice)}</div>'


def transcription(row: Transcription) -> str:
    """What was transcribed from a page's picture, a line at a time, the doubtful ones marked."""
    head = chip(words.label(words.TRANSCRIBED, row.kind), "blue") + chip(f"page {row.page}")
    lines = [
        f"<mark>{escape(line)}</mark> (doubtful)" if at in row.doubtful_lines else escape(line)
        for at, line in enumerate(row.text.split("\n"), 1)
    ]
    return chips(head) + f'<div class="a-text">{"<br>".join(lines)}</div>'


def text_block(text: str) -> str:
    """The text of a document, exactly as read."""
    return f'<div class="a-text">{escape(text)}</div>'
