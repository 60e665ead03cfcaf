"""Which reader opens which kind of file; those that few files need are imported when the first of theirs comes."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType

from gpu_worker.render.errors import RenderError
from gpu_worker.render.image_pages import ImagePages
from gpu_worker.render.pdf_pages import PdfPages
from gpu_worker.render.reader import Reader
from gpu_worker.render.text_pages import TextPages
from inspector import kinds
from inspector.kinds import Kind, Verdict
from inspector.packages import inspect_ole, inspect_zip

LIBRARY_ARCHIVE = "gpu_worker.render.archives.library_archive"


@dataclass(frozen=True)
class _Later:
    """A reader whose module is imported when the first file of its kind comes, or by `import_readers`."""

    module: str
    name: str

    def __call__(self, path: str) -> Reader:
        opened: Reader = getattr(self.load(), self.name)(path)
        return opened

    def load(self) -> ModuleType:
        return importlib.import_module(f"gpu_worker.render.{self.module}")


def import_readers() -> None:
    """Import what any kind of file needs."""
    for reader in READERS.values():
        if isinstance(reader, _Later):
            reader.load()
    for name in ("archives.zip_file", "mail.ole", "locked_pdf", "pdf_facts", "pdf_parts"):
        importlib.import_module(f"gpu_worker.render.{name}")
    with contextlib.suppress(Exception):  # a system without libarchive; to look for it takes programs: here or never
        importlib.import_module(LIBRARY_ARCHIVE)
    importlib.import_module("gpu_worker.searchable.searchable_pdf")


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
        module = importlib.import_module(LIBRARY_ARCHIVE)
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
    "docx": _Later("office.docx", "open_docx"),
    "xlsx": _Later("office.xlsx", "open_xlsx"),
    "pptx": _Later("office.pptx", "open_pptx"),
    "odt": _Later("office.odf", "open_odf"),
    "ods": _Later("office.odf", "open_odf"),
    "odp": _Later("office.odf", "open_odf"),
    "epub": _Later("office.web", "open_epub"),
    "html": _Later("office.web", "open_html"),
    "rtf": _Later("office.plain", "open_rtf"),
    "csv": _Later("office.plain", "open_csv"),
    "recording": _Later("recording", "RecordingPages"),
    "binder": _Later("binder", "BinderPages"),
    "zip": _open_zip,
    "ole": _open_ole,
    "eml": _Later("mail.eml", "open_eml"),
    "mbox": _Later("mail.mbox", "Mailbox"),
    "msg": _Later("mail.msg", "open_msg"),
    "tnef": _Later("mail.tnef", "open_tnef"),
    "tar": _Later("archives.tar_file", "open_tar"),
    "gz": _Later("archives.tar_file", "open_gzip"),
    "bz2": _Later("archives.tar_file", "open_bzip2"),
    "xz": _Later("archives.tar_file", "open_xz"),
    "7z": _open_seven_zip,
    "rar": _open_rar,
    "whatsapp": _Later("talk_pages", "open_whatsapp"),
    "sms": _Later("talk_pages", "open_sms"),
    "imessage": _Later("talk_pages", "open_imessage"),
    "imessage-html": _Later("talk_pages", "open_imessage_html"),
    "google-voice": _Later("talk_pages", "open_google_voice"),
    "meta": _Later("talk_pages", "open_meta"),
}
"""By `Kind.reader`."""
