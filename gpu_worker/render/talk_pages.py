"""Exported conversations as pages by day, with their structure, and the files inside as parts (wire)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from gpu_worker.conversations.conversation import Conversation
from gpu_worker.conversations.google_voice import read_google_voice
from gpu_worker.conversations.imessage import read_imessage_html, read_imessage_text
from gpu_worker.conversations.meta import NotReadable, read_meta
from gpu_worker.conversations.sms import read_sms, read_sms_media
from gpu_worker.conversations.whatsapp import read_whatsapp
from gpu_worker.conversations.written import write_conversations
from gpu_worker.render.errors import RenderError
from gpu_worker.render.part import ATTACHMENT, Part, Structure
from gpu_worker.render.reader import Reader
from gpu_worker.render.text_pages import TextPages
from gpu_worker.render.written import WrittenPages
from gpu_worker.words.encodings import decode

MOST_BYTES = 64 * 1024 * 1024
"""Of an export that is read whole: some 500,000 messages. A backup with pictures in it is read as a stream."""


class SmsPages(WrittenPages):
    """A backup of a phone's messages; the pictures in it are parts, decoded one at a time."""

    def __init__(self, path: Path, conversations: Sequence[Conversation]) -> None:
        self._path = path
        written = write_conversations(conversations)
        super().__init__(written.pages, Structure("conversation.json", written.structure))

    def parts(self) -> Iterator[Part]:
        """Every file sent, in the backup's order."""
        for media in read_sms_media(self._path):
            if media.content is None:
                yield Part(ATTACHMENT, media.name, None, "part_damaged")
            else:
                yield Part(ATTACHMENT, media.name, partial(iter, (media.content,)))


def open_sms(path: str) -> Reader:
    """A backup of a phone's messages or calls. Raises `RenderError` for a large one of which nothing can be read."""
    conversations = read_sms(Path(path))
    if conversations:
        return SmsPages(Path(path), conversations)
    if Path(path).stat().st_size > MOST_BYTES:
        raise RenderError("no_pages")
    return TextPages(path)


def open_whatsapp(path: str) -> Reader:
    """A chat that WhatsApp exported."""
    return _open(path, lambda content: read_whatsapp(decode(content).text))


def open_imessage(path: str) -> Reader:
    """A conversation that imessage-exporter wrote as text."""
    return _open(path, lambda content: read_imessage_text(decode(content).text))


def open_imessage_html(path: str) -> Reader:
    """A conversation that imessage-exporter wrote as a web page."""
    return _open(path, read_imessage_html)


def open_google_voice(path: str) -> Reader:
    """A page of Google Voice."""
    return _open(path, read_google_voice)


def open_meta(path: str) -> Reader:
    """A conversation of Facebook or Instagram."""
    return _open(path, read_meta)


def _open(path: str, read: Callable[[bytes], Conversation]) -> Reader:
    """The conversation; as the text it is where it holds no message after all, or is larger than any export."""
    if Path(path).stat().st_size > MOST_BYTES:
        return TextPages(path)
    try:
        conversation = read(Path(path).read_bytes())
    except NotReadable:
        return TextPages(path)
    if not conversation.messages:
        return TextPages(path)
    written = write_conversations([conversation])
    return WrittenPages(written.pages, Structure("conversation.json", written.structure))
