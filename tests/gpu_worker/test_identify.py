"""What the worker does with each kind: a reader opens what is taken, and every refusal has its code and its advice."""

from pathlib import Path

import pytest

from gpu_worker.clients.storage import StoredFile
from gpu_worker.errors import DocumentError
from gpu_worker.pipeline import identify
from gpu_worker.render.readers import READERS
from inspector.kinds import TAKEN, kind_named
from tests.inspector_cases import CASES

REFUSED = [(name, head, kind) for name, head, kind in CASES if kind is None or kind_named(kind) not in TAKEN]


def test_every_kind_that_is_taken_has_a_reader():
    assert {kind.reader for kind in TAKEN} == set(READERS)


@pytest.mark.parametrize(("name", "head", "kind"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_every_refusal_has_its_code(tmp_path: Path, name: str, head: bytes, kind: str | None):
    (tmp_path / "original").write_bytes(head)
    with pytest.raises(DocumentError) as refusal:
        identify(StoredFile(tmp_path / "original", len(head), "", ""))
    assert refusal.value.code == ("unsupported_type" if head else "empty_file")
    assert kind is None or kind_named(kind).advice in str(refusal.value)
