"""What a PDF says of itself beyond its pages: signatures, layers that are not shown, forms of another kind (wire)."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf
from pikepdf import Dictionary, Name

from gpu_worker.render.facts import Fact
from gpu_worker.render.pdf_words import read_pdf_date

MOST_FIELDS = 5000
MOST_LAYERS = 500
EDITABLE = "Any program can write this into a file."
UNCHECKED = "What the file says; whether the signature holds, and whose it is, was not checked."
OFF = "What this layer shows is not seen when the file is opened, and is not part of the text read here."
MISCOUNTED = "Pages that are not in the file can be read by nobody: it is damaged, or made to keep programs busy."
XFA = "Only what the page shows of it was read; open it in Adobe's reader to see all of it."
ABOUT = (("/Title", "Title"), ("/Author", "Author"), ("/Creator", "Made with"), ("/Producer", "Written by"))
TIMES = (("/CreationDate", "Made"), ("/ModDate", "Changed"))


def count_pages(path: str) -> int | None:
    """How many pages its tree holds, whatever number it claims; None where it cannot be taken apart."""
    try:
        with pikepdf.open(path) as pdf:
            return len(pdf.pages)
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def find_facts(path: str) -> list[Fact]:
    """All of these, as claims; none where the file cannot be taken apart."""
    try:
        with pikepdf.open(path) as pdf:
            return [*_pages(pdf), *_about(pdf), *_signatures(pdf), *_layers(pdf), *_forms(pdf)]
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []


def _pages(pdf: pikepdf.Pdf) -> Iterator[Fact]:
    claimed = pdf.Root.Pages.get("/Count")
    if isinstance(claimed, int) and claimed > len(pdf.pages):
        yield Fact("Pages", f"{claimed:,} by its own account, {len(pdf.pages):,} are there", warning=MISCOUNTED)


def _about(pdf: pikepdf.Pdf) -> Iterator[Fact]:
    info = pdf.trailer.get("/Info")
    if not isinstance(info, Dictionary):
        return
    for key, name in ABOUT:
        if value := _plain(info.get(key)):
            yield Fact(name, value, warning=EDITABLE)
    for key, name in TIMES:
        if value := _plain(info.get(key)):
            yield Fact(name, read_pdf_date(value), warning=EDITABLE)


def _signatures(pdf: pikepdf.Pdf) -> Iterator[Fact]:
    for field in _fields(pdf):
        if field.get("/FT") != Name.Sig:
            continue
        signed = field.get("/V")
        if not isinstance(signed, Dictionary):
            yield Fact("Place for a signature", f"{_plain(field.get('/T')) or 'unnamed'}, not signed", claim=False)
            continue
        name, time = _plain(signed.get("/Name")) or "no name given", _plain(signed.get("/M"))
        why = [_plain(signed.get(key)) for key in ("/Reason", "/Location")]
        said = ", ".join(filter(None, [name, read_pdf_date(time) if time else "", *why]))
        yield Fact("Digital signature", said, warning=UNCHECKED)


def _layers(pdf: pikepdf.Pdf) -> Iterator[Fact]:
    """Optional content that the file's own settings leave off."""
    properties = pdf.Root.get("/OCProperties")
    if not isinstance(properties, Dictionary):
        return
    settings = properties.get("/D", Dictionary())
    shown = {each.objgen for each in settings.get("/ON", [])}
    off = {each.objgen for each in settings.get("/OFF", [])}
    starts_off = settings.get("/BaseState") == Name.OFF
    for number, layer in enumerate(properties.get("/OCGs", [])):
        if number >= MOST_LAYERS:
            return
        if layer.objgen in off or (starts_off and layer.objgen not in shown):
            yield Fact("Layer that is off", _plain(layer.get("/Name")) or "unnamed", claim=False, warning=OFF)


def _forms(pdf: pikepdf.Pdf) -> Iterator[Fact]:
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/XFA" in form:
        yield Fact("Form of Adobe's own kind (XFA)", "yes", claim=False, warning=XFA)


def _fields(pdf: pikepdf.Pdf) -> Iterator[Dictionary]:
    form = pdf.Root.get("/AcroForm")
    waiting = list(form.get("/Fields", [])) if isinstance(form, Dictionary) else []
    told = 0
    while waiting and told < MOST_FIELDS:
        field = waiting.pop(0)
        told += 1
        if isinstance(field, Dictionary):
            yield field
            waiting += [each for each in field.get("/Kids", []) if isinstance(each, Dictionary) and "/T" in each]


def _plain(value: object) -> str:
    """A string of the file on one line."""
    return " ".join(str(value).split())[:200] if value is not None else ""
