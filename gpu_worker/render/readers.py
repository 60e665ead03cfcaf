"""Which reader opens which kind of file; those that few files need are imported when the first of theirs comes."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

from gpu_worker.render.errors import RenderError
from gpu_worker.render.image_pages import ImagePages
from gpu_worker.render.pdf_pages import PdfPages
from gpu_worker.render.reader import Reader
from gpu_worker.render.text_pages import TextPages
from inspector import kinds
from inspector.kinds import Kind, Verdict
from inspector.packages import inspect_ole, inspect_zip


def _later(module: str, name: str) -> Callable[[str], Reader]:
    def open_with(path: str) -> Reader:
        opened: Reader = getattr(importlib.import_module(f"gpu_worker.render.{module}"), name)(path)
        return opened

    return open_with


def _open_zip(path: str) -> Reader:
    from gpu_worker.render.archives.zip_file import ZipArchive, declared_type, open_zip

    archive = open_zip(path)
    kind = inspect_zip(archive.namelist(), declared_type(archive))
    return ZipArchive(archive) if kind is kinds.ZIP else _open_as(kind, path)


def _open_seven_zip(path: str) -> Reader:
    return _open_by_library("open_seven_zip", kinds.SEVEN_ZIP, path)


def _open_rar(path: str) -> Reader:
    return _open_by_library("open_rar", kinds.RAR, path)


def _open_by_library(name: str, kind: Kind, path: str) -> Reader:
    """Where the system lacks libarchive, its import fails in one of several ways: then the kind is not read here."""
    try:
        module = importlib.import_module("gpu_worker.render.archives.library_archive")
    except Exception as error:
        raise RenderError("unsupported_type", kind.name) from error
    opened: Reader = getattr(module, name)(path)
    return opened


def _open_ole(path: str) -> Reader:
    from gpu_worker.render.mail.ole import list_streams

    return _open_as(inspect_ole(list_streams(path)), path)


def _open_as(kind: Kind, path: str) -> Reader:
    """A file of a family, by what it turned out to be. Raises `RenderError` (`unsupported_type`) with its kind."""
    if kind.verdict is Verdict.REFUSED or kind is kinds.OLE:
        raise RenderError("unsupported_type", kind.name)
    reader = READERS[kind.reader](path)
    reader.kind = kind.name
    return reader


READERS: Mapping[str, Callable[[str], Reader]] = {
    "pdf": PdfPages,
    "image": ImagePages,
    "text": TextPages,
    "docx": _later("office.docx", "open_docx"),
    "xlsx": _later("office.xlsx", "open_xlsx"),
    "pptx": _later("office.pptx", "open_pptx"),
    "odt": _later("office.odf", "open_odf"),
    "ods": _later("office.odf", "open_odf"),
    "odp": _later("office.odf", "open_odf"),
    "epub": _later("office.web", "open_epub"),
    "html": _later("office.web", "open_html"),
    "rtf": _later("office.plain", "open_rtf"),
    "csv": _later("office.plain", "open_csv"),
    "recording": _later("recording", "RecordingPages"),
    "binder": _later("binder", "BinderPages"),
    "zip": _open_zip,
    "ole": _open_ole,
    "eml": _later("mail.eml", "open_eml"),
    "mbox": _later("mail.mbox", "Mailbox"),
    "msg": _later("mail.msg", "open_msg"),
    "tnef": _later("mail.tnef", "open_tnef"),
    "tar": _later("archives.tar_file", "open_tar"),
    "gz": _later("archives.tar_file", "open_gzip"),
    "bz2": _later("archives.tar_file", "open_bzip2"),
    "xz": _later("archives.tar_file", "open_xz"),
    "7z": _open_seven_zip,
    "rar": _open_rar,
    "whatsapp": _later("talk_pages", "open_whatsapp"),
    "sms": _later("talk_pages", "open_sms"),
    "imessage": _later("talk_pages", "open_imessage"),
    "imessage-html": _later("talk_pages", "open_imessage_html"),
    "google-voice": _later("talk_pages", "open_google_voice"),
    "meta": _later("talk_pages", "open_meta"),
}
"""By `Kind.reader`."""
