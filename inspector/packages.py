"""What the families are that only the whole file tells: ZIP (Office, books, archives) and OLE (Outlook, old Office).

Pure.
"""

from __future__ import annotations

from collections.abc import Collection

from inspector import kinds
from inspector.kinds import Kind

_DECLARED = {kind.mime_type.encode(): kind for kind in (kinds.ODT, kinds.ODS, kinds.ODP, kinds.EPUB, kinds.BINDER)}
_OFFICE = (("word/", kinds.DOCX), ("xl/", kinds.XLSX), ("ppt/", kinds.PPTX))
_STREAMS = {
    "__properties_version1.0": kinds.MSG,
    "WordDocument": kinds.DOC,
    "Workbook": kinds.XLS,
    "Book": kinds.XLS,
    "PowerPoint Document": kinds.PPT,
    "EncryptedPackage": kinds.LOCKED_OFFICE,
}


def inspect_zip(names: Collection[str], declared: bytes = b"") -> Kind:
    """The kind of a ZIP by the names in it and what its member `mimetype` declares; ZIP itself for an archive."""
    if kind := _DECLARED.get(declared.strip()):
        return kind
    if "[Content_Types].xml" in names:
        for folder, kind in _OFFICE:
            if any(name.startswith(folder) for name in names):
                return kind
    if any(name.startswith("Index/") and name.endswith(".iwa") for name in names) or "Index.zip" in names:
        return kinds.IWORK
    if "AndroidManifest.xml" in names or "META-INF/MANIFEST.MF" in names:
        return kinds.PROGRAM
    return kinds.ZIP


def inspect_ole(streams: Collection[str]) -> Kind:
    """The kind of an OLE compound file by the names at its root; OLE itself where nobody knows it."""
    return next((kind for name, kind in _STREAMS.items() if name in streams), kinds.OLE)
