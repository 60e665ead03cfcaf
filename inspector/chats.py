"""Which messenger's export a text is, by its first letters. Pure."""

from __future__ import annotations

import re

_MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_DATE = rf"\d{{1,4}}[{_MARKS}]?[./\-][{_MARKS}\s]?\d{{1,2}}[{_MARKS}]?[./\-][{_MARKS}\s]?\d{{1,4}}"
_WHATSAPP = re.compile(
    rf"[{_MARKS}]*(?:\[{_DATE}[.,]?[,،]?\s[^\[\]\n]{{0,12}}\d{{1,2}}[:.]\d\d[^\[\]\n]{{0,14}}\]\s"
    rf"|{_DATE}[.,]?[,،]?\s[^\n:]{{0,8}}\d{{1,2}}[:.]\d\d[^\n–-]{{0,14}}\s[-–]\s)",
)
_IMESSAGE = re.compile(r"[A-Z][a-z]{2} \d{1,2}, \d{4}\s{1,2}\d{1,2}:\d\d:\d\d[\s\u202f][AP]M(?= \(|\r?$| \S)", re.M)
_SMS = re.compile(r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:smses|calls|allsms)\b", re.S)
_VOICE = re.compile(r'class="(?:hChatLog hfeed|haudio)"|google\.com/voice')
_META = re.compile(r'\s*\{\s*"participants"\s*:\s*\[')
_META_MESSAGES = re.compile(r'"(?:sender_name|senderName|timestamp_ms|threadName|messages)"\s*:')


def is_whatsapp(text: str) -> bool:
    """A chat that WhatsApp exported: it begins with a dated line, and others follow or its writer stands behind."""
    lines = [line for line in text.split("\n") if line.strip(_MARKS + " \r")][:40]
    if not lines or not _WHATSAPP.match(lines[0]):
        return False
    return ": " in lines[0] or sum(bool(_WHATSAPP.match(line)) for line in lines) > 1


def is_imessage_text(text: str) -> bool:
    """A text that imessage-exporter wrote: it begins with a time alone on its line, then who wrote."""
    return bool(_IMESSAGE.match(text.lstrip("\ufeff \r\n")))


def is_imessage_page(text: str) -> bool:
    """A page that imessage-exporter wrote."""
    start = text[:600].lower()
    return "<html" in start and (
        bool(re.search(r'<div class="message">\s*<div class="(?:sent|received)', text))
        or (".message" in text and "imessage" in text.lower() and "<style" in text)
    )


def is_google_voice(text: str) -> bool:
    """A page of Google Voice out of Takeout."""
    return "<html" in text[:600].lower() and bool(_VOICE.search(text))


def is_meta(text: str) -> bool:
    """A conversation of Facebook or Instagram."""
    return bool(_META.match(text)) and bool(_META_MESSAGES.search(text))


def is_sms_backup(text: str) -> bool:
    """A backup of an Android phone's messages or calls."""
    return bool(_SMS.match(text))
