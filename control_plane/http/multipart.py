"""A multipart/form-data body read as a stream: no part is ever whole in memory or on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Event, Field, File, MultipartDecoder, NeedData, State

from control_plane.errors import BadRequest, ControlPlaneError

READ_BYTES = 256 * 1024
LONGEST_FIELD_BYTES = 4096
LONGEST_HEADERS_BYTES = 1024 * 1024  # several reads: data that follows the headers is in the same buffer
MOST_PARTS = 10_100  # the most files of an upload, and its fields


class Readable(Protocol):
    """A body that comes in pieces."""

    def read(self, size: int, /) -> bytes: ...


class UploadCutOff(BadRequest):
    """The connection ended before the body did."""

    code = "upload_cut_off"

    def __init__(self) -> None:
        super().__init__("The upload ended half way; nothing of it was kept, send the file again.")


@dataclass(frozen=True)
class FormField:
    """A small text field of a form."""

    name: str
    value: str


class FilePart:
    """One file of a form; `chunks` may be read once, and what is left of it is skipped when the next part is asked."""

    def __init__(self, name: str, filename: str, events: Iterator[Event]) -> None:
        self.name = name
        self.filename = filename
        self.chunks = _data(events)


class _Decoder(MultipartDecoder):
    """Also takes names in the encodings of old systems: one such name must not cost the whole form."""

    def _parse_headers(self, data: bytes | bytearray) -> Headers:
        try:
            return super()._parse_headers(data)
        except UnicodeDecodeError:
            return super()._parse_headers(bytes(data).decode("cp1252", "replace").encode())


def read_parts(stream: Readable, content_type: str | None) -> Iterator[FormField | FilePart]:
    """The parts of a form in their order.

    Raises BadRequest (`not_multipart`, `bad_multipart`, `upload_cut_off`).
    """
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise BadRequest("Send the file as multipart/form-data.", "not_multipart")
    events = _events(stream, options["boundary"].encode("latin-1", "replace"))
    for event in events:
        if isinstance(event, File):
            part = FilePart(event.name or "", event.filename, events)
            yield part
            for _ in part.chunks:
                pass
        elif isinstance(event, Field):
            yield FormField(event.name or "", _small(events, event.name or ""))


def _events(stream: Readable, boundary: bytes) -> Iterator[Event]:
    decoder = _Decoder(boundary, max_form_memory_size=None, max_parts=MOST_PARTS)
    try:
        while decoder.state is not State.EPILOGUE:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                _feed(decoder, stream)
            else:
                yield event
    except (ValueError, RequestEntityTooLarge) as error:
        raise BadRequest("The form could not be read; see /docs for its shape.", "bad_multipart") from error


def _feed(decoder: MultipartDecoder, stream: Readable) -> None:
    chunk = _read(stream)
    if not chunk:
        raise UploadCutOff
    if decoder.state in (State.PREAMBLE, State.PART) and len(decoder.buffer) > LONGEST_HEADERS_BYTES:
        raise BadRequest("The headers of a part are too long.", "bad_multipart")
    decoder.receive_data(chunk)


def _read(stream: Readable) -> bytes:
    try:
        return stream.read(READ_BYTES)
    except Exception as error:  # each server has its own errors for a body that ends early or is badly chunked
        raise UploadCutOff from error


def _data(events: Iterator[Event]) -> Iterator[bytes]:
    for event in events:
        if isinstance(event, Data):
            if event.data:
                yield event.data
            if not event.more_data:
                return


def _small(events: Iterator[Event], name: str) -> str:
    value = bytearray()
    for chunk in _data(events):
        value += chunk
        if len(value) > LONGEST_FIELD_BYTES:
            raise BadRequest(f"The field {name[:40]!r} is too long.", "bad_multipart")
    return value.decode("utf-8", "replace")


def drain(stream: Readable, most_bytes: int = 32 * 1024 * 1024) -> None:
    """Read and drop what the caller still sends, so that it gets to read the answer instead of a broken pipe."""
    left = most_bytes
    try:
        while left > 0 and (chunk := _read(stream)):
            left -= len(chunk)
    except ControlPlaneError:
        return
