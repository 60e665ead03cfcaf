"""What a child does that opens an untrusted file: it answers requests about one document, and ends.

It is forked by the zygote and sits in its sandbox (`sandbox/enter.py`) before it reads a byte of the document. Its
working folder is the only one that it may write. Whatever a file does to it costs that file and nothing else.
"""

from __future__ import annotations

import json
import math
import resource
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gpu_worker.page_spool import read_spool
from gpu_worker.render.errors import RenderError
from gpu_worker.render.layer import to_message
from gpu_worker.render.pixels import MOST_LONG_SIDE
from gpu_worker.render.reader import Reader
from gpu_worker.render.readers import READERS
from gpu_worker.render.strips import cut_strips
from gpu_worker.render.unpacking import Unpacking
from gpu_worker.render.wire import Message, read_from, read_message, write_message
from inspector.kinds import BINDER, PDF


def serve(request_fd: int, reply_fd: int, cpu_seconds: float, missing: Mapping[str, str]) -> None:
    """Answer requests until the worker closes its end. `missing` are the sandbox's layers that this kernel lacks."""
    read = read_from(request_fd)
    desk = _Desk()
    write_message(reply_fd, {"missing": missing})
    while True:
        try:
            request, _ = read_message(read)
        except EOFError:
            return
        _allow_cpu_seconds(cpu_seconds)
        header, body = desk.answer(request)
        write_message(reply_fd, header, body)


class _Desk:
    """The document that is open, and the requests about it."""

    def __init__(self) -> None:
        self._open_file: Reader | None = None
        self._unpacking: Unpacking | None = None
        self._path = Path()
        self._long_page: tuple[int, np.ndarray, str | None] | None = None

    def answer(self, request: Message) -> tuple[Message, bytes | memoryview]:
        try:
            return self._dispatch(request)
        except RenderError as error:
            return {"error": error.code, "kind": error.kind}, b""
        except MemoryError:
            return {"error": "render_out_of_memory"}, b""
        except Exception:  # whatever a library raises about a file is the file's fault; its text may quote the document
            return {"error": "page_damaged"}, b""

    @property
    def _file(self) -> Reader:
        if self._open_file is None:
            raise ValueError("no file is open")
        return self._open_file

    def _open(self, path: str, reader: str, passwords: list[str]) -> Reader:
        self._open_file = self._unpacking = self._long_page = None
        self._path = Path(path)
        if passwords and reader == "pdf":
            from gpu_worker.render.locked_pdf import unlock_pdf

            self._path = unlock_pdf(self._path, passwords)
        self._open_file = READERS[reader](str(self._path))
        if passwords:
            self._open_file.unlock(passwords)
        self._unpacking = Unpacking(self._open_file, self._path.stat().st_size)
        return self._open_file

    def _dispatch(self, request: Message) -> tuple[Message, bytes | memoryview]:
        match request["ask"]:
            case "open":
                opened = self._open(request["path"], request["reader"], request["passwords"])
                about = {"kind": opened.kind, "label": opened.label, "locked": opened.is_locked}
                return {"pages": opened.count, **about}, b""
            case "text":
                return {"layer": to_message(self._file.read_text(request["page"], request["look"]))}, b""
            case "unsaid":
                image = self._file.draw_unsaid(request["page"], request["places"])
                return {"shape": image.shape}, image.data.cast("B")
            case "sound":
                sound = self._file.decode(request["start"], request["seconds"])
                return {}, sound.data.cast("B") if len(sound) else b""
            case "image":
                return self._draw(request["page"], request["strip"])
            case "jpeg":
                return {}, self._file.draw_jpeg(request["page"], request["pixels"], request["rotation"])
            case "structure":
                structure = self._file.structure()
                return ({}, b"") if structure is None else ({"name": structure.name}, _to_json(structure.value))
            case "parts":
                assert self._unpacking is not None
                rows, is_last = self._unpacking.take(request["after"], Path())
                return {"parts": rows, "is_last": is_last}, b""
            case "searchable":
                _make_searchable(self._path, request)
                return {}, b""
        raise ValueError("unknown request")

    def _draw(self, page: int, number: int) -> tuple[Message, bytes | memoryview]:
        """One strip of a page; a page of several is decoded once and held until another is asked for."""
        if self._long_page is None or self._long_page[0] != page:
            self._long_page = None  # two at a time would need twice the memory
            self._long_page = page, *self._file.draw(page)
        _, image, note = self._long_page
        strips = cut_strips(len(image), MOST_LONG_SIDE)
        part = image[strips[number].top : strips[number].bottom]
        if number == len(strips) - 1:
            self._long_page = None
        header = {"shape": part.shape, "note": note, "top": strips[number].top, "height": len(image)}
        return header, part.data.cast("B")


SPOOL, SEARCHABLE = "pages.spool", "searchable.pdf"
"""What the worker puts into the child's folder, and what it takes out of it."""


def _make_searchable(source: Path, request: Message) -> None:
    from gpu_worker.searchable.searchable_pdf import make_searchable_pdf

    mime_type = request["mime_type"]
    if mime_type == BINDER.mime_type:
        from gpu_worker.render.binder import join_as_pdf

        source, mime_type = join_as_pdf(source), PDF.mime_type
    make_searchable_pdf(source, mime_type, read_spool(Path(SPOOL)), Path(SEARCHABLE))


def _to_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", errors="replace")


def _allow_cpu_seconds(seconds: float) -> None:
    """Each request has its own allowance: the limit counts from what the process has used so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(usage.ru_utime + usage.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))
