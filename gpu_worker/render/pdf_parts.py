"""The files inside a PDF: attached to it, to a page's paper clip, or the members of a portfolio."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import PurePath

import pikepdf

from gpu_worker.render.part import ATTACHMENT, Part


def find_parts(path: str) -> Iterator[Part]:
    """The attached files in the order of their names, then those of paper clips page by page; each object once.

    A PDF that cannot be taken apart has none: pdfium may draw it still.
    """
    try:
        pdf = pikepdf.open(path)
    except (pikepdf.PdfError, pikepdf.PasswordError):
        return
    seen: set[object] = set()
    for key, spec in (*_of_the_document(pdf), *_of_the_pages(pdf)):
        if spec.objgen not in seen or spec.objgen == (0, 0):
            seen.add(spec.objgen)
            yield Part(ATTACHMENT, _name_of(key, spec), partial(_read, spec))


def _of_the_document(pdf: pikepdf.Pdf) -> Iterable[tuple[str, pikepdf.Object]]:
    try:
        return [(key, pdf.attachments[key].obj) for key in sorted(pdf.attachments)]
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError):  # a name tree that is none
        return []


def _of_the_pages(pdf: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Object]]:
    for page in pdf.pages:
        annotations = page.obj.get("/Annots")
        for annotation in annotations if isinstance(annotations, pikepdf.Array) else ():
            if isinstance(annotation, pikepdf.Dictionary) and annotation.get("/Subtype") == "/FileAttachment":
                spec = annotation.get("/FS")
                if isinstance(spec, pikepdf.Dictionary) and "/EF" in spec:
                    yield "", spec


def _name_of(key: str, spec: pikepdf.Object) -> str:
    """What readers list: the key where it is a file's name, as most programs write it, else the file's own name."""
    own = next((str(spec[name]) for name in ("/UF", "/F") if name in spec), "attachment")
    return key if PurePath(key).suffix else own


def _read(spec: pikepdf.Object) -> list[bytes]:
    files = spec["/EF"]
    stream = next(files[key] for key in ("/UF", "/F", "/DOS", "/Mac", "/Unix") if key in files)
    return [bytes(stream.read_bytes())]
