"""The worker's verdict on a file's type: the table's, with one code for every refusal."""

from pathlib import Path

import pytest

from gpu_worker.clients.storage import StoredFile
from gpu_worker.errors import DocumentError
from gpu_worker.file_types import FileKind, choose_kind, detect_mime_type
from gpu_worker.pipeline import identify
from tests.file_type_cases import CASES

READ = [(name, head, mime_type) for name, head, mime_type in CASES if mime_type is not None]
REFUSED = [(name, head) for name, head, mime_type in CASES if mime_type is None]


@pytest.mark.parametrize(("name", "head", "mime_type"), READ, ids=[name for name, _, _ in READ])
def test_every_case_is_what_the_table_says_and_has_a_reader(name: str, head: bytes, mime_type: str):
    assert detect_mime_type(head) == mime_type
    kinds = {"application/pdf": FileKind.PDF, "text/plain": FileKind.TEXT}
    assert choose_kind(mime_type) == kinds.get(mime_type, FileKind.IMAGE)


@pytest.mark.parametrize(("name", "head"), REFUSED, ids=[name for name, _ in REFUSED])
def test_every_refusal_has_its_code(tmp_path: Path, name: str, head: bytes):
    (tmp_path / "original").write_bytes(head)
    with pytest.raises(DocumentError) as refusal:
        identify(StoredFile(tmp_path / "original", len(head), "", ""))
    assert refusal.value.code == ("unsupported_type" if head else "empty_file")
