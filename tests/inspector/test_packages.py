"""What ZIP and OLE files are once their lists of names can be read."""

import pytest

from inspector.packages import inspect_ole, inspect_zip

TYPES = "[Content_Types].xml"


@pytest.mark.parametrize(
    ("names", "declared", "kind"),
    [
        ([TYPES, "word/document.xml"], b"", "docx"),
        (["word/numbering.xml", TYPES], b"", "docx"),
        ([TYPES, "xl/workbook.xml"], b"", "xlsx"),
        ([TYPES, "ppt/presentation.xml"], b"", "pptx"),
        (["mimetype", "content.xml"], b"application/vnd.oasis.opendocument.text", "odt"),
        (["mimetype", "content.xml"], b"application/vnd.oasis.opendocument.spreadsheet\n", "ods"),
        (["mimetype", "META-INF/container.xml"], b"application/epub+zip", "epub"),
        (["mimetype", "binder.json"], b"application/x-aseagi-binder", "binder"),
        (["Index/Document.iwa", "preview.jpg"], b"", "iwork"),
        (["AndroidManifest.xml", "classes.dex"], b"", "program"),
        (["word/letter.txt", "photo.jpg"], b"", "zip"),
        ([], b"", "zip"),
    ],
)
def test_zip(names: list[str], declared: bytes, kind: str):
    assert inspect_zip(names, declared).name == kind


@pytest.mark.parametrize(
    ("streams", "kind"),
    [
        (["__nameid_version1.0", "__properties_version1.0"], "msg"),
        (["1Table", "WordDocument"], "doc"),
        (["Workbook"], "xls"),
        (["Current User", "PowerPoint Document"], "ppt"),
        (["EncryptionInfo", "EncryptedPackage"], "locked_office"),
        (["Thumbs"], "ole"),
    ],
)
def test_ole(streams: list[str], kind: str):
    assert inspect_ole(streams).name == kind
